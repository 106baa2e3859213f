import JSONRPC

/// What has run in a process of plugins, so that another one can go on with it: for each state of its plugins, oldest first, the steps
/// that lead to it from nothing.
struct RunningRecord: Sendable {
    struct State: Sendable {
        var steps: [JSONValue]

        var images: Set<String> { Set(steps.compactMap { $0["payload"]?["image"]?.stringValue }) }

        /// By module, the images that it runs.
        var modules: [String: [String]] {
            var result: [String: [String]] = [:]
            for step in steps {
                guard let module = step["module"]?.stringValue, let image = step["payload"]?["image"]?.stringValue
                else { continue }
                result[module, default: []].append(image)
            }
            return result
        }
    }

    /// What `afresh plugins` has said of the package.
    var answer: JSONValue
    var states: [State]

    init(answer: JSONValue, states: [State]) {
        self.answer = answer
        self.states = states
    }

    init?(_ value: JSONValue?) {
        guard let answer = value?["answer"], let states = value?["states"]?.arrayValue, !states.isEmpty else {
            return nil
        }
        self.answer = answer
        self.states = states.map { State(steps: $0.arrayValue ?? []) }
    }

    var json: JSONValue {
        .object(["answer": answer, "states": .array(states.map { .array($0.steps) })])
    }

    /// The last state's.
    var steps: [LoadStep] {
        (states.last?.steps ?? []).compactMap {
            LoadStep(module: $0["module"]?.stringValue, digest: nil, payload: $0["payload"])
        }
    }

    /// Goes back to what ran before the last save that brought in something of that which has trapped.
    /// - Returns: the modules that are concerned; nil where that ran from the beginning, or has left already.
    mutating func withdraw(_ calls: [TrappedCall]) -> [String]? {
        let trapped = Set(calls.map(\.image))
        guard let last = states.last else { return nil }
        let index = states.indices.dropFirst().last { index in
            !states[index].images.subtracting(states[index - 1].images).intersection(last.images)
                .isDisjoint(with: trapped)
        }
        guard let index else { return nil }
        states.removeSubrange(index...)
        let (before, after) = (last.modules, states.last?.modules ?? [:])
        return before.keys.filter { before[$0] != after[$0] }.sorted()
    }

    /// The module that the innermost call was in, of those that ran last.
    func module(_ calls: [TrappedCall]) -> String? {
        guard let modules = states.last?.modules else { return nil }
        for call in calls {
            // A patch is of the module that it has replaced functions of; where there are several, any of them.
            if let found = modules.filter({ $0.value.contains(call.image) }).keys.min() { return found }
        }
        return nil
    }
}

extension LoadedModules {
    /// What runs, and what could be gone back to.
    var record: [RunningRecord.State] {
        let order = images.all.compactMap(\.patch)
        return state.withLock { state in
            let states = state.former.map { ($0.modules, $0.set) } + [(state.modules, state.set)]
            return states.map { LoadedModules.record($0, set: $1, order: order) }
        }
    }

    private static func record(_ modules: [LoadedModule], set: String, order: [String]) -> RunningRecord.State {
        var builds = JSONObject()
        for module in modules { builds[module.name] = .int(module.build) }
        func step(_ module: LoadedModule, _ image: String, isPatch: Bool) -> JSONValue {
            .object([
                "module": .string(module.name),
                "payload": .object([
                    "image": .string(image), "patch": .bool(isPatch), "set": .string(set),
                    "generations": .object(builds)
                ])
            ])
        }
        var steps = modules.filter { !$0.path.isEmpty }.map { step($0, $0.path, isPatch: false) }
        var placed: Set<String> = []
        for image in order where placed.insert(image).inserted {
            steps += modules.filter { $0.patches.contains(image) }.map { step($0, image, isPatch: true) }
        }
        return RunningRecord.State(steps: steps)
    }
}
