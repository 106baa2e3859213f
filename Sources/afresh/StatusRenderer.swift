import ReloadEngine

/// Writes for a person how the hosts stand.
struct StatusRenderer: Sendable {
    var style: Style
    var path: PathDisplay
    var isVerbose: Bool

    /// How many modules that were never reloaded are shown.
    private static let limit = 20

    func render(_ surveys: [HostSurvey]) -> String {
        surveys.filter(\.answered).map(render).joined(separator: "\n")
    }

    private func render(_ survey: HostSurvey) -> String {
        let host = survey.host
        var lines = [
            "\(style.bold(printable(host.name)))  pid \(host.pid), \(printable(host.runtime.name)) "
                + "\(printable(host.runtime.version)), started in \(path(host.directory))"
        ]
        lines += host.notices.map { "  " + style.yellow("note: \(printable($0.message))") }
        if let images = survey.images { lines.append("  " + style.dim("\(images)")) }
        let report = StatusReport.report(of: [survey]).hosts.first
        let modules = report?.modules ?? []
        // What was reloaded is always shown; of the rest as many as can be read at a glance.
        let first = Set(
            modules.filter { $0.generation <= 1 && $0.outcome == .unchanged }.prefix(Self.limit).map(\.name))
        let shown = modules.filter { isVerbose || $0.generation > 1 || $0.outcome == .stale || first.contains($0.name) }
        let names = shown.map(\.name.count).max() ?? 0
        let outcomes = shown.map(\.outcome.rawValue.count).max() ?? 0
        for module in shown {
            let file = module.path.map { path($0) } ?? "no source file"
            lines.append(
                "  \(style.outcome(module.outcome, padded: outcomes))  \(pad(printable(module.name), to: names))  "
                    + "generation \(module.generation)  \(style.dim(file))")
            if let reason = module.changes.first?.reason {
                lines.append("      " + style.yellow(reason))
            }
            if isVerbose, let error = module.error {
                lines.append("      " + style.dim(printable(error.message)))
            }
        }
        let rest = modules.count - shown.count
        if rest > 0 {
            let what = rest == 1 ? "1 module" : "\(rest) modules"
            lines.append("  " + style.dim("and \(what) more (--verbose lists them)"))
        }
        if let report {
            // What goes into a bug report holds no source text.
            let text = isVerbose ? nil : SourceLines()
            let renderer = ReportRenderer(style: style, path: path) { text?.line($0, $1) }
            lines += renderer.render(report.stale, total: report.staleTotal).map { "  " + $0 }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
