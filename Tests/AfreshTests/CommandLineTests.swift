import Testing

@testable import afresh

@Suite struct CommandLineTests {
    private static let syntax = CommandSyntax(
        name: "sample", summary: "a sample", discussion: "",
        operands: .init(placeholder: "FILE…", missing: "name a file"),
        options: [
            .init("--json", nil, "as JSON"), .init("--policy", .choice(["patch", "exact"]), "which"),
            .init("--timeout", .seconds, "how long"), .init("--python", .text("PYTHON"), "who")
        ])

    private func parse(_ words: String...) throws(UsageError) -> Arguments {
        try Arguments(words, syntax: Self.syntax)
    }

    private func complaint(_ words: String...) -> String? {
        do throws(UsageError) {
            _ = try Arguments(words, syntax: Self.syntax)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func optionsAndOperandsStandInAnyOrder() throws {
        let arguments = try parse("a.py", "--json", "b.py", "--policy", "exact")
        #expect(arguments.operands == ["a.py", "b.py"])
        #expect(arguments.has("--json"))
        #expect(arguments["--policy"] == "exact")
    }

    @Test func aValueMayFollowAnEqualsSign() throws {
        #expect(try parse("a.py", "--policy=exact")["--policy"] == "exact")
        #expect(try parse("a.py", "--python=a=b")["--python"] == "a=b")
    }

    @Test func twoDashesEndTheOptions() throws {
        #expect(try parse("--", "--json", "-x").operands == ["--json", "-x"])
    }

    @Test func helpIsAskedForEvenIfTheRestIsIncomplete() throws {
        #expect(try parse("--help").asksForHelp)
        #expect(try parse("-h", "--nonsense").asksForHelp)
    }

    @Test func whatIsWrongIsSaid() {
        #expect(complaint() == "name a file")
        #expect(complaint("a.py", "--jsn") == "there is no option '--jsn'; did you mean '--json'?")
        #expect(complaint("a.py", "--zzzzzz") == "there is no option '--zzzzzz'")
        #expect(complaint("a.py", "--json=1") == "option '--json' takes no value")
        #expect(complaint("a.py", "--policy") == "option '--policy' needs a value: --policy patch|exact")
        #expect(complaint("a.py", "--policy", "heal") == "option '--policy' is one of patch, exact, not 'heal'")
    }

    @Test(arguments: ["0", "-1", "nan", "inf", "1e9", "soon", ""])
    func aTimeThatMakesNoSenseIsRefused(text: String) {
        #expect(complaint("a.py", "--timeout=\(text)")?.hasPrefix("option '--timeout' is a number of seconds") == true)
    }

    @Test func aTimeMayHaveAFraction() throws {
        #expect(try parse("a.py", "--timeout", "0.5").seconds("--timeout") == 0.5)
    }

    @Test func theFirstOperandOfRunEndsTheOptions() throws {
        let arguments = try Arguments(["python", "-m", "pkg", "--help", "--", "x"], syntax: RunCommand.syntax)
        #expect(arguments.operands == ["python", "-m", "pkg", "--help", "--", "x"])
        #expect(arguments.firstOperand == 0)
    }

    @Test func twoDashesBeforeTheCommandOfRunAreDropped() throws {
        let arguments = try Arguments(["--", "--odd", "-x"], syntax: RunCommand.syntax)
        #expect(arguments.operands == ["--odd", "-x"])
        #expect(arguments.firstOperand == 1)
    }
}

@Suite struct InterpretationTests {
    private func complaint(_ words: String...) -> String? {
        guard case .wrong(let message) = Afresh.interpret(words) else { return nil }
        return message
    }

    private func printed(_ words: String...) -> String? {
        guard case .print(let text) = Afresh.interpret(words) else { return nil }
        return text
    }

    @Test func everyCommandIsListedAndHasAPageOfItsOwn() throws {
        let overview = try #require(printed("--help"))
        for command in Afresh.commands {
            let name = command.syntax.name
            #expect(overview.contains("\n  \(name) "))
            let page = try #require(printed(name, "--help"))
            #expect(page.contains("usage: afresh \(name)"))
            for option in command.syntax.options { #expect(page.contains(option.name)) }
        }
    }

    @Test func pagesFitATerminal() throws {
        for command in Afresh.commands {
            let page = try #require(printed(command.syntax.name, "--help"))
            for line in page.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
        }
    }

    @Test func theVersionIsPrinted() {
        #expect(printed("--version") == "afresh \(Afresh.version)\n")
    }

    @Test func anUnknownCommandIsNamedWithTheNearestOne() {
        #expect(complaint("relaod") == ": there is no command 'relaod'; did you mean 'afresh reload'?")
        #expect(complaint("zzz") == ": there is no command 'zzz'; 'afresh --help' lists the commands.")
        #expect(complaint()?.contains("a command is missing") == true)
    }

    @Test func aCommandThatNeedsOperandsSaysSo() {
        #expect(complaint("run")?.hasPrefix(" run: a command is missing") == true)
        #expect(complaint("reload")?.hasPrefix(" reload: name a file or a module") == true)
        #expect(complaint("status", "x") == " status: 'x' is not expected here; see 'afresh status --help'.")
    }

    @Test func aPathThatDoesNotExistCannotBeWatched() {
        #expect(complaint("watch", "/nowhere/at/all")?.contains("there is no '/nowhere/at/all' to watch") == true)
    }
}

@Suite struct ReloadTargetTests {
    @Test func aFileThatIsGoneIsStillAFile() throws {
        #expect(try ReloadTarget("/nowhere/gone.py", currentFolder: "/") == .file("/nowhere/gone.py"))
        #expect(try ReloadTarget("gone.py", currentFolder: "/") == .file("/gone.py"))
    }

    @Test func aDottedNameIsAModule() throws {
        #expect(try ReloadTarget("shop.pricing", currentFolder: "/") == .module("shop.pricing"))
        #expect(try ReloadTarget("straße", currentFolder: "/") == .module("straße"))
    }

    @Test func aFolderWithoutAPackageIsRefused() {
        #expect(throws: UsageError.self) { try ReloadTarget("/usr/", currentFolder: "/") }
    }
}
