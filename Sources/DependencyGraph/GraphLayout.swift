/// Where each module stands in a drawing: in columns, so that what uses another stands left of it, but for cycles.
struct GraphLayout {
    /// Names by column and row.
    private(set) var columns: [[String]] = []

    init(_ graph: DependencyGraph) {
        let uses = Dictionary(grouping: graph.edges, by: \.from).mapValues { $0.map(\.to) }
        let column = Self.columns(of: graph.modules.map(\.name), uses)
        for module in graph.modules {
            let number = column[module.name] ?? 0
            while columns.count <= number { columns.append([]) }
            columns[number].append(module.name)
        }
        untangle(graph.edges)
    }

    /// The longest way from a module that nothing uses; what leads back in a cycle does not count.
    private static func columns(of names: [String], _ uses: [String: [String]]) -> [String: Int] {
        // Depth first, without recursion: a chain of imports can be long.
        var finished: [String] = []
        var state: [String: Bool] = [:]  // false: on the way; true: done
        var back: Set<[String]> = []
        for start in names where state[start] == nil {
            var stack = [(name: start, next: 0)]
            state[start] = false
            while let (name, next) = stack.last {
                let targets = uses[name] ?? []
                guard next < targets.count else {
                    state[name] = true
                    finished.append(name)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let target = targets[next]
                switch state[target] {
                case nil:
                    state[target] = false
                    stack.append((target, 0))
                case false: back.insert([name, target])
                default: break
                }
            }
        }
        var column: [String: Int] = [:]
        for name in finished.reversed() {
            let own = column[name] ?? 0
            for target in uses[name] ?? [] where !back.contains([name, target]) {
                column[target] = max(column[target] ?? 0, own + 1)
            }
        }
        return column
    }

    /// Orders each column by where the neighbours stand, a few times in both directions, so that fewer lines cross.
    private mutating func untangle(_ edges: [DependencyGraph.Edge]) {
        var neighbours: [String: [String]] = [:]
        for edge in edges {
            neighbours[edge.from, default: []].append(edge.to)
            neighbours[edge.to, default: []].append(edge.from)
        }
        var place: [String: Double] = [:]
        func note(_ column: [String]) {
            for (row, name) in column.enumerated() { place[name] = (Double(row) + 0.5) / Double(column.count) }
        }
        columns.forEach(note)
        for round in 0..<6 {
            for number in round.isMultiple(of: 2) ? Array(columns.indices) : columns.indices.reversed() {
                let key = Dictionary(
                    columns[number].map { name in
                        let near = (neighbours[name] ?? []).compactMap { place[$0] }
                        return (name, near.isEmpty ? place[name] ?? 0 : near.reduce(0, +) / Double(near.count))
                    }, uniquingKeysWith: { first, _ in first })
                columns[number].sort { (key[$0] ?? 0, $0) < (key[$1] ?? 0, $1) }
                note(columns[number])
            }
        }
    }
}
