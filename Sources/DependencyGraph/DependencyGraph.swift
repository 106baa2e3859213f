import ReloadEngine

/// The modules of one program, who depends on whom, and along which dependencies old objects are still held.
public struct DependencyGraph: Sendable {
    public struct Module: Sendable, Equatable {
        public var name: String
        /// Nil where it has no file.
        public var path: String?
        public var generation: Int
        /// References to old objects that it holds; where no module does, those to its own old objects.
        public var stale = 0
        /// How many modules it stands for: more than one for a package whose modules are shown as one.
        public var count = 1
    }

    /// `from` depends on `to`.
    public struct Edge: Sendable, Equatable {
        public var from: String
        public var to: String
        /// The names that are imported; nil where the module itself is.
        public var names: [String]?
        /// All imports are inside functions.
        public var isLazy = false
        /// False where nothing is imported: only an old object leads there.
        public var isImport = true
        /// How many references to old objects of `to` are held by `from`.
        public var stale = 0
    }

    public var host: HostInformation
    /// By name.
    public var modules: [Module]
    /// By their ends.
    public var edges: [Edge]
    /// Everything that is still old, with the module in whose `stale` it counts.
    public var references: [(module: String?, reference: StaleReference)]
    /// Counts all, also what was not sampled.
    public var staleTotal: Int

    /// `survey`: with imports and stale references.
    public init(_ survey: HostSurvey) {
        host = survey.host
        let owners = Owners(survey.modules)
        var modules: [String: Module] = [:]
        for module in survey.modules {
            modules[module.name] = Module(name: module.name, path: module.path, generation: module.generation)
        }
        var edges: [Ends: Edge] = [:]
        for found in survey.imports where found.from != found.to {
            edges[Ends(found.from, found.to), default: Edge(from: found.from, to: found.to, names: [], isLazy: true)]
                .add(found)
        }
        references = []
        for reference in survey.stale?.references ?? [] {
            let owner = owners.owner(of: reference.symbol)
            let holder = owners.owner(of: reference.holder) ?? owners.module(at: reference.location?.path)
            let place = holder ?? owner
            references.append((place, reference))
            if let place { modules[place]?.stale.add(reference.count) }
            guard let holder, let owner, holder != owner else { continue }
            edges[Ends(holder, owner), default: Edge(from: holder, to: owner, names: [], isImport: false)]
                .stale.add(reference.count)
        }
        self.modules = modules.values.sorted { $0.name < $1.name }
        self.edges = edges.values.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        staleTotal = survey.stale?.total ?? 0
    }

    fileprivate struct Ends: Hashable {
        var from: String
        var to: String

        init(_ from: String, _ to: String) {
            self.from = from
            self.to = to
        }
    }
}

extension DependencyGraph {
    /// Those of the hosts that answered.
    /// - Parameter focus: names of modules or packages; hosts without any are left out, and so is what is not connected to them. Empty for
    ///   all.
    public static func graphs(of surveys: [HostSurvey], focus: [String]) -> [DependencyGraph] {
        surveys.filter(\.answered).compactMap { survey in
            let graph = DependencyGraph(survey)
            guard !focus.isEmpty else { return graph }
            let wanted = graph.modules(named: focus)
            return wanted.isEmpty ? nil : graph.connected(to: wanted)
        }
    }

    /// The modules with these names, or in packages with these names.
    public func modules(named names: [String]) -> [String] {
        modules.map(\.name).filter { module in names.contains { module == $0 || module.hasPrefix($0 + ".") } }
    }

    /// Those modules, what they depend on, and what depends on them, directly or through others.
    public func connected(to names: [String]) -> DependencyGraph {
        let kept = reachable(from: names, by: \.from, to: \.to).union(reachable(from: names, by: \.to, to: \.from))
        var graph = self
        graph.modules = modules.filter { kept.contains($0.name) }
        graph.edges = edges.filter { kept.contains($0.from) && kept.contains($0.to) }
        graph.references = references.filter { $0.module.map(kept.contains) ?? false }
        return graph
    }

    private func reachable(
        from names: [String], by near: KeyPath<Edge, String>, to far: KeyPath<Edge, String>
    ) -> Set<String> {
        let next = Dictionary(grouping: edges) { $0[keyPath: near] }
        var found = Set(names)
        var waiting = names
        while let name = waiting.popLast() {
            for edge in next[name] ?? [] where found.insert(edge[keyPath: far]).inserted {
                waiting.append(edge[keyPath: far])
            }
        }
        return found
    }

    /// The same with packages shown as one module each, as deep as gives at most so many of them; as it is where that is few
    /// enough, and by top-level packages where nothing is.
    public func collapsed(limit: Int) -> DependencyGraph {
        var depth = modules.map { $0.name.split(separator: ".").count }.max() ?? 1
        while depth > 1, Set(modules.map { Self.ancestor(of: $0.name, depth) }).count > limit { depth -= 1 }
        return collapsed(depth: depth)
    }

    private func collapsed(depth: Int) -> DependencyGraph {
        var graph = self
        var modules: [String: Module] = [:]
        for module in self.modules {
            let name = Self.ancestor(of: module.name, depth)
            if var known = modules[name] {
                known.generation = max(known.generation, module.generation)
                known.stale.add(module.stale)
                known.count += 1
                modules[name] = known
            } else {
                modules[name] = module
                modules[name]?.name = name
            }
        }
        var edges: [Ends: Edge] = [:]
        for edge in self.edges {
            let ends = Ends(Self.ancestor(of: edge.from, depth), Self.ancestor(of: edge.to, depth))
            guard ends.from != ends.to else { continue }
            if var known = edges[ends] {
                known.names = nil
                known.isLazy = known.isLazy && edge.isLazy
                known.isImport = known.isImport || edge.isImport
                known.stale.add(edge.stale)
                edges[ends] = known
            } else {
                edges[ends] = edge
                edges[ends]?.from = ends.from
                edges[ends]?.to = ends.to
            }
        }
        graph.modules = modules.values.sorted { $0.name < $1.name }
        graph.edges = edges.values.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        return graph
    }

    private static func ancestor(of name: String, _ depth: Int) -> String {
        name.split(separator: ".").prefix(depth).joined(separator: ".")
    }
}

extension DependencyGraph.Edge {
    fileprivate mutating func add(_ found: ModuleEdge) {
        isLazy = isLazy && found.isLazy
        isImport = true
        guard let names, let more = found.names else {
            names = nil
            return
        }
        self.names = names + more.filter { !names.contains($0) }
    }
}

/// To which module a symbol or the path of a holder belongs.
private struct Owners {
    private let names: Set<String>
    private let byPath: [String: String]

    init(_ modules: [ModuleInformation]) {
        names = Set(modules.map(\.name))
        byPath = Dictionary(
            modules.compactMap { module in module.path.map { ($0, module.name) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// "shop.cart" of "shop.cart.handlers['pay'][0]"; nil where it does not begin with a module's name.
    func owner(of symbol: String) -> String? {
        var name = symbol.prefix { $0 != "[" && $0 != " " && $0 != "(" }
        while !name.isEmpty {
            if names.contains(String(name)) { return String(name) }
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
        return nil
    }

    func module(at path: String?) -> String? { path.flatMap { byPath[$0] } }
}

extension Int {
    fileprivate mutating func add(_ other: Int) {
        self = addingReportingOverflow(other).partialValue
    }
}
