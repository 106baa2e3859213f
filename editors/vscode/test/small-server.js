// A language server of a few lines, for the client's own tests: what it does is chosen by its argument.
'use strict';

const behaviour = process.argv[2];
const { MessageReader } = require('../client');

function send(message, pieces = 1) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }), 'utf8');
    const whole = Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
    const size = Math.ceil(whole.length / pieces);
    for (let start = 0; start < whole.length; start += size) {
        process.stdout.write(whole.subarray(start, start + size));
    }
}

const reader = new MessageReader(({ id, method, params }) => {
    if (method === 'initialize') {
        if (behaviour === 'refuses') {
            send({ id, error: { code: -32002, message: 'not today' } });
        } else {
            send({ id, result: { capabilities: {} } });
        }
    } else if (method === 'initialized') {
        if (behaviour === 'dies') {
            process.exit(3);
        } else if (behaviour === 'garbles') {
            process.stdout.write('Content-Length: nonsense\r\n\r\n');
        }
    } else if (method === 'echo') {
        send({ id, result: params }, 7);
    } else if (method === '$/cancelRequest') {
        send({ id: params.id, error: { code: -32800, message: 'cancelled' } });
    } else if (method === 'ask') {
        send({ id: 'q1', method: params.method, params: params.params });
        asker = id;
    } else if (method === undefined) {
        send({ id: asker, result: reader.last });
    } else if (method === 'shutdown' && behaviour !== 'ignores') {
        send({ id, result: null });
    } else if (method === 'exit' && behaviour !== 'ignores') {
        process.exit(0);
    }
});
let asker;
const { onMessage } = reader;
reader.onMessage = (message) => {
    reader.last = message;
    onMessage(message);
};
process.stdin.on('data', (chunk) => reader.push(chunk));
if (behaviour === 'ignores') {
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
}
