// A small language client: one server process, framing, requests and their cancellation, restart with back-off and
// shutdown. It knows nothing of VS Code; features.js joins the two.
'use strict';

const { spawn } = require('node:child_process');

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;
const CONNECTION_CLOSED = -32097;

/** Restarts within `window` milliseconds before the client gives up, and the wait before each of them. */
const RESTARTS = { limit: 4, window: 3 * 60 * 1000, delays: [0, 1000, 2000, 4000] };

/** How long a server may take to answer `shutdown`, and then to end, in milliseconds. */
const SHUTDOWN_LIMIT = 2000;

/** A header or body larger than this is taken for garbage. */
const BODY_LIMIT = 256 * 1024 * 1024;

/** An error answer of the server, or the lack of one. */
class ResponseError extends Error {
    constructor(code, message, data) {
        super(message);
        this.code = code;
        this.data = data;
    }
}

/** Takes bytes as they come and gives whole messages. Throws on a stream that is no LSP. */
class MessageReader {
    constructor(onMessage) {
        this.onMessage = onMessage;
        this.chunks = [];
        this.length = 0;
        this.wanted = -1; // bytes of the body, once the header is read
    }

    push(chunk) {
        this.chunks.push(chunk);
        this.length += chunk.length;
        for (;;) {
            if (this.wanted < 0 && !this.readHeader()) {
                return;
            }
            if (this.length < this.wanted) {
                return;
            }
            const body = this.take(this.wanted);
            this.wanted = -1;
            this.onMessage(JSON.parse(body.toString('utf8')));
        }
    }

    readHeader() {
        const bytes = this.whole();
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) {
            if (bytes.length > 16 * 1024) {
                throw new Error('the server sent no message header');
            }
            return false;
        }
        const length = /^content-length: *(\d+) *$/im.exec(this.take(end + 4).toString('latin1'));
        if (!length || Number(length[1]) > BODY_LIMIT) {
            throw new Error('the server sent a header without a usable Content-Length');
        }
        this.wanted = Number(length[1]);
        return true;
    }

    whole() {
        if (this.chunks.length !== 1) {
            this.chunks = [Buffer.concat(this.chunks)];
        }
        return this.chunks[0];
    }

    take(count) {
        const bytes = this.whole();
        this.chunks = [bytes.subarray(count)];
        this.length -= count;
        return bytes.subarray(0, count);
    }
}

/**
 * A client of one language server.
 *
 * options:
 *   command, args, cwd, env      how to start the server
 *   initializeParams()           called for each start
 *   requests                     {method: async (params) => result}, what the server may ask
 *   notifications                {method: (params) => void}
 *   onState(state, detail)       'starting', 'running' (detail: initialize's result), 'stopped', 'failed' (an Error)
 *   onLog(text)                  the server's stderr, and what this client has to say
 *   onTrace(direction, message)  every message, optional
 *   restarts                     as RESTARTS
 */
class LanguageClient {
    constructor(options) {
        this.options = options;
        this.restarts = { ...RESTARTS, ...options.restarts };
        this.state = 'stopped';
        this.process = null;
        this.result = null; // of initialize
        this.pending = new Map();
        this.nextId = 1;
        this.endings = []; // when the server ended by itself, within the window
        this.timer = null;
    }

    /** Starts the server; resolves once it answered `initialize`, or rejects. */
    async start() {
        clearTimeout(this.timer);
        this.setState('starting');
        const { command, args, cwd, env } = this.options;
        const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
        this.process = child;
        child.on('error', (error) => {
            if (child.pid === undefined) {
                this.ended(child, error);
            }
        });
        child.on('close', (code, signal) => this.ended(child, null, code, signal));
        child.stdin.on('error', () => {}); // a server that is gone: 'close' says so
        child.stderr.setEncoding('utf8');
        child.stderr.on('data', (text) => this.options.onLog?.(text.trimEnd()));
        const reader = new MessageReader((message) => this.receive(message));
        child.stdout.on('data', (chunk) => {
            try {
                reader.push(chunk);
            } catch (error) {
                this.options.onLog?.(`${error.message}; the server is ended`);
                child.kill();
            }
        });
        try {
            this.result = await this.request('initialize', this.options.initializeParams());
        } catch (error) {
            if (this.process === child) {
                this.process = null; // it answered, with an error: starting it again would not help
                child.kill();
                this.setState('failed', error);
            }
            throw error;
        }
        this.notify('initialized', {});
        this.setState('running', this.result);
        return this.result;
    }

    /** Sends a request; `token` is VS Code's CancellationToken, or anything with onCancellationRequested. */
    request(method, params, token) {
        if (!this.process) {
            return Promise.reject(new ResponseError(CONNECTION_CLOSED, 'the server does not run'));
        }
        const id = this.nextId++;
        return new Promise((resolve, reject) => {
            const listener = token?.onCancellationRequested(() => this.notify('$/cancelRequest', { id }));
            const settle = (then) => (value) => {
                listener?.dispose();
                then(value);
            };
            this.pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
            this.send({ jsonrpc: '2.0', id, method, params });
        });
    }

    notify(method, params) {
        if (this.process) {
            this.send({ jsonrpc: '2.0', method, params });
        }
    }

    /** Ends the server as the protocol has it, and by force where it does not follow. */
    async stop() {
        clearTimeout(this.timer);
        const child = this.process;
        const wasRunning = this.state === 'running';
        this.setState('stopped');
        if (!child) {
            return;
        }
        const gone = new Promise((resolve) => child.once('close', resolve));
        if (wasRunning) {
            await within(SHUTDOWN_LIMIT, this.request('shutdown', null).catch(() => {}));
        }
        this.notify('exit', null);
        child.stdin.end();
        if (!(await within(SHUTDOWN_LIMIT, gone.then(() => true)))) {
            child.kill('SIGKILL');
            await gone;
        }
    }

    async restart() {
        await this.stop();
        this.endings = [];
        return this.start();
    }

    // -- the inside -----------------------------------------------------------------------------

    send(message) {
        this.options.onTrace?.('client', message);
        const body = Buffer.from(JSON.stringify(message), 'utf8');
        this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
        this.process.stdin.write(body);
    }

    receive(message) {
        this.options.onTrace?.('server', message);
        if (message.method === undefined) {
            const waiting = this.pending.get(message.id);
            this.pending.delete(message.id);
            if (message.error) {
                waiting?.reject(new ResponseError(message.error.code, message.error.message, message.error.data));
            } else {
                waiting?.resolve(message.result);
            }
        } else if (message.id !== undefined) {
            this.answer(message, this.process);
        } else {
            try {
                this.options.notifications?.[message.method]?.(message.params);
            } catch (error) {
                this.options.onLog?.(`${message.method}: ${error.stack}`);
            }
        }
    }

    async answer({ id, method, params }, asker) {
        const reply = { jsonrpc: '2.0', id };
        const handler = this.options.requests?.[method];
        if (!handler) {
            reply.error = { code: METHOD_NOT_FOUND, message: `${method} is not supported` };
        } else {
            try {
                reply.result = (await handler(params)) ?? null;
            } catch (error) {
                reply.error = { code: INTERNAL_ERROR, message: String(error.message ?? error) };
            }
        }
        if (this.process === asker && asker) {
            this.send(reply);
        }
    }

    /** The process is gone, or could not be started. */
    ended(child, error, code, signal) {
        if (this.process !== child) {
            return;
        }
        this.process = null;
        const reason = error?.message ?? `the server ended with ${signal ?? `exit code ${code}`}`;
        for (const waiting of this.pending.values()) {
            waiting.reject(new ResponseError(CONNECTION_CLOSED, reason));
        }
        this.pending.clear();
        if (this.state === 'stopped') {
            return;
        }
        if (error?.code === 'ENOENT' || error?.code === 'EACCES') {
            this.setState('failed', error);
            return;
        }
        const now = Date.now();
        this.endings = this.endings.filter((time) => now - time < this.restarts.window);
        this.endings.push(now);
        if (this.endings.length > this.restarts.limit) {
            this.setState('failed', new Error(`${reason}, ${this.endings.length} times in a few minutes`));
            return;
        }
        const delay = this.restarts.delays[Math.min(this.endings.length, this.restarts.delays.length) - 1];
        this.options.onLog?.(`${reason}; it is started again in ${delay} ms`);
        this.setState('starting');
        this.timer = setTimeout(() => this.start().catch(() => {}), delay); // a failure comes here again
    }

    setState(state, detail) {
        this.state = state;
        this.options.onState?.(state, detail);
    }
}

/** The promise's value, or undefined after a time in milliseconds. */
async function within(limit, promise) {
    let timer;
    const late = new Promise((resolve) => {
        timer = setTimeout(resolve, limit);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}

module.exports = { LanguageClient, MessageReader, ResponseError, RESTARTS };
