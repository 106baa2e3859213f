import Testing

@testable import ReloadEngine

/// "b a" as an import list: b imports a. Names after "~" are imported inside functions.
private func order(_ names: String, _ imports: String..., first: Set<String> = []) -> String {
    var edges: [ModuleEdge] = []
    for line in imports {
        let words = line.split(separator: " ").map(String.init)
        guard let from = words.first else { continue }
        for word in words.dropFirst() {
            let isLazy = word.hasPrefix("~")
            edges.append(ModuleEdge(from: from, to: isLazy ? String(word.dropFirst()) : word, isLazy: isLazy))
        }
    }
    let graph = ModuleGraph(names: names.split(separator: " ").map(String.init), edges: edges)
    return graph.executionOrder(first: first).joined(separator: " ")
}

@Suite struct ModuleGraphTests {
    @Test func chainRunsImportedModulesFirst() {
        #expect(order("app cart shop", "app cart", "cart shop") == "shop cart app")
    }

    @Test func diamondRunsEachModuleOnceAndItsTopLast() {
        #expect(order("top left right base", "top left right", "left base", "right base") == "base left right top")
    }

    @Test func modulesWithoutImportsKeepTheOrderOfTheirFirstImport() {
        #expect(order("c a b") == "c a b")
    }

    @Test func cycleRunsAModuleAgainThatCameBeforeWhatItImports() {
        #expect(order("a b", "a b", "b a") == "a b a")
    }

    @Test func cycleBeginsWithTheEditedModule() {
        #expect(order("a b", "a b", "b a", first: ["b"]) == "b a b a")
    }

    @Test func cycleOfThreeEndsConsistent() {
        #expect(order("a b c", "a b", "b c", "c a") == "a b c b a")
    }

    @Test func dependentsOfACycleComeAfterAllOfIt() {
        #expect(order("app a b", "app a", "a b", "b a") == "a b a app")
    }

    @Test func importsInsideFunctionsMakeNoCycle() {
        #expect(order("a b", "a b", "b ~a") == "b a")
    }

    @Test func importsInsideFunctionsOrderModulesWhereTheyCan() {
        #expect(order("user used", "user ~used") == "used user")
    }

    @Test func importsOfOneselfAndOfStrangersDoNotCount() {
        #expect(order("a", "a a os", "os a") == "a")
    }

    @Test func longChainsDoNotExhaustTheStack() {
        let names = (0..<50_000).map { "m\($0)" }
        let edges = names.indices.dropLast().map { ModuleEdge(from: names[$0], to: names[$0 + 1]) }
        #expect(ModuleGraph(names: names, edges: edges).executionOrder() == names.reversed())
    }

    /// Whatever the graph, a module runs after everything that it imports, or once more after it.
    @Test(arguments: 1...200)
    func randomGraphsEndWithEachModuleAfterItsImportsOutsideOfCycles(seed: UInt64) {
        var random = SplitMix(state: seed)
        let names = (0..<Int.random(in: 2...9, using: &random)).map { "m\($0)" }
        let edges = (0..<Int.random(in: 1...16, using: &random)).map { _ in
            ModuleEdge(from: names.randomElement(using: &random) ?? "", to: names.randomElement(using: &random) ?? "")
        }
        let order = ModuleGraph(names: names, edges: edges).executionOrder()
        #expect(Set(order) == Set(names))
        for edge in edges where edge.from != edge.to && !reaches(edge.to, edge.from, edges) {
            #expect((order.firstIndex(of: edge.from) ?? -1) > (order.lastIndex(of: edge.to) ?? -1), "\(edges)")
        }
        for name in names { #expect(order.count { $0 == name } <= 2) }
    }

    private func reaches(_ from: String, _ to: String, _ edges: [ModuleEdge]) -> Bool {
        var seen: Set<String> = [from]
        var open = [from]
        while let name = open.popLast() {
            if name == to { return true }
            for edge in edges where edge.from == name && seen.insert(edge.to).inserted { open.append(edge.to) }
        }
        return false
    }
}

/// Random numbers that are the same in each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
