import JSONRPC
import Platform
import ReloadEngine

/// The contract's settings, as they hold for the session.
struct ServerSettings: Equatable {
    var mode = Mode.all
    var policy = Policy.patch
    var dependents = DependentsScope.affected
    var track: [String] = []
    var untrack: [String] = []
    var exclude: [String] = []
    /// Also reload files that were changed outside the editor.
    var watch = true
    var python: String?
    /// How many holders to name for one stale object.
    var staleSamples = 20
    /// Send `reload/status`.
    var status = true
    /// Show values of the running program in the text.
    var inlayHints = false

    /// What the engine needs of them.
    func reload(workspaceFolders: [String]) -> ReloadSettings {
        var settings = ReloadSettings()
        settings.mode = mode
        settings.policy = policy
        settings.dependents = dependents
        settings.track = Set(track)
        settings.untrack = Set(untrack)
        settings.exclude = exclude
        settings.staleSamples = staleSamples
        settings.interpreter = python.map { absolutePath($0, in: workspaceFolders.first) }
        settings.workspaceFolders = workspaceFolders
        return settings
    }

    /// Takes over the settings that an object has. Missing and null ones stay as they are, and so do those with a wrong value.
    /// - Returns: what is wrong, one phrase each.
    mutating func read(_ json: JSONValue) -> [String] {
        var reader = SettingsReader(json: json)
        reader.read("mode", into: &mode)
        reader.read("policy", into: &policy)
        reader.read("dependents", into: &dependents)
        reader.read("track", into: &track)
        reader.read("untrack", into: &untrack)
        reader.read("exclude", into: &exclude)
        reader.read("watch", into: &watch)
        reader.read("python", into: &python)
        reader.read("stale.samples", into: &staleSamples)
        reader.read("status", into: &status)
        reader.read("inlayHints", into: &inlayHints)
        return reader.problems
    }
}

/// An interpreter as people write it: with `~` or `${workspaceFolder}`, or relative to the workspace folder. A bare name is left to
/// be looked up.
private func absolutePath(_ path: String, in folder: String?) -> String {
    if path.hasPrefix("~/"), let home = Environment.variable("HOME") { return home + path.dropFirst(1) }
    guard let folder, path.contains("/"), !path.hasPrefix("/") else { return path }
    if path.hasPrefix("${workspaceFolder}/") { return folder + path.dropFirst("${workspaceFolder}".count) }
    return "\(folder)/\(path)"
}

/// Where the settings come from: the defaults, over them what the client sent at start, over that its configuration, over
/// that what commands have changed since.
struct SettingsStore {
    private(set) var current = ServerSettings()
    private var initial = JSONValue.null
    private var configured = JSONValue.null
    private var commanded = CommandedSettings()
    private var reported: [String] = []

    /// - Returns: a sentence to show when a value is wrong that was not before.
    mutating func takeInitializationOptions(_ json: JSONValue) -> String? {
        initial = json["afresh"]?.objectValue == nil ? json : json["afresh"] ?? .null
        return refresh()
    }

    /// The section "afresh".
    /// - Returns: a sentence to show when a value is wrong that was not before.
    mutating func takeConfiguration(_ json: JSONValue) -> String? {
        // Someone who writes another mode into the settings means it.
        if json["mode"] != configured["mode"] { commanded.mode = nil }
        configured = json
        return refresh()
    }

    mutating func setMode(_ mode: Mode) {
        commanded.mode = mode
        _ = refresh()
    }

    mutating func track(_ modules: [String]) {
        commanded.untracked.subtract(modules)
        commanded.tracked.formUnion(modules)
        _ = refresh()
    }

    mutating func untrack(_ modules: [String]) {
        commanded.tracked.subtract(modules)
        commanded.untracked.formUnion(modules)
        _ = refresh()
    }

    private mutating func refresh() -> String? {
        var settings = ServerSettings()
        let problems = settings.read(initial) + settings.read(configured)
        if let mode = commanded.mode { settings.mode = mode }
        settings.track = Set(settings.track).union(commanded.tracked).subtracting(commanded.untracked).sorted()
        settings.untrack = Set(settings.untrack).union(commanded.untracked).subtracting(commanded.tracked).sorted()
        current = settings
        defer { reported = problems }
        guard !problems.isEmpty, problems != reported else { return nil }
        return "Afresh settings: \(problems.joined(separator: "; ")). The default is used instead."
    }
}

/// What commands have changed.
private struct CommandedSettings {
    var mode: Mode?
    var tracked: Set<String> = []
    var untracked: Set<String> = []
}

extension RawRepresentable where RawValue == String {
    /// A choice by its name, in small or capital letters.
    init?(anyCase name: String) {
        self.init(rawValue: name.lowercased())
    }
}

/// Reads single settings and collects what is wrong.
private struct SettingsReader {
    let json: JSONValue
    private(set) var problems: [String] = []

    init(json: JSONValue) {
        self.json = json
        if json.objectValue == nil, !json.isNull { problems.append("they must be an object, not \(json.kindName)") }
    }

    /// A value by its name; "stale.samples" may also be written as an object in an object.
    private func value(_ name: String) -> JSONValue? {
        if let value = json[name] { return value.isNull ? nil : value }
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count > 1 else { return nil }
        let nested = parts.reduce(JSONValue?.some(json)) { $0?[$1] }
        return nested?.isNull == false ? nested : nil
    }

    private mutating func complain(_ name: String, _ value: JSONValue, _ expected: String) {
        problems.append("`\(name)` must be \(expected), not \(value.text.prefix(60))")
    }

    mutating func read<Choice: RawRepresentable & CaseIterable>(
        _ name: String, into choice: inout Choice
    ) where Choice.RawValue == String {
        guard let value = value(name) else { return }
        if let chosen = value.stringValue.flatMap(Choice.init(anyCase:)) {
            choice = chosen
        } else {
            complain(name, value, Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        }
    }

    mutating func read(_ name: String, into flag: inout Bool) {
        guard let value = value(name) else { return }
        if let chosen = value.boolValue { flag = chosen } else { complain(name, value, "true or false") }
    }

    mutating func read(_ name: String, into number: inout Int) {
        guard let value = value(name) else { return }
        if let chosen = value.intValue, (0...1_000_000).contains(chosen) {
            number = chosen
        } else {
            complain(name, value, "a number from 0 to 1000000")
        }
    }

    mutating func read(_ name: String, into list: inout [String]) {
        guard let value = value(name) else { return }
        let chosen = value.arrayValue?.compactMap(\.stringValue)
        if let chosen, chosen.count == value.arrayValue?.count {
            list = chosen
        } else {
            complain(name, value, "a list of strings")
        }
    }

    mutating func read(_ name: String, into path: inout String?) {
        guard let value = value(name) else { return }
        if let chosen = value.stringValue {
            path = chosen.isEmpty ? nil : chosen
        } else {
            complain(name, value, "a path")
        }
    }
}
