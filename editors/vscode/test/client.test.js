'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { afterEach, test } = require('node:test');
const { LanguageClient, MessageReader } = require('../client');
const { CancellationTokenSource } = require('./vscode-stub');

let client;

function make(behaviour, options = {}) {
    const states = [];
    const waiting = [];
    client = new LanguageClient({
        command: process.execPath,
        args: [path.join(__dirname, 'small-server.js'), behaviour],
        initializeParams: () => ({ processId: process.pid, rootUri: null, capabilities: {} }),
        restarts: { delays: [0, 1, 2, 4] },
        onState(state, detail) {
            states.push({ state, detail });
            waiting.forEach((look) => look());
        },
        ...options,
    });
    client.states = states;
    client.reached = (wanted) => new Promise((resolve) => {
        const look = () => states.some(({ state }) => state === wanted) && resolve(states.at(-1).detail);
        waiting.push(look);
        look();
    });
    return client;
}

afterEach(async () => {
    await client?.stop();
    client = undefined;
});

test('messages are read however the bytes are cut', () => {
    const sent = [{ a: 'ü😀' }, { b: [1, 2] }, { c: 'x'.repeat(5000) }];
    const bytes = Buffer.concat(sent.map((message) => {
        const body = Buffer.from(JSON.stringify(message));
        return Buffer.concat([Buffer.from(`Content-Type: x\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
    }));
    for (const size of [1, 2, 3, 17, 1000, bytes.length]) {
        const got = [];
        const reader = new MessageReader((message) => got.push(message));
        for (let start = 0; start < bytes.length; start += size) {
            reader.push(bytes.subarray(start, start + size));
        }
        assert.deepEqual(got, sent, `in pieces of ${size}`);
    }
});

test('a stream that is no LSP is refused', () => {
    const reader = new MessageReader(() => {});
    assert.throws(() => reader.push(Buffer.from('Content-Length: ten\r\n\r\n')), /Content-Length/);
    assert.throws(() => new MessageReader(() => {}).push(Buffer.alloc(20000, 'x')), /header/);
});

test('requests are answered, each by its own answer', async () => {
    await make('plain').start();
    const answers = await Promise.all(['ä', { b: [null] }, 3].map((value) => client.request('echo', { value })));
    assert.deepEqual(answers, [{ value: 'ä' }, { value: { b: [null] } }, { value: 3 }]);
});

test('a request that is cancelled tells the server, and its error comes back', async () => {
    await make('plain').start();
    const source = new CancellationTokenSource();
    const answer = client.request('never', {}, source.token);
    source.cancel();
    await assert.rejects(answer, { code: -32800 });
});

test('the server is answered, also where nothing handles its request or the handler throws', async () => {
    const requests = {
        good: async ({ n }) => n + 1,
        bad: () => {
            throw new Error('broken');
        },
    };
    await make('plain', { requests }).start();
    const ask = (method) => client.request('ask', { method, params: { n: 1 } });
    assert.equal((await ask('good')).result, 2);
    assert.equal((await ask('unknown')).error.code, -32601);
    assert.deepEqual((await ask('bad')).error, { code: -32603, message: 'broken' });
});

test('a server that keeps dying is started again four times, then given up', async () => {
    const error = await (make('dies').start().catch(() => {}), client.reached('failed'));
    assert.match(error.message, /exit code 3, 5 times/);
    assert.equal(client.states.filter(({ state }) => state === 'running').length, 5);
});

test('a server that sends garbage is ended and started again', async () => {
    make('garbles').start().catch(() => {});
    assert.match((await client.reached('failed')).message, /5 times/);
});

test('after it was given up it can be started by hand', async () => {
    make('dies').start().catch(() => {});
    await client.reached('failed');
    client.options.args[1] = 'plain';
    await client.restart();
    assert.equal(client.state, 'running');
});

test('requests that are open when the server dies are rejected', async () => {
    await make('plain').start();
    const answer = client.request('never', {});
    client.process.kill('SIGKILL');
    await assert.rejects(answer, { code: -32097, message: /SIGKILL/ });
});

test('a command that does not exist is not tried again', async () => {
    make('plain', { command: '/nonexistent/afresh' });
    await assert.rejects(client.start(), { code: -32097 });
    assert.equal(client.state, 'failed');
    assert.equal(client.states.at(-1).detail.code, 'ENOENT');
});

test('a server that refuses initialize is not tried again', async () => {
    await assert.rejects(make('refuses').start(), { code: -32002 });
    assert.equal(client.state, 'failed');
});

test('shutdown ends the server without force', async () => {
    await make('plain').start();
    const { process: child } = client;
    await client.stop();
    assert.equal(child.exitCode, 0);
    assert.equal(client.state, 'stopped');
    await assert.rejects(client.request('echo', {}), { code: -32097 });
});

test('a server that does not follow shutdown is killed', async () => {
    await make('ignores').start();
    const { process: child } = client;
    await client.stop();
    assert.equal(child.signalCode, 'SIGKILL');
});
