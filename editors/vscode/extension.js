// The extension: starts the language server, shows what each save did in the status bar, and offers the commands.
'use strict';

const vscode = require('vscode');
const { LanguageClient } = require('./client');
const convert = require('./convert');
const { CAPABILITIES, answers, serve, workspaceFolder } = require('./features');
const { Status } = require('./status');

const MODES = [
    { label: 'all', description: 'every loaded module under the workspace, except those left out' },
    { label: 'explicit', description: 'only tracked modules' },
    { label: 'off', description: 'nothing is reloaded' },
];

const WITHOUT_SERVER = {
    starting: { text: 'starting' },
    stopped: { text: 'stopped' },
    failed: { text: 'not running', severity: 'error' },
};

let session;

class Session {
    constructor(context) {
        this.log = vscode.window.createOutputChannel('Afresh');
        this.diagnostics = vscode.languages.createDiagnosticCollection('afresh');
        this.item = vscode.window.createStatusBarItem('afresh.status', vscode.StatusBarAlignment.Left);
        this.item.name = 'Afresh';
        this.item.command = 'afresh.showReport';
        this.status = new Status(this.settings('afresh').mode);
        this.chosenMode = undefined; // by command, for this session; the settings file stays as it is
        this.serving = undefined;

        const said = answers(() => this.client, this.diagnostics, (...of) => this.settings(...of), this.log);
        this.resetAnswers = said.reset;
        this.lensesChanged = said.lensesChanged;
        this.client = new LanguageClient({
            command: this.settings('afresh').server.path,
            args: ['lsp'],
            cwd: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
            initializeParams: () => this.initializeParams(context),
            requests: said.requests,
            notifications: { ...said.notifications, 'reload/status': (report) => this.take(report) },
            onState: (state, detail) => this.changed(state, detail),
            onLog: (text) => this.log.appendLine(text),
            onTrace: (direction, message) => this.trace(direction, message),
        });

        const command = (name, run) => vscode.commands.registerCommand(name, run);
        context.subscriptions.push(
            this.log, this.diagnostics, this.item,
            command('afresh.reloadFile', () => this.reloadFile()),
            command('afresh.runSelection', () => this.run(true)),
            command('afresh.runFile', () => this.run(false)),
            command('afresh.chooseMode', () => this.chooseMode()),
            command('afresh.trackModule', () => this.nameModule('afresh.track', 'Module to reload in mode explicit')),
            command('afresh.untrackModule', () => this.nameModule('afresh.untrack', 'Module never to reload')),
            command('afresh.showReport', () => this.showReport()),
            command('afresh.showGraph', () => this.showGraph()),
            command('afresh.restartServer', () => this.restart()),
            vscode.workspace.onDidChangeConfiguration((event) => this.configurationChanged(event)),
        );
    }

    // -- the server -----------------------------------------------------------------------------

    initializeParams(context) {
        const folders = vscode.workspace.workspaceFolders;
        return {
            processId: process.pid,
            clientInfo: { name: vscode.env.appName, version: vscode.version },
            locale: vscode.env.language,
            rootUri: folders?.[0]?.uri.toString() ?? null,
            workspaceFolders: folders?.map(workspaceFolder) ?? null,
            capabilities: CAPABILITIES,
            initializationOptions: this.settings('afresh'),
            trace: 'off',
        };
    }

    /** A section of the settings as plain JSON, with the mode that was chosen by command. */
    settings(section, scope) {
        const uri = scope ? vscode.Uri.parse(scope) : undefined;
        const values = JSON.parse(JSON.stringify(vscode.workspace.getConfiguration(section, uri))) ?? null;
        return section === 'afresh' && this.chosenMode ? { ...values, mode: this.chosenMode } : values;
    }

    configurationChanged(event) {
        if (!event.affectsConfiguration('afresh')) {
            return;
        }
        if (event.affectsConfiguration('afresh.mode')) {
            this.chosenMode = undefined;
        }
        const settings = this.settings('afresh');
        this.status.mode = settings.mode;
        this.client.notify('workspace/didChangeConfiguration', { settings: { afresh: settings } });
        this.show();
    }

    changed(state, detail) {
        if (state !== 'running') {
            this.serving?.dispose();
            this.serving = undefined;
            this.resetAnswers();
        }
        if (state === 'running') {
            this.status = new Status(this.settings('afresh').mode);
            this.serving = serve(this.client, detail, this.diagnostics, this.lensesChanged, this.log);
        } else if (state === 'failed') {
            this.log.appendLine(String(detail));
            this.tellOfFailure(detail);
        }
        this.show();
    }

    async tellOfFailure(error) {
        const { command } = this.client.options;
        const missing = error.code === 'ENOENT' || error.code === 'EACCES';
        const message = missing
            ? `Afresh: '${command}' cannot be started. Install it, or set afresh.server.path.`
            : `Afresh: the language server does not run: ${error.message}.`;
        const choice = await vscode.window.showErrorMessage(message, 'Start Again', 'Show Output');
        if (choice === 'Start Again') {
            await this.restart();
        } else if (choice === 'Show Output') {
            this.log.show();
        }
    }

    async restart() {
        this.client.options.command = this.settings('afresh').server.path;
        await this.client.restart().catch(() => {}); // changed() has told
    }

    trace(direction, message) {
        const level = vscode.workspace.getConfiguration('afresh').get('trace.server');
        if (level !== 'off') {
            const text = level === 'verbose' ? JSON.stringify(message) : (message.method ?? `answer ${message.id}`);
            this.log.appendLine(`${direction === 'client' ? '→' : '←'} ${text}`);
        }
    }

    // -- what is shown --------------------------------------------------------------------------

    take(report) {
        if (this.status.take(report)) {
            this.show();
        }
    }

    show() {
        const { state } = this.client;
        const { text, severity } = state === 'running' ? this.status.short() : WITHOUT_SERVER[state];
        this.item.text = `$(sync) ${text}`;
        this.item.tooltip = state === 'running' ? `Afresh\n${this.status.lines().join('\n')}` : 'Afresh';
        this.item.backgroundColor = severity && new vscode.ThemeColor(`statusBarItem.${severity}Background`);
        this.item.show();
    }

    showReport() {
        this.log.appendLine(this.status.lines().join('\n'));
        this.log.show(true);
    }

    // -- commands -------------------------------------------------------------------------------

    /** One of the server's commands; a failure is told, since a person asked for it. */
    async execute(command, argument) {
        try {
            return await this.client.request('workspace/executeCommand', { command, arguments: [argument] });
        } catch (error) {
            vscode.window.showErrorMessage(`Afresh: ${error.message}`);
            throw error;
        }
    }

    async reloadFile() {
        const document = vscode.window.activeTextEditor?.document;
        if (document?.languageId !== 'python') {
            vscode.window.showInformationMessage('Afresh: open the Python file that is to be reloaded.');
            return;
        }
        await document.save();
        await this.execute('afresh.reload', { uris: [document.uri.toString()] });
    }

    /** Executes the selection (or its line), or the file as it was saved, in the program; what it prints is in the log, too. */
    async run(selected) {
        const editor = vscode.window.activeTextEditor;
        if (editor?.document.languageId !== 'python') {
            vscode.window.showInformationMessage('Afresh: open the Python file that is to be executed.');
            return;
        }
        const argument = { uri: editor.document.uri.toString() };
        if (selected) {
            argument.range = convert.fromRange(editor.selection);
        } else {
            await editor.document.save();
        }
        const result = await this.execute('afresh.run', argument);
        if (result) {
            const error = result.error ? `${result.error.message}\n` : '';
            this.log.appendLine(`${result.host.name} (pid ${result.host.pid}), ${result.module}:\n${result.output}${error}`);
        }
    }

    /** Who depends on whom, as a page beside the text. It runs a script of its own, and reaches nothing outside. */
    async showGraph() {
        const { text } = await this.execute('afresh.graph', { format: 'html' });
        const panel = vscode.window.createWebviewPanel(
            'afresh.graph', 'Who Depends on Whom', vscode.ViewColumn.Beside, { enableScripts: true, localResourceRoots: [] });
        panel.webview.html = text;
    }

    async chooseMode() {
        const placeHolder = 'What is reloaded when a file is saved';
        const chosen = await vscode.window.showQuickPick(MODES, { placeHolder });
        if (chosen) {
            await this.execute('afresh.setMode', { mode: chosen.label });
            this.chosenMode = chosen.label;
            this.status.mode = chosen.label;
            this.show();
        }
    }

    async nameModule(command, prompt) {
        const name = await vscode.window.showInputBox({ prompt, placeHolder: 'package.module' });
        if (name) {
            await this.execute(command, { modules: [name] });
        }
    }
}

async function activate(context) {
    session = new Session(context);
    await session.client.start().catch(() => {}); // changed() has told
}

async function deactivate() {
    await session?.client.stop();
    session = undefined;
}

/** The server's process id while it runs. */
const serverProcess = () => session?.client.process?.pid;

module.exports = { activate, deactivate, serverProcess };
