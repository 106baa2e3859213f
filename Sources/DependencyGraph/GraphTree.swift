/// A graph for a terminal: what each module uses, beginning with those that nothing uses; of modules that were asked for, what
/// uses them and what they use.
struct GraphTree {
    private let graph: DependencyGraph
    private let focus: [String]
    private let modules: [String: DependencyGraph.Module]

    init(_ graph: DependencyGraph, focus: [String]) {
        self.graph = graph
        self.focus = focus
        modules = Dictionary(graph.modules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var text: String {
        var lines = ["\(graph.host.name)  pid \(graph.host.pid), \(graph.host.runtimeName)"]
        if graph.modules.isEmpty { lines.append("no modules of yours") }
        if focus.isEmpty {
            lines += forest(of: roots, by: \.from, to: \.to)
        } else {
            let wanted = graph.modules(named: focus)
            for (title, near, far) in [
                ("uses", \DependencyGraph.Edge.from, \DependencyGraph.Edge.to),
                ("is used by", \DependencyGraph.Edge.to, \DependencyGraph.Edge.from)
            ] {
                let shown = wanted.filter { name in graph.edges.contains { $0[keyPath: near] == name } }
                for name in shown {
                    lines.append("\(name) \(title):")
                    lines += branches(of: name, by: near, to: far)
                }
            }
            for name in wanted where !graph.edges.contains(where: { $0.from == name || $0.to == name }) {
                lines.append("\(label(name)): uses no module of yours, and none uses it")
            }
        }
        lines += references
        return lines.joined(separator: "\n") + "\n"
    }

    /// What still leads to old code.
    private var references: [String] {
        guard !graph.references.isEmpty else { return [] }
        return ["still old:"]
            + graph.references.map { _, reference in
                let times = reference.count > 1 ? " (\(reference.count) references)" : ""
                return "   \(reference.holder): \(reference.symbol) of generation \(reference.generation)\(times)"
            }
    }

    /// Every module can be reached from these: what nothing uses, and one of each cycle that nothing else uses.
    private var roots: [String] {
        let used = Set(graph.edges.map(\.to))
        var roots = graph.modules.map(\.name).filter { !used.contains($0) }
        // The script that was started comes first.
        roots.sort { ($0 == "__main__" ? 0 : 1, $0) < ($1 == "__main__" ? 0 : 1, $1) }
        let uses = Dictionary(grouping: graph.edges, by: \.from)
        var seen: Set<String> = []
        func visit(_ start: String) {
            var waiting = [start]
            while let name = waiting.popLast() {
                guard seen.insert(name).inserted else { continue }
                waiting += (uses[name] ?? []).map(\.to)
            }
        }
        roots.forEach(visit)
        for module in graph.modules where !seen.contains(module.name) {
            roots.append(module.name)
            visit(module.name)
        }
        return roots
    }

    private func forest(
        of roots: [String], by near: KeyPath<DependencyGraph.Edge, String>,
        to far: KeyPath<DependencyGraph.Edge, String>
    ) -> [String] {
        var shown = Set<String>()
        let next = Dictionary(grouping: graph.edges) { $0[keyPath: near] }
        return roots.flatMap { root in
            [label(root)] + lines(below: root, next, far, &shown)
        }
    }

    private func branches(
        of name: String, by near: KeyPath<DependencyGraph.Edge, String>, to far: KeyPath<DependencyGraph.Edge, String>
    ) -> [String] {
        var shown = Set<String>()
        return lines(below: name, Dictionary(grouping: graph.edges) { $0[keyPath: near] }, far, &shown)
    }

    /// Depth first without recursion: a chain of imports can be long. What has been shown is not opened again.
    private func lines(
        below root: String, _ next: [String: [DependencyGraph.Edge]], _ far: KeyPath<DependencyGraph.Edge, String>,
        _ shown: inout Set<String>
    ) -> [String] {
        guard shown.insert(root).inserted else { return [] }
        var lines: [String] = []
        var stack: [(edge: DependencyGraph.Edge, indent: String, isLast: Bool)] = []
        func open(_ name: String, _ indent: String) {
            let edges = next[name] ?? []
            for (number, edge) in edges.enumerated().reversed() {
                stack.append((edge, indent, number == edges.count - 1))
            }
        }
        open(root, "")
        while let (edge, indent, isLast) = stack.popLast() {
            let name = edge[keyPath: far]
            let isNew = shown.insert(name).inserted
            let isFolded = !isNew && next[name] != nil
            lines.append("\(indent)\(isLast ? "└─ " : "├─ ")\(label(name))\(details(of: edge))\(isFolded ? "  …" : "")")
            // What lies deeper is not moved to the right any more: nobody could read it there.
            if isNew { open(name, indent.count < 120 ? indent + (isLast ? "   " : "│  ") : indent) }
        }
        return lines
    }

    private func label(_ name: String) -> String {
        modules[name].map { "\(name)  generation \($0.generation)" } ?? name
    }

    private func details(of edge: DependencyGraph.Edge) -> String {
        var words: [String] = []
        if !edge.isImport { words.append("not imported") }
        if let names = edge.names, !names.isEmpty { words.append(shortened(names)) }
        if edge.isLazy { words.append("when called") }
        if edge.stale > 0 { words.append("\(edge.stale) still old") }
        return words.isEmpty ? "" : "  (\(words.joined(separator: "; ")))"
    }
}
