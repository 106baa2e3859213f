// Joins VS Code and the language client: what the server is told, and what is shown of what it says.
'use strict';

const vscode = require('vscode');
const convert = require('./convert');

const SELECTOR = [{ language: 'python', scheme: 'file' }];

const MARKUP = ['markdown', 'plaintext'];

/** What VS Code and this client can do, as `initialize` tells the server. */
const CAPABILITIES = {
    general: { positionEncodings: ['utf-16'], staleRequestSupport: { cancel: true, retryOnContentModified: [] } },
    window: { workDoneProgress: true, showMessage: { messageActionItem: { additionalPropertiesSupport: true } } },
    workspace: {
        applyEdit: true,
        workspaceEdit: { documentChanges: true },
        configuration: true,
        didChangeConfiguration: { dynamicRegistration: false },
        didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
        executeCommand: { dynamicRegistration: false },
        codeLens: { refreshSupport: true },
        workspaceFolders: true,
    },
    textDocument: {
        synchronization: { dynamicRegistration: false, didSave: true },
        publishDiagnostics: {
            relatedInformation: true,
            versionSupport: true,
            codeDescriptionSupport: true,
            dataSupport: true,
            tagSupport: { valueSet: [1, 2] },
        },
        codeAction: {
            dynamicRegistration: false,
            codeActionLiteralSupport: {
                codeActionKind: { valueSet: ['', 'quickfix', 'refactor', 'refactor.rewrite', 'source'] },
            },
            isPreferredSupport: true,
            disabledSupport: true,
            dataSupport: true,
        },
        hover: { dynamicRegistration: false, contentFormat: MARKUP },
        codeLens: { dynamicRegistration: false },
    },
};

/** Text synchronisation kinds of the protocol. */
const FULL = 1;
const INCREMENTAL = 2;

const isServed = (document) => document.languageId === 'python' && document.uri.scheme === 'file';
const identifier = (document) => ({ uri: document.uri.toString() });

/**
 * Everything that depends on what a server said in `initialize`; made anew for each start, disposed at its end.
 * `lensesChanged` is the event that lenses are to be asked for again.
 */
function serve(client, result, diagnostics, lensesChanged, log) {
    const capabilities = result.capabilities;
    const disposables = [...synchronise(client, capabilities)];
    const ask = async (method, params, token) => {
        try {
            return await client.request(method, params, token);
        } catch (error) {
            if (!token?.isCancellationRequested) {
                log.appendLine(`${method}: ${error.message}`);
            }
            return undefined;
        }
    };

    for (const command of capabilities.executeCommandProvider?.commands ?? []) {
        disposables.push(vscode.commands.registerCommand(command, (...args) =>
            client.request('workspace/executeCommand', { command, arguments: args })));
    }
    if (capabilities.hoverProvider) {
        disposables.push(vscode.languages.registerHoverProvider(SELECTOR, {
            async provideHover(document, position, token) {
                const params = { textDocument: identifier(document), position: convert.fromPosition(position) };
                const hover = await ask('textDocument/hover', params, token);
                return hover ? convert.toHover(hover) : undefined;
            },
        }));
    }
    if (capabilities.codeActionProvider) {
        disposables.push(vscode.languages.registerCodeActionsProvider(SELECTOR, {
            async provideCodeActions(document, range, context, token) {
                const actions = await ask('textDocument/codeAction', {
                    textDocument: identifier(document),
                    range: convert.fromRange(range),
                    context: {
                        diagnostics: context.diagnostics
                            .filter((diagnostic) => diagnostic.source === 'afresh')
                            .map(convert.fromDiagnostic),
                        only: context.only && [context.only.value],
                        triggerKind: context.triggerKind,
                    },
                }, token);
                return actions?.map(convert.toCodeAction);
            },
        }, codeActionMetadata(capabilities.codeActionProvider)));
    }
    if (capabilities.codeLensProvider) {
        disposables.push(vscode.languages.registerCodeLensProvider(SELECTOR, {
            onDidChangeCodeLenses: lensesChanged,
            async provideCodeLenses(document, token) {
                const lenses = await ask('textDocument/codeLens', { textDocument: identifier(document) }, token);
                return lenses?.map(convert.toCodeLens);
            },
        }));
    }
    disposables.push({ dispose: () => diagnostics.clear() });
    return vscode.Disposable.from(...disposables);
}

function codeActionMetadata(provider) {
    const kinds = provider.codeActionKinds?.map((kind) => vscode.CodeActionKind.Empty.append(kind));
    return kinds ? { providedCodeActionKinds: kinds } : undefined;
}

/** Opens, changes, saves and closes of Python files; changes incrementally, as VS Code gives them. */
function* synchronise(client, capabilities) {
    const sync = capabilities.textDocumentSync ?? 0;
    const change = typeof sync === 'number' ? sync : (sync.change ?? 0);
    const openClose = typeof sync === 'number' ? change !== 0 : Boolean(sync.openClose);
    const save = typeof sync === 'number' ? undefined : sync.save;
    const { workspace } = vscode;

    const open = (document) => {
        if (openClose && isServed(document)) {
            client.notify('textDocument/didOpen', {
                textDocument: {
                    ...identifier(document),
                    languageId: document.languageId,
                    version: document.version,
                    text: document.getText(),
                },
            });
        }
    };
    workspace.textDocuments.forEach(open);
    yield workspace.onDidOpenTextDocument(open);
    yield workspace.onDidCloseTextDocument((document) => {
        if (openClose && isServed(document)) {
            client.notify('textDocument/didClose', { textDocument: identifier(document) });
        }
    });
    yield workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // No changes: only whether the document has unsaved ones is different.
        if (contentChanges.length === 0 || !isServed(document) || (change !== FULL && change !== INCREMENTAL)) {
            return;
        }
        client.notify('textDocument/didChange', {
            textDocument: { ...identifier(document), version: document.version },
            contentChanges: change === FULL
                ? [{ text: document.getText() }]
                : contentChanges.map(({ range, text }) => ({ range: convert.fromRange(range), text })),
        });
    });
    yield workspace.onDidSaveTextDocument((document) => {
        if (save && isServed(document)) {
            client.notify('textDocument/didSave', {
                textDocument: identifier(document),
                ...(save.includeText ? { text: document.getText() } : {}),
            });
        }
    });
    yield workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        if (capabilities.workspace?.workspaceFolders?.changeNotifications) {
            client.notify('workspace/didChangeWorkspaceFolders', {
                event: { added: added.map(workspaceFolder), removed: removed.map(workspaceFolder) },
            });
        }
    });
}

const workspaceFolder = (folder) => ({ uri: folder.uri.toString(), name: folder.name });

/** Handlers for what a server asks or says, apart from `reload/status`; `settings` gives a section of the settings. */
function answers(clientOf, diagnostics, settings, log) {
    const watchers = new Map();
    const progress = new Map();
    const lenses = new vscode.EventEmitter();
    const show = [
        vscode.window.showErrorMessage,
        vscode.window.showWarningMessage,
        vscode.window.showInformationMessage,
    ];
    const shower = (type) => show[type - 1] ?? vscode.window.showInformationMessage;

    const requests = {
        'workspace/configuration': ({ items }) => items.map((item) => settings(item.section, item.scopeUri)),
        'workspace/workspaceFolders': () => vscode.workspace.workspaceFolders?.map(workspaceFolder) ?? null,
        'workspace/applyEdit': async ({ edit }) => ({
            applied: await vscode.workspace.applyEdit(convert.toWorkspaceEdit(edit)),
        }),
        'window/showMessageRequest': async ({ type, message, actions }) => {
            const titles = (actions ?? []).map((action) => action.title);
            const chosen = await shower(type)(message, ...titles);
            return actions?.find((action) => action.title === chosen) ?? null;
        },
        'window/workDoneProgress/create': () => null,
        'workspace/codeLens/refresh': () => {
            lenses.fire();
            return null;
        },
        'client/registerCapability': ({ registrations }) => {
            for (const { id, method, registerOptions } of registrations) {
                if (method === 'workspace/didChangeWatchedFiles') {
                    watchers.get(id)?.dispose();
                    watchers.set(id, watch(clientOf, registerOptions.watchers));
                }
            }
        },
        'client/unregisterCapability': ({ unregisterations }) => {
            for (const { id } of unregisterations) {
                watchers.get(id)?.dispose();
                watchers.delete(id);
            }
        },
    };
    const notifications = {
        'textDocument/publishDiagnostics': (params) => {
            diagnostics.set(convert.toUri(params.uri), params.diagnostics.map(convert.toDiagnostic));
        },
        'window/showMessage': ({ type, message }) => void shower(type)(message),
        'window/logMessage': ({ message }) => log.appendLine(message),
        '$/progress': ({ token, value }) => {
            if (value.kind === 'begin') {
                progress.set(token, showProgress(value));
            } else {
                progress.get(token)?.(value);
                if (value.kind === 'end') {
                    progress.delete(token);
                }
            }
        },
    };
    // What belongs to one server process must not outlive it.
    const reset = () => {
        watchers.forEach((watcher) => watcher.dispose());
        watchers.clear();
        progress.forEach((report) => report({ kind: 'end' }));
        progress.clear();
    };
    return { requests, notifications, lensesChanged: lenses.event, reset };
}

/** Starts a progress display; the function that it gives takes the messages that follow. */
function showProgress(begin) {
    let report;
    let last = 0;
    const done = new Promise((resolve) => {
        report = (progress) => (value) => {
            if (value.kind === 'end') {
                resolve();
            } else {
                const increment = value.percentage === undefined ? undefined : value.percentage - last;
                last = value.percentage ?? last;
                progress.report({ message: value.message, increment });
            }
        };
    });
    let handle = () => {};
    vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: begin.title }, (progress) => {
        handle = report(progress);
        return done;
    });
    return (value) => handle(value);
}

/** File watchers as the server wants them. Kinds are bits: 1 created, 2 changed, 4 deleted. */
function watch(clientOf, wanted) {
    const disposables = [];
    for (const { globPattern, kind = 7 } of wanted) {
        const watcher = vscode.workspace.createFileSystemWatcher(
            toGlob(globPattern), !(kind & 1), !(kind & 2), !(kind & 4));
        const tell = (type) => (uri) =>
            clientOf().notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri.toString(), type }] });
        watcher.onDidCreate(tell(1));
        watcher.onDidChange(tell(2));
        watcher.onDidDelete(tell(3));
        disposables.push(watcher);
    }
    return vscode.Disposable.from(...disposables);
}

/** A glob is a text, or one relative to a folder. */
function toGlob(pattern) {
    if (typeof pattern === 'string') {
        return pattern;
    }
    return new vscode.RelativePattern(convert.toUri(pattern.baseUri.uri ?? pattern.baseUri), pattern.pattern);
}

module.exports = { CAPABILITIES, answers, serve, workspaceFolder };
