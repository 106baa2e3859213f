/// Drawings of graphs, one below another. Of many modules, packages are drawn as one box each.
enum GraphSVG {
    /// How many boxes can be read at once.
    private static let limit = 80
    private static let rowHeight = 46
    private static let boxHeight = 34
    private static let gap = 70
    private static let margin = 16

    static func text(of graphs: [DependencyGraph]) -> String {
        var parts: [String] = []
        var width = 320
        var y = margin
        for graph in graphs {
            let drawing = draw(graph, top: y)
            parts += drawing.parts
            width = max(width, drawing.width)
            y = drawing.bottom + margin
        }
        if graphs.isEmpty {
            parts.append("<text x=\"\(margin)\" y=\"\(y + 12)\">No live program is running.</text>")
            y += 32
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(y)" viewBox="0 0 \(width) \(y)">
            <style>
            text { font: 12px sans-serif; fill: #1f2937; }
            .title { font-weight: bold; }
            .small { font-size: 10px; fill: #6b7280; }
            rect { fill: #f9fafb; stroke: #9ca3af; }
            path { fill: none; stroke: #9ca3af; }
            .lazy { stroke-dasharray: 4 3; }
            .stale, rect.stale { stroke: #b45309; stroke-width: 2; }
            text.stale { fill: #b45309; stroke: none; }
            </style>
            <rect width="100%" height="100%" style="fill: #ffffff; stroke: none"/>
            <defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
            <path d="M0 0L8 4L0 8" style="fill: #9ca3af; stroke: none"/></marker></defs>
            \(parts.joined(separator: "\n"))
            </svg>

            """
    }

    private struct Box {
        var x: Int
        var y: Int
        var width: Int
    }

    private static func draw(_ whole: DependencyGraph, top: Int) -> (parts: [String], width: Int, bottom: Int) {
        let graph = whole.collapsed(limit: limit)
        var title = "\(graph.host.name), pid \(graph.host.pid), \(graph.host.runtimeName)"
        if graph.modules.count < whole.modules.count {
            title += ": \(whole.modules.count) modules, packages as one box each (--format html opens them)"
        }
        var parts = ["<text class=\"title\" x=\"\(margin)\" y=\"\(top + 12)\">\(escaped(title))</text>"]
        var boxes: [String: Box] = [:]
        let modules = Dictionary(graph.modules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var x = margin
        var bottom = top + 24
        var boxParts: [String] = []
        let columns = GraphLayout(graph).columns
        let rows = columns.map(\.count).max() ?? 0
        for column in columns {
            let width = column.map { self.width(of: $0, modules[$0]) }.max() ?? 0
            var y = top + 28 + (rows - column.count) * rowHeight / 2
            for name in column {
                guard let module = modules[name] else { continue }
                boxes[name] = Box(x: x, y: y, width: width)
                boxParts += box(module, x, y, width)
                y += rowHeight
            }
            bottom = max(bottom, y)
            x += width + gap
        }
        // What is old lies on top.
        for edge in graph.edges.filter({ $0.stale == 0 }) + graph.edges.filter({ $0.stale > 0 }) {
            guard let from = boxes[edge.from], let to = boxes[edge.to] else { continue }
            parts.append(line(edge, from, to))
        }
        let titleWidth = 8 * title.count
        return (parts + boxParts, max(x - gap, titleWidth) + margin, bottom)
    }

    private static func width(of name: String, _ module: DependencyGraph.Module?) -> Int {
        max(8 * name.count, 6 * (module.map(details)?.count ?? 0)) + 16
    }

    private static func details(of module: DependencyGraph.Module) -> String {
        let what = module.count > 1 ? "\(module.count) modules" : "generation \(module.generation)"
        return module.stale > 0 ? "\(what), \(module.stale) still old" : what
    }

    private static func box(_ module: DependencyGraph.Module, _ x: Int, _ y: Int, _ width: Int) -> [String] {
        let stale = module.stale > 0 ? " stale" : ""
        return [
            "<rect class=\"module\(stale)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(boxHeight)\" rx=\"5\"/>",
            "<text x=\"\(x + 8)\" y=\"\(y + 15)\">\(escaped(module.name))</text>",
            "<text class=\"small\(stale)\" x=\"\(x + 8)\" y=\"\(y + 28)\">\(details(of: module))</text>"
        ]
    }

    /// From the right side of one box to the left side of another; around the right where that is not to the right of it.
    private static func line(_ edge: DependencyGraph.Edge, _ from: Box, _ to: Box) -> String {
        let (startX, startY) = (from.x + from.width, from.y + boxHeight / 2)
        let (endX, endY) = (to.x, to.y + boxHeight / 2)
        let bend = endX > startX ? max(20, (endX - startX) / 2) : gap
        let classes = [edge.stale > 0 ? "stale" : nil, edge.isLazy || !edge.isImport ? "lazy" : nil].compactMap { $0 }
        let style = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
        var words = "\(edge.from) uses \(edge.to)"
        if let names = edge.names, !names.isEmpty { words += ": \(shortened(names))" }
        if edge.stale > 0 { words += "; \(edge.stale) still old" }
        return
            "<path\(style) d=\"M\(startX) \(startY)C\(startX + bend) \(startY) \(endX - bend) \(endY) \(endX) \(endY)\" "
            + "marker-end=\"url(#end)\"><title>\(escaped(words))</title></path>"
    }

    /// XML's text, also in attributes; what XML cannot say is left out.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
