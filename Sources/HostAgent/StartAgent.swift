import AfreshHost
import HostCalls
import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What `afresh plugins` has built.
struct PluginBuildAnswer: Sendable {
    /// The answer itself.
    let value: JSONValue
    /// The toolchain's version, and its compiler.
    var version: String
    var compiler: String
    /// The package's manifest.
    var manifest: String
    /// Targets that the program itself consists of.
    var program: [(name: String, folder: String)]
    var modules: [LoadedModule]
    var steps: [LoadStep]

    init(_ value: JSONValue) throws {
        guard let version = value["version"]?.stringValue, let compiler = value["compiler"]?.stringValue,
            let manifest = value["manifest"]?.stringValue, let list = value["modules"]?.arrayValue
        else { throw PluginError("`afresh plugins` gave an answer that makes no sense") }
        self.value = value
        self.version = version
        self.compiler = compiler
        self.manifest = manifest
        program = (value["program"]?.arrayValue ?? []).compactMap { target in
            guard let name = target["name"]?.stringValue, let folder = target["folder"]?.stringValue else { return nil }
            return (name, folder)
        }
        modules = list.compactMap { module in
            guard let name = module["name"]?.stringValue, let folder = module["folder"]?.stringValue else { return nil }
            return LoadedModule(
                name: name, folder: folder,
                sources: module["sources"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                imports: module["imports"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        }
        steps = list.compactMap { LoadStep(module: $0["name"]?.stringValue, digest: nil, payload: $0["payload"]) }
    }
}

/// What `Plugins.load` calls.
@_silgen_name("afresh_start_agent")
package func startAgent(
    _ table: PluginTable, _ folder: String, _ moduleSearchPaths: [String], _ isRehearsed: Bool, _ isIsolated: Bool
) throws {
    #if !os(Linux)
        throw PluginError("plugins are loaded on Linux only")
    #endif
    let isFirst = isStarted.withLock { isStarted in
        defer { isStarted = true }
        return !isStarted
    }
    guard isFirst else { throw PluginError("this program has loaded its plugins already") }
    if isIsolated, SeparateHost.isWanted {
        SeparateHost.serve(table, isRehearsed: isRehearsed) { try PluginBuilder.build(folder, moduleSearchPaths) }
    }
    do {
        if isIsolated {
            Restart.prepare()
            let process = PluginProcess(table)
            try process.start()
            pluginProcess.withLock { $0 = process }
            return
        }
        let build = try PluginBuilder.build(folder, moduleSearchPaths)
        let modules = LoadedModules(table: table, modules: build.modules, isRehearsed: isRehearsed)
        try modules.loadFirst(build.steps)
        let agent = HostAgent(modules: modules, build: build)
        runningAgent.withLock { $0 = agent }
        Restart.prepare()
        try withoutSignals { try agent.listen() }
    } catch let error as RuntimeFolder.Refusal {
        throw PluginError(error.message)
    } catch {
        isStarted.withLock { $0 = false }
        throw error
    }
}

extension LoadedModules {
    /// - Throws: `PluginError`.
    func loadFirst(_ steps: [LoadStep]) throws {
        do throws(LoadFailure) {
            _ = try load(steps)
        } catch {
            switch error {
            case .outdated(let message), .refused(_, let message): throw PluginError(message)
            case .failed(let module, let type, let message, _, _): throw PluginError("\(module): \(type): \(message)")
            }
        }
    }
}

private let isStarted = Monitor(false)

/// Threads that begin in there take no signals but those of traps, and none dies of a server that has gone.
func withoutSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    var all = sigset_t()
    var former = sigset_t()
    sigfillset(&all)
    // These come of what the thread does itself. Blocked, they would end the process whoever handles them.
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS] { sigdelset(&all, number) }
    pthread_sigmask(SIG_SETMASK, &all, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    return try body()
}

/// Asks the command `afresh` for images.
private enum PluginBuilder {
    static func build(_ folder: String, _ moduleSearchPaths: [String]) throws -> PluginBuildAnswer {
        let command = Environment.variable("AFRESH") ?? "afresh"
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .pipe
        let process: ChildProcess
        do {
            let paths = searchPaths() + moduleSearchPaths
            process = try ChildProcess(
                command, ["plugins", "--modules", paths.joined(separator: ":"), "--", folder], options: options)
        } catch {
            throw PluginError(
                "the command '\(command)', which builds plugins, cannot be started (\((error as? SystemError)?.reason ?? "\(error)")): put it into the PATH, or name it in AFRESH"
            )
        }
        defer { process.output?.close() }
        let bytes = try process.output?.readToEnd() ?? []
        _ = process.wait()
        guard let value = try? JSONValue(parsing: bytes) else {
            throw PluginError("'\(command) plugins' gave no answer")
        }
        if let failure = value["failure"]?.stringValue {
            let problems = value["problems"]?.arrayValue?.compactMap(\.stringValue) ?? []
            throw PluginError(([failure] + problems).joined(separator: "\n"))
        }
        return try PluginBuildAnswer(value)
    }

    /// Where the package manager puts modules: beside the executable, and beside this library.
    private static func searchPaths() -> [String] {
        var folders: [String] = []
        let here = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "afresh_start_agent")
        if let here, let name = afresh_image_path(here) { folders.append(String(cString: name)) }
        if let executable = Environment.executablePath { folders.insert(executable, at: 0) }
        var result: [String] = []
        for path in folders {
            guard let real = realPath(path), let slash = real.lastIndex(of: "/") else { continue }
            let folder = String(real[..<slash])
            let modules = fileStatus(folder + "/Modules")?.kind == .folder ? folder + "/Modules" : folder
            if !result.contains(modules) { result.append(modules) }
        }
        return result
    }
}
