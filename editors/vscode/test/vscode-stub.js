// The part of VS Code's extension interface that the extension uses, with the behaviour that VS Code documents:
// positions that cannot be changed, change events whose parts can be applied one after another, commands that cannot be
// registered twice, settings as frozen plain values with methods beside them. `editor` is what a person does.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');

class Position {
    constructor(line, character) {
        if (line < 0 || character < 0) {
            throw new Error('illegal argument');
        }
        Object.assign(this, { line, character });
        Object.freeze(this);
    }

    isBefore(other) {
        return this.line < other.line || (this.line === other.line && this.character < other.character);
    }
}

class Range {
    constructor(start, end) {
        const ordered = end.isBefore(start) ? [end, start] : [start, end];
        [this.start, this.end] = ordered;
        Object.freeze(this);
    }
}

class Uri {
    constructor(scheme, fsPath) {
        Object.assign(this, { scheme, fsPath, path: fsPath });
    }

    static file(fsPath) {
        return new Uri('file', fsPath);
    }

    static parse(text) {
        return text.startsWith('file:') ? new Uri('file', fileURLToPath(text)) : Object.assign(
            new Uri(text.split(':')[0], text), { toString: () => text });
    }

    toString() {
        return pathToFileURL(this.fsPath).href;
    }
}

class Disposable {
    constructor(dispose) {
        this.dispose = () => {
            dispose?.();
            dispose = undefined;
        };
    }

    static from(...disposables) {
        return new Disposable(() => disposables.forEach((disposable) => disposable.dispose()));
    }
}

class EventEmitter {
    constructor() {
        this.listeners = new Set();
        this.event = (listener) => {
            this.listeners.add(listener);
            return new Disposable(() => this.listeners.delete(listener));
        };
    }

    fire(value) {
        [...this.listeners].forEach((listener) => listener(value));
    }
}

class CancellationTokenSource {
    constructor() {
        const emitter = new EventEmitter();
        this.token = { isCancellationRequested: false, onCancellationRequested: emitter.event };
        this.cancel = () => {
            this.token.isCancellationRequested = true;
            emitter.fire();
        };
    }
}

const record = (...names) => class {
    constructor(...values) {
        names.forEach((name, index) => {
            this[name] = values[index];
        });
    }
};

class CodeActionKind {
    constructor(value) {
        this.value = value;
    }

    append(part) {
        return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
    }
}
CodeActionKind.Empty = new CodeActionKind('');

class MarkdownString {
    constructor(value = '') {
        this.value = value;
    }

    appendText(text) {
        this.value += text.replace(/[\\`*_{}[\]()#+\-!~]/g, '\\$&');
        return this;
    }

    appendCodeblock(code, language) {
        this.value += `\n\`\`\`${language}\n${code}\n\`\`\`\n`;
        return this;
    }
}

class WorkspaceEdit {
    constructor() {
        this.entries = [];
    }

    set(uri, edits) {
        this.entries.push([uri, edits]);
    }
}

class TextDocument {
    constructor(uri, languageId, text) {
        Object.assign(this, { uri, languageId, text, version: 1, isDirty: false });
    }

    getText() {
        return this.text;
    }

    offsetAt({ line, character }) {
        const lines = this.text.split('\n');
        return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
    }

    save() {
        return editor.save(this);
    }
}

const events = {};
for (const name of [
    'onDidOpenTextDocument', 'onDidCloseTextDocument', 'onDidChangeTextDocument', 'onDidSaveTextDocument',
    'onDidChangeWorkspaceFolders', 'onDidChangeConfiguration']) {
    events[name] = new EventEmitter();
}
const shown = new EventEmitter(); // something that a person sees has changed

const commands = new Map();
const providers = { hover: [], codeActions: [], codeLenses: [] };
const values = {};

/** {a: {b: 1}} for 'a.b'. */
function nested(names, value) {
    const [first, ...rest] = names;
    return { [first]: rest.length ? nested(rest, value) : value };
}

function merged(target, source) {
    for (const [name, value] of Object.entries(source)) {
        const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
        target[name] = isObject ? merged(target[name] ?? {}, value) : value;
    }
    return target;
}

const manifest = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8'));

function getConfiguration(section) {
    const all = {};
    for (const [name, property] of Object.entries(manifest.contributes.configuration.properties)) {
        merged(all, nested(name.split('.'), name in values ? values[name] : property.default));
    }
    const found = section ? section.split('.').reduce((value, name) => value?.[name], all) : all;
    const get = (name, otherwise) => name.split('.').reduce((value, part) => value?.[part], found) ?? otherwise;
    return Object.freeze({ ...found, get, has: (name) => get(name) !== undefined, inspect() {}, update() {} });
}

class DiagnosticCollection {
    constructor() {
        this.byUri = new Map();
    }

    set(uri, diagnostics) {
        this.byUri.set(uri.toString(), Object.freeze([...diagnostics]));
        shown.fire();
    }

    get(uri) {
        return this.byUri.get(uri.toString()) ?? [];
    }

    clear() {
        this.byUri.clear();
        shown.fire();
    }

    dispose() {
        this.clear();
    }
}

const collections = [];
const items = [];
const output = [];
const panels = [];
const messages = [];
const answers = []; // what a person answers to the next questions

const showMessage = (severity) => async (text, ...choices) => {
    messages.push({ severity, text, choices });
    shown.fire();
    return choices.includes(answers[0]) ? answers.shift() : undefined;
};

function register(table, provider) {
    table.push(provider);
    return new Disposable(() => table.splice(table.indexOf(provider), 1));
}

const vscode = {
    version: '1.100.0',
    env: { appName: 'Stub of VS Code', language: 'en' },
    Position, Range, Uri, Disposable, EventEmitter, CancellationTokenSource, CodeActionKind, MarkdownString,
    WorkspaceEdit,
    Location: record('uri', 'range'),
    Diagnostic: record('range', 'message', 'severity'),
    DiagnosticRelatedInformation: record('location', 'message'),
    TextEdit: record('range', 'newText'),
    CodeAction: record('title', 'kind'),
    Hover: record('contents', 'range'),
    CodeLens: record('range', 'command'),
    ThemeColor: record('id'),
    RelativePattern: record('base', 'pattern'),
    StatusBarAlignment: { Left: 1, Right: 2 },
    ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
    commands: {
        registerCommand(name, run) {
            if (commands.has(name)) {
                throw new Error(`command '${name}' already exists`);
            }
            commands.set(name, run);
            return new Disposable(() => commands.delete(name));
        },
        async executeCommand(name, ...args) {
            if (!commands.has(name)) {
                throw new Error(`command '${name}' not found`);
            }
            return commands.get(name)(...args);
        },
    },
    languages: {
        createDiagnosticCollection() {
            collections.push(new DiagnosticCollection());
            return collections.at(-1);
        },
        registerHoverProvider: (_selector, provider) => register(providers.hover, provider),
        registerCodeLensProvider: (_selector, provider) => register(providers.codeLenses, provider),
        registerCodeActionsProvider: (_selector, provider) => register(providers.codeActions, provider),
    },
    ViewColumn: { Beside: -2 },
    window: {
        activeTextEditor: undefined,
        createOutputChannel: () => ({ appendLine: (line) => output.push(line), show() {}, dispose() {} }),
        createWebviewPanel(_kind, title, _column, options) {
            panels.push({ title, options, webview: { html: '' } });
            return panels.at(-1);
        },
        createStatusBarItem() {
            items.push({ text: '', tooltip: '', visible: false, show: () => shown.fire(), dispose() {} });
            return items.at(-1);
        },
        showErrorMessage: showMessage('error'),
        showWarningMessage: showMessage('warning'),
        showInformationMessage: showMessage('information'),
        showQuickPick: async (choices) => choices.find((choice) => choice.label === answers[0] && answers.shift()),
        showInputBox: async () => answers.shift(),
        withProgress: (_options, run) => run({ report() {} }),
    },
    workspace: {
        workspaceFolders: undefined,
        textDocuments: [],
        getConfiguration,
        createFileSystemWatcher() {
            const none = () => new Disposable();
            return { onDidCreate: none, onDidChange: none, onDidDelete: none, dispose() {} };
        },
        async applyEdit(edit) {
            for (const [uri, edits] of edit.entries) {
                const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
                editor.change(document, edits.map(({ range, newText }) => [range, newText]));
            }
            return true;
        },
    },
};
for (const [name, emitter] of Object.entries(events)) {
    vscode.workspace[name] = emitter.event;
}

/** What a person does and sees. */
const editor = {
    answers, items, messages, output, panels, providers,

    openFolder(folder) {
        vscode.workspace.workspaceFolders = [{ uri: Uri.file(folder), name: path.basename(folder), index: 0 }];
    },

    open(file) {
        const document = new TextDocument(Uri.file(file), 'python', fs.readFileSync(file, 'utf8'));
        vscode.workspace.textDocuments.push(document);
        vscode.window.activeTextEditor = { document };
        events.onDidOpenTextDocument.fire(document);
        return document;
    },

    close(document) {
        vscode.workspace.textDocuments.splice(vscode.workspace.textDocuments.indexOf(document), 1);
        events.onDidCloseTextDocument.fire(document);
    },

    /** Replaces ranges, given as they are before the change; one event, last range first, as VS Code sends them. */
    change(document, replacements) {
        const ordered = [...replacements].sort(([left], [right]) => (left.start.isBefore(right.start) ? 1 : -1));
        const contentChanges = ordered.map(([range, text]) => {
            const rangeOffset = document.offsetAt(range.start);
            const rangeLength = document.offsetAt(range.end) - rangeOffset;
            const { text: before } = document;
            document.text = before.slice(0, rangeOffset) + text + before.slice(rangeOffset + rangeLength);
            return { range, rangeOffset, rangeLength, text };
        });
        document.version += 1;
        document.isDirty = true;
        events.onDidChangeTextDocument.fire({ document, contentChanges });
    },

    /** Replaces the first occurrence of a text. */
    replace(document, old, text) {
        const offset = document.text.indexOf(old);
        if (offset < 0) {
            throw new Error(`the document has no ${old}`);
        }
        const at = (place) => {
            const lines = document.text.slice(0, place).split('\n');
            return new Position(lines.length - 1, lines.at(-1).length);
        };
        editor.change(document, [[new Range(at(offset), at(offset + old.length)), text]]);
    },

    async save(document) {
        if (!document.isDirty) {
            return true;
        }
        fs.writeFileSync(document.uri.fsPath, document.text);
        document.isDirty = false;
        events.onDidChangeTextDocument.fire({ document, contentChanges: [] });
        events.onDidSaveTextDocument.fire(document);
        return true;
    },

    setting(name, value) {
        values[name] = value;
        events.onDidChangeConfiguration.fire({
            affectsConfiguration: (section) => name === section || name.startsWith(`${section}.`),
        });
    },

    diagnostics(document) {
        return collections.flatMap((collection) => collection.get(document.uri));
    },

    /** Resolves when a condition on what is shown holds; rejects after a limit. */
    until(what, condition, limit = 60000) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                subscription.dispose();
                reject(new Error(`${what}: not within ${limit} ms. Status bar: ${items.map((item) => item.text)}; `
                    + `messages: ${JSON.stringify(messages)}; output: ${output.slice(-20).join(' | ')}`));
            }, limit);
            const look = () => {
                const value = condition();
                if (value) {
                    clearTimeout(timer);
                    subscription.dispose();
                    resolve(value);
                }
            };
            const subscription = shown.event(look);
            look();
        });
    },
};

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
    return request === 'vscode' ? __filename : resolve.call(this, request, ...rest);
};

module.exports = { ...vscode, editor };
// The interface's own objects change (workspaceFolders, activeTextEditor): they must be the same for everyone.
module.exports.workspace = vscode.workspace;
module.exports.window = vscode.window;
