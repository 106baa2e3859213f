import JSONRPC

/// Parameters of `initialize`.
public struct InitializeParams: Sendable, JSONDecodable {
    /// The process that the server must not outlive; nil when there is none, or it cannot be seen from here.
    public var processID: Int?
    public var clientName: String?
    public var clientVersion: String?
    public var capabilities: ClientCapabilities
    public var initializationOptions: JSONValue
    /// Newest form first: `workspaceFolders`, else `rootUri`, else `rootPath`.
    public var workspaceFolders: [DocumentURI]
    /// "off", "messages" or "verbose".
    public var trace: String?

    public init(json: JSONValue) throws(ShapeError) {
        processID = try json.optional("processId")
        let client = json["clientInfo"] ?? .null
        clientName = client["name"]?.stringValue
        clientVersion = client["version"]?.stringValue
        let offered: JSONValue = try json.optional("capabilities") ?? .object(JSONObject())
        guard offered.objectValue != nil else { throw ShapeError(path: ["capabilities"], expected: "an object") }
        capabilities = ClientCapabilities(offered)
        initializationOptions = json["initializationOptions"] ?? .null
        trace = json["trace"]?.stringValue
        if let folders: [WorkspaceFolder] = try json.optional("workspaceFolders") {
            workspaceFolders = folders.map(\.uri)
        } else if let root: DocumentURI = try json.optional("rootUri") {
            workspaceFolders = [root]
        } else if let root: String = try json.optional("rootPath"), root.hasPrefix("/") {
            workspaceFolders = [DocumentURI(path: root)]
        } else {
            workspaceFolders = []
        }
    }
}

/// What the client can do. Everything that is missing, or of another type than expected, counts as "cannot".
public struct ClientCapabilities: Sendable {
    /// The offered encodings, best first; empty from clients before 3.17, which means UTF-16.
    public let positionEncodings: [PositionEncoding]
    /// `workspace/configuration` is answered.
    public let configuration: Bool
    public let registersConfigurationChanges: Bool
    public let registersWatchedFiles: Bool
    /// `window/workDoneProgress/create` is answered.
    public let workDoneProgress: Bool
    public let relatedInformation: Bool
    public let codeDescription: Bool
    /// `CodeAction` values; older clients take only `Command`.
    public let codeActionLiterals: Bool
    public let hoverInMarkdown: Bool
    /// `workspace/codeLens/refresh` is answered.
    public let refreshesCodeLenses: Bool

    public init(_ json: JSONValue) {
        func value(_ path: String...) -> JSONValue {
            path.reduce(json) { $0[$1] ?? .null }
        }
        func flag(_ path: String...) -> Bool {
            path.reduce(json) { $0[$1] ?? .null } == .bool(true)
        }
        let encodings = value("general", "positionEncodings").arrayValue ?? []
        positionEncodings = encodings.compactMap { $0.stringValue.map(PositionEncoding.init(rawValue:)) }
        configuration = flag("workspace", "configuration")
        registersConfigurationChanges = flag("workspace", "didChangeConfiguration", "dynamicRegistration")
        registersWatchedFiles = flag("workspace", "didChangeWatchedFiles", "dynamicRegistration")
        workDoneProgress = flag("window", "workDoneProgress")
        relatedInformation = flag("textDocument", "publishDiagnostics", "relatedInformation")
        codeDescription = flag("textDocument", "publishDiagnostics", "codeDescriptionSupport")
        codeActionLiterals = value("textDocument", "codeAction", "codeActionLiteralSupport").objectValue != nil
        refreshesCodeLenses = flag("workspace", "codeLens", "refreshSupport")
        let formats = value("textDocument", "hover", "contentFormat").arrayValue ?? []
        hoverInMarkdown = formats.contains("markdown")
    }
}

/// The answer to `initialize`.
public struct InitializeResult: Sendable, JSONEncodable {
    public var serverName: String
    public var serverVersion: String
    public var positionEncoding: PositionEncoding
    /// Whether the client offered a choice of encodings: older clients are not told of one.
    public var announcesEncoding: Bool
    public var commands: [String]
    public var codeActionKinds: [String]

    public init(
        serverName: String, serverVersion: String, positionEncoding: PositionEncoding, announcesEncoding: Bool,
        commands: [String], codeActionKinds: [String]
    ) {
        self.serverName = serverName
        self.serverVersion = serverVersion
        self.positionEncoding = positionEncoding
        self.announcesEncoding = announcesEncoding
        self.commands = commands
        self.codeActionKinds = codeActionKinds
    }

    public var json: JSONValue {
        let capabilities = JSONValue.object([
            "positionEncoding": announcesEncoding ? .string(positionEncoding.rawValue) : nil,
            // Change 2: incremental.
            "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
            "hoverProvider": true,
            "codeLensProvider": ["resolveProvider": false],
            "codeActionProvider": ["codeActionKinds": .strings(codeActionKinds)],
            "executeCommandProvider": ["commands": .strings(commands)],
            "workspace": ["workspaceFolders": ["supported": true, "changeNotifications": true]],
            "experimental": ["reload": ["version": 1]]
        ])
        return [
            "capabilities": capabilities, "serverInfo": ["name": .string(serverName), "version": .string(serverVersion)]
        ]
    }
}
