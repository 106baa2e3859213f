import Platform

/// `afresh explain`: what a diagnostic code means, in the terminal.
struct ExplainCommand: Command {
    static let syntax = CommandSyntax(
        name: "explain",
        summary: "explain a diagnostic code, such as stale-binding, or another topic",
        discussion: """
            Prints the page of a diagnostic code: what it means, an example, why it is so and what to do. Without a name,
            lists all pages.

            Exit code: 0, or 64 if there is no such page.
            """,
        operands: .init(placeholder: "PAGE"), options: [Style.option],
        examples: ["afresh explain", "afresh explain stale-binding", "afresh explain troubleshooting"])

    /// Nil for the list.
    private let pages: [Page]?
    private let style: Style

    init(_ arguments: Arguments) throws(UsageError) {
        style = Style(choice: arguments["--color"], descriptor: FileDescriptor.standardOutput.rawValue)
        var pages: [Page] = []
        for name in arguments.operands {
            guard let page = Page.named(name) else {
                let near = nearest(to: name, among: Page.all.map(\.name))
                throw UsageError(
                    message: "there is no page '\(name)'"
                        + (near.map { "; did you mean 'afresh explain \($0)'?" } ?? "; 'afresh explain' lists them"))
            }
            pages.append(page)
        }
        self.pages = pages.isEmpty ? nil : pages
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        let renderer = PageRenderer(style: style)
        let text = pages.map { $0.map(renderer.render).joined(separator: "\n") } ?? list
        FileDescriptor.standardOutput.print(text)
        return ExitCode.success
    }

    private var list: String {
        let width = Page.all.map(\.name.count).max() ?? 0
        return Page.all.map { "\(style.bold(pad($0.name, to: width)))  \($0.summary)\n" }.joined()
    }
}

extension Page {
    /// The first sentence under the title, without its end.
    fileprivate var summary: String {
        let paragraph = text.split(separator: "\n\n").dropFirst().first ?? ""
        let line = paragraph.split(separator: "\n").joined(separator: " ")
        let end = line.firstRange(of: ". ")?.lowerBound ?? line.endIndex
        let sentence = PageRenderer.plain(String(line[..<end]))
        return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}

/// Markdown as a terminal shows it: headings bold, code indented, links as their text, the rows of tables one below another.
struct PageRenderer {
    var style: Style

    func render(_ page: Page) -> String {
        var isCode = false
        var lines: [String] = []
        var columns: [String]?
        for line in page.text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                lines.append(line.isEmpty ? "" : "    " + coloured(line))
            } else if !isCode, line.hasPrefix("|") {
                let cells = Self.cells(of: line)
                if let columns {
                    if !line.hasPrefix("|---") { lines += row(cells, columns) }
                } else {
                    columns = cells
                }
            } else if line.hasPrefix("#") {
                lines.append(style.bold(String(line.drop { $0 == "#" || $0 == " " })))
            } else {
                lines.append(Self.plain(String(line)))
            }
            if !line.hasPrefix("|") { columns = nil }
        }
        return lines.joined(separator: "\n")
    }

    /// One row of a table: what it is about, and under it what each column says.
    private func row(_ cells: [String], _ columns: [String]) -> [String] {
        [style.bold(cells.first ?? "")]
            + zip(columns, cells).dropFirst().filter { !$1.isEmpty }.map { column, cell in
                column.isEmpty ? "    \(cell)" : "    \(column): \(cell)"
            }
    }

    private static func cells(of line: Substring) -> [String] {
        line.split(separator: "|").map { cell in
            plain(String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
        }
    }

    /// An edit as everywhere.
    private func coloured(_ line: Substring) -> String {
        switch line.first {
        case "+": style.green(String(line))
        case "-": style.red(String(line))
        default: String(line)
        }
    }

    /// `[text](address)` as the text; another page's is its name already.
    static func plain(_ line: String) -> String {
        var result = ""
        var rest = line[...]
        while let open = rest.firstIndex(of: "["), let middle = rest[open...].firstRange(of: "]("),
            let close = rest[middle.upperBound...].firstIndex(of: ")")
        {
            result += rest[..<open] + rest[rest.index(after: open)..<middle.lowerBound]
            let address = rest[middle.upperBound..<close]
            if address.contains("://") { result += " (\(address))" }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
