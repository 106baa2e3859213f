import Foundation
import JSONRPC
import ReloadEngine
import Testing

@testable import DependencyGraph

/// A graph of these imports: "a b" is `a` importing `b`.
private func graph(_ names: [String], _ imports: [String], stale: [StaleReference] = []) -> DependencyGraph {
    let host = HostInformation(
        id: "1-2", pid: 1, parent: 0, name: "app.py", runtime: HostRuntime(name: "CPython", version: "3.12.1"))
    var survey = HostSurvey(
        host: host, modules: names.map { ModuleInformation(name: $0, path: "/w/\($0).py") },
        stale: StaleSurvey(
            references: stale, total: stale.count, coverage: Coverage(complete: true, objects: 0), timings: Timings()),
        answered: true)
    survey.imports = imports.map { line in
        let ends = line.split(separator: " ").map(String.init)
        return ModuleEdge(from: ends[0], to: ends[1], names: nil)
    }
    return DependencyGraph(survey)
}

private func held(_ holder: String, _ symbol: String, at path: String? = nil) -> StaleReference {
    let start = SourcePosition(line: 0, column: 0)
    return StaleReference(
        symbol: symbol, kind: .value, generation: 1, count: 2, holder: holder,
        location: path.map { SourceLocation(path: $0, range: SourceRange(start: start, end: start)) },
        confidence: .exact)
}

private func tree(_ graph: DependencyGraph, _ focus: String...) -> [String] {
    GraphFormat.tree.text(of: [graph], focus: focus).split(separator: "\n").map(String.init)
}

@Suite struct DependencyGraphTests {
    @Test func anOldObjectCountsOnTheWayToItsModule() {
        let stale = [
            held("cart.items['a.b'][0]", "shop.price.f"), held("frame of work() in t", "shop.C", at: "/w/cart.py"),
            held("a list that no module leads to[0]", "shop.D"), held("other.x", "gone.g")
        ]
        let graph = graph(["cart", "shop", "shop.price", "other"], ["cart shop.price"], stale: stale)
        let counts = Dictionary(uniqueKeysWithValues: graph.modules.map { ($0.name, $0.stale) })
        #expect(counts == ["cart": 4, "shop": 2, "shop.price": 0, "other": 2])
        let edges = graph.edges.map { "\($0.from) \($0.to) \($0.stale) \($0.isImport)" }
        #expect(edges == ["cart shop 2 false", "cart shop.price 2 true"])
        #expect(graph.references.map(\.module) == ["cart", "cart", "shop", "other"])
    }

    @Test func connectedIsWhatUsesItAndWhatItUses() {
        let whole = graph(["a", "b", "c", "d", "e"], ["a b", "b c", "d c", "e d"])
        #expect(whole.connected(to: ["b"]).modules.map(\.name) == ["a", "b", "c"])
        #expect(whole.connected(to: ["c"]).modules.count == 5)
        #expect(whole.modules(named: ["b", "x"]) == ["b"])
        #expect(graph(["p", "p.q", "pq"], []).modules(named: ["p"]) == ["p", "p.q"])
    }

    @Test func packagesAreJoinedUntilThereAreFewEnough() {
        let names = ["p", "p.a.x", "p.a.y", "p.b.x", "q.z"]
        let stale = [held("p.a.x.f", "q.z.f")]
        let whole = graph(names, ["p.a.x p.a.y", "p.a.x q.z", "p.a.y q.z"], stale: stale)
        #expect(whole.collapsed(limit: 5).modules.map(\.name) == names)
        let joined = whole.collapsed(limit: 4)
        #expect(
            joined.modules.map { "\($0.name) \($0.count) \($0.stale)" } == ["p 1 0", "p.a 2 2", "p.b 1 0", "q.z 1 0"])
        #expect(joined.edges.map { "\($0.from) \($0.to) \($0.stale)" } == ["p.a q.z 2"])
        #expect(whole.collapsed(limit: 1).modules.map(\.name) == ["p", "q"])
    }

    @Test func everyModuleIsInTheTree() {
        // Two cycles, one of which nothing else uses, and a module alone.
        let lines = tree(graph(["__main__", "a", "b", "c", "d", "e"], ["__main__ a", "a b", "b a", "c d", "d c"]))
        for name in ["__main__", "a", "b", "c", "d", "e"] {
            #expect(lines.contains { $0.contains("\(name)  generation") }, "\(name)")
        }
        #expect(lines[1].hasPrefix("__main__"))
        #expect(lines.filter { $0.hasSuffix("…") }.count == 2)
    }

    @Test func whatWasAskedForIsShownFromBothSides() {
        let lines = tree(graph(["a", "b", "c"], ["a b", "b c"]), "b")
        #expect(
            lines.dropFirst() == ["b uses:", "└─ c  generation 1", "b is used by:", "└─ a  generation 1"])
    }

    @Test("A chain of ten thousand imports is drawn and told, in every form")
    func longChain() {
        let names = (0..<10_000).map { "m\($0)" }
        let chain = graph(names, (1..<10_000).map { "m\($0 - 1) m\($0)" })
        #expect(GraphLayout(chain).columns.count == 10_000)
        for format in GraphFormat.allCases { #expect(!format.text(of: [chain]).isEmpty) }
    }

    @Test func whatUsesAnotherStandsLeftOfIt() {
        let columns = GraphLayout(graph(["a", "b", "c", "d"], ["a b", "b c", "a c", "c a", "d c"])).columns
        #expect(columns.map { $0.sorted() } == [["a", "d"], ["b"], ["c"]])
    }

    @Test(
        "No name ends what it stands in",
        arguments: ["</script><script>alert(1)</script>", "a\"]; b", "<!--", "a\\", "]]>&\u{1}"])
    func names(name: String) throws {
        let graphs = [graph([name, "b"], ["\(name.filter { $0 != " " }) b"], stale: [held(name, "b.f")])]
        let html = GraphFormat.html.text(of: graphs)
        let data = try #require(
            html.components(separatedBy: "id=\"graph\">").last?.components(separatedBy: "</script>").first)
        #expect(!data.contains("<"))
        let value = try JSONValue(parsing: Array(data.utf8))
        #expect(
            value["hosts"]?.arrayValue?.first?["modules"]?.arrayValue?.contains { $0["name"]?.stringValue == name }
                == true)
        let svg = GraphFormat.svg.text(of: graphs)
        #expect(!svg.contains("<script") && !svg.contains("\u{1}"))
        // Quotes that are not escaped come in pairs on each line.
        for line in GraphFormat.dot.text(of: graphs).split(separator: "\n") {
            let plain = line.replacing("\\\\", with: "").replacing("\\\"", with: "")
            #expect(plain.filter { $0 == "\"" }.count.isMultiple(of: 2), "\(line)")
        }
    }
}
