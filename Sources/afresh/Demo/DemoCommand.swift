import Platform
import PythonRuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `afresh demo`: the whole loop on a built-in sample, without an editor.
struct DemoCommand: Command {
    static let syntax = CommandSyntax(
        name: "demo",
        summary: "show the whole loop on a built-in sample, without an editor",
        discussion: """
            Writes a small web shop to a temporary folder, starts it live, starts a language server as an editor would, saves
            four edits, and asks the running shop over HTTP what it runs after each. Removes everything at the end.

            'afresh demo swift' does the same with a shop in Swift whose two plugins are saved. It needs a Swift toolchain, Linux,
            and the library AfreshHost beside the command.

            Exit code: 0 if everything went as it must, else 1.
            """,
        operands: .init(placeholder: "swift"),
        options: [
            .init("--python", .text("PYTHON"), "the interpreter for the shop (default: the first fitting one found)"),
            Style.option
        ])

    private let python: String?
    private let isSwift: Bool
    private let style: Style

    init(_ arguments: Arguments) throws(UsageError) {
        guard arguments.operands.isEmpty || arguments.operands == ["swift"] else {
            throw UsageError(message: "'\(arguments.operands[0])' is not expected here; 'swift' is")
        }
        isSwift = !arguments.operands.isEmpty
        python = arguments["--python"]
        style = Style(choice: arguments["--color"], descriptor: 1)
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        do {
            let tidy = try DemoTidy()
            defer { tidy.tidy() }
            try StopSignals.handle { signal in
                tidy.interrupt()
                _exit(128 + signal)
            }
            let isGood = isSwift ? try SwiftDemo(style: style).play(tidy) : try play(tidy)
            return isGood ? ExitCode.success : 1
        } catch DemoTidy.Interruption.byUser {
            // The thread that took the signal tidies up and ends the process.
            while true { pause() }
        } catch let failure as DemoFailure {
            complain("demo", failure.message)
        } catch {
            complain("demo", "\(error).")
        }
        return 1
    }

    /// Plays the whole demo; false if something was not as it must be.
    private func play(_ tidy: DemoTidy) throws -> Bool {
        guard let afresh = Environment.executablePath else { throw DemoFailure("The path of this program is unknown.") }
        let python = try DemoPython.find(python)
        let folder = tidy.folder + "/shop"
        try DemoFiles.write(DemoSample.files, to: folder)
        let log = try DemoFiles.openLog(tidy.folder + "/log")
        // A runtime folder of its own: the user's programs and editors have no part in this.
        let environment =
            Environment.all.filter { !$0.hasPrefix("XDG_RUNTIME_DIR=") } + ["XDG_RUNTIME_DIR=\(tidy.folder)"]
        let printer = DemoPrinter(style: style, folder: folder)
        printer.title()
        do {
            let shop = try DemoShop(
                afresh: afresh, python: python.path, folder: folder, environment: environment, log: log, tidy: tidy)
            let editor = try DemoEditor(
                afresh: afresh, python: python.path, folder: folder, environment: environment, log: log, tidy: tidy)
            try editor.open(DemoSample.files, in: folder, of: shop.process)
            // Saved as it is: nothing to do, but the interpreter that compiles has started when that is said.
            let check = try editor.save("\(folder)/\(DemoSample.warmUp.path)", text: DemoSample.warmUp.text)
            for thing in DemoSample.purchases.dropLast() { _ = try shop.buy(thing) }
            let first = try shop.buy(DemoSample.purchases.last ?? "")
            printer.opening(shop: shop, python: python, editor: editor, checkTime: check.appliedTime, first: first)
            let edits = DemoEdits(
                files: DemoSample.files, edits: DemoSample.edits, purchases: DemoSample.purchases,
                firstTotal: DemoSample.firstTotal)
            let isGood = try edits.play(
                in: folder, editor, printer, pid: shop.process.processID, first: first, ask: shop.ask)
            editor.close()
            printer.end(isGood: isGood)
            return isGood
        } catch {
            try tidy.checkInterruption()
            DemoFiles.showLog(tidy.folder + "/log")
            throw error
        }
    }
}

/// The interpreter that the demo's shop runs in.
struct DemoPython: Sendable {
    var path: String
    /// "3.11.7".
    var version: String

    /// The oldest version that can be live.
    private static let oldest = (3, 11)

    /// The interpreter that was asked for, or the first one in the PATH that can be live.
    static func find(_ asked: String?) throws -> DemoPython {
        if let asked {
            guard let found = try probe(asked) else {
                throw DemoFailure("'\(asked)' is no Python that can be started.")
            }
            guard found.isSupported else {
                throw DemoFailure(
                    "'\(asked)' is Python \(found.version); a program needs CPython 3.11 or later to be live.")
            }
            return found
        }
        var others: [String] = []
        for name in ["python3", "python"] + (11...14).reversed().map({ "python3.\($0)" }) {
            guard let found = try probe(name) else { continue }
            if found.isSupported { return found }
            others.append("\(name) is \(found.version)")
        }
        let seen = others.isEmpty ? "none was found in the PATH" : others.joined(separator: ", ")
        throw DemoFailure(
            "CPython 3.11 or later is needed, but \(seen). Install one, or name it: afresh demo --python PYTHON.")
    }

    private var isSupported: Bool {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, let major = parts.first, let minor = parts.dropFirst().first else { return false }
        return (major, minor) >= Self.oldest
    }

    /// What the interpreter says about itself; nil if there is none of that name.
    private static func probe(_ name: String) throws -> DemoPython? {
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .pipe
        options.error = .null
        let question = "import sys; print(sys.executable); print('.'.join(map(str, sys.version_info[:3])))"
        guard let process = try? ChildProcess(name, ["-I", "-S", "-c", question], options: options) else { return nil }
        defer {
            process.signal(SIGKILL)
            _ = process.wait()
        }
        guard let output = process.output else { return nil }
        defer { output.close() }
        guard let bytes = try output.readToEnd(until: .after(5000)) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 2, let path = lines.first, let version = lines.last else { return nil }
        return DemoPython(path: path, version: version)
    }
}
