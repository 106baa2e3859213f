import AfreshHost
import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes a Swift program live: loads its plugins, listens in the runtime folder, and answers servers (`ReloadEngine/HostProtocol.md`).
final class HostAgent: Sendable {
    let modules: LoadedModules
    let build: PluginBuildAnswer
    private let identity: String
    private let servers = Monitor<[Connection]>([])
    let scanner: Scanner
    /// Where the program's plugins have a process of their own, and this is it.
    let separate: SeparateHost?
    /// Whether the program can be started anew, where that is another process.
    let isRestartable = Monitor(false)
    /// What became of the process before this one.
    let former = Monitor<FormerProcess?>(nil)

    init(modules: LoadedModules, build: PluginBuildAnswer, separate: SeparateHost? = nil) {
        self.separate = separate
        self.modules = modules
        self.build = build
        scanner = Scanner(modules: modules, compiler: build.compiler)
        identity = "\(Environment.processID)-\(Int(wallClockMilliseconds()))"
    }

    // MARK: Listening

    /// Binds the socket and tells the servers of it. Its threads take no signals: those are the program's.
    func listen() throws {
        let folder = try RuntimeFolder.standard()
        let name = "host-\(Environment.processID)-\(randomHexDigits(8)).sock"
        let listener = try UnixListener(folder: folder.path, name: name)
        removeAtExit(listener.path)
        _ = try WorkerThread { [self] in
            while let caller = try? listener.accept() { take(caller) }
        }
        _ = try WorkerThread {
            let announcement = JSONValue.object([
                "protocol": 1, "socket": .string(listener.path), "pid": .int(Environment.processID)
            ])
            for server in ((try? namesInFolder(folder.path)) ?? []).sorted()
            where server.hasPrefix("server-") && server.hasSuffix(".sock") {
                HostAgent.announce(announcement, to: "\(folder.path)/\(server)")
            }
        }
    }

    private static func announce(_ params: JSONValue, to socket: String) {
        do {
            let descriptor = try connectToUnixSocket(socket)
            guard try peerCredentials(of: descriptor).userID == Environment.userID else {
                descriptor.close()
                return
            }
            let connection = Connection(socket: descriptor)
            let isClosed = Promise<Void>()
            try connection.start { incoming in
                if case .closed = incoming { isClosed.fulfil(()) }
            }
            connection.notify("host/started", params)
            // The server closes once it has read it.
            isClosed.wait(until: .after(5000))
            connection.close()
        } catch {
            if (error as? SystemError)?.code == ECONNREFUSED { removeFile(socket) }
        }
    }

    private func take(_ caller: FileDescriptor) {
        guard (try? peerCredentials(of: caller))?.userID == Environment.userID else {
            caller.close()
            return
        }
        let connection = Connection(socket: caller)
        servers.withLock { $0.append(connection) }
        try? connection.start { [self] incoming in
            switch incoming {
            case .request(let request) where request.method == "scan": scanner.scan(request, from: connection)
            case .request(let request):
                if ["prepare", "apply"].contains(request.method) { scanner.cancel() }
                connection.answer(request.id, answer(request.method, request.params))
                // Whoever asks that knows of this program by now.
                if request.method == "modules", let report = former.withLock({ $0 })?.report {
                    connection.notify("plugins/trapped", report)
                }
            case .notification, .malformed: break
            case .closed:
                servers.withLock { $0.removeAll { $0 === connection } }
                scanner.forget(connection)
                connection.close()
            }
        }
    }

    func tellServers(_ method: String, _ params: JSONValue) {
        for server in servers.withLock({ $0 }) { server.notify(method, params) }
    }

    // MARK: Answering

    private func answer(_ method: String, _ params: JSONValue) -> Result<JSONValue, ResponseError> {
        switch method {
        case "hello": hello(params)
        case "modules": .success(listing(params))
        case "prepare": .success(prepare(params))
        case "apply": apply(params)
        case "running": .failure(ResponseError(code: -32602, message: "the texts of plugins are on disk"))
        case "values": .success(.object(["modules": .array([])]))
        case "restart": restart()
        case "mend", "run":
            .failure(ResponseError(code: -32003, message: "that is not possible in a Swift program"))
        default: .failure(.methodNotFound(method))
        }
    }

    private func restart() -> Result<JSONValue, ResponseError> {
        guard canRestart else {
            return .failure(
                ResponseError(
                    code: -32003, message: "only programs that `afresh run` started can be started again by it"))
        }
        if let separate { separate.askForRestart() } else { Restart.begin() }
        return .success(.object([:]))
    }

    private var canRestart: Bool { separate == nil ? Restart.isPossible : isRestartable.withLock { $0 } }

    private func hello(_ params: JSONValue) -> Result<JSONValue, ResponseError> {
        guard params["protocol"]?.intValue == 1 else {
            return .failure(ResponseError(code: -32001, message: "this program speaks version 1 of the host protocol"))
        }
        return .success(
            .object([
                "protocol": 1, "id": .string(identity), "pid": .int(Environment.processID),
                "ppid": .int(Environment.parentProcessID), "name": .string(programName),
                "runtime": .object([
                    "name": "Swift", "version": .string(build.version), "executable": .string(build.compiler),
                    "magic": "", "optimize": 0
                ]),
                "argv": .strings(CommandLine.arguments), "cwd": .string(Environment.workingDirectory ?? ""),
                "notices": .array(former.withLock { $0 }.map { [$0.notice] } ?? []),
                "restartable": .bool(canRestart)
            ]))
    }

    private var programName: String {
        let path = Environment.executablePath ?? CommandLine.arguments.first ?? "program"
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return separate == nil ? name : "\(name) (plugins)"
    }

    private func listing(_ params: JSONValue) -> JSONValue {
        let folders = params["under"]?.arrayValue?.compactMap(\.stringValue)
        let shown = modules.all.filter { module in
            folders.map { $0.contains { module.folder == $0 || module.folder.hasPrefix($0 + "/") } } ?? true
        }
        let names = Set(shown.map(\.name))
        return .object([
            "modules": .array(shown.map { json($0) }), "images": modules.images.json(besides: modules.all),
            "edges": params["imports"]?.boolValue == true ? edges { names.contains($0) && names.contains($1) } : nil
        ])
    }

    private func prepare(_ params: JSONValue) -> JSONValue {
        let paths = params["paths"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let names = params["modules"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let all = modules.all
        var found: [JSONValue] = []
        var chosen: Set<String> = []
        for module in all {
            let own = paths.filter { HostAgent.owner(of: $0, among: all)?.name == module.name }
            guard !own.isEmpty || names.contains(module.name) else { continue }
            chosen.insert(module.name)
            found.append(json(module, first: own))
        }
        found += paths.compactMap(refusal)
        var dependents: Set<String> = []
        for module in all where !chosen.union(dependents).isDisjoint(with: module.imports) {
            if !chosen.contains(module.name) { dependents.insert(module.name) }
        }
        return .object([
            "modules": .array(found),
            "dependents": .array(all.filter { dependents.contains($0.name) }.map { json($0) }),
            "edges": edges { chosen.union(dependents).contains($0) && chosen.union(dependents).contains($1) },
            "graph": .null
        ])
    }

    /// The module that lists the file; else, for a new one, that of the innermost folder.
    private static func owner(of path: String, among modules: [LoadedModule]) -> LoadedModule? {
        if let module = modules.first(where: { $0.sources.contains(path) }) { return module }
        guard isSource(path) else { return nil }
        return modules.filter { path.hasPrefix($0.folder + "/") }.max { $0.folder.utf8.count < $1.folder.utf8.count }
    }

    private static func isSource(_ path: String) -> Bool {
        [".swift", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp"].contains { path.hasSuffix($0) }
    }

    /// Files of the package that belong to the program itself.
    private func refusal(of path: String) -> JSONValue? {
        let name: String
        let code: String
        if path == build.manifest {
            (name, code) = ("Package.swift", "manifest")
        } else if let target = build.program.first(where: {
            path.hasPrefix($0.folder + "/") && HostAgent.isSource(path)
        }) {
            (name, code) = (target.name, "program")
        } else {
            return nil
        }
        let message =
            code == "manifest"
            ? "the package's manifest is read when the program starts: restart it"
            : "it is part of the program itself and no plugin: build the program and restart it"
        return .object([
            "name": .string(name), "path": .string(path), "generation": 1, "package": false, "main": false,
            "digest": .null, "refused": .object(["code": .string(code), "message": .string(message)])
        ])
    }

    /// - Parameter first: the files that are spoken of.
    private func json(_ module: LoadedModule, first: [String] = []) -> JSONValue {
        let paths = first + module.sources.filter { !first.contains($0) }
        return .object([
            "name": .string(module.name), "path": paths.first.map { .string($0) } ?? .null,
            "otherPaths": paths.count > 1 ? .strings(paths.dropFirst()) : nil,
            "generation": .int(module.generation), "package": false, "main": false, "digest": .string(modules.set),
            "loaded": .number(module.loaded)
        ])
    }

    private func edges(_ isWanted: (String, String) -> Bool) -> JSONValue {
        .array(
            modules.all.flatMap { module in
                module.imports.filter { isWanted(module.name, $0) }.map { imported in
                    .object(["from": .string(module.name), "to": .string(imported), "names": .null, "lazy": false])
                }
            })
    }

    // MARK: Reloading

    private func apply(_ params: JSONValue) -> Result<JSONValue, ResponseError> {
        if let expires = params["expires"]?.doubleValue, monotonicMilliseconds() > expires {
            return .failure(ResponseError(code: -32002, message: "the request came too late"))
        }
        let values = params["steps"]?.arrayValue ?? []
        let steps = values.compactMap { step in
            LoadStep(
                module: step["module"]?.stringValue, digest: step["digest"]?.stringValue, payload: step["payload"])
        }
        guard steps.count == values.count, !steps.isEmpty else {
            return .failure(ResponseError(code: -32602, message: "a step names no image"))
        }
        do throws(LoadFailure) {
            let loaded = try modules.load(steps)
            scanner.follow()
            separate?.remember(modules, build)
            former.withLock { $0?.report = nil }
            return .success(applied(loaded))
        } catch {
            switch error {
            case .outdated(let message): return .failure(ResponseError(code: -32602, message: message))
            case .refused(let module, let message):
                return .failure(
                    ResponseError(code: -32003, message: message, data: .object(["module": .string(module)])))
            case .failed(let module, let type, let message, let calls, let remains):
                let traceback = Symbolizer(compiler: build.compiler).traceback(calls, in: modules.all)
                return .success(failed(steps, module, type, message, traceback, remains))
            }
        }
    }

    private func applied(_ loaded: LoadedModules.Loaded) -> JSONValue {
        let all = modules.all
        let results = loaded.steps.map { step in
            let changes = loaded.losses.filter { $0.module == step.module }.map { loss in
                JSONValue.object([
                    "symbol": .string(loss.symbol), "kind": "value", "change": "modified", "applied": false,
                    "reason": .string(loss.reason)
                ])
            }
            return JSONValue.object([
                "module": .string(step.module),
                "generation": .int(all.first { $0.name == step.module }?.generation ?? 0), "executed": true,
                "changed": true, "changes": .array(changes), "again": .array([])
            ])
        }
        return .object([
            "modules": .array(results), "thread": "agent", "images": modules.images.json(besides: all),
            "timings": .object(["apply": .number(loaded.time), "pause": 0])
        ])
    }

    private func failed(
        _ steps: [LoadStep], _ module: String, _ type: String, _ message: String, _ traceback: JSONValue,
        _ remains: [String]
    ) -> JSONValue {
        var generations = JSONObject()
        for module in modules.all { generations[module.name] = .int(module.generation) }
        return .object([
            "modules": .array([]), "generations": .object(generations),
            "failure": .object([
                "module": .string(module.isEmpty ? steps.first?.module ?? "" : module),
                "error": .object([
                    "type": .string(type), "message": .string(message), "traceback": traceback
                ]),
                "undone": true, "remains": .strings(remains)
            ]),
            "thread": "agent", "timings": .object(["apply": 0, "pause": 0])
        ])
    }
}

private let leftBehind = Monitor<(path: String, processID: Int)?>(nil)

/// Removes a socket's name when the process ends by itself; the name that a forked child has inherited is not the child's.
private func removeAtExit(_ path: String) {
    leftBehind.withLock { $0 = (path, Environment.processID) }
    atexit {
        guard let own = leftBehind.withLock({ $0 }), own.processID == Environment.processID else { return }
        removeFile(own.path)
    }
}
