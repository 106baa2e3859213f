import ReloadEngine
import Testing

@testable import afresh

@Suite struct ReportRendererTests {
    private static let files = [
        "/w/shop/cart.py": ["import os", "", "from shop.pricing import price"],
        "/w/m.py": ["x = 1", "def f(:", "    y = 'ä' + 1/0  # ä"]
    ]

    private let renderer = ReportRenderer(style: .plain, path: PathDisplay(currentFolder: "/w")) { path, line in
        guard let lines = files[path], lines.indices.contains(line) else { return nil }
        return lines[line]
    }

    private func range(_ line: Int, _ start: Int, _ end: Int) -> SourceRange {
        SourceRange(start: SourcePosition(line: line, column: start), end: SourcePosition(line: line, column: end))
    }

    private func report(_ outcome: Outcome, _ message: String, hosts: [HostReport] = [], problems: [Problem] = [])
        -> Report
    {
        Report(
            sequence: 1, phase: .scanned, outcome: outcome, message: message,
            trigger: Trigger(kind: .command, paths: []), hosts: hosts, problems: problems)
    }

    private func host(
        _ outcome: Outcome, _ modules: [ModuleReport], stale: [StaleReference] = [], total: Int? = nil,
        timings: Timings = Timings()
    ) -> HostReport {
        HostReport(
            id: "1-1", pid: 42, name: "app.py", runtime: "CPython 3.11.7", outcome: outcome, modules: modules,
            stale: stale,
            staleTotal: total ?? stale.count, timings: timings)
    }

    @Test func modulesAreAlignedWithTheirReasonsAndChanges() {
        let modules = [
            ModuleReport(
                name: "shop.pricing", path: "/w/shop/pricing.py", generation: 3, outcome: .live, because: .edited,
                changes: [
                    Change(symbol: "price", kind: .function, change: .modified, applied: true),
                    Change(symbol: "VAT", kind: .value, change: .removed, applied: false, reason: "it is used")
                ]),
            ModuleReport(
                name: "shop.cart", path: nil, generation: 2, outcome: .stale,
                because: .dependent(of: "shop.pricing", names: ["price"]))
        ]
        let text = renderer.render(
            report(.stale, "Applied.", hosts: [host(.stale, modules, timings: Timings(check: 1.24, apply: 0.4))]))
        #expect(
            text == """
                stale  Applied.
                  app.py  pid 42, CPython 3.11.7  check 1.2, apply 0.4 ms
                    live   shop.pricing  generation 3  edited
                        ~ function  price
                        - value     VAT  not applied  it is used
                    stale  shop.cart     generation 2  uses price of shop.pricing

                """)
    }

    @Test func aSyntaxErrorShowsItsPlaceInCharacters() {
        let problem = Problem(
            path: "/w/m.py", range: range(1, 6, 7), code: "syntax-error", severity: .error,
            message: "SyntaxError: invalid syntax")
        #expect(
            renderer.render(report(.blocked, "It does not compile.", problems: [problem])) == """
                blocked  It does not compile.
                  m.py:2:7: SyntaxError: invalid syntax
                    def f(:
                          ^

                """)
    }

    @Test func columnsCountCharactersNotBytes() {
        let problem = Problem(
            path: "/w/m.py", range: range(2, 15, 18), code: "syntax-error", severity: .error, message: "wrong")
        #expect(
            renderer.render(report(.blocked, "No.", problems: [problem])) == """
                blocked  No.
                  m.py:3:15: wrong
                    y = 'ä' + 1/0  # ä
                              ^^^

                """)
    }

    @Test func anExceptionIsShownAsPythonShowsIt() {
        let error = ExecutionError(
            message: "ZeroDivisionError: division by zero",
            traceback: [.init(path: "/w/m.py", range: range(2, 15, 18), function: "<module>")])
        let module = ModuleReport(
            name: "m", path: "/w/m.py", generation: 1, outcome: .rolledBack, because: .edited, error: error)
        #expect(
            renderer.render(report(.rolledBack, "It failed.", hosts: [host(.rolledBack, [module])])) == """
                rolledBack  It failed.
                  app.py  pid 42, CPython 3.11.7
                    rolledBack  m  generation 1  edited
                        File "m.py", line 3, in <module>
                          y = 'ä' + 1/0  # ä
                                    ^^^
                        ZeroDivisionError: division by zero

                """)
    }

    @Test func aStaleReferenceShowsHolderPlaceAndRemedy() {
        let stale = StaleReference(
            symbol: "shop.pricing.price", kind: .binding, generation: 1, count: 1, holder: "shop.cart.price",
            location: SourceLocation(path: "/w/shop/cart.py", range: range(2, 25, 30)), confidence: .exact)
        #expect(
            renderer.render(report(.stale, "Old.", hosts: [host(.stale, [], stale: [stale], total: 3)])) == """
                stale  Old.
                  app.py  pid 42, CPython 3.11.7
                    still old: 3 stale references
                      shop.cart.price  binding of shop.pricing.price, generation 1
                        shop/cart.py:3:26
                          from shop.pricing import price
                                                   ^^^^^
                        remedy: write 'pricing.price' instead of 'from shop.pricing import price', or reload the module that holds it
                      and 2 more

                """)
    }

    @Test func processesWithTheSameToSayAreWrittenOnceWithTheSlowestTimes() {
        let module = ModuleReport(name: "m", path: nil, generation: 2, outcome: .live, because: .edited)
        var second = host(.live, [module], timings: Timings(apply: 7))
        second.pid = 43
        let text = renderer.render(
            report(.live, "Live.", hosts: [host(.live, [module], timings: Timings(apply: 2)), second]))
        #expect(
            text == """
                live  Live.
                  app.py  2 processes, pids 42, 43, CPython 3.11.7  apply 7.0 ms
                    live  m  generation 2  edited

                """)
    }

    @Test func processesThatDifferAreWrittenApart() {
        let module = ModuleReport(name: "m", path: nil, generation: 2, outcome: .live, because: .edited)
        var other = module
        other.generation = 5
        let text = renderer.render(report(.live, "Live.", hosts: [host(.live, [module]), host(.live, [other])]))
        #expect(text.contains("generation 2") && text.contains("generation 5"))
    }

    @Test func whatIsUnchangedBesideSomethingAppliedIsLeftOut() {
        let applied = ModuleReport(name: "m", path: nil, generation: 2, outcome: .live, because: .edited)
        let same = ModuleReport(name: "untouched", path: nil, generation: 1, outcome: .unchanged, because: .edited)
        #expect(!renderer.render(report(.live, "Live.", hosts: [host(.live, [applied, same])])).contains("untouched"))
    }

    @Test func warningsOfTheFirstPhaseStayInTheLast() {
        let warning = Problem(
            path: "/w/m.py", range: range(0, 0, 5), code: "compile-warning", severity: .warning,
            message: "SyntaxWarning: x")
        let applied = report(.live, "Applied.", problems: [warning])
        #expect(report(.live, "Live.").withWarnings(of: applied).problems.map(\.message) == ["SyntaxWarning: x"])
        var older = applied
        older.sequence = 0
        #expect(report(.live, "Live.").withWarnings(of: older).problems.isEmpty)
    }

    @Test func whatIsUnchangedIsOneLine() {
        let module = ModuleReport(name: "m", path: nil, generation: 1, outcome: .unchanged, because: .edited)
        #expect(
            renderer.render(report(.unchanged, "Same.", hosts: [host(.unchanged, [module])])) == "unchanged  Same.\n")
    }

    @Test func controlCharactersOfAProgramDoNotReachTheTerminal() {
        let error = ExecutionError(message: "E: \u{1B}]0;owned\u{07}\u{202E}x")
        let module = ModuleReport(
            name: "m", path: nil, generation: 1, outcome: .rolledBack, because: .edited, error: error)
        let text = renderer.render(report(.rolledBack, "\u{1B}[2J", hosts: [host(.rolledBack, [module])]))
        #expect(!text.unicodeScalars.contains { ($0.value < 0x20 && $0 != "\n") || $0.value == 0x202E })
    }

    @Test func numbersFromOutsideDoNotTrap() {
        let wild = SourceRange(
            start: SourcePosition(line: .max, column: .max), end: SourcePosition(line: .min, column: .min))
        let problem = Problem(path: "/w/m.py", range: wild, code: "syntax-error", severity: .error, message: "m")
        let backwards = SourceRange(
            start: SourcePosition(line: 0, column: 90), end: SourcePosition(line: 0, column: -5))
        let other = Problem(path: "/w/m.py", range: backwards, code: "syntax-error", severity: .error, message: "m")
        let stale = StaleReference(
            symbol: "", kind: .value, generation: .min, count: .max, holder: "", confidence: .possible)
        let timings = Timings(check: .nan, apply: .infinity, pause: -1)
        let text = renderer.render(
            report(
                .stale, "", hosts: [host(.stale, [], stale: [stale, stale], total: .max, timings: timings)],
                problems: [problem, other]))
        #expect(text.contains("still old"))
    }
}

@Suite struct StyleTests {
    @Test func noColorIsHonouredAndAnExplicitChoiceWins() {
        let none: (String) -> String? = { _ in nil }
        let refuses: (String) -> String? = { $0 == "NO_COLOR" ? "1" : nil }
        #expect(Style(choice: "always", descriptor: -1, environment: refuses).coloured)
        #expect(!Style(choice: "never", descriptor: 1, environment: none).coloured)
        // Descriptor -1 is no terminal.
        #expect(!Style(choice: nil, descriptor: -1, environment: none).coloured)
    }

    @Test func onlyWhatIsColouredCarriesEscapes() {
        #expect(Style.plain.outcome(.stale, padded: 8) == "stale   ")
        #expect(Style.coloured.outcome(.stale) == "\u{1B}[33mstale\u{1B}[0m")
    }

    @Test func pathsBelowTheCurrentFolderAreRelative() {
        let display = PathDisplay(currentFolder: "/w")
        #expect(display("/w/a/b.py") == "a/b.py")
        #expect(display("/wide/b.py") == "/wide/b.py")
        #expect(display("/w") == "/w")
        #expect(PathDisplay(currentFolder: "/")("/w/a.py") == "w/a.py")
    }

    @Test(arguments: [(0.04, "0.0"), (1.25, "1.3"), (99.94, "99.9"), (100, "100"), (1234.4, "1234")])
    func timesAreShort(time: (Double, String)) {
        #expect(milliseconds(time.0) == time.1)
    }
}
