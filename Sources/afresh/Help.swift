/// The pages that `--help` prints.
enum Help {
    /// `afresh --help`: what it is and which commands there are.
    static func overview(of commands: [CommandSyntax]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        let lines = commands.map { "  \(pad($0.name, to: width))  \($0.summary)" }
        return """
            Makes a saved file live in the program that already runs, and says what is still old: Python modules, Swift plugins.

            usage: afresh COMMAND [OPTIONS]

            \(lines.joined(separator: "\n"))

            Begin with:
              afresh demo                     see the whole loop in a few seconds
              afresh run python app.py        start a program live, then save files in your editor

            afresh COMMAND --help tells more about a command; afresh --version prints the version.

            """
    }

    /// `afresh COMMAND --help`.
    static func page(of syntax: CommandSyntax) -> String {
        var text = "afresh \(syntax.name): \(syntax.summary)\n\nusage: \(usage(of: syntax))\n"
        if !syntax.discussion.isEmpty {
            text += "\n\(syntax.discussion)\n"
        }
        var rows = syntax.options.map { (left: spelling(of: $0), right: $0.summary) }
        rows.append((left: "--help", right: "print this page"))
        let width = rows.map(\.left.count).max() ?? 0
        text += "\noptions:\n"
        for row in rows {
            text += "  \(pad(row.left, to: width))  \(row.right)\n"
        }
        if !syntax.examples.isEmpty {
            text += "\nexamples:\n"
            for example in syntax.examples {
                text += "  \(example)\n"
            }
        }
        return text
    }

    private static func usage(of syntax: CommandSyntax) -> String {
        var words = ["afresh", syntax.name]
        if !syntax.options.isEmpty { words.append("[OPTIONS]") }
        if let operands = syntax.operands.placeholder {
            if syntax.operands.endOptions { words.append("[--]") }
            words.append(syntax.operands.missing == nil ? "[\(operands)]" : operands)
        }
        return words.joined(separator: " ")
    }

    private static func spelling(of option: CommandSyntax.Option) -> String {
        guard let value = option.value else { return option.name }
        return "\(option.name) \(value.placeholder)"
    }
}

/// The text with spaces after it up to a width in characters.
func pad(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}
