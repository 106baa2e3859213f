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
    /// The edit of an action may be left for `codeAction/resolve`.
    public let resolvesEdits: Bool
    public let preferredActions: Bool
    /// Actions that are not possible are shown with the reason.
    public let disabledActions: Bool
    /// Edits can name the version of the document that they are made for.
    public let versionedEdits: Bool
    public let hoverInMarkdown: Bool
    /// `workspace/codeLens/refresh` is answered.
    public let refreshesCodeLenses: Bool
    /// Files and folders that a person deletes or renames in the editor are reported.
    public let fileDeletions: Bool
    public let fileRenames: Bool
    public let inlayHints: Bool
    /// `workspace/inlayHint/refresh` is answered.
    public let refreshesInlayHints: Bool
    /// Diagnostics are asked for, and `workspace/diagnostic/refresh` is answered: without the latter nobody could tell the
    /// client that a program has changed.
    public let pullsDiagnostics: Bool

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
        let resolved = value("textDocument", "codeAction", "resolveSupport", "properties").arrayValue ?? []
        resolvesEdits = resolved.contains("edit") && flag("textDocument", "codeAction", "dataSupport")
        preferredActions = flag("textDocument", "codeAction", "isPreferredSupport")
        disabledActions = flag("textDocument", "codeAction", "disabledSupport")
        versionedEdits = flag("workspace", "workspaceEdit", "documentChanges")
        refreshesCodeLenses = flag("workspace", "codeLens", "refreshSupport")
        fileDeletions = flag("workspace", "fileOperations", "didDelete")
        fileRenames = flag("workspace", "fileOperations", "didRename")
        inlayHints = value("textDocument", "inlayHint").objectValue != nil
        refreshesInlayHints = flag("workspace", "inlayHint", "refreshSupport")
        // Helix says `diagnostic`.
        let refreshesDiagnostics =
            flag("workspace", "diagnostics", "refreshSupport") || flag("workspace", "diagnostic", "refreshSupport")
        pullsDiagnostics = value("textDocument", "diagnostic").objectValue != nil && refreshesDiagnostics
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
    /// What is offered to clients that know it only.
    public var capabilities: ClientCapabilities

    public init(
        serverName: String, serverVersion: String, positionEncoding: PositionEncoding, announcesEncoding: Bool,
        commands: [String], codeActionKinds: [String], capabilities: ClientCapabilities
    ) {
        self.serverName = serverName
        self.serverVersion = serverVersion
        self.positionEncoding = positionEncoding
        self.announcesEncoding = announcesEncoding
        self.commands = commands
        self.codeActionKinds = codeActionKinds
        self.capabilities = capabilities
    }

    public var json: JSONValue {
        // Folders too: a deleted one takes its files with it.
        let files: JSONValue = ["filters": [["scheme": "file", "pattern": ["glob": "**/*"]]]]
        let fileOperations: JSONValue = .object([
            "didDelete": capabilities.fileDeletions ? files : nil, "didRename": capabilities.fileRenames ? files : nil
        ])
        let provided = JSONValue.object([
            "positionEncoding": announcesEncoding ? .string(positionEncoding.rawValue) : nil,
            // Change 2: incremental.
            "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
            "hoverProvider": true,
            "codeLensProvider": ["resolveProvider": false],
            "codeActionProvider": [
                "codeActionKinds": .strings(codeActionKinds), "resolveProvider": .bool(capabilities.resolvesEdits)
            ],
            "inlayHintProvider": capabilities.inlayHints ? true : nil,
            "diagnosticProvider": capabilities.pullsDiagnostics
                ? ["identifier": "afresh", "interFileDependencies": true, "workspaceDiagnostics": true] : nil,
            "executeCommandProvider": ["commands": .strings(commands)],
            "workspace": .object([
                "workspaceFolders": ["supported": true, "changeNotifications": true],
                "fileOperations": fileOperations.objectValue?.isEmpty == false ? fileOperations : nil
            ]),
            "experimental": ["reload": ["version": 1]]
        ])
        return [
            "capabilities": provided, "serverInfo": ["name": .string(serverName), "version": .string(serverVersion)]
        ]
    }
}
