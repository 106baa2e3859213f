import ReloadEngine

/// Writes a report for a person.
struct ReportRenderer: Sendable {
    var style: Style
    var path: PathDisplay
    /// The text of a line (0-based) of a source file, to show it below its place.
    var source: @Sendable (_ path: String, _ line: Int) -> String?

    /// How many of several like things are shown before the rest is only counted.
    var limit = 20

    /// How much of a report is written.
    enum Part {
        case whole
        /// The headline and what is still old: the rest was written with an earlier phase.
        case stale
    }

    /// One reload, or one phase of it.
    func render(_ report: Report, part: Part = .whole) -> String {
        var lines = [headline(of: report)]
        if part == .stale {
            lines += report.hosts.flatMap { render($0.stale, total: $0.staleTotal) }.map(indented)
            return text(lines)
        }
        // Nothing was executed: the headline says it all.
        if report.outcome == .unchanged { return text(lines) }
        let problems = report.problems.filter { $0.code == "syntax-error" || $0.code == "compile-warning" }
        for problem in problems {
            lines += place(problem.path, problem.range, then: printable(problem.message)).map(indented)
        }
        for group in groups(of: report.hosts, { body(of: $0, report, hasProblems: !problems.isEmpty) }) {
            lines += ([title(of: group.hosts)] + group.body).map(indented)
        }
        return text(lines)
    }

    /// Hosts of one name with the same to say, such as the workers of one server, are written once.
    private func groups(
        of hosts: [HostReport], _ body: (HostReport) -> [String]
    ) -> [(hosts: [HostReport], body: [String])] {
        var groups: [(hosts: [HostReport], body: [String])] = []
        for host in hosts {
            let text = body(host)
            let same = groups.firstIndex { group in
                group.body == text && group.hosts.first?.name == host.name && group.hosts.first?.runtime == host.runtime
            }
            if let same {
                groups[same].hosts.append(host)
            } else {
                groups.append((hosts: [host], body: text))
            }
        }
        return groups
    }

    private func text(_ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined()
    }

    private func headline(of report: Report) -> String {
        "\(style.bold(style.outcome(report.outcome)))  \(printable(report.message))"
    }

    // MARK: - A host

    private func body(of host: HostReport, _ report: Report, hasProblems: Bool) -> [String] {
        var lines: [String] = []
        // A file that was saved and means the same is only worth a line when nothing else is.
        let modules = host.modules.filter { $0.outcome != .unchanged }
        let names = modules.map(\.name.count).max() ?? 0
        let outcomes = modules.map(\.outcome.rawValue.count).max() ?? 0
        for module in modules {
            lines.append(
                indented(
                    "\(style.outcome(module.outcome, padded: outcomes))  \(pad(printable(module.name), to: names))  "
                        + "generation \(module.generation)  \(style.dim(reason(of: module)))"))
            lines += render(module.changes, ofApplied: module.outcome <= .stale).map(indentedTwice)
            if let error = module.error, !(hasProblems && module.outcome == .blocked),
                !error.traceback.isEmpty || !report.message.contains(error.message)
            {
                lines += render(error).map(indentedTwice)
            }
        }
        lines += render(host.stale, total: host.staleTotal).map(indented)
        if let coverage = host.coverage, !coverage.complete {
            lines += render(coverage).map(indented)
        }
        return lines
    }

    /// Times are those of the slowest.
    private func title(of hosts: [HostReport]) -> String {
        guard let first = hosts.first else { return "" }
        let times: [(String, KeyPath<Timings, Double?>)] = [
            ("check", \.check), ("plan", \.plan), ("apply", \.apply), ("scan", \.scan), ("pause", \.pause)
        ]
        let measured = times.compactMap { name, time in
            hosts.compactMap { $0.timings[keyPath: time] }.max().map { "\(name) \(milliseconds($0))" }
        }
        let pids = hosts.prefix(limit).map { "\($0.pid)" }.joined(separator: ", ") + (hosts.count > limit ? ", …" : "")
        let title =
            "\(style.bold(printable(first.name)))  \(hosts.count == 1 ? "pid" : "\(hosts.count) processes, pids") \(pids), "
            + printable(first.runtime)
        return measured.isEmpty ? title : title + style.dim("  \(measured.joined(separator: ", ")) ms")
    }

    private func reason(of module: ModuleReport) -> String {
        switch module.because {
        case .edited: "edited"
        case .asked: "asked for"
        case .dependent(let of, let names):
            names.isEmpty
                ? "uses \(printable(of))"
                : "uses \(printable(list(names))) of \(printable(of))"
        }
    }

    // MARK: - Parts of a module

    /// - Parameter isApplied: the module's text was applied, so that a change that was not is worth a word.
    private func render(_ changes: [Change], ofApplied isApplied: Bool) -> [String] {
        let kinds = changes.map(\.kind.rawValue.count).max() ?? 0
        return limited(changes) { change in
            let mark =
                switch change.change {
                case .added: "+"
                case .modified: "~"
                case .removed: "-"
                }
            var line = "\(mark) \(style.dim(pad(change.kind.rawValue, to: kinds)))  \(printable(change.symbol))"
            if isApplied, !change.applied { line += style.yellow("  not applied") }
            if let reason = change.reason, !reason.isEmpty { line += "  \(printable(reason))" }
            return [line]
        }
    }

    /// As Python prints a traceback, since that is what its users read at a glance.
    private func render(_ error: ExecutionError) -> [String] {
        var lines: [String] = []
        for frame in error.traceback {
            let place = "File \"\(path(frame.path))\", line \(number(frame.range.start.line))"
            lines.append("\(place), in \(printable(frame.function))")
            lines += excerpt(frame.path, frame.range).map(indented)
        }
        let message = printable(error.message).split(separator: "\n", omittingEmptySubsequences: false)
        lines += message.map { style.red(String($0)) }
        return lines
    }

    // MARK: - What is still old

    func render(_ stale: [StaleReference], total: Int) -> [String] {
        guard total > 0 || !stale.isEmpty else { return [] }
        var lines = [style.yellow("still old: \(total) stale \(total == 1 ? "reference" : "references")")]
        lines += limited(stale) { reference in
            let kind = reference.kind.rawValue
            var what = "\(kind) of \(printable(reference.symbol)), generation \(reference.generation)"
            if reference.count > 1 { what = "\(reference.count) × \(what)" }
            if reference.confidence == .possible { what += " (possibly)" }
            var entry = ["\(style.bold(printable(reference.holder)))  \(what)"]
            if let location = reference.location {
                entry += place(location.path, location.range, then: nil).map(indented)
            }
            if let remedy = Remedy.text(for: reference) {
                entry.append(indented(style.dim("remedy: \(printable(remedy))")))
            }
            return entry
        }.map(indented)
        let listed = stale.reduce(0) { sum, reference in
            let (next, overflow) = sum.addingReportingOverflow(max(reference.count, 0))
            return overflow ? .max : next
        }
        if listed < total {
            lines.append(indented(style.dim("and \(total - listed) more")))
        }
        return lines
    }

    private func render(_ coverage: Coverage) -> [String] {
        let skipped = coverage.skipped.map { "\(printable($0.what)) (\(printable($0.reason)))" }
        let text = "not looked at: " + (skipped.isEmpty ? "part of the program" : skipped.joined(separator: ", "))
        return [style.dim(text)]
    }

    // MARK: - Places

    /// "shop/cart.py:3:27: text", and the line below with a mark.
    private func place(_ file: String, _ range: SourceRange, then text: String?) -> [String] {
        let line = source(file, range.start.line)
        let column = line.map { characters(of: $0, upTo: range.start.column) } ?? max(range.start.column, 0)
        let place = "\(path(file)):\(number(range.start.line)):\(number(column))"
        return [text.map { "\(style.bold(place)): \($0)" } ?? place] + excerpt(file, range).map(indented)
    }

    private func excerpt(_ file: String, _ range: SourceRange) -> [String] {
        guard let line = source(file, range.start.line) else { return [] }
        let indentation = line.prefix { $0 == " " || $0 == "\t" || $0 == "\u{0C}" }.count
        let start = max(characters(of: line, upTo: range.start.column), indentation)
        let end =
            range.end.line == range.start.line
            ? characters(of: line, upTo: range.end.column) : line.unicodeScalars.count
        let shown = printable(String(line.dropFirst(indentation)))
        guard shown.count <= 160 else { return [shown.prefix(157) + "…"] }
        let marks = String(repeating: "^", count: max(1, min(end, line.unicodeScalars.count) - start))
        return [shown, String(repeating: " ", count: start - indentation) + style.red(marks)]
    }

    /// How many characters stand before a column in bytes; Python, too, counts characters for people.
    private func characters(of line: String, upTo column: Int) -> Int {
        var bytes = 0
        var count = 0
        for scalar in line.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > column { break }
            count += 1
        }
        return count
    }

    /// 1-based, for a 0-based number that came from outside.
    private func number(_ zeroBased: Int) -> Int {
        max(0, min(zeroBased, .max - 1)) + 1
    }

    // MARK: - Layout

    private func limited<Element>(_ elements: [Element], _ lines: (Element) -> [String]) -> [String] {
        var result = elements.prefix(limit).flatMap(lines)
        if elements.count > limit { result.append(style.dim("and \(elements.count - limit) more")) }
        return result
    }

    private func list(_ names: [String]) -> String {
        let shown = names.prefix(4).joined(separator: ", ")
        return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
    }

    private func indented(_ line: String) -> String { "  " + line }
    private func indentedTwice(_ line: String) -> String { "      " + line }
}

/// A time as a person reads it: one decimal below a hundred.
func milliseconds(_ value: Double) -> String {
    guard value.isFinite, value >= 0, value < 1e12 else { return "?" }
    let tenths = Int((value * 10).rounded())
    return tenths >= 1000 ? "\((tenths + 5) / 10)" : "\(tenths / 10).\(tenths % 10)"
}
