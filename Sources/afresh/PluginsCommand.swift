import Platform
import SwiftRuntime

/// `afresh plugins`: what a Swift program asks for when it starts.
struct PluginsCommand: Command {
    static let syntax = CommandSyntax(
        name: "plugins",
        summary: "build the plugins of a Swift package, for a program that loads them",
        discussion: """
            Swift programs with the library AfreshHost call it when they start. Builds what is not built yet in the package's
            folder .build/afresh, and prints one JSON object: the modules with their images, or why there are none.
            """,
        operands: .init(placeholder: "PACKAGE", missing: "name the folder of a Swift package"),
        options: [
            .init("--modules", .text("FOLDERS"), "where the program's own modules are, separated by ':'"),
            .init("--compiler", .text("SWIFTC"), "the compiler that the program was built with (default: swiftc)")
        ])

    private let package: String
    private let searchPaths: [String]
    private let compiler: String

    init(_ arguments: Arguments) throws(UsageError) {
        package = arguments.operands.first ?? "."
        searchPaths = (arguments["--modules"] ?? "").split(separator: ":").map(String.init)
        compiler = arguments["--compiler"] ?? "swiftc"
    }

    func run() -> Int32 {
        ignoreBrokenPipes()
        let answer = PluginStart.build(package: package, searchPaths: searchPaths, compiler: compiler)
        FileDescriptor.standardOutput.print(answer.text + "\n")
        return answer["failure"] == nil ? ExitCode.success : ExitCode.notApplied
    }
}
