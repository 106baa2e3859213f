import JSONRPC
import ReloadEngine

/// The last list of dependents that the checker was asked about, and its answer: a thousand of them are described once and not
/// at each save.
struct SentDependents: Sendable {
    struct List: Sendable {
        var runtime: HostRuntime
        var modules: [AffectedRequest.Module]
        /// What the checker knows it by.
        var name: String
        var isSent = false
        /// The checker's last answer, if it may be given again.
        var affected: Affected?
        var number: Int?
    }

    private var last: List?
    private var count = 0

    /// The list of a request: the last one, where it is the same.
    mutating func list(of request: AffectedRequest) -> List {
        if let last, last.runtime == request.runtime, last.modules == request.modules { return last }
        count += 1
        let list = List(runtime: request.runtime, modules: request.modules, name: "\(count)")
        last = list
        return list
    }

    /// The checker has answered.
    mutating func take(_ affected: Affected, number: Int?, of list: List) {
        guard last?.name == list.name else { return }
        last?.isSent = true
        last?.affected = number == nil ? nil : affected
        last?.number = number
    }
}

extension AffectedRequest {
    func json(_ list: SentDependents.List, withModules: Bool) -> JSONValue {
        var changed = JSONObject()
        for (name, names) in self.changed { changed[name] = names.map { .strings($0) } ?? .null }
        var written = JSONObject()
        for (name, names) in self.written { written[name] = .strings(names) }
        var texts = JSONObject()
        for (name, digests) in self.texts { texts[name] = .strings(digests) }
        let described = modules.lazy.map { module in
            var object = module.module.json
            object["edges"] = .array(module.imports.map(\.json))
            return JSONValue.object(object)
        }
        return .object([
            "policy": .string(policy.rawValue), "optimize": .int(runtime.optimize), "changed": .object(changed),
            "texts": .object(texts), "written": self.written.isEmpty ? nil : .object(written),
            "modules": withModules ? .array(Array(described)) : nil, "list": .string(list.name),
            "known": withModules ? nil : list.number.map { .int($0) }, "graph": graph.map { .string($0) }
        ])
    }
}
