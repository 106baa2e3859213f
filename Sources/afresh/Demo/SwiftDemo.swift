import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `afresh demo swift`: the loop with a Swift program that loads two plugins.
struct SwiftDemo: Sendable {
    var style: Style

    /// Plays the whole demo; false if something was not as it must be.
    func play(_ tidy: DemoTidy) throws -> Bool {
        guard let afresh = Environment.executablePath else { throw DemoFailure("The path of this program is unknown.") }
        let library = try SwiftDemo.library(beside: afresh)
        let folder = tidy.folder + "/shop"
        try DemoFiles.write(SwiftDemoSample.files, to: folder)
        let logPath = tidy.folder + "/log"
        let log = try DemoFiles.openLog(logPath)
        // A runtime folder of its own: the user's programs and editors have no part in this.
        let environment =
            Environment.all.filter { !$0.hasPrefix("XDG_RUNTIME_DIR=") && !$0.hasPrefix("AFRESH=") } + [
                "XDG_RUNTIME_DIR=\(tidy.folder)", "AFRESH=\(afresh)"
            ]
        let printer = DemoPrinter(style: style, folder: folder)
        printer.title("A shop in Swift that keeps running while its plugins are saved")
        do {
            let started = monotonicMilliseconds()
            let binary = try build(folder, library, log)
            let built = monotonicMilliseconds() - started
            let shop = try SwiftShop(binary, folder: folder, environment: environment, log: log, tidy: tidy)
            let ready = monotonicMilliseconds() - started - built
            let editor = try DemoEditor(
                afresh: afresh, language: "swift", folder: folder, environment: environment, log: log, tidy: tidy)
            try editor.open(SwiftDemoSample.files, in: folder, of: shop.process)
            var first = try shop.ask("")
            for thing in SwiftDemoSample.purchases { first = try shop.ask(thing) }
            printer.label(
                "program",
                "shop         built in \(milliseconds(built)) ms, its plugins in \(milliseconds(ready)) ms, pid \(shop.process.processID)"
            )
            printer.label("editor", "afresh lsp   ready after \(milliseconds(editor.startTime)) ms")
            printer.label(
                "shop",
                "\(printer.euros(first.total)) for \(first.cart.joined(separator: ", ")), kept in the program's memory")
            let edits = DemoEdits(
                files: SwiftDemoSample.files, edits: SwiftDemoSample.edits, purchases: SwiftDemoSample.purchases,
                firstTotal: SwiftDemoSample.firstTotal)
            let isGood = try edits.play(in: folder, editor, printer, pid: shop.process.processID, first: first) {
                try shop.ask("")
            }
            editor.close()
            printer.end(
                isGood: isGood, advice: "Now with your own program: afresh explain swift-plugins says what it needs")
            return isGood
        } catch {
            try tidy.checkInterruption()
            DemoFiles.showLog(logPath)
            throw error
        }
    }

    /// The folder of the library that the program links.
    private static func library(beside executable: String) throws -> String {
        #if !os(Linux)
            throw DemoFailure("Swift plugins are for Linux.")
        #else
            let real = realPath(executable) ?? executable
            let folder = real.lastIndex(of: "/").map { String(real[..<$0]) } ?? "."
            guard fileStatus(folder + "/libAfreshHost.so") != nil,
                fileStatus(folder + "/Modules/AfreshHost.swiftmodule") != nil
            else {
                throw DemoFailure(
                    "The library AfreshHost is not beside \(real): in a checkout of Afresh, run 'swift build' and then 'swift run afresh demo swift'."
                )
            }
            return folder
        #endif
    }

    /// The shop itself, by the compiler alone: a package would build all of Afresh first.
    private func build(_ folder: String, _ library: String, _ log: FileDescriptor) throws -> String {
        let place = folder + "/.build/program"
        try makeFolder(place)
        let flags = ["-swift-version", "6", "-I", "\(library)/Modules", "-I", place]
        try compile(
            flags + [
                "-parse-as-library", "-module-name", "ShopAPI", "-emit-module", "-emit-module-path",
                "\(place)/ShopAPI.swiftmodule", "-c", "\(folder)/Sources/ShopAPI/ShopAPI.swift", "-o",
                "\(place)/ShopAPI.o"
            ], log)
        let program = place + "/shop"
        try compile(
            flags + [
                "\(folder)/Sources/shop/main.swift", "\(place)/ShopAPI.o", "-L", library, "-lAfreshHost", "-Xlinker",
                "-rpath", "-Xlinker", library, "-Xlinker", "-export-dynamic", "-o", program
            ], log)
        return program
    }

    private func compile(_ arguments: [String], _ log: FileDescriptor) throws {
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .descriptor(log)
        options.error = .descriptor(log)
        let process: ChildProcess
        do {
            process = try ChildProcess("swiftc", arguments, options: options)
        } catch {
            throw DemoFailure("A Swift toolchain is needed, and there is no 'swiftc' in the PATH.")
        }
        guard process.wait() == .exited(code: 0) else { throw DemoFailure("The shop does not compile.") }
    }
}

/// The running shop: reads what is bought from its standard input, and answers each line with one of JSON.
private struct SwiftShop: Sendable {
    let process: ChildProcess
    private let input: FileDescriptor
    private let output: FileDescriptor

    init(_ program: String, folder: String, environment: [String], log: FileDescriptor, tidy: DemoTidy) throws {
        var options = ChildProcess.Options()
        options.input = .pipe
        options.output = .pipe
        options.error = .descriptor(log)
        options.environment = environment
        options.workingDirectory = folder
        process = try ChildProcess(program, [folder], options: options)
        tidy.add(process)
        guard let input = process.input, let output = process.output else {
            throw DemoFailure("The shop has no standard streams.")
        }
        self.input = input
        self.output = output
        guard try readLine(output, until: .after(120_000)) == "ready" else {
            throw DemoFailure("The shop did not start.")
        }
    }

    /// Buys something; nothing if it is empty.
    func ask(_ thing: String) throws -> DemoShop.Answer {
        try input.writeAll(Array("\(thing)\n".utf8))
        guard let line = try readLine(output, until: .after(5000)),
            let json = try? JSONValue(parsing: Array(line.utf8)),
            let cart = json["cart"]?.arrayValue, let cents = json["cents"]?.intValue
        else { throw DemoFailure("The shop did not answer.") }
        return DemoShop.Answer(
            pid: process.processID, cart: cart.compactMap(\.stringValue), total: Double(cents) / 100, offer: "")
    }
}
