import JSONRPC
import Platform

/// A text that a person wants executed in a running program.
public struct Execution: Sendable {
    /// The file that it is, or is a part of.
    public var path: String
    /// From the start of a line on.
    public var text: String
    /// 0-based: where the text begins in the file.
    public var line: Int
    /// The whole file, as `%run -i` executes one; else a part of it, in the module that was loaded from it.
    public var isWhole: Bool
    /// The program's host id; nil: the one that has the file loaded, or the only one.
    public var host: String?

    public init(path: String, text: String, line: Int = 0, isWhole: Bool = false, host: String? = nil) {
        self.path = path
        self.text = text
        self.line = line
        self.isWhole = isWhole
        self.host = host
    }

    /// What became of it.
    public enum Outcome: Sendable {
        case executed(Result)
        /// Any of these could execute it; nothing was.
        case undecided([HostInformation])
        /// Nothing was executed; or it is not known, where a program does not answer. One sentence.
        case failed(String)
    }

    public struct Result: Sendable {
        public var host: HostInformation
        /// The module in whose namespace it ran.
        public var module: String
        /// What it printed.
        public var output: String
        /// What it raised.
        public var error: ExecutionError?
        /// Where it ran, if that is worth a word.
        public var note: String?

        public init(
            host: HostInformation, module: String, output: String, error: ExecutionError? = nil, note: String? = nil
        ) {
            self.host = host
            self.module = module
            self.output = output
            self.error = error
            self.note = note
        }
    }
}

extension EngineThread {
    /// Executes in one host: a text that does something does it once.
    func execute(_ execution: Execution) -> Execution.Outcome {
        let candidates = candidates(for: execution)
        guard let host = candidates.first else {
            return .failed(
                execution.host == nil ? "No program runs live: start one with `afresh run`." : "That program has ended."
            )
        }
        guard candidates.count == 1 else { return .undecided(candidates.map(\.information)) }
        let parameters = JSONValue.object([
            "path": .string(resolvedPath(execution.path)), "text": .string(execution.text),
            "line": .int(execution.line), "whole": .bool(execution.isWhole)
        ])
        let name = "\(host.information.name) (pid \(host.information.pid))"
        let reply = host.link.ask("run", parameters)
        switch wait(for: reply, of: host, until: .after(configuration.limits.apply)) {
        case .success(let value):
            return .executed(
                Execution.Result(
                    host: host.information, module: value["module"]?.stringValue ?? "",
                    output: value["output"]?.stringValue ?? "", error: value["error"].map(ExecutionError.init),
                    note: value["note"]?.stringValue))
        case .failure(.timedOut):
            giveUp(host, saved: [])
            return .failed("\(name) has not come to the end of it yet, and is not asked for anything until it has.")
        case .failure(.answered(let error)): return .failed("\(name) did not execute it: \(error.message).")
        case .failure(.closed), .failure(.cancelled): return .failed("\(name) has ended meanwhile.")
        }
    }

    /// The host that was named; else those that have the file loaded; else all.
    private func candidates(for execution: Execution) -> [Host] {
        let present = hosts.filter { !$0.isSilent && (execution.host ?? $0.information.id) == $0.information.id }
        guard present.count > 1 else { return present }
        let parameters = JSONValue.object(["paths": .strings([resolvedPath(execution.path)]), "modules": .strings([])])
        let asked = present.map { ($0, $0.link.ask("prepare", parameters)) }
        let deadline = Deadline.after(configuration.limits.prepare)
        let owners = asked.filter { host, reply in
            guard case .success(let value) = wait(for: reply, of: host, until: deadline) else { return false }
            return !Prepared(value).modules.isEmpty
        }
        return owners.isEmpty ? present : owners.map(\.0)
    }
}
