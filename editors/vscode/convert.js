// LSP's shapes to VS Code's and back. Positions need no conversion: VS Code counts UTF-16 units, as the client offers.
'use strict';

const vscode = require('vscode');

const toPosition = (position) => new vscode.Position(position.line, position.character);
const toRange = (range) => new vscode.Range(toPosition(range.start), toPosition(range.end));
const toUri = (uri) => vscode.Uri.parse(uri);
const toLocation = (location) => new vscode.Location(toUri(location.uri), toRange(location.range));

const fromPosition = (position) => ({ line: position.line, character: position.character });
const fromRange = (range) => ({ start: fromPosition(range.start), end: fromPosition(range.end) });

/** LSP's severities count from 1, VS Code's from 0. */
function toDiagnostic(diagnostic) {
    const severity = (diagnostic.severity ?? 1) - 1;
    const made = new vscode.Diagnostic(toRange(diagnostic.range), diagnostic.message, severity);
    made.source = diagnostic.source;
    made.code = diagnostic.codeDescription?.href
        ? { value: diagnostic.code, target: toUri(diagnostic.codeDescription.href) }
        : diagnostic.code;
    made.tags = diagnostic.tags;
    made.relatedInformation = diagnostic.relatedInformation?.map(
        (related) => new vscode.DiagnosticRelatedInformation(toLocation(related.location), related.message),
    );
    made.data = diagnostic.data; // goes back to the server with a code action request
    return made;
}

function fromDiagnostic(diagnostic) {
    const code = diagnostic.code;
    const made = {
        range: fromRange(diagnostic.range),
        message: diagnostic.message,
        severity: diagnostic.severity + 1,
        source: diagnostic.source,
        code: typeof code === 'object' ? code.value : code,
        data: diagnostic.data,
    };
    if (typeof code === 'object' && code.target) {
        made.codeDescription = { href: code.target.toString() };
    }
    return made;
}

function toWorkspaceEdit(edit) {
    const made = new vscode.WorkspaceEdit();
    for (const [uri, edits] of Object.entries(edit.changes ?? {})) {
        made.set(toUri(uri), edits.map(toTextEdit));
    }
    for (const change of edit.documentChanges ?? []) {
        if (change.edits) {
            made.set(toUri(change.textDocument.uri), change.edits.map(toTextEdit));
        }
    }
    return made;
}

const toTextEdit = (edit) => new vscode.TextEdit(toRange(edit.range), edit.newText);

const toCommand = (command) => ({
    title: command.title,
    command: command.command,
    arguments: command.arguments,
});

/** A server answers with code actions and, as in old days, bare commands. */
function toCodeAction(action) {
    if (typeof action.command === 'string') {
        const made = new vscode.CodeAction(action.title);
        made.command = toCommand(action);
        return made;
    }
    const kind = action.kind ? vscode.CodeActionKind.Empty.append(action.kind) : undefined;
    const made = new vscode.CodeAction(action.title, kind);
    made.diagnostics = action.diagnostics?.map(toDiagnostic);
    made.edit = action.edit && toWorkspaceEdit(action.edit);
    made.command = action.command && toCommand(action.command);
    made.isPreferred = action.isPreferred;
    made.disabled = action.disabled;
    return made;
}

function toHover(hover) {
    const contents = (Array.isArray(hover.contents) ? hover.contents : [hover.contents]).map((content) => {
        if (content.kind === 'plaintext') {
            return new vscode.MarkdownString().appendText(content.value);
        }
        if (content.language) {
            return new vscode.MarkdownString().appendCodeblock(content.value, content.language);
        }
        return new vscode.MarkdownString(content.value ?? content);
    });
    return new vscode.Hover(contents, hover.range && toRange(hover.range));
}

function toCodeLens(lens) {
    return new vscode.CodeLens(toRange(lens.range), lens.command);
}

module.exports = {
    fromDiagnostic, fromPosition, fromRange, toCodeAction, toCodeLens, toDiagnostic, toHover, toRange, toUri,
    toWorkspaceEdit,
};
