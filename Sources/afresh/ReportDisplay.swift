import Platform
import ReloadEngine

/// Where the reports of a command go: text for a person, or JSON for a program.
struct ReportDisplay: Sendable {
    let isJSON: Bool
    let style: Style
    let path: PathDisplay
    private let renderer: ReportRenderer

    init(_ arguments: Arguments, currentFolder: String) {
        isJSON = arguments.has("--json")
        style = Style(choice: arguments["--color"], descriptor: 1)
        path = PathDisplay(currentFolder: currentFolder)
        renderer = ReportRenderer(style: style, path: path, source: SourceLines().line)
    }

    /// Writes a report for a person; nothing with `--json`.
    /// - Parameter time: when it happened, for a report among others.
    /// - Returns: false when nobody reads what is written any more.
    @discardableResult
    func show(_ report: Report, part: ReportRenderer.Part = .whole, at time: String? = nil) -> Bool {
        guard !isJSON else { return true }
        let prefix = time.map { style.dim($0) + "  " } ?? ""
        return write(prefix + renderer.render(report, part: part))
    }

    /// Writes a sentence for a person; nothing with `--json`.
    func say(_ sentence: String) {
        guard !isJSON else { return }
        FileDescriptor.standardOutput.print(sentence + "\n")
    }

    /// Writes a report as one line of JSON; nothing without `--json`.
    /// - Returns: false when nobody reads what is written any more.
    @discardableResult
    func json(_ report: Report) -> Bool {
        guard isJSON else { return true }
        return write(StatusJSON.line(of: report) + "\n")
    }

    private func write(_ text: String) -> Bool {
        do {
            try FileDescriptor.standardOutput.writeAll(Array(text.utf8))
            return true
        } catch {
            return false
        }
    }
}

/// Lines of source files, to show what a report speaks of.
struct SourceLines: Sendable {
    /// Bytes. What is larger was not written by hand.
    private static let limit = 4 << 20

    @Sendable func line(_ path: String, _ number: Int) -> String? {
        guard number >= 0, let bytes = try? readFile(path, limit: Self.limit) else { return nil }
        var current = 0
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0x0A {
            if current == number { return text(bytes[start..<index]) }
            current += 1
            start = index + 1
        }
        return current == number && start < bytes.count ? text(bytes[start...]) : nil
    }

    private func text(_ line: ArraySlice<UInt8>) -> String? {
        let line = line.last == 0x0D ? line.dropLast() : line
        return String(validating: line, as: UTF8.self)
    }
}
