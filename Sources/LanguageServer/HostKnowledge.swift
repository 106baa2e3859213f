import Platform
import ReloadEngine

/// What the hosts have said about their modules: for hover.
struct HostKnowledge {
    struct Module {
        var name: String
        var path: String?
        var generation: Int
        /// Local time at which the generation was loaded, if it is known.
        var since: String?
    }

    private struct Host {
        var title: String
        var modules: [String: Module] = [:]
        var stale: [StaleReference] = []
    }

    /// Of the last reload; 0 before the first.
    private(set) var lastSequence = 0
    private var hosts: [String: Host] = [:]

    mutating func take(_ surveys: [HostSurvey]) {
        let present = Set(surveys.map(\.host.id))
        hosts = hosts.filter { present.contains($0.key) }
        for survey in surveys where survey.answered {
            let information = survey.host
            let runtime = "\(information.runtime.name) \(information.runtime.version)"
            var host =
                hosts[information.id] ?? Host(title: "\(information.name) (\(runtime), process \(information.pid))")
            let known = host.modules
            host.modules = [:]
            for module in survey.modules {
                let seen = known[module.name].flatMap { $0.generation == module.generation ? $0.since : nil }
                let since = module.loaded.map { localTimeOfDay(of: $0) } ?? seen
                host.modules[module.name] = Module(
                    name: module.name, path: module.path, generation: module.generation, since: since)
            }
            if let stale = survey.stale { host.stale = stale.references }
            hosts[information.id] = host
        }
    }

    mutating func take(_ report: Report) {
        lastSequence = max(lastSequence, report.sequence)
        for reported in report.hosts {
            var host =
                hosts[reported.id] ?? Host(title: "\(reported.name) (\(reported.runtime), process \(reported.pid))")
            for module in reported.modules where report.phase == .applied {
                let isNew = host.modules[module.name].map { $0.generation != module.generation } ?? true
                host.modules[module.name] = Module(
                    name: module.name, path: module.path, generation: module.generation,
                    since: isNew ? localTimeOfDay() : host.modules[module.name]?.since)
            }
            if report.phase == .scanned || report.phase == .resolved { host.stale = reported.stale }
            hosts[reported.id] = host
        }
    }

    /// Of a definition in a file: the newest generation of its module that runs, and how many references to older ones there are.
    func state(of name: String, in path: String) -> (generation: Int, stale: Int)? {
        var generation: Int?
        var stale = 0
        for host in hosts.values {
            for module in host.modules.values where module.path == path {
                generation = max(generation ?? 0, module.generation)
                stale = host.stale.filter { $0.concerns("\(module.name).\(name)") }
                    .reduce(stale) { $0.addingReportingOverflow($1.count).partialValue }
            }
        }
        return generation.map { ($0, stale) }
    }

    /// What is known about the modules of a file, one line for each host and stale reference.
    /// - Parameter name: a module-level name whose stale references alone are of interest; nil for all.
    func lines(about path: String, name: String? = nil, sampleLimit: Int) -> [HoverLine] {
        var lines: [HoverLine] = []
        for host in hosts.values.sorted(by: { $0.title < $1.title }) {
            for module in host.modules.values.filter({ $0.path == path }).sorted(by: { $0.name < $1.name }) {
                let since = module.since.map { ", live since \($0)" } ?? ""
                lines.append(
                    HoverLine(code: module.name, words: "generation \(module.generation) in \(host.title)\(since)"))
                let stale = host.stale.filter { reference in
                    name.map { reference.concerns("\(module.name).\($0)") }
                        ?? reference.symbol.hasPrefix(module.name + ".")
                }
                for reference in stale.prefix(sampleLimit) {
                    lines.append(HoverLine(code: reference.holder, words: words(about: reference, in: module.name)))
                }
                if stale.count > sampleLimit {
                    lines.append(HoverLine(code: nil, words: "and \(stale.count - sampleLimit) more stale references"))
                }
            }
        }
        return lines
    }

    private func words(about reference: StaleReference, in module: String) -> String {
        let name = reference.symbol.dropFirst(module.count + 1)
        let times = reference.count == 1 ? "" : " (\(reference.count) references)"
        switch reference.kind {
        case .leftover: return "still bound, though the saved text no longer defines it"
        case .frame: return "still runs \(name) of generation \(reference.generation)\(times)"
        default: return "still holds \(name) of generation \(reference.generation)\(times)"
        }
    }
}

extension StaleReference {
    /// Whether it is to a symbol, or to something inside it.
    fileprivate func concerns(_ other: String) -> Bool {
        symbol == other || symbol.hasPrefix(other + ".")
    }
}

/// One line of a hover: something in the program, and what is said about it.
struct HoverLine {
    var code: String?
    var words: String

    func text(markdown: Bool) -> String {
        guard let code else { return words }
        guard markdown else { return "\(code): \(words)" }
        // A holder's path may contain back quotes itself.
        let fence = code.contains("`") ? "``" : "`"
        return "\(fence)\(code)\(fence): \(words.escapedForMarkdown)"
    }
}

extension String {
    /// The text with everything that Markdown would take for markup marked as plain.
    fileprivate var escapedForMarkdown: String {
        var result = ""
        for character in self {
            if "\\`*_[]<>#".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
