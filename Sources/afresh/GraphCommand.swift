import DependencyGraph
import Platform
import ReloadEngine

/// `afresh graph`: who depends on whom in the live programs, and where old objects are still held.
struct GraphCommand: Command {
    static let syntax = CommandSyntax(
        name: "graph",
        summary: "show who depends on whom, and what is still old",
        discussion: """
            Writes the modules of every live program with their generations, who imports whom by what was really imported,
            and along which of these dependencies old objects are still held. With module or package names, only what is
            connected to them.

            tree: for a terminal. dot: for Graphviz. svg: a drawing; of many modules, packages are drawn as one box each.
            html: one page for a browser that needs no network, with search and packages that open. json: as data.

            Exit code: 0, 2 if a program did not answer, or 3 if no live program has such a module.
            """,
        operands: .init(placeholder: "MODULE…"),
        options: [
            .init("--format", .choice(GraphFormat.allCases.map(\.rawValue)), "tree (default), dot, svg, html or json"),
            .init("--timeout", .seconds, "how long to wait for an answer (default: 10)")
        ],
        examples: ["afresh graph", "afresh graph shop.prices", "afresh graph --format html > graph.html"])

    private let format: GraphFormat
    private let modules: [String]
    private let timeout: Double

    init(_ arguments: Arguments) throws(UsageError) {
        format = arguments["--format"].flatMap(GraphFormat.init) ?? .tree
        timeout = arguments.seconds("--timeout") ?? 10
        modules = arguments.operands
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        do {
            let session = try EngineSession(command: "graph", settings: ReloadSettings(), announced: false)
            defer { session.engine.stop() }
            let hosts = session.greetedHosts()
            let silent = session.silentHosts
            let surveys = session.survey(imports: true, until: .after(timeout * 1000)).filter(\.answered)
            let answered = Set(surveys.map(\.host.id))
            for host in hosts where !answered.contains(host.id) {
                complain("graph", "\(host.name) (pid \(host.pid)) did not answer; it may be stopped or busy.")
            }
            if !silent.isEmpty { complain("graph", EngineSession.sentence(about: silent)) }
            if hosts.isEmpty, silent.isEmpty {
                complain("graph", "no live program is running; start one with 'afresh run python app.py'.")
            }
            let graphs = DependencyGraph.graphs(of: surveys, focus: modules)
            if graphs.isEmpty, !surveys.isEmpty, !modules.isEmpty {
                complain("graph", "no live program has \(modules.joined(separator: ", ")) loaded.")
            }
            let text = format.text(of: graphs, focus: modules)
            FileDescriptor.standardOutput.print(format == .tree ? printable(text) : text)
            let isWhole = silent.isEmpty && hosts.allSatisfy { answered.contains($0.id) }
            return !isWhole ? ExitCode.notApplied : graphs.isEmpty ? ExitCode.notLoaded : ExitCode.success
        } catch {
            complain("graph", sentence(of: error))
            return ExitCode.notApplied
        }
    }
}
