import DependencyGraph
import JSONRPC
import LanguageServerProtocol
import ReloadEngine

/// The commands of the contract.
enum ReloadCommand: String, CaseIterable {
    case reload = "afresh.reload"
    case setMode = "afresh.setMode"
    case track = "afresh.track"
    case untrack = "afresh.untrack"
    case status = "afresh.status"
    case graph = "afresh.graph"
    case rebind = "afresh.rebind"
    case migrate = "afresh.migrate"
    case forget = "afresh.forget"
    case restart = "afresh.restart"
    case run = "afresh.run"
}

/// `workspace/executeCommand`. Commands are answered at once; what a reload did comes as `reload/status` and diagnostics.
/// `afresh.status`, `afresh.graph`, `afresh.run`, and what mends a program or starts it anew, wait for the hosts.
enum ExecuteCommand {
    static let method = "workspace/executeCommand"

    static func handle(_ request: Request, in session: Session) throws {
        let params = try ExecuteCommandParams(json: request.params)
        guard let command = ReloadCommand(rawValue: params.command) else {
            throw ResponseError.invalidParams("There is no command \(params.command)")
        }
        let argument = params.arguments.first ?? .null
        switch command {
        case .reload: try reload(argument, in: session)
        case .setMode: try setMode(argument, in: session)
        case .track:
            session.settings.track(try modules(params.arguments))
            session.configureService()
        case .untrack:
            session.settings.untrack(try modules(params.arguments))
            session.configureService()
        case .rebind: return try MendCommands.mend(.rebind, argument, for: request.id, in: session)
        case .migrate: return try MendCommands.mend(.migrate, argument, for: request.id, in: session)
        case .forget: return try MendCommands.mend(.forget, argument, for: request.id, in: session)
        case .restart: return try MendCommands.restart(argument, for: request.id, in: session)
        case .run: return try RunText.handle(argument, for: request.id, in: session)
        case .status:
            session.ask(statusSurvey, for: request.id)
            return
        case .graph:
            session.ask(try graphSurvey(argument), for: request.id)
            return
        }
        session.client.connection.answer(request.id, .success(.null))
    }

    /// `{uris}`, `{modules}`, or both.
    private static func reload(_ argument: JSONValue, in session: Session) throws {
        guard argument.objectValue != nil else {
            throw ResponseError.invalidParams("afresh.reload needs {uris: [...]}")
        }
        let uris: [DocumentURI] = try argument.optional("uris") ?? []
        let modules: [String] = try argument.optional("modules") ?? []
        let paths = try uris.map { uri in
            guard let path = session.sourcePath(uri) else {
                throw ResponseError.invalidParams("\(uri) is no file that can be reloaded")
            }
            return path
        }
        guard !paths.isEmpty || !modules.isEmpty else {
            throw ResponseError.invalidParams("afresh.reload needs at least one URI")
        }
        session.startServiceIfNeeded()
        for path in paths { session.watchedFiles.noteReload(path) }
        session.service.reload(
            ReloadRequest(trigger: Trigger(kind: .command, paths: paths), modules: modules, force: true))
    }

    /// `"off"` or `{mode: "off"}`; the numbers of `%autoreload` are taken too.
    private static func setMode(_ argument: JSONValue, in session: Session) throws {
        let value = argument["mode"] ?? argument
        let mode: Mode? =
            switch value {
            case .integer(0): .off
            case .integer(1): .explicit
            case .integer(2): .all
            default: value.stringValue.flatMap(Mode.init(anyCase:))
            }
        guard let mode else {
            throw ResponseError.invalidParams("The mode must be \"off\", \"explicit\" or \"all\", not \(value.text)")
        }
        session.settings.setMode(mode)
        session.configureService()
    }

    /// `{modules: [...]}`, a list of names, or names.
    private static func modules(_ arguments: [JSONValue]) throws -> [String] {
        let names: [String]
        if let first = arguments.first, first.objectValue != nil {
            names = try first.required("modules")
        } else if let first = arguments.first, first.arrayValue != nil {
            names = try [String](json: first)
        } else {
            names = try [String](json: .array(arguments))
        }
        guard !names.isEmpty else { throw ResponseError.invalidParams("Which modules? {modules: [...]} is needed") }
        return names
    }

    /// `{format?, modules?}`: `{format, text}`, or for "json", which is the default, `{format, hosts}`.
    private static func graphSurvey(_ argument: JSONValue) throws -> PendingSurvey {
        let isObject = argument.objectValue != nil
        let name: String = isObject ? try argument.optional("format") ?? "json" : "json"
        let focus: [String] = isObject ? try argument.optional("modules") ?? [] : []
        guard let format = GraphFormat(rawValue: name) else {
            let known = GraphFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ResponseError.invalidParams("The format must be one of \(known), not \(name)")
        }
        return PendingSurvey(needsStale: true, needsImports: true, limit: 10_000) { hosts, session in
            guard let hosts else { return .failure(.requestFailed("The programs did not answer in time")) }
            let graphs = DependencyGraph.graphs(of: hosts, focus: focus)
            if format == .json {
                let value = GraphJSON.value(of: graphs)
                return .success(.object(["format": .string(name), "hosts": value["hosts"]]))
            }
            return .success(["format": .string(name), "text": .string(format.text(of: graphs, focus: focus))])
        }
    }

    private static var statusSurvey: PendingSurvey {
        PendingSurvey(needsStale: true, limit: 10_000) { hosts, session in
            guard let hosts else { return .failure(.requestFailed("The programs did not answer in time")) }
            let context = session.conversionContext()
            return .success(ReloadStatus(hosts, sequence: session.knowledge.lastSequence, context: context).json)
        }
    }
}
