import JSONRPC
import ReloadEngine

/// In which form a graph is wanted.
public enum GraphFormat: String, Sendable, CaseIterable {
    case tree, dot, svg, html, json

    /// - Parameter focus: modules that were asked for by name; empty for all. The graphs have nothing unconnected to them then.
    public func text(of graphs: [DependencyGraph], focus: [String] = []) -> String {
        switch self {
        case .tree: graphs.map { GraphTree($0, focus: focus).text }.joined(separator: "\n")
        case .dot: GraphDOT.text(of: graphs)
        case .svg: GraphSVG.text(of: graphs)
        case .html: GraphHTML.text(of: graphs)
        case .json: GraphJSON.value(of: graphs).text + "\n"
        }
    }
}

/// A graph as data.
public enum GraphJSON {
    public static func value(of graphs: [DependencyGraph]) -> JSONValue {
        ["hosts": .array(graphs.map(value))]
    }

    private static func value(of graph: DependencyGraph) -> JSONValue {
        .object([
            "id": .string(graph.host.id), "pid": .int(graph.host.pid), "name": .string(graph.host.name),
            "runtime": .string(graph.host.runtimeName),
            "modules": .array(
                graph.modules.map { module in
                    .object([
                        "name": .string(module.name), "path": module.path.map { .string($0) },
                        "generation": .int(module.generation), "stale": .int(module.stale)
                    ])
                }),
            "edges": .array(
                graph.edges.map { edge in
                    .object([
                        "from": .string(edge.from), "to": .string(edge.to),
                        "names": edge.names.map { .strings($0) } ?? .null, "lazy": .bool(edge.isLazy),
                        "import": .bool(edge.isImport), "stale": .int(edge.stale)
                    ])
                }),
            "stale": .array(
                graph.references.map { module, reference in
                    .object([
                        "symbol": .string(reference.symbol), "kind": .string(reference.kind.rawValue),
                        "generation": .int(reference.generation), "count": .int(reference.count),
                        "holder": .string(reference.holder), "module": module.map { .string($0) }
                    ])
                }),
            "staleTotal": .int(graph.staleTotal)
        ])
    }
}

/// Graphviz's language (graphviz.org/doc/info/lang.html). One cluster for each program.
enum GraphDOT {
    static func text(of graphs: [DependencyGraph]) -> String {
        var lines = [
            "digraph afresh {", "    rankdir=LR;", "    node [shape=box, style=rounded, fontname=\"sans-serif\"];"
        ]
        for (number, graph) in graphs.enumerated() {
            let title = "\(graph.host.name), pid \(graph.host.pid), \(graph.host.runtimeName)"
            lines.append("    subgraph cluster_\(number) {")
            lines.append("        label=\(quoted(title));")
            for module in graph.modules {
                let stale = module.stale > 0 ? "\n\(module.stale) still old" : ""
                let label = "\(module.name)\ngeneration \(module.generation)\(stale)"
                let colour = module.stale > 0 ? ", color=\"#b45309\"" : ""
                lines.append("        \(node(module.name, number)) [label=\(quoted(label))\(colour)];")
            }
            for edge in graph.edges {
                var attributes: [String] = []
                if let names = edge.names, edge.isImport, !names.isEmpty {
                    attributes.append("label=\(quoted(shortened(names)))")
                }
                if edge.isLazy || !edge.isImport { attributes.append("style=dashed") }
                if edge.stale > 0 { attributes.append("color=\"#b45309\", penwidth=2") }
                let list = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
                lines.append("        \(node(edge.from, number)) -> \(node(edge.to, number))\(list);")
            }
            lines.append("    }")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    private static func node(_ name: String, _ number: Int) -> String { quoted("\(number)/\(name)") }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result + "\""
    }
}

/// "a, b, c and 4 more".
func shortened(_ names: [String]) -> String {
    names.count <= 4
        ? names.joined(separator: ", ") : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
}
