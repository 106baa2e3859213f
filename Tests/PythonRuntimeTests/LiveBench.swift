import Platform
import TestSupport

@testable import PythonRuntime
@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Real programs, a real engine, and a folder of their own. Programs import `m` and answer expressions.
final class LiveBench: Sendable {
    let root: String
    let engine: ReloadEngine
    private let folder: RuntimeFolder
    private let agent: AgentFolder
    private let events = Monitor<[EngineEvent]>([])
    private let lastSequence = Monitor(0)

    init(_ files: [String: String], change: (inout EngineLimits) -> Void = { _ in }) throws {
        root = (realPath("/tmp") ?? "/tmp") + "/afresh-test-" + randomHexDigits(12)
        try makeFolder(root, permissions: 0o700)
        folder = try RuntimeFolder(path: root + "/afresh")
        agent = try AgentFolder(in: root + "/cache")
        var limits = EngineLimits()
        change(&limits)
        let events = events
        engine = ReloadEngine(
            client: ClientInformation(name: "test", version: "1"), runtimes: [CPython()], folder: folder,
            announced: true,
            limits: limits, emit: { event in events.update { $0.append(event) } })
        for (name, text) in files { try write(name, text) }
    }

    deinit {
        engine.stop()
        removeTree(root)
    }

    func write(_ name: String, _ text: String) throws {
        try writeFileAtomically("\(root)/\(name)", Array(text.utf8))
    }

    /// Starts a program that imports these modules, and waits until it is live.
    func start(_ modules: String...) throws -> LiveProgram {
        engine.start()
        let count = engine.hosts.count
        let program = try launch(modules)
        guard waitForHosts(count + 1) else { throw SystemError(code: ETIMEDOUT, operation: "start a program") }
        return program
    }

    /// Starts a program, does something, and only then starts the engine.
    func startUnseen(_ modules: String..., meanwhile: () throws -> Void) throws -> LiveProgram {
        let program = try launch(modules)
        guard program.ask("1") == "1" else { throw SystemError(code: ETIMEDOUT, operation: "start a program") }
        try meanwhile()
        engine.start()
        guard waitForHosts(1) else { throw SystemError(code: ETIMEDOUT, operation: "find a program") }
        return program
    }

    /// The problems of that code in the first report that has some.
    func problems(_ code: String) -> [Problem]? {
        events.wait(until: .after(15_000)) { events -> [Problem]? in
            for case .report(let report) in events {
                let found = report.problems.filter { $0.code == code }
                if !found.isEmpty { return found }
            }
            return nil
        }
    }

    private func launch(_ modules: [String]) throws -> LiveProgram {
        let imports = modules.map { "import \($0)\n" }.joined()
        try write(
            "app.py",
            """
            import sys
            \(imports)
            for line in sys.stdin:
                try:
                    print(repr(eval(line)), flush=True)
                except Exception as error:
                    print(type(error).__name__, flush=True)
            """)
        return try LiveProgram(python ?? "", root: root, boot: agent.path + "/boot")
    }

    func waitForHosts(_ count: Int) -> Bool {
        // The report tells of the change; the snapshot is what counts.
        events.wait(until: .after(15_000)) { _ in engine.hosts.count == count ? true : nil } ?? false
    }

    /// Saves files as an editor does and gives what is said of it.
    func save(_ files: [String: String], policy: Policy = .patch, until phase: Report.Phase = .applied) throws
        -> Report?
    {
        for (name, text) in files { try write(name, text) }
        return reload(files.keys.sorted(), policy: policy, until: phase)
    }

    func reload(_ names: [String], policy: Policy = .patch, until phase: Report.Phase = .applied) -> Report? {
        var settings = ReloadSettings()
        settings.policy = policy
        settings.workspaceFolders = [root]
        engine.configure(settings)
        engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: names.map { "\(root)/\($0)" })))
        let sequence = lastSequence.withLock { last -> Int in
            last += 1
            return last
        }
        return report(phase, sequence: sequence)
    }

    func report(_ phase: Report.Phase, sequence: Int) -> Report? {
        events.wait(until: .after(20_000)) { events -> Report? in
            for case .report(let report) in events where report.phase == phase && report.sequence == sequence {
                return report
            }
            return nil
        }
    }
}

/// A program that answers expressions.
final class LiveProgram: Sendable {
    let process: ChildProcess
    private let lines = Mailbox<String>(capacity: 1000)

    init(_ python: String, root: String, boot: String) throws {
        var options = ChildProcess.Options()
        options.input = .pipe
        options.output = .pipe
        options.workingDirectory = root
        let replaced = ["PYTHONPATH", "XDG_RUNTIME_DIR", "PYTHONDONTWRITEBYTECODE"]
        options.environment =
            Environment.all.filter { entry in !replaced.contains { entry.hasPrefix($0 + "=") } }
            + ["PYTHONPATH=\(boot)", "XDG_RUNTIME_DIR=\(root)", "PYTHONDONTWRITEBYTECODE=1"]
        process = try ChildProcess(python, ["app.py"], options: options)
        guard let output = process.output else { return }
        let lines = lines
        _ = try WorkerThread {
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while let count = try? buffer.withUnsafeMutableBytes({ try output.read(into: $0) }), count > 0 {
                text += buffer[..<count]
                while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                    lines.put(String(decoding: text[..<end], as: UTF8.self))
                    text.removeSubrange(...end)
                }
            }
            output.close()
            lines.close()
        }
    }

    deinit {
        process.signal(SIGCONT)
        process.signal(SIGKILL)
        _ = process.wait()
        process.input?.close()
    }

    /// The value of an expression as Python shows it; nil if the program does not answer.
    func ask(_ expression: String) -> String? {
        try? process.input?.writeAll(Array("\(expression)\n".utf8))
        guard case .element(let line) = lines.take(until: .after(10_000)) else { return nil }
        return line
    }
}
