import JSONRPC
import Platform
import Testing

@testable import ReloadEngine

private func entry(
    _ symbol: String, _ path: String, line: Int = 3, kind: String = "binding", count: Int = 1, remedy: String = "rebind"
) -> JSONValue {
    let range: JSONValue = [
        "start": ["line": .int(line), "column": 0], "end": ["line": .int(line), "column": 5]
    ]
    return [
        "symbol": .string(symbol), "kind": .string(kind), "generation": 1, "count": .int(count), "path": .string(path),
        "confidence": "exact", "location": ["path": "/n.py", "range": range], "remedy": .string(remedy), "newest": 2
    ]
}

private func found(_ entries: JSONValue...) -> JSONValue {
    let total = entries.reduce(0) { $0 + ($1["count"]?.intValue ?? 0) }
    return [
        "stale": .array(entries), "total": .int(total), "coverage": ["complete": true, "objects": 1, "skipped": []]
    ]
}

/// A healthy host whose searches find this, and that mends with that result.
private func host(_ path: String, finding scan: JSONValue, mending: FakeHost.Answer = .silence) -> FakeHost.Answers {
    { method, params in
        switch method {
        case "scan": .result(scan)
        case "mend": mending
        default: FakeHost.healthy(path)(method, params)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct ResolvingTests {
    @Test func whatTheHostSaysIsGoneIsReportedOnceAndItsProblemsGo() throws {
        try EngineBench.withHost {
            host($0, finding: found(entry("m.f", "n.f")))
        } run: { bench, fake in
            try bench.save("x = 1")
            #expect(bench.report(.scanned)?.problems.map(\.code) == ["stale-binding"])
            fake.speak(FakeHost.healthy(bench.path))
            fake.notify("scan/outdated")
            let report = try #require(bench.report(.resolved))
            #expect(report.outcome == .live)
            #expect(report.hosts.first?.modules.map(\.outcome) == [.live])
            #expect(report.hosts.first?.staleTotal == 0)
            #expect(report.problems.isEmpty)
            #expect(report.checkedPaths == ["/n.py"])
            #expect(report.message == "n.f no longer holds the old m.f; nothing stale is left in app.py.")
            // The same news again is none.
            let reports = bench.reportCount
            fake.notify("scan/outdated")
            _ = fake.wait { $0.count { $0 == "scan" } == 3 }
            #expect(bench.reportCount == reports)
        }
    }

    @Test func whatRemainsIsListed() throws {
        try EngineBench.withHost {
            host($0, finding: found(entry("m.f", "n.f"), entry("m.g", "n.g", line: 4)))
        } run: { bench, fake in
            try bench.save("x = 1")
            #expect(bench.report(.scanned)?.problems.count == 2)
            fake.speak(host(bench.path, finding: found(entry("m.g", "n.g", line: 4))))
            fake.notify("scan/outdated")
            let report = try #require(bench.report(.resolved))
            #expect(report.outcome == .stale)
            #expect(report.problems.map(\.message) == ["n.g still holds the old m.g."])
        }
    }

    @Test func whereNothingIsGoneNothingIsSaid() throws {
        let before = entry("m.C", "n.held", kind: "instance", count: 10_000, remedy: "migrate")
        let after = entry("m.C", "n.held", kind: "instance", count: 9_000, remedy: "migrate")
        try EngineBench.withHost {
            host($0, finding: found(before))
        } run: { bench, fake in
            try bench.save("x = 1")
            #expect(
                bench.report(.scanned)?.problems.map(\.message) == [
                    "n.held still holds 10000 instances of the old m.C."
                ])
            let reports = bench.reportCount
            fake.speak(host(bench.path, finding: found(after)))
            fake.notify("scan/outdated")
            _ = fake.wait { $0.count { $0 == "scan" } == 2 }
            bench.engine.survey(stale: false) { _ in }
            _ = fake.wait { $0.last == "modules" && $0.count { $0 == "modules" } >= 2 }
            #expect(bench.reportCount == reports)
        }
    }

    @Test func aReferenceThatMovedUpInItsListIsNotGone() throws {
        let before = [entry("m.f", "n.l[0]"), entry("m.f", "n.l[1]")].compactMap(StaleReference.init)
        let after = [entry("m.f", "n.l[0]")].compactMap(StaleReference.init)
        #expect(before.filter(lost: after).map(\.holder) == ["n.l[1]"])
        let moved = [entry("m.f", "n.k[7]"), entry("m.f", "n.l[0]")].compactMap(StaleReference.init)
        #expect(before.filter(lost: moved).isEmpty)
    }

    @Test func mendingIsDoneInTheHostAndWhatIsGoneIsSaid() throws {
        let mended: JSONValue = ["done": 1, "left": [], "thread": "agent", "timings": ["apply": 1, "pause": 1]]
        try EngineBench.withHost {
            host($0, finding: found(entry("m.f", "n.f")), mending: .result(mended))
        } run: { bench, fake in
            try bench.save("x = 1")
            let cause = try #require(bench.report(.scanned)?.problems.first?.cause)
            let mending = try #require(cause.mending)
            #expect(mending.title(count: cause.count, newest: cause.newest) == "Rebind `f` to generation 2")
            let results = Monitor<[MendingResult]?>(nil)
            fake.speak { method, params in
                method == "mend" ? .result(mended) : FakeHost.healthy(bench.path)(method, params)
            }
            bench.engine.mend(mending) { answer in results.update { $0 = answer } }
            #expect(results.wait(until: .after(10_000)) { $0 }?.map(\.done) == [1])
            #expect(
                fake.params(of: "mend") == [
                    ["action": "rebind", "symbol": "m.f", "kind": "binding", "holders": ["n.f"]]
                ])
            #expect(bench.report(.resolved)?.outcome == .live)
        }
    }

    @Test func mendingThatFailsSaysWhyAndWhere() throws {
        let failure: JSONValue = [
            "error": [
                "type": "ValueError", "message": "no",
                "traceback": [
                    [
                        "path": "/m.py", "function": "__afresh_migrate__",
                        "range": ["start": ["line": 6, "column": 0], "end": ["line": 6, "column": 1]]
                    ]
                ]
            ], "undone": true, "remains": []
        ]
        let answer: JSONValue = ["done": 0, "left": [], "failure": failure]
        try EngineBench.withHost {
            host($0, finding: found(), mending: .result(answer))
        } run: { bench, _ in
            let results = Monitor<[MendingResult]?>(nil)
            bench.engine.mend(Mending(action: .migrate, symbol: "m.C", kind: .instance)) { answer in
                results.update { $0 = answer }
            }
            let failure = results.wait(until: .after(10_000)) { $0 }?.first?.failure
            #expect(failure == "app.py: ValueError: no (/m.py, line 7); everything is as it was.")
        }
    }

    @Test func holdersAtOnePlaceAreOneProblemOverAllHosts() throws {
        let references = (0..<500).map { entry("m.f", "n.held[\($0)]", kind: "registration") }
        var report = HostReport(id: "1", pid: 1, name: "a", runtime: "Fake", outcome: .stale)
        report.stale = references.compactMap(StaleReference.init)
        let problems = StaleProblems.problems(of: report)
        #expect(problems.map(\.message) == ["n.held[0], n.held[1] and 498 more still hold the old m.f."])
        var store = ProblemStore()
        _ = store.setStale(host: "1", problems)
        _ = store.setStale(host: "2", problems)
        #expect(
            store.problems(in: ["/n.py"]).map(\.message) == [
                "n.held[0], n.held[1] and 498 more still hold the old m.f (1000 references)."
            ])
    }

    @Test func aLeftoverIsAProblemAtEachUse() throws {
        var leftover = try #require(StaleReference(entry("m.f", "m.f", kind: "leftover", remedy: "forget")))
        leftover.location = nil
        leftover.uses = [2, 5].map { SourceLocation(path: "/n.py", range: .line($0)) }
        var report = HostReport(id: "1", pid: 1, name: "a", runtime: "Fake", outcome: .stale)
        report.stale = [leftover]
        let problems = StaleProblems.problems(of: report)
        #expect(problems.map(\.code) == ["leftover-name", "leftover-name"])
        #expect(problems.map(\.range.start.line) == [2, 5])
        #expect(problems.first?.cause?.mending == Mending(action: .forget, symbol: "m.f", kind: .leftover))
    }

    @Test func onlyProgramsThatCanBeStartedAnewAreToldTo() throws {
        try EngineBench.withHost { bench, fake in
            let results = Monitor<[MendingResult]?>(nil)
            bench.engine.restart(host: nil) { answer in results.update { $0 = answer } }
            #expect(results.wait(until: .after(10_000)) { $0 }?.isEmpty == true)
            #expect(fake.count(of: "restart") == 0)
        }
    }
}

extension SourceRange {
    fileprivate static func line(_ line: Int) -> SourceRange {
        SourceRange(start: SourcePosition(line: line, column: 0), end: SourcePosition(line: line, column: 5))
    }
}
