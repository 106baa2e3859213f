import JSONRPC
import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What `afresh status --verbose` adds for a bug report: versions, the platform, folders, and what servers were told and did. Names,
/// paths and figures only.
enum Diagnosis {
    static func lines(style: Style) -> [String] {
        var lines = [
            style.bold("afresh \(Afresh.version)") + ", \(platform)",
            "  runtime folder: \(runtimeFolder.text)",
            "  cache folder: \(Environment.cacheFolder ?? "none: neither XDG_CACHE_HOME nor HOME is set")"
        ]
        let servers = runtimeFolder.folder.map { serverJournals(in: $0) } ?? []
        if servers.isEmpty {
            lines.append("  no server listens for programs: no editor is connected, no 'afresh watch' runs")
        }
        for server in servers { lines += describe(server, style) }
        return lines
    }

    private static func describe(_ server: JSONValue, _ style: Style) -> [String] {
        func text(_ name: String) -> String { printable(server[name]?.stringValue ?? "?") }
        let pids = server["hosts"]?.arrayValue?.compactMap(\.intValue).map(String.init) ?? []
        var lines = [
            style.bold("\(text("name")) \(text("version"))") + "  pid \(server["pid"]?.intValue ?? 0), "
                + (pids.isEmpty ? "no programs" : "programs: \(pids.joined(separator: ", "))"),
            "  settings: \(printable(server["settings"]?.text ?? "{}"))"
        ]
        for report in server["reports"]?.arrayValue ?? [] { lines.append("  \(printable(report.text))") }
        return lines
    }

    private static var runtimeFolder: (folder: RuntimeFolder?, text: String) {
        do {
            let folder = try RuntimeFolder.standard()
            return (folder, folder.path)
        } catch {
            return (nil, sentence(of: error))
        }
    }

    /// "Linux 6.1.0 x86_64, Debian GNU/Linux 12 (bookworm)"
    private static var platform: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "an unknown system" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let system = "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
        guard let release = try? readFile("/etc/os-release", limit: 1 << 16) else { return system }
        let lines = String(decoding: release, as: UTF8.self).split(separator: "\n")
        let name = lines.first { $0.hasPrefix("PRETTY_NAME=") }
        return name.map { "\(system), \($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" })" } ?? system
    }
}
