import AfreshHost
import JSONRPC

/// What servers are told of the process of plugins that was there before this one.
struct FormerProcess: Sendable {
    /// For people, as long as this process lives.
    var notice: JSONValue
    /// Of a trap: `plugins/trapped`, until something is saved.
    var report: JSONValue?
}

extension HostAgent {
    /// - Parameters:
    ///   - trapped: the module that the trap was in.
    ///   - withdrawn: the modules that run again what they ran before their last save.
    func describe(
        _ ending: ProcessEnding, trapped: String?, withdrawn: [String]?, _ table: PluginTable
    ) -> FormerProcess {
        let place =
            ending.names.count == 1
            ? ending.names.first.flatMap { name in
                table.current[name].map { "\(ending.what) in '\(name)' of \($0.module)" }
            } ?? ending.what : ending.what
        var message = "The process with its plugins has ended (\(place)) and was started anew"
        if let withdrawn { message += " with what ran before \(withdrawn.joined(separator: " and ")) was saved" }
        let notice = JSONValue.object([
            "code": "plugins-ended", "message": .string(message + ": what they kept in memory begins anew.")
        ])
        guard !ending.calls.isEmpty, let name = trapped ?? withdrawn?.first else {
            return FormerProcess(notice: notice)
        }
        let concerned = modules.all.filter { withdrawn?.contains($0.name) ?? ($0.name == name) }
        let generations = concerned.map { module in
            JSONValue.object([
                "module": .string(module.name), "generation": .int(module.generation),
                "path": module.sources.first.map { .string($0) }
            ])
        }
        let traceback = Symbolizer(compiler: build.compiler).traceback(ending.calls, in: modules.all)
        return FormerProcess(
            notice: notice,
            report: .object([
                "module": .string(name), "undone": .bool(withdrawn != nil), "modules": .array(generations),
                "error": .object(["type": "Trap", "message": .string(place), "traceback": traceback])
            ]))
    }
}
