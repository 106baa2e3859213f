/// `afresh demo`: the whole loop on a built-in sample, without an editor.
struct DemoCommand: Command {
    static let syntax = CommandSyntax(
        name: "demo",
        summary: "show the whole loop on a built-in sample, without an editor",
        discussion: """
            Writes a small web shop to a temporary folder, starts it live, starts a language server as an editor would, saves
            four edits, and asks the running shop over HTTP what it runs after each. Removes everything at the end.
            """,
        operands: .none,
        options: [
            .init(
                "--python", .text("PYTHON"),
                "the interpreter to run the sample with (default: the first fitting one found)"),
            Style.option
        ])

    init(_ arguments: Arguments) throws(UsageError) {}

    func run() -> Int32 {
        complain("demo", "not here yet.")
        return 1
    }
}
