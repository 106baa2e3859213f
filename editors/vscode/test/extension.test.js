// The whole extension against the real server and a real program: AFRESH names the binary, AFRESH_TEST_PYTHON the
// interpreter (python3 by default).
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { after, before, test } = require('node:test');
const vscode = require('./vscode-stub');
const extension = require('../extension');

const { editor } = vscode;
const server = process.env.AFRESH ?? path.join(__dirname, '..', '..', '..', '.build', 'debug', 'afresh');
const python = process.env.AFRESH_TEST_PYTHON ?? 'python3';

const SHOP = 'RATE = 2\n\n\ndef price():\n    return RATE * 10\n';
const APP = `import shop
print("ready", flush=True)
while True:
    try:
        print(eval(input()), flush=True)
    except EOFError:
        break
`;

const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'afv'));
const work = path.join(folder, 'work');
const context = { subscriptions: [] };
let program;
let document;

const shows = (text) => editor.until(`status bar '${text}'`, () => editor.items[0].text === `$(sync) ${text}`);

const sequence = () => Number(/reload (\d+):/.exec(editor.items[0].tooltip)?.[1] ?? 0);

/** Does something that ends in a reload and waits for the report of a later reload than the last. */
async function reported(act) {
    const last = sequence();
    await act();
    await editor.until(`a report after the ${last}th`, () => sequence() > last);
}

const codeOf = (diagnostic) => diagnostic.code?.value ?? diagnostic.code;

/** The diagnostic of that code, once the document has one. What is stale for a moment may be marked beside it. */
const marked = (code) => editor.until(
    `a diagnostic ${code}`, () => editor.diagnostics(document).find((each) => codeOf(each) === code));

const save = () => reported(() => document.save());
const reloadByHand = () => reported(() => vscode.commands.executeCommand('afresh.reloadFile'));

function start() {
    const child = spawn(server, ['run', '--', python, 'app.py'], { cwd: work, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async () => (await lines.next()).value;
    const ask = (expression) => {
        child.stdin.write(`${expression}\n`);
        return line();
    };
    const end = new Promise((resolve) => child.once('close', resolve));
    return { ask, line, stop: () => (child.stdin.end(), end), kill: () => child.kill('SIGKILL') };
}

before(async () => {
    assert.ok(fs.existsSync(server), `${server} is missing: swift build --product afresh, or set AFRESH`);
    fs.mkdirSync(work);
    fs.mkdirSync(path.join(folder, 'run'), { mode: 0o700 });
    process.env.XDG_RUNTIME_DIR = path.join(folder, 'run');
    process.env.XDG_CACHE_HOME = path.join(folder, 'cache');
    fs.writeFileSync(path.join(work, 'shop.py'), SHOP);
    fs.writeFileSync(path.join(work, 'app.py'), APP);
    editor.setting('afresh.server.path', server);
    editor.openFolder(work);
    document = editor.open(path.join(work, 'shop.py'));
    program = start();
    assert.equal(await program.line(), 'ready');
    await extension.activate(context);
});

after(async () => {
    program?.kill();
    await extension.deactivate();
    context.subscriptions.forEach((disposable) => disposable.dispose());
    fs.rmSync(folder, { recursive: true, force: true });
});

test('a save is live in the program, and the status bar says so', async () => {
    await editor.until('the program is known', () => editor.items[0].tooltip.includes('programs that run live: 1'));
    editor.replace(document, '* 10', '* 11');
    await save();
    await shows('live');
    assert.equal(await program.ask('shop.price()'), '22');
    assert.match(editor.items[0].tooltip, /shop: live, generation 2/);
});

test('a selection is executed in the program, and what it prints is shown', async () => {
    const { Position, Range } = vscode;
    const start = document.getText().split('\n').findIndex((line) => line.startsWith('def price'));
    vscode.window.activeTextEditor.selection = new Range(new Position(start, 4), new Position(start, 11));
    await vscode.commands.executeCommand('afresh.runSelection');
    assert.ok(editor.messages.some(({ severity, text }) => severity === 'information' && text === '22'));
    assert.ok(editor.output.some((line) => line.endsWith('shop:\n22\n')));
});

test('edits are synchronised incrementally: several places in one event, text beyond ASCII', async () => {
    const { Position, Range } = vscode;
    editor.change(document, [
        [new Range(new Position(0, 0), new Position(0, 0)), 'NAME = "zoë 😀"\n'],
        [new Range(new Position(4, 0), new Position(4, 0)), '    # 😀 twice\n'],
        [new Range(new Position(4, 18), new Position(4, 20)), '12'],
    ]);
    await save();
    assert.match(editor.items[0].tooltip, /generation 3/);
    assert.equal(await program.ask('shop.price(), shop.NAME'), "(24, 'zoë 😀')");
});

test('a text that does not compile is marked where the interpreter says, and no program is touched', async () => {
    editor.replace(document, 'return RATE * 12', 'return (RATE * ');
    await save();
    await shows('blocked');
    const diagnostic = await marked('syntax-error');
    assert.equal(diagnostic.source, 'afresh');
    assert.equal(diagnostic.severity, 0);
    assert.equal(diagnostic.range.start.line, 6);
    assert.equal(editor.items[0].backgroundColor.id, 'statusBarItem.errorBackground');
    assert.equal(await program.ask('shop.price()'), '24');
});

test('put right, the mark goes', async () => {
    editor.replace(document, 'return (RATE * ', 'return RATE * 13');
    await save();
    await shows('live');
    await editor.until('no diagnostics', () => editor.diagnostics(document).length === 0);
    assert.equal(await program.ask('shop.price()'), '26');
});

test('an exception half-way is rolled back, and a person is told', async () => {
    editor.replace(document, 'RATE = 2', 'RATE = 1 / 0');
    await save();
    await shows('rolled back');
    await marked('execution-error');
    assert.equal(await program.ask('shop.price()'), '26');
    editor.replace(document, 'RATE = 1 / 0', 'RATE = 3');
    await save();
    await shows('live');
    assert.equal(await program.ask('shop.price()'), '39');
});

test('code actions run on the server', async () => {
    const { token } = new vscode.CancellationTokenSource();
    const range = new vscode.Range(new vscode.Position(0, 0), new vscode.Position(0, 0));
    const asked = { diagnostics: [], triggerKind: 1 };
    const [provider] = editor.providers.codeActions;
    assert.ok(provider, 'the server offers code actions');
    const actions = await provider.provideCodeActions(document, range, asked, token);
    const reload = actions.find((action) => action.title === 'Reload this file');
    const before = await program.ask('shop.__dict__.get("NAME")');
    await reported(() => vscode.commands.executeCommand(reload.command.command, ...reload.command.arguments));
    await shows('live');
    assert.equal(await program.ask('shop.NAME'), before);
});

test('hover speaks of the module that runs', async (context) => {
    const [provider] = editor.providers.hover;
    if (!provider) {
        context.skip('the server offers no hover');
        return;
    }
    const { token } = new vscode.CancellationTokenSource();
    const hover = await provider.provideHover(document, new vscode.Position(4, 6), token);
    assert.match(hover.contents[0].value, /generation/);
});

test('code lenses tell what runs, are asked for again after a save, and lead to the report', async () => {
    const [provider] = editor.providers.codeLenses;
    assert.ok(provider, 'the server offers code lenses');
    const { token } = new vscode.CancellationTokenSource();
    const generation = (lens) => Number(/^generation (\d+)$/.exec(lens.command.title)[1]);
    const [price] = await provider.provideCodeLenses(document, token);
    assert.equal(document.text.split('\n')[price.range.start.line], 'def price():');

    const changed = new Promise((resolve) => provider.onDidChangeCodeLenses(resolve));
    editor.replace(document, 'def price', 'def double():\n    return price() * 2\n\n\ndef price');
    await save();
    await changed;
    const lenses = await provider.provideCodeLenses(document, token);
    assert.deepEqual(lenses.map(generation), [generation(price) + 1, generation(price) + 1]);
    assert.match(JSON.stringify(await vscode.commands.executeCommand(
        price.command.command, ...(price.command.arguments ?? []))), /shop/);
});

test('who depends on whom is a page that reaches nothing outside', async () => {
    await vscode.commands.executeCommand('afresh.showGraph');
    const [panel] = editor.panels;
    assert.match(panel.webview.html, /"name":"shop"/);
    assert.match(panel.webview.html, /default-src 'none'/);
    assert.deepEqual(panel.options, { enableScripts: true, localResourceRoots: [] });
});

test('mode off: a save changes nothing, the status bar says off; a reload by hand still works', async () => {
    editor.answers.push('off');
    await vscode.commands.executeCommand('afresh.chooseMode');
    await shows('off');
    editor.replace(document, '* 13', '* 14');
    await save();
    await marked('behind');
    assert.equal(await program.ask('shop.price()'), '39');
    await reloadByHand();
    await editor.until('no diagnostics', () => editor.diagnostics(document).length === 0);
    assert.equal(await program.ask('shop.price()'), '42');
    editor.answers.push('all');
    await vscode.commands.executeCommand('afresh.chooseMode');
    await shows('live');
});

test('settings that change reach the server', async () => {
    editor.setting('afresh.mode', 'explicit');
    await shows('live (explicit)');
    editor.replace(document, '* 14', '* 15');
    await save();
    assert.match(editor.items[0].tooltip, /the settings leave shop out/);
    assert.equal(await program.ask('shop.price()'), '42');
    editor.answers.push('shop');
    await reported(() => vscode.commands.executeCommand('afresh.trackModule'));
    await editor.until('no diagnostics', () => editor.diagnostics(document).length === 0);
    assert.equal(await program.ask('shop.price()'), '45');
    editor.replace(document, '* 15', '* 16');
    await save();
    await shows('live (explicit)');
    assert.equal(await program.ask('shop.price()'), '48');
    editor.setting('afresh.mode', 'all');
    await shows('live');
});

test('a server that dies is started again and finds the program', async () => {
    const pid = extension.serverProcess();
    process.kill(pid, 'SIGKILL');
    await editor.until('another server', () => extension.serverProcess() && extension.serverProcess() !== pid
        && editor.items[0].tooltip.includes('programs that run live: 1'));
    editor.replace(document, '* 16', '* 17');
    await save();
    await shows('live');
    assert.equal(await program.ask('shop.price()'), '51');
});

test('without a program the status bar says so, and errors are still marked', async () => {
    await program.stop();
    await shows('no program');
    editor.replace(document, 'return RATE', 'retrun RATE');
    await save();
    await shows('blocked');
    await marked('syntax-error');
});

test('after the end no server is left', async () => {
    const pid = extension.serverProcess();
    await extension.deactivate();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
