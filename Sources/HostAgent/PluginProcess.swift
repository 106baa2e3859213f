import AfreshHost
import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The program's side of the process that its plugins have for themselves: starts it, hands it calls, and starts it anew when it ends.
final class PluginProcess: Sendable {
    /// One such process.
    private struct Life: Sendable {
        let process: ChildProcess
        let connection: Connection
        /// What it writes before a trap ends it.
        let lastWords: FileDescriptor
        /// How it ended, for a person.
        let ending = Promise<String>()
        let begun = monotonicMilliseconds()
    }

    private enum Phase {
        case starting
        case running(Life)
        /// It could not be started anew; the next call tries again.
        case down
    }

    private struct State {
        var phase = Phase.starting
        /// What ran last, as the process itself says it.
        var record: JSONValue?
        /// Exports that are being called, by the number of the call.
        var calls: [Int: String] = [:]
        var lastCall = 0
        /// Processes in succession that did not live long.
        var shortLives = 0
    }

    private let table: PluginTable
    private let state = Monitor(State())
    private let folder = Environment.workingDirectory
    private let arguments = Array((Restart.words(of: "cmdline") ?? CommandLine.arguments).dropFirst())

    /// Milliseconds that the program, started once more, has to come to `Plugins.load`.
    private static let patience = 30_000.0
    /// Milliseconds. What ends sooner, again and again, is started anew with less and less haste.
    private static let longLife = 5000.0
    private static let longestPause = 10_000.0

    init(_ table: PluginTable) {
        self.table = table
    }

    /// - Throws: `PluginError` if the plugins cannot be built or loaded.
    func start() throws {
        try begin(record: nil, ending: nil)
    }

    // MARK: Calls

    func call(_ name: String, _ types: [String], _ argument: [UInt8]) throws -> [UInt8] {
        let (life, number) = try enter(name)
        defer { state.withLock { $0.calls[number] = nil } }
        let params = JSONValue.object([
            "name": .string(name), "types": .strings(types), "argument": .string(hex(argument))
        ])
        do {
            let answer = try life.connection.send("call", params).wait()
            guard let result = answer["result"]?.stringValue.flatMap(bytes(ofHex:)) else {
                throw PluginError("'\(name)' gave an answer that makes no sense")
            }
            return result
        } catch let failure as RequestFailure {
            if case .answered(let answer) = failure { throw PluginError(answer.message) }
            // How it ended is known in a moment.
            let what = life.ending.wait(until: .after(5000)) ?? "it does not answer any more"
            throw PluginError(
                "the process of the plugins has ended, \(what), while '\(name)' was called: it is started anew")
        }
    }

    /// Waits while one is being started.
    private func enter(_ name: String) throws -> (Life, Int) {
        while true {
            let entered = state.wait { state -> (Life, Int)?? in
                switch state.phase {
                case .starting: return nil
                case .running(let life):
                    state.lastCall += 1
                    state.calls[state.lastCall] = name
                    return (life, state.lastCall)
                case .down:
                    state.phase = .starting
                    return .some(nil)
                }
            }
            if let entered = entered ?? nil { return entered }
            do {
                try begin(record: nil, ending: nil)
            } catch {
                state.update { $0.phase = .down }
                throw PluginError("the process of the plugins cannot be started anew: \(error)")
            }
        }
    }

    // MARK: Lives

    /// Starts a process and takes it for the one that is called.
    private func begin(record: JSONValue?, ending: JSONValue?) throws {
        let life = try launch(record, ending)
        _ = try withoutSignals { try WorkerThread { self.follow(life) } }
        state.update { $0.phase = .running(life) }
    }

    private func launch(_ record: JSONValue?, _ ending: JSONValue?) throws -> Life {
        let life = try spawn()
        let isHere = Promise<Bool>()
        do {
            try withoutSignals {
                try life.connection.start { [self] incoming in
                    if case .closed = incoming { isHere.fulfil(false) }
                    guard case .notification(let notification) = incoming else { return }
                    if notification.method == "here" { isHere.fulfil(true) }
                    take(notification)
                }
            }
            guard let came = isHere.wait(until: .after(PluginProcess.patience)) else {
                throw PluginError(
                    "the program, started once more for its plugins, has not come to Plugins.load after 30 s")
            }
            guard came else {
                throw PluginError(
                    "the program, started once more for its plugins, ended before it came to Plugins.load")
            }
            let params = JSONValue.object([
                "record": record ?? .null, "ending": ending ?? .null, "restartable": .bool(Restart.isPossible)
            ])
            _ = try life.connection.send("start", params).wait()
            return life
        } catch {
            life.process.signal(SIGKILL)
            life.connection.close()
            let ending = ended(life) { [] }
            if case .answered(let answer)? = error as? RequestFailure { throw PluginError(answer.message) }
            if error is RequestFailure { throw PluginError("it ended while the plugins were loaded, \(ending.what)") }
            throw error
        }
    }

    private func spawn() throws -> Life {
        let (own, channel) = try connectedSockets()
        defer { channel.close() }
        var options = ChildProcess.Options()
        options.input = .null
        options.workingDirectory = folder
        options.environment =
            Environment.all.filter { !$0.hasPrefix(SeparateHost.variable + "=") } + [
                "\(SeparateHost.variable)=\(Environment.processID)"
            ]
        do {
            let words = try FileDescriptor.pipe()
            defer { words.write.close() }
            options.passed = [channel, words.write]
            do {
                // The very file that this process runs, also where it has been built anew.
                let path = Environment.executablePath.flatMap { $0.hasSuffix(" (deleted)") ? nil : $0 }
                let process = try ChildProcess(path ?? "/proc/self/exe", arguments, options: options)
                return Life(process: process, connection: Connection(socket: own), lastWords: words.read)
            } catch {
                words.read.close()
                throw error
            }
        } catch {
            own.close()
            throw PluginError(
                "the process of the plugins cannot be started: \((error as? SystemError)?.reason ?? "\(error)")")
        }
    }

    private func take(_ notification: JSONRPC.Notification) {
        switch notification.method {
        case "running": state.withLock { $0.record = notification.params }
        case "reloaded":
            // What the program does then may call plugins.
            let table = table
            _ = try? WorkerThread { table.callObservers() }
        case "restart": Restart.begin()
        default: break
        }
    }

    /// Waits for the end of a process; then there is another one.
    private func follow(_ life: Life) {
        let ending = ended(life) {
            state.update { state in
                state.phase = .starting
                let isShort = monotonicMilliseconds() - life.begun < PluginProcess.longLife
                state.shortLives = isShort ? state.shortLives + 1 : 0
                return Set(state.calls.values).sorted()
            }
        }
        life.ending.fulfil(ending.what)
        life.connection.close()
        let (record, lives) = state.withLock { ($0.record, $0.shortLives) }
        if lives > 1 {
            let pause = min(PluginProcess.longestPause, 50 * Double(1 << min(lives, 10)))
            _ = Monitor(()).wait(until: .after(pause)) { _ -> Bool? in nil }
        }
        do {
            try begin(record: record, ending: ending.json)
        } catch {
            // What ran cannot be had any more: what is on disk.
            do { try begin(record: nil, ending: nil) } catch { state.update { $0.phase = .down } }
        }
    }

    private func ended(_ life: Life, _ names: () -> [String]) -> ProcessEnding {
        let ending = life.process.wait()
        defer { life.lastWords.close() }
        var words: [UInt8] = []
        // Whoever it has started may hold the other end.
        while let isReady = try? life.lastWords.waitUntilReady(Int32(POLLIN), deadline: .after(0)), isReady {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = (try? buffer.withUnsafeMutableBytes { try life.lastWords.read(into: $0) }) ?? 0
            guard count > 0 else { break }
            words += buffer.prefix(count)
        }
        let text = String(decoding: words, as: UTF8.self)
        return switch ending {
        case .signalled(let signal): ProcessEnding(signal: signal, code: 0, lastWords: text, names: names())
        case .exited(let code): ProcessEnding(signal: 0, code: Int(code), lastWords: text, names: names())
        case nil: ProcessEnding(signal: 0, code: 0, lastWords: text, names: names())
        }
    }
}

/// That of this program, if its plugins have one.
let pluginProcess = Monitor<PluginProcess?>(nil)

/// What `Plugins.call` asks.
@_silgen_name("afresh_plugins_are_elsewhere")
package func pluginsAreElsewhere() -> Bool {
    pluginProcess.withLock { $0 != nil }
}

/// What `Plugins.call` calls there.
@_silgen_name("afresh_call_elsewhere")
package func callElsewhere(_ name: String, _ types: [String], _ bytes: [UInt8]) throws -> [UInt8] {
    guard let process = pluginProcess.withLock({ $0 }) else { throw PluginError("no plugin exports '\(name)'") }
    return try process.call(name, types, bytes)
}
