/// One import that a host really has: `from` imports `to`.
public struct ModuleEdge: Sendable, Hashable {
    public var from: String
    public var to: String
    /// The names taken from it, `["*"]` for a star import; nil when the module itself is imported.
    public var names: [String]?
    /// Inside a function: it runs at a call, not while the module is executed.
    public var isLazy: Bool

    public init(from: String, to: String, names: [String]? = nil, isLazy: Bool = false) {
        self.from = from
        self.to = to
        self.names = names
        self.isLazy = isLazy
    }
}

/// Who imports whom among the modules that a reload looks at.
struct ModuleGraph {
    /// In the order of the host's module table: that in which their imports began.
    let names: [String]
    private let imports: [[Int]]
    private let eagerImports: [[Int]]

    /// Edges to and from other modules, and from a module to itself, do not count.
    init(names: [String], edges: [ModuleEdge]) {
        self.names = names
        var numbers: [String: Int] = [:]
        for (number, name) in names.enumerated() { numbers[name] = number }
        var all = [Set<Int>](repeating: [], count: names.count)
        var eager = all
        for edge in edges {
            guard let from = numbers[edge.from], let to = numbers[edge.to], from != to else { continue }
            all[from].insert(to)
            if !edge.isLazy { eager[from].insert(to) }
        }
        imports = all.map { $0.sorted() }
        eagerImports = eager.map { $0.sorted() }
    }

    /// An order of execution in which each module comes after what it imports. Within a cycle no such order exists: a module
    /// that comes before something it imports comes once more after it, so that the cycle ends consistent.
    ///
    /// A cycle begins with its modules in `first` (the edited ones: what they need from the others has not changed yet), and
    /// then follows the order in which the imports began. Imports inside functions order modules only where that makes no
    /// cycle. Linear in modules and edges.
    func executionOrder(first: Set<String> = []) -> [String] {
        var order: [Int] = []
        for component in components(Array(names.indices), imports) {
            if component.count == 1 {
                order += component
                continue
            }
            for cycle in components(component, eagerImports) {
                order += cycle.count == 1 ? cycle : cycleOrder(cycle, first: first)
            }
        }
        return order.map { names[$0] }
    }

    /// Whether `name` imports one of `others` while it is executed.
    func eagerlyImports(_ name: String, oneOf others: Set<String>) -> Bool {
        guard let number = names.firstIndex(of: name) else { return false }
        return eagerImports[number].contains { others.contains(names[$0]) }
    }

    /// Modules that import one of `names`, or one that does.
    static func importers(of names: [String], by edges: [ModuleEdge]) -> Set<String> {
        let importers = Dictionary(grouping: edges, by: \.to).mapValues { $0.map(\.from) }
        var found: Set<String> = []
        var waiting = names
        while let name = waiting.popLast() {
            for importer in importers[name] ?? [] where found.insert(importer).inserted { waiting.append(importer) }
        }
        return found
    }

    /// What each module imports while it is executed, by name.
    var eagerImportNames: [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for (number, targets) in eagerImports.enumerated() {
            result[names[number]] = Set(targets.map { names[$0] })
        }
        return result
    }

    /// Each module once in the order in which imports began; then, innermost first as the imports ended, those again that came
    /// before something they import.
    private func cycleOrder(_ cycle: [Int], first: Set<String>) -> [Int] {
        let members = Set(cycle)
        let sorted = cycle.sorted()
        var order = sorted.filter { first.contains(names[$0]) } + sorted.filter { !first.contains(names[$0]) }
        var last: [Int: Int] = [:]
        for (position, module) in order.enumerated() { last[module] = position }
        for module in importsEnded(sorted) {
            let own = last[module] ?? -1
            guard eagerImports[module].contains(where: { members.contains($0) && (last[$0] ?? -1) > own }) else {
                continue
            }
            last[module] = order.count
            order.append(module)
        }
        return order
    }

    /// The modules of a cycle in the order in which their imports would end.
    private func importsEnded(_ cycle: [Int]) -> [Int] {
        let members = Set(cycle)
        var seen: Set<Int> = []
        var ended: [Int] = []
        for start in cycle where seen.insert(start).inserted {
            var stack: [(module: Int, next: Int)] = [(start, 0)]
            while let (module, next) = stack.last {
                guard next < eagerImports[module].count else {
                    ended.append(module)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let target = eagerImports[module][next]
                if members.contains(target), seen.insert(target).inserted { stack.append((target, 0)) }
            }
        }
        return ended
    }

    /// The strongly connected components of a part of the graph, imported ones first (Tarjan, without recursion: a chain of
    /// modules may be longer than the stack is deep).
    private func components(_ part: [Int], _ edges: [[Int]]) -> [[Int]] {
        let members = Set(part)
        var number: [Int: Int] = [:]
        var low: [Int: Int] = [:]
        var waiting: [Int] = []
        var isWaiting: Set<Int> = []
        var result: [[Int]] = []
        for start in part.sorted() where number[start] == nil {
            var stack: [(module: Int, next: Int)] = [(start, 0)]
            while let (module, next) = stack.last {
                if next == 0, number[module] == nil {
                    number[module] = number.count
                    low[module] = number[module]
                    waiting.append(module)
                    isWaiting.insert(module)
                }
                if next < edges[module].count {
                    stack[stack.count - 1].next += 1
                    let target = edges[module][next]
                    guard members.contains(target) else { continue }
                    if number[target] == nil {
                        stack.append((target, 0))
                    } else if isWaiting.contains(target) {
                        low[module] = min(low[module] ?? 0, number[target] ?? 0)
                    }
                    continue
                }
                stack.removeLast()
                if let parent = stack.last?.module {
                    low[parent] = min(low[parent] ?? 0, low[module] ?? 0)
                }
                guard low[module] == number[module], let from = waiting.lastIndex(of: module) else { continue }
                let component = Array(waiting[from...])
                waiting.removeSubrange(from...)
                isWaiting.subtract(component)
                result.append(component.sorted())
            }
        }
        return result
    }
}
