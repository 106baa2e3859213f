import JSONRPC
import Platform
import Testing

@testable import ReloadEngine

/// A host in good health, but for one method.
private func healthy(_ path: String, but method: String, _ answer: FakeHost.Answer) -> FakeHost.Answers {
    { asked, params in asked == method ? answer : FakeHost.healthy(path)(asked, params) }
}

@Suite(.timeLimit(.minutes(1))) struct ReloadTests {
    @Test func saveIsAppliedAndThenScanned() throws {
        try EngineBench.withHost { bench, host in
            try bench.save("x = 1")
            let applied = try #require(bench.report(.applied))
            #expect(applied.outcome == .live)
            #expect(applied.hosts.first?.modules.map(\.generation) == [2])
            let scanned = try #require(bench.report(.scanned))
            #expect(scanned.outcome == .live)
            #expect(scanned.hosts.first?.coverage?.complete == true)
            #expect(host.params(of: "apply").first?["steps"]?.arrayValue?.first?["digest"] == "old")
        }
    }

    /// A host in good health that has a name for its dependents, and two saves after which the third affects nobody.
    private func savedTwice(
        _ limits: EngineLimits = EngineLimits(),
        _ body: (EngineBench, FakeHost, @escaping FakeHost.Answers) throws -> Void
    ) throws {
        func named(_ path: String) -> FakeHost.Answers {
            let prepared: JSONValue = [
                "modules": [FakeHost.module(path)], "dependents": [], "edges": [], "graph": "g"
            ]
            return healthy(path, but: "prepare", .result(prepared))
        }
        try EngineBench.withHost(limits, answers: named) { bench, host in
            for (number, text) in ["x = 1", "x = 2"].enumerated() {
                try bench.save(text)
                _ = try #require(bench.report(.scanned, sequence: number + 1))
            }
            #expect(host.count(of: "prepare") == 2)
            #expect(host.params(of: "apply").allSatisfy { $0["graph"] == nil })
            try body(bench, host, named(bench.path))
        }
    }

    /// A host in good health with two modules that depend on its own one, and what it was sent of plans by each save.
    private func savedWithDependents(_ answers: [FakeHost.Answer]) throws -> [JSONValue?] {
        let count = Monitor(0)
        func named(_ path: String) -> FakeHost.Answers {
            { method, params in
                switch method {
                case "prepare":
                    return .result([
                        "modules": [FakeHost.module(path)], "graph": "g",
                        "dependents": [
                            ["name": "a", "path": "/a.py", "digest": "a"], ["name": "b", "path": "/b.py", "digest": "b"]
                        ],
                        "edges": [["from": "a", "to": "m", "lazy": false], ["from": "b", "to": "m", "lazy": false]]
                    ])
                case "apply":
                    let number = count.withLock { count in
                        defer { count += 1 }
                        return count
                    }
                    return answers.indices.contains(number) ? answers[number] : .death
                default: return FakeHost.healthy(path)(method, params)
                }
            }
        }
        var sent: [JSONValue?] = []
        try EngineBench.withHost(answers: named) { bench, host in
            for number in 1...2 {
                try bench.save("x = \(number)")
                let report = try #require(bench.report(.applied, sequence: number))
                #expect(report.outcome == .live)
                #expect(report.hosts.first?.modules.map(\.name) == ["m", "a", "b"])
                #expect(report.hosts.first?.modules.last?.changes.map(\.symbol) == ["X"])
                #expect(report.hosts.first?.modules.last?.generation == 7)
                _ = try #require(bench.report(.scanned, sequence: number))
            }
            for request in host.params(of: "apply") {
                #expect(request["steps"]?.arrayValue?.last == ["plans": [0, 1]])
            }
            sent = host.params(of: "apply").map { $0["plans"] }
        }
        return sent
    }

    private let asPlanned = FakeHost.Answer.result([
        "modules": [
            ["module": "m", "generation": 2, "executed": true, "changed": true, "changes": []],
            ["plans": [0, 1], "generation": 7]
        ],
        "thread": "main", "timings": ["apply": 1, "pause": 1]
    ])

    @Test func plansThatAHostHasAreNotSentAgain() throws {
        #expect(try savedWithDependents([asPlanned, asPlanned]) == [["name": "p", "data": "…"], ["name": "p"]])
    }

    @Test func plansThatAHostHasNoMoreAreSentAgain() throws {
        let unknown = ResponseError(
            code: HostProtocol.ErrorCode.badParameters, message: "these plans are not known here")
        #expect(
            try savedWithDependents([asPlanned, .error(unknown), asPlanned]) == [
                ["name": "p", "data": "…"], ["name": "p"], ["name": "p", "data": "…"]
            ])
    }

    @Test func hostIsNotAskedAgainWhatTheCheckDoesNotNeed() throws {
        try savedTwice { bench, host, _ in
            try bench.save("alone = 3")
            #expect(bench.report(.applied, sequence: 3)?.outcome == .live)
            #expect(host.count(of: "prepare") == 2)
            let apply = try #require(host.params(of: "apply").last)
            #expect(apply["graph"] == "g")
            #expect(apply["steps"]?.arrayValue?.first?["digest"] == "new")
        }
    }

    @Test func checkerIsToldThatNothingCanBeAffected() throws {
        try savedTwice { bench, _, _ in
            try bench.save("x = 3")
            _ = try #require(bench.report(.applied, sequence: 3))
            #expect(bench.runtime.checks.withLock { $0.last }?.graph == "")
        }
    }

    @Test func hostThatHasOtherModulesByThenIsAskedAgain() throws {
        try savedTwice { bench, host, healthy in
            host.speak { method, params in
                if method == "apply", params["graph"] != nil {
                    return .error(ResponseError(code: HostProtocol.ErrorCode.badParameters, message: "others"))
                }
                return healthy(method, params)
            }
            try bench.save("alone = 3")
            #expect(bench.report(.applied, sequence: 3)?.outcome == .live)
            #expect(host.count(of: "prepare") == 3)
            #expect(host.params(of: "apply").map { $0["graph"] == nil } == [true, true, false, true])
        }
    }

    @Test func hostThatIsBusyWithWhatItWasNotAskedAboutIsWaitedFor() throws {
        try savedTwice(limits(\.prepare, 200)) { bench, host, healthy in
            host.speak { method, params in method == "apply" ? .silence : healthy(method, params) }
            try bench.save("alone = 3")
            #expect(host.wait { $0.contains("values") })
            host.speak(healthy)
            #expect(bench.report(.applied, sequence: 3)?.outcome == .live)
            #expect(host.count(of: "prepare") == 2)
        }
    }

    @Test func hostThatIsNotAskedHasNoMoreTimeToSpeak() throws {
        try savedTwice(limits(\.prepare, 200)) { bench, host, healthy in
            host.speak { method, params in
                ["apply", "values"].contains(method) ? .silence : healthy(method, params)
            }
            try bench.save("alone = 3")
            #expect(bench.report(.applied, sequence: 3)?.outcome == .failed)
            #expect(host.count(of: "prepare") == 2)
            let notice = bench.first { event -> String? in
                if case .notice(_, let code, _) = event { code } else { nil }
            }
            #expect(notice == "does-not-answer")
        }
    }

    @Test func searchThatCouldNotSeeEverythingNeverEndsLive() throws {
        let partial: JSONValue = ["stale": [], "total": 0, "coverage": ["complete": false, "objects": 1, "skipped": []]]
        try EngineBench.withHost {
            healthy($0, but: "scan", .result(partial))
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.scanned)?.outcome == .stale)
        }
    }

    @Test func staleReferencesBecomeProblemsWhereTheyAreHeld() throws {
        let stale: JSONValue = [
            "stale": [
                [
                    "symbol": "m.f", "kind": "binding", "generation": 1, "count": 2, "path": "n.f",
                    "confidence": "exact",
                    "location": [
                        "path": "/n.py", "range": ["start": ["line": 3, "column": 0], "end": ["line": 3, "column": 5]]
                    ]
                ]
            ], "total": 2, "coverage": ["complete": true, "objects": 1, "skipped": []]
        ]
        try EngineBench.withHost {
            healthy($0, but: "scan", .result(stale))
        } run: { bench, _ in
            try bench.save("x = 1")
            let report = try #require(bench.report(.scanned))
            #expect(report.outcome == .stale)
            #expect(report.problems.map(\.code) == ["stale-binding"])
            #expect(report.problems.map(\.path) == ["/n.py"])
            #expect(report.hosts.first?.staleTotal == 2)
        }
    }

    @Test func textThatDoesNotCompileTouchesNoHost() throws {
        try EngineBench.withHost { bench, host in
            try bench.save("error")
            let report = try #require(bench.report(.applied))
            #expect(report.outcome == .blocked)
            #expect(report.problems.map(\.code) == ["syntax-error"])
            try bench.save("x = 1")
            #expect(bench.report(.applied, sequence: 2)?.problems == [])
            #expect(bench.report(.applied, sequence: 2)?.checkedPaths == [bench.path])
            #expect(host.count(of: "apply") == 1)
        }
    }

    @Test func anyFileOfAModuleStandsForIt() throws {
        try EngineBench.withHost {
            healthy(
                $0, but: "prepare",
                .result(FakeHost.prepared($0, extra: JSONObject(["otherPaths": [.string($0 + ".other.py")]]))))
        } run: { bench, host in
            let other = bench.path + ".other.py"
            try bench.write("x = 1")
            try writeFileAtomically(other, Array("y = 1".utf8))
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [other])))
            #expect(bench.report(.applied)?.hosts.first?.modules.map(\.name) == ["m"])
            #expect(host.params(of: "apply").first?["steps"]?.arrayValue?.first?["payload"] == "y = 1")
            // A file of it that does not compile is known by the next save of another one.
            try writeFileAtomically(other, Array("error".utf8))
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [other])))
            #expect(bench.report(.applied, sequence: 2)?.outcome == .blocked)
            try bench.save("x = 2")
            #expect(bench.report(.applied, sequence: 3)?.checkedPaths.sorted() == [bench.path, other])
        }
    }

    @Test func whatAHostRefusesIsRefused() throws {
        let refusal = ResponseError(code: -32003, message: "it cannot be loaded")
        try EngineBench.withHost {
            healthy($0, but: "apply", .error(refusal))
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == .refused)
            #expect(bench.report(.applied)?.message == "it cannot be loaded")
        }
    }

    @Test func textThatMeansTheSameIsNotExecuted() throws {
        try EngineBench.withHost { bench, host in
            try bench.save("same")
            #expect(bench.report(.applied)?.outcome == .unchanged)
            #expect(host.count(of: "apply") == 0)
        }
    }

    @Test func forceExecutesWhatMeansTheSame() throws {
        try EngineBench.withHost { bench, _ in
            try bench.write("same")
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .command, paths: [bench.path]), force: true))
            #expect(bench.report(.applied)?.hosts.first?.modules.map(\.because) == [.asked])
        }
    }

    @Test func moduleIsFoundByItsName() throws {
        try EngineBench.withHost { bench, _ in
            try bench.write("x = 1")
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .command, paths: []), modules: ["m"]))
            #expect(bench.report(.applied)?.outcome == .live)
        }
    }

    @Test func whatTheWatcherSeesAfterASaveIsNotReportedAgain() throws {
        try EngineBench.withHost { bench, host in
            try bench.save("x = 1")
            _ = bench.report(.scanned)
            try bench.save("x = 1", kind: .watch)
            try bench.save("x = 2", kind: .watch)
            #expect(bench.report(.scanned, sequence: 2)?.trigger.kind == .watch)
            #expect(bench.reportCount == 4)
            #expect(host.count(of: "apply") == 2)
        }
    }

    @Test func saveTakesOverWhatTheWatcherSawBefore() throws {
        try EngineBench.withHost(limits(\.settle, 60_000)) { bench, host in
            try bench.save("x = 1", kind: .watch)
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.trigger.kind == .save)
            #expect(host.count(of: "apply") == 1)
        }
    }

    @Test func changeOnDiskIsBroughtInOnceItHasSettled() throws {
        try EngineBench.withHost { bench, _ in
            try bench.save("x = 1", kind: .watch)
            #expect(bench.report(.applied)?.outcome == .live)
        }
    }

    @Test func exceptionIsReportedAtTheStatementThatRaised() throws {
        let range: JSONValue = ["start": ["line": 4, "column": 2], "end": ["line": 4, "column": 5]]
        try EngineBench.withHost { path in
            healthy(
                path, but: "apply",
                .result([
                    "modules": [],
                    "failure": [
                        "module": "m", "undone": true, "remains": ["line 2 ran: print()"],
                        "error": [
                            "type": "ZeroDivisionError", "message": "division by zero",
                            "traceback": [["path": .string(path), "range": range, "function": "<module>"]]
                        ]
                    ]
                ]))
        } run: { bench, _ in
            try bench.save("1 / 0")
            let report = try #require(bench.report(.applied))
            #expect(report.outcome == .rolledBack)
            #expect(report.problems.map(\.code) == ["execution-error"])
            #expect(report.problems.first?.range.start == SourcePosition(line: 4, column: 2))
            #expect(report.message.contains("ZeroDivisionError: division by zero"))
            #expect(report.message.contains("line 2 ran"))
        }
    }

    @Test func hostInAMixedStateHasFailed() throws {
        let failure: JSONValue = [
            "modules": [], "failure": ["module": "m", "undone": false, "error": ["type": "E", "message": ""]]
        ]
        try EngineBench.withHost {
            healthy($0, but: "apply", .result(failure))
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == .failed)
        }
    }

    @Test func moduleThatCannotBeReloadedIsRefusedWithTheReason() throws {
        let refused = JSONObject(["refused": ["code": "zip", "message": "it comes from a zip archive"]])
        try EngineBench.withHost { path in
            healthy(path, but: "prepare", .result(FakeHost.prepared(path, extra: refused)))
        } run: { bench, host in
            try bench.save("x = 1")
            let report = try #require(bench.report(.applied))
            #expect(report.outcome == .refused)
            #expect(report.hosts.first?.modules.first?.error?.message == "it comes from a zip archive")
            #expect(report.problems.map(\.code) == ["not-applied"])
            #expect(host.count(of: "apply") == 0)
        }
    }

    @Test(arguments: [(Policy.exact, Outcome.refused), (.patch, .live)])
    func scriptIsReloadedByPatchOnly(policy: Policy, outcome: Outcome) throws {
        let main = JSONObject(["main": true])
        try EngineBench.withHost { path in
            healthy(path, but: "prepare", .result(FakeHost.prepared(path, extra: main)))
        } run: { bench, _ in
            var settings = ReloadSettings()
            settings.policy = policy
            bench.engine.configure(settings)
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == outcome)
        }
    }

    @Test func fileThatIsGoneIsRefused() throws {
        try EngineBench.withHost { bench, _ in
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [bench.path])))
            #expect(bench.report(.applied)?.outcome == .refused)
        }
    }

    @Test func folderInTheFilesPlaceIsRefused() throws {
        try EngineBench.withHost { bench, _ in
            try makeFolder(bench.path)
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [bench.path])))
            #expect(bench.report(.applied)?.outcome == .refused)
        }
    }

    @Test func textIsCheckedWithoutAHost() throws {
        let bench = try EngineBench()
        bench.engine.start()
        try bench.save("error")
        let report = try #require(bench.report(.applied))
        #expect(report.outcome == .blocked)
        #expect(report.hosts.isEmpty)
        #expect(report.problems.map(\.code) == ["syntax-error"])
        try bench.save("x = 1")
        #expect(bench.report(.applied, sequence: 2)?.outcome == .unchanged)
        #expect(bench.report(.applied, sequence: 2)?.message.contains("no program runs live") == true)
    }

    @Test func modeOffChecksAndTouchesNothing() throws {
        try EngineBench.withHost { bench, host in
            var settings = ReloadSettings()
            settings.mode = .off
            bench.engine.configure(settings)
            try bench.save("x = 1")
            let report = try #require(bench.report(.applied))
            #expect(report.outcome == .unchanged)
            #expect(report.problems.map(\.code) == ["behind"])
            #expect(host.count(of: "apply") == 0)
        }
    }

    @Test func whatWasSavedInModeOffComesInWhenTheModeIsOnAgain() throws {
        try EngineBench.withHost { bench, host in
            var settings = ReloadSettings()
            settings.mode = .off
            bench.engine.configure(settings)
            try bench.save("x = 1")
            try #require(bench.report(.applied) != nil)
            settings.mode = .all
            bench.engine.configure(settings)
            let report = try #require(bench.report(.applied, sequence: 2))
            #expect(report.trigger == Trigger(kind: .save, paths: [bench.path]))
            #expect(host.count(of: "apply") == 1)
        }
    }

    @Test func fileThatIsReachedThroughALinkKeepsTheNameThatTheEditorUses() throws {
        try EngineBench.withHost { bench, _ in
            try bench.write("x = 1")
            let link = bench.root + "/link.py"
            try linkFile(bench.path, link)
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [link])))
            #expect(bench.report(.applied)?.hosts.first?.modules.map(\.path) == [link])
        }
    }
}
