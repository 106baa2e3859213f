import JSONRPC
import ReloadEngine

// The checker protocol's shapes.

extension JSONValue {
    /// The names of modules whose running text is needed first.
    var missing: [String]? {
        guard let names = self["missing"]?.arrayValue?.compactMap(\.stringValue), !names.isEmpty else { return nil }
        return names
    }
}

extension CheckedText {
    var json: JSONObject {
        JSONObject([
            "name": .string(name), "path": path.map { .string($0) } ?? .null, "package": .bool(isPackage),
            "main": .bool(isMain), "running": running?.json ?? .null
        ])
    }
}

extension RunningText {
    fileprivate var json: JSONValue {
        switch self {
        case .digest(let digest): .object(["digest": .string(digest)])
        case .text(let source, let code):
            .object(["source": .string(source), "code": code.map { .string($0) } ?? .null])
        }
    }
}

extension ModuleEdge {
    var json: JSONValue {
        .object([
            "from": .string(from), "to": .string(to), "names": names.map { .strings($0) } ?? .null,
            "lazy": .bool(isLazy)
        ])
    }
}

extension CheckedModule {
    /// `paths`: of the modules that were asked about, by name.
    init?(_ value: JSONValue, paths: [String: String?]) {
        guard let name = value["name"]?.stringValue, let path = paths[name] else { return nil }
        let payload = value["payload"]
        self.init(
            name: name, problems: value["problems"]?.arrayValue?.compactMap { Problem($0, path: path ?? "") } ?? [],
            digest: value["digest"]?.stringValue ?? "", isUnchanged: value["unchanged"]?.boolValue ?? false,
            changed: value["changed"]?.arrayValue?.compactMap(\.stringValue), changes: Change.list(value["changes"]),
            imports: value["imports"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            touches: value["touches"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            fallback: value["fallback"]?.stringValue,
            payload: payload.flatMap { $0.isNull ? nil : $0 })
    }
}

extension PreviewedModule {
    init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue else { return nil }
        self.init(
            name: name, problems: value["problems"]?.arrayValue?.compactMap { Problem($0, path: "") } ?? [],
            isUnchanged: value["unchanged"]?.boolValue ?? false, fallback: value["fallback"]?.stringValue,
            withheld: Change.list(value["changes"]), again: Repetition.list(value["again"]))
    }
}

extension AffectedModule {
    init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue else { return nil }
        let payload = value["payload"]
        self.init(
            name: name, isAffected: value["affected"]?.boolValue ?? false, cause: value["of"]?.stringValue ?? "",
            names: value["names"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            payload: payload.flatMap { $0.isNull ? nil : $0 },
            touches: value["touches"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            isWhole: payload?["policy"]?.stringValue == "exact", planned: value["planned"].map { Change.list($0) })
    }
}

extension Inspection {
    init(_ value: JSONValue) {
        self.init(
            definitions: value["definitions"]?.arrayValue?.compactMap(Definition.init) ?? [],
            assignments: value["assignments"]?.arrayValue?.compactMap(Definition.init) ?? [],
            name: SourceRange(value["name"]?["range"]).flatMap { range in
                value["name"]?["path"]?.arrayValue.map { Name(path: $0.compactMap(\.stringValue), range: range) }
            },
            edits: value["edits"]?.arrayValue?.compactMap(Edit.init) ?? [])
    }
}

extension Inspection.Definition {
    fileprivate init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue, let range = SourceRange(value["range"]) else { return nil }
        self.init(name: name, range: range)
    }
}

extension Inspection.Edit {
    fileprivate init?(_ value: JSONValue) {
        guard let kind = value["kind"]?.stringValue.flatMap(Kind.init) else { return nil }
        self.init(
            kind: kind, name: value["name"]?.stringValue ?? "", qualified: value["qualified"]?.stringValue ?? "",
            statement: value["statement"]?.stringValue ?? "",
            changes: value["changes"]?.arrayValue?.compactMap { change in
                guard let range = SourceRange(change["range"]), let text = change["new"]?.stringValue else {
                    return nil
                }
                return Change(range: range, text: text)
            } ?? [])
    }
}

extension SourceRange {
    var json: JSONValue { .object(["start": start.json, "end": end.json]) }
}

extension SourcePosition {
    fileprivate var json: JSONValue { .object(["line": .int(line), "column": .int(column)]) }
}

extension Problem {
    fileprivate init?(_ value: JSONValue, path: String) {
        guard let message = value["message"]?.stringValue else { return nil }
        let start = SourcePosition(line: 0, column: 0)
        self.init(
            path: path, range: SourceRange(value["range"]) ?? SourceRange(start: start, end: start),
            code: value["code"]?.stringValue ?? "syntax-error",
            severity: value["severity"]?.stringValue.flatMap(Severity.init) ?? .error, message: message)
    }
}
