import JSONRPC
import Platform
import TestSupport
import Testing

@testable import ReloadEngine

@Suite(.timeLimit(.minutes(1))) struct PreviewTests {
    @Test func whatWouldRunAgainAndWhatWouldNotBeAppliedIsSaid() throws {
        try EngineBench.withHost { bench, host in
            bench.preview("start once", version: 3)
            let preview = try #require(bench.previewed(3))
            #expect(preview.path == bench.path)
            #expect(preview.problems?.map(\.code) == ["not-applied", "runs-again"])
            #expect(preview.problems?.map(\.severity) == [.warning, .hint])
            #expect(preview.problems?.map(\.message) == ["f will not be applied: once.", "again"])
            #expect(host.count(of: "apply") == 0)
            #expect(host.count(of: "prepare") == 0)
        }
    }

    @Test func textThatDoesNotCompileWouldRunNothing() throws {
        try EngineBench.withHost { bench, _ in
            bench.preview("start error")
            #expect(bench.previewed()?.problems?.map(\.code) == ["syntax-error"])
        }
    }

    @Test func textThatMeansTheSameHasNoHints() throws {
        try EngineBench.withHost { bench, _ in
            bench.preview("same")
            let preview = try #require(bench.previewed())
            #expect(preview.problems == [])
        }
    }

    @Test func nothingIsKnownOfFilesThatNoProgramRuns() throws {
        try EngineBench.withHost { path in
            { method, params in
                method == "modules" ? .result(["modules": []]) : FakeHost.healthy(path)(method, params)
            }
        } run: { bench, host in
            for version in 1...5 {
                bench.preview("start", version: version)
                let preview = try #require(bench.previewed(version))
                #expect(preview.problems == nil)
            }
            // At the greeting, and once more because of the text: not for each.
            #expect(host.count(of: "modules") <= 2)
            #expect(bench.runtime.previews.withLock { $0.count } == 0)
        }
    }

    @Test func filesOfOneFolderWaitForOneAnswer() throws {
        try EngineBench.withHost { path in
            { method, params in
                method == "modules" ? .silence : FakeHost.healthy(path)(method, params)
            }
        } run: { bench, host in
            let other = bench.root + "/other.py"
            bench.engine.preview(PreviewRequest(path: other, text: Array("start".utf8), version: 7))
            bench.preview("start", version: 8)
            // At the greeting, and once for both.
            while host.count(of: "modules") < 2 { _ = Monitor(()).wait(until: .after(5)) { _ -> Bool? in nil } }
            host.speak(FakeHost.healthy(bench.path))
            #expect(bench.previewed(8)?.problems?.map(\.code) == ["runs-again"])
            let unused = try #require(bench.previewed(7))
            #expect(unused.problems == nil)
            #expect(host.count(of: "modules") == 2)
        }
    }

    @Test(arguments: [Mode.off, .explicit])
    func modulesThatNoSaveWouldReloadAreLeftAlone(mode: Mode) throws {
        try EngineBench.withHost { bench, _ in
            var settings = ReloadSettings()
            settings.mode = mode
            bench.engine.configure(settings)
            bench.preview("start")
            let preview = try #require(bench.previewed())
            #expect(preview.problems == nil)
        }
    }

    @Test func scriptThatExactWouldRunAgainIsSaidNotToFollow() throws {
        try EngineBench.withHost { path in
            { method, params in
                let module = FakeHost.module(path, extra: JSONObject(["main": true]))
                return method == "modules"
                    ? .result(["modules": [module]]) : FakeHost.healthy(path)(method, params)
            }
        } run: { bench, _ in
            var settings = ReloadSettings()
            settings.policy = .exact
            bench.engine.configure(settings)
            bench.preview("start")
            let problems = try #require(bench.previewed()?.problems)
            #expect(problems.map(\.code) == ["not-applied"])
            #expect(problems.first?.message.hasPrefix("it is the script that was started") == true)
        }
    }

    @Test func textThatTheCheckerHasNotSeenIsFetchedOnce() throws {
        try EngineBench.withHost { path in
            { method, params in
                method == "running"
                    ? .result(["source": "eA==", "digest": "old"]) : FakeHost.healthy(path)(method, params)
            }
        } run: { bench, host in
            bench.runtime.knowsNoText.withLock { $0 = true }
            bench.preview("start")
            #expect(bench.previewed()?.problems?.map(\.code) == ["runs-again"])
            #expect(host.count(of: "running") == 1)
        }
    }

    @Test func hostThatLetsItsTimePassIsAskedAgainWhatItRuns() throws {
        var limits = EngineLimits()
        limits.prepare = 50
        let count = Monitor(0)
        try EngineBench.withHost(limits) { path in
            { method, params in
                guard method == "running" else { return FakeHost.healthy(path)(method, params) }
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                return isFirst ? .silence : .result(["source": "eA==", "digest": "old"])
            }
        } run: { bench, _ in
            bench.runtime.knowsNoText.withLock { $0 = true }
            bench.preview("start")
            #expect(bench.previewed()?.problems?.map(\.code) == ["runs-again"])
            #expect(count.withLock { $0 } == 2)
        }
    }

    @Test func previewThatGaveWayIsMadeAgain() throws {
        try EngineBench.withHost { bench, _ in
            bench.runtime.preempted.withLock { $0 = 3 }
            bench.preview("start")
            #expect(bench.previewed()?.problems?.map(\.code) == ["runs-again"])
            #expect(bench.runtime.previews.withLock { $0.count } == 4)
        }
    }

    @Test func afterASaveItIsTheSavedTextThatIsComparedWith() throws {
        try EngineBench.withHost { bench, _ in
            bench.preview("one", version: 1)
            _ = bench.previewed(1)
            try bench.save("two")
            _ = bench.report(.applied)
            bench.preview("three", version: 2)
            _ = bench.previewed(2)
            let running = bench.runtime.previews.withLock { $0.map(\.modules.first?.module.running) }
            #expect(running == [.digest("old"), .digest("new")])
        }
    }

    @Test func programThatEndedIsForgotten() throws {
        try EngineBench.withHost { bench, host in
            bench.preview("start", version: 1)
            #expect(bench.previewed(1)?.problems?.count == 1)
            host.close()
            #expect(bench.hosts(0))
            bench.preview("start", version: 2)
            let preview = try #require(bench.previewed(2))
            #expect(preview.problems == nil)
        }
    }

    @Test func statementsThatRanAgainAreHintsAfterTheSave() throws {
        let again: JSONValue = [
            "message": "This runs again.",
            "range": ["start": ["line": 4, "column": 2], "end": ["line": 4, "column": 9]]
        ]
        let applied: JSONValue = [
            "modules": [
                ["module": "m", "generation": 2, "executed": true, "changed": true, "changes": [], "again": [again]]
            ], "thread": "main", "timings": ["apply": 1, "pause": 1]
        ]
        try EngineBench.withHost { path in
            { method, params in method == "apply" ? .result(applied) : FakeHost.healthy(path)(method, params) }
        } run: { bench, _ in
            try bench.save("x = 1")
            let report = try #require(bench.report(.applied))
            #expect(report.problems.map(\.code) == ["runs-again"])
            #expect(report.problems.map(\.severity) == [.hint])
            #expect(report.problems.first?.range == SourceRange(4, 2, 9))
            #expect(report.outcome == .live)
        }
    }
}

extension EngineBench {
    func preview(_ text: String, version: Int = 1) {
        engine.preview(PreviewRequest(path: path, text: Array(text.utf8), version: version))
    }

    func previewed(_ version: Int = 1) -> Preview? {
        first { event in
            guard case .previewed(let preview) = event, preview.version == version else { return nil }
            return preview
        }
    }
}

extension SourceRange {
    fileprivate init(_ line: Int, _ start: Int, _ end: Int) {
        self.init(start: SourcePosition(line: line, column: start), end: SourcePosition(line: line, column: end))
    }
}
