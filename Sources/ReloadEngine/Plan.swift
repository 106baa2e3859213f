import JSONRPC

/// One step of a transaction: what `apply` of the host protocol takes.
struct PlannedStep: Sendable {
    var module: ModuleInformation
    /// The running text's digest that the plan was made for; only a module's first step says it.
    var digest: String?
    var payload: JSONValue
    /// What the host may say in short of it: the changes that there are if all of its plan, of this number in what steps have in
    /// common, has been done.
    var planned: (number: Int, changes: [Change])?
}

/// What is done in one host, and why, in the order in which it is done.
struct Plan: Sendable {
    var steps: [PlannedStep] = []
    /// What payloads of steps have in common.
    var shared: JSONValue?
    /// Each module once.
    var modules: [(module: ModuleInformation, because: ModuleReport.Reason)] = []

    /// What the host may call `shared` once it has it.
    var sharedName: String? { shared?["name"]?.stringValue }
}

/// Works out a plan: edited modules and the dependents that are affected, imported modules first.
struct Planner: Sendable {
    /// An edited module that compiles.
    struct Edited: Sendable {
        var module: ModuleInformation
        var checked: CheckedModule
        /// Whether there is something to do: false if it means the same as what runs and nobody insists.
        var isToBeApplied: Bool
        var because: ModuleReport.Reason
    }

    private enum Place {
        case edited(Edited)
        case candidate(ModuleInformation)
        /// A candidate once more, which may read what steps after its own have set in other modules.
        case again(ModuleInformation)

        var name: String {
            switch self {
            case .edited(let entry): entry.module.name
            case .candidate(let module), .again(let module): module.name
            }
        }

        var isRepeated: Bool {
            if case .again = self { true } else { false }
        }
    }

    private let policy: Policy
    private let graph: ModuleGraph
    private let edges: [ModuleEdge]
    private let edited: [String: Edited]
    private let places: [Place]

    /// `edited`: in the order in which the runtime wants them applied, as far as imports allow. `dependents`: those that may be
    /// brought up to date, in the order of the host's module table. `written`: modules in which statements of others set names;
    /// `writers`: those others, as far as they are dependents.
    init(
        policy: Policy, edited: [Edited], dependents: [ModuleInformation], edges: [ModuleEdge], written: [String] = [],
        writers: Set<String> = []
    ) {
        self.policy = policy
        // The host only knows the imports of the texts that run, the runtime those of the saved ones.
        let edges =
            edges
            + edited.filter(\.isToBeApplied).flatMap { entry in
                entry.checked.imports.map { ModuleEdge(from: entry.module.name, to: $0) }
            }
        self.edges = edges
        var editedByName: [String: Edited] = [:]
        for entry in edited where entry.isToBeApplied { editedByName[entry.module.name] = entry }
        var candidates: [String: ModuleInformation] = [:]
        for module in dependents where editedByName[module.name] == nil { candidates[module.name] = module }
        let names =
            edited.filter(\.isToBeApplied).map(\.module.name) + dependents.map(\.name).filter { candidates[$0] != nil }
        let wishes = zip(edited, edited.dropFirst()).map {
            ModuleEdge(from: $1.module.name, to: $0.module.name, isLazy: true)
        }
        graph = ModuleGraph(names: names, edges: edges + wishes)
        let imports = graph.eagerImportNames

        var places: [Place] = []
        var placed: Set<String> = []
        for name in graph.executionOrder(first: Set(editedByName.keys)) {
            let isFirst = !placed.contains(name)
            if let entry = editedByName[name] {
                if isFirst { places.append(.edited(entry)) }
                // Patched statement by statement, it may still hold what an edited import had before.
                let isWhole = policy == .exact || entry.checked.fallback != nil
                if !isFirst || (!isWhole && !placed.isDisjoint(with: imports[name] ?? [])) {
                    places.append(.candidate(Planner.afterEdit(entry)))
                }
            } else if let module = candidates[name] {
                places.append(.candidate(module))
            }
            placed.insert(name)
        }
        // A module that another one imports below a statement which sets something reads what that statement has set.
        if policy == .patch, !written.isEmpty,
            let last = places.lastIndex(where: { editedByName[$0.name] != nil || writers.contains($0.name) })
        {
            let readers = ModuleGraph.importers(of: written, by: edges)
            let above = Set(places[..<last].map(\.name)).intersection(readers).subtracting([places[last].name])
            var repeated = above.union(ModuleGraph.importers(of: above.sorted(), by: edges))
            for place in places where repeated.remove(place.name) != nil {
                if let entry = editedByName[place.name] {
                    places.append(.again(Planner.afterEdit(entry)))
                } else if let module = candidates[place.name] {
                    places.append(.again(module))
                }
            }
        }
        self.edited = editedByName
        self.places = places
    }

    /// What the runtime is to be asked about, in this order; empty if no other module can be affected.
    var candidates: [AffectedRequest.Module] {
        let known = Set(graph.names)
        let imports = Dictionary(grouping: edges.filter { known.contains($0.to) }, by: \.from)
        return places.compactMap { place in
            let module: ModuleInformation
            switch place {
            case .edited: return nil
            case .candidate(let own), .again(let own): module = own
            }
            return AffectedRequest.Module(
                module: CheckedText(module, running: module.digest.map { .digest($0) }),
                imports: imports[module.name] ?? [])
        }
    }

    /// By edited module: the names whose values may differ; nil: all. With `everything`, all of them.
    func changed(everything: Bool) -> [String: [String]?] {
        edited.mapValues { everything ? nil : $0.checked.changed }
    }

    /// By edited module: the digests of the text that runs and of the new one.
    var texts: [String: [String]] {
        edited.mapValues { [$0.module.digest ?? "", $0.checked.digest] }
    }

    /// The plan, given the runtime's answer for each of `candidates`, in their order.
    func plan(affected answers: [AffectedModule]) -> Plan {
        var plan = Plan()
        var reported: Set<String> = []
        var lastStep: [String: Int] = [:]
        // Its own edit has been applied statement by statement; what it takes from others has not been looked at yet.
        var isOnlyPatched: Set<String> = []
        var remaining = answers[...]
        let imports = graph.eagerImportNames
        for place in places {
            switch place {
            case .edited(let entry):
                guard let payload = entry.checked.payload else { continue }
                let name = entry.module.name
                lastStep[name] = plan.steps.count
                if policy == .patch, entry.checked.fallback == nil { isOnlyPatched.insert(name) }
                plan.steps.append(PlannedStep(module: entry.module, digest: entry.module.digest, payload: payload))
                if reported.insert(name).inserted { plan.modules.append((entry.module, entry.because)) }
            case .candidate(let module), .again(let module):
                guard let answer = remaining.popFirst(), answer.name == module.name, answer.isAffected,
                    let payload = answer.payload, !(answer.isWhole && module.isMain)
                else { continue }
                let name = module.name
                if answer.isWhole || !place.isRepeated, let own = lastStep[name], !isOnlyPatched.contains(name) {
                    // Once more only if something it imports was executed in between.
                    guard (imports[name] ?? []).contains(where: { (lastStep[$0] ?? -1) > own }) else { continue }
                }
                isOnlyPatched.remove(name)
                let digest = lastStep[name] == nil ? module.digest : nil
                lastStep[name] = plan.steps.count
                // As a whole means its saved text, which the host does not run before the transaction has ended.
                let whole = answer.isWhole ? edited[name]?.checked.payload : nil
                var step = PlannedStep(module: module, digest: digest, payload: whole ?? payload)
                if digest != nil, whole == nil, let changes = answer.planned, let number = payload["plan"]?.intValue {
                    step.planned = (number, changes)
                }
                plan.steps.append(step)
                if reported.insert(name).inserted {
                    plan.modules.append((module, .dependent(of: answer.cause, names: answer.names)))
                }
            }
        }
        return plan
    }

    /// The module as it is once its own edit has been applied.
    private static func afterEdit(_ entry: Edited) -> ModuleInformation {
        var module = entry.module
        module.digest = entry.checked.digest
        return module
    }
}
