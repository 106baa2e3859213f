import JSONRPC

/// Parameters of `workspace/didChangeWorkspaceFolders`.
public struct DidChangeWorkspaceFoldersParams: Sendable, JSONDecodable {
    public var added: [WorkspaceFolder]
    public var removed: [WorkspaceFolder]

    public init(json: JSONValue) throws(ShapeError) {
        let event: JSONValue = try json.required("event")
        do {
            added = try event.optional("added") ?? []
            removed = try event.optional("removed") ?? []
        } catch {
            throw ShapeError(path: ["event"] + error.path, expected: error.expected)
        }
    }
}

/// Parameters of `workspace/didChangeConfiguration`. Clients that answer `workspace/configuration` often send null.
public struct DidChangeConfigurationParams: Sendable, JSONDecodable {
    public var settings: JSONValue

    public init(json: JSONValue) throws(ShapeError) {
        settings = try json.optional("settings") ?? .null
    }
}

/// Parameters of `workspace/didDeleteFiles`.
public struct DeleteFilesParams: Sendable, JSONDecodable {
    private struct File: JSONDecodable {
        var uri: DocumentURI

        init(json: JSONValue) throws(ShapeError) { uri = try json.required("uri") }
    }

    public var uris: [DocumentURI]

    public init(json: JSONValue) throws(ShapeError) {
        let files: [File] = try json.required("files")
        uris = files.map(\.uri)
    }
}

/// Parameters of `workspace/didRenameFiles`.
public struct RenameFilesParams: Sendable, JSONDecodable {
    public struct File: Sendable, JSONDecodable {
        public var old: DocumentURI
        public var new: DocumentURI

        public init(json: JSONValue) throws(ShapeError) {
            old = try json.required("oldUri")
            new = try json.required("newUri")
        }
    }

    public var files: [File]

    public init(json: JSONValue) throws(ShapeError) {
        files = try json.required("files")
    }
}

/// Parameters of `workspace/didChangeWatchedFiles`.
public struct DidChangeWatchedFilesParams: Sendable, JSONDecodable {
    public struct FileEvent: Sendable, JSONDecodable {
        public var uri: DocumentURI
        public var type: FileChangeType

        public init(json: JSONValue) throws(ShapeError) {
            uri = try json.required("uri")
            type = FileChangeType(rawValue: try json.required("type"))
        }
    }

    public var changes: [FileEvent]

    public init(json: JSONValue) throws(ShapeError) {
        changes = try json.required("changes")
    }
}

/// LSP 3.17, `FileChangeType`.
public struct FileChangeType: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    public static let created = FileChangeType(rawValue: 1)
    public static let changed = FileChangeType(rawValue: 2)
    public static let deleted = FileChangeType(rawValue: 3)
}

/// One entry of `client/registerCapability`.
public struct Registration: Sendable, JSONEncodable {
    public var id: String
    public var method: String
    public var options: JSONValue

    public init(id: String, method: String, options: JSONValue) {
        self.id = id
        self.method = method
        self.options = options
    }

    /// Asks for `workspace/didChangeWatchedFiles` of files that match the globs.
    public static func watchedFiles(id: String, globs: [String]) -> Registration {
        let watchers = globs.map { JSONValue.object(["globPattern": .string($0)]) }
        return Registration(id: id, method: "workspace/didChangeWatchedFiles", options: ["watchers": .array(watchers)])
    }

    /// Asks for `workspace/didChangeConfiguration` of one section.
    public static func configuration(id: String, section: String) -> Registration {
        Registration(id: id, method: "workspace/didChangeConfiguration", options: ["section": .string(section)])
    }

    public var json: JSONValue {
        .object(["id": .string(id), "method": .string(method), "registerOptions": options])
    }
}
