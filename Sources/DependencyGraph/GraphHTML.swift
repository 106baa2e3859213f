import GraphPage

/// One page that shows graphs in a browser, without a network.
enum GraphHTML {
    static func text(of graphs: [DependencyGraph]) -> String {
        let page = String(cString: graphPage())
        // Inside a script element, only "<" could end it.
        let data = GraphJSON.value(of: graphs).text.split(separator: "<", omittingEmptySubsequences: false)
            .joined(separator: "\\u003c")
        guard let place = page.firstRange(of: "GRAPH") else { return page }
        return page.replacingCharacters(in: place, with: data)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
