import Platform
import Testing

@testable import PythonRuntime
@testable import ReloadEngine

/// With real checkers. What counts as an effect is the checker's own affair, and tested there.
@Suite(.enabled(if: python != nil, "no Python 3.11 or later"), .timeLimit(.minutes(1))) struct PreviewTests {
    private let old = "import atexit\nN = 1\natexit.register(print, N)\n"

    private func request(_ text: String, running: RunningText?) throws -> CheckRequest {
        let module = ModuleInformation(name: "m", path: "/w/m.py")
        let host = HostRuntime(name: "CPython", version: "", executable: try #require(python))
        return CheckRequest(
            runtime: host, policy: .patch,
            modules: [.init(module: CheckedText(module, running: running), source: Array(text.utf8))])
    }

    private var runningText: RunningText { .text(source: base64(Array(old.utf8)), code: nil) }

    @Test func whatRunsAgainIsFoundAtItsPlace() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        let text = old.replacing("N = 1", with: "N = 2")
        guard case .complete(let modules) = try runtime.preview(try request(text, running: runningText)) else {
            Issue.record("nothing came of it")
            return
        }
        #expect(modules.map(\.name) == ["m"])
        let again = try #require(modules.first?.again.first)
        #expect(again.message.hasPrefix("This runs again with the save, since it reads N: "))
        #expect(again.range.start == SourcePosition(line: 2, column: 0))
    }

    @Test func checkOfABodyThatWasPreviewedNeedsNoChecker() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        func body(_ value: Int) -> String { "def f():\n    return \(value)\n" }
        func running(_ checked: [CheckedModule]) throws -> RunningText { .digest(try #require(checked.first?.digest)) }
        func check(_ request: CheckRequest) throws -> [CheckedModule] {
            guard case .complete(let checked) = try runtime.check(request) else { return [] }
            return checked
        }
        let known = RunningText.text(source: base64(Array(body(1).utf8)), code: nil)
        let second = try check(try request(body(2), running: known))
        let host = try request(body(2), running: nil).runtime
        _ = try runtime.affected(
            AffectedRequest(runtime: host, policy: .patch, changed: ["m": ["f"]], modules: [], graph: "g"))

        var third = try request(body(3), running: try running(second))
        third.graph = "g"
        _ = try runtime.preview(third)
        let checker = try runtime.pool.checker(host.executable)
        runtime.pool.remove(checker)
        let checked = try check(third)
        #expect(checked.map(\.isAlone) == [true])
        #expect(checked.first?.payload != nil)

        third.graph = ""  // there are none
        _ = try check(try request(body(2), running: known))
        #expect(try check(third).map(\.isAlone) == [true])

        // A new checker knows nothing; and one with other dependents has to be asked.
        runtime.pool.remove(try runtime.pool.checker(host.executable))
        third.graph = "h"
        guard case .missing = try runtime.check(third) else {
            Issue.record("it was known")
            return
        }
    }

    @Test func textThatWasOnlyPreviewedIsKnownOnceItRuns() throws {
        let (runtime, other) = (CPython(), CPython())
        defer {
            runtime.stop()
            other.stop()
        }
        let text = old + "Y = 1\n"
        guard case .complete(let checked) = try other.check(try request(text, running: nil)) else {
            Issue.record("it does not compile")
            return
        }
        let digest = try #require(checked.first?.digest)
        _ = try runtime.preview(try request(text, running: runningText))
        guard case .complete = try runtime.check(try request(old, running: .digest(digest))) else {
            Issue.record("it was not known")
            return
        }
    }

    @Test func runningTextThatIsNotKnownIsAskedFor() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        guard case .missing(let names) = try runtime.preview(try request(old, running: .digest("00"))) else {
            Issue.record("it was not missed")
            return
        }
        #expect(names == ["m"])
    }

    @Test func previewGivesWayToACheckAndNeverTheOtherWayRound() throws {
        let runtime = CPython()
        defer { runtime.stop() }
        let lines = (0..<3000).map { "def f\($0)(a): return a + \($0)\nX\($0) = f\($0)(1)\n" }.joined()
        let running = RunningText.text(source: base64(Array(lines.utf8)), code: nil)
        let slow = try request(lines + "Y = 1\n", running: running)
        let quick = try request(old, running: runningText)
        _ = try runtime.check(quick)
        let answers = Monitor<[String]>([])
        let thread = try WorkerThread {
            for _ in 0..<3 {
                let answer = try? runtime.preview(slow)
                if case .preempted = answer { answers.update { $0.append("preempted") } }
            }
            answers.update { $0.append("done") }
        }
        var checks = 0
        while answers.withLock({ $0.last }) != "done", checks < 2000 {
            _ = try runtime.check(quick)
            checks += 1
        }
        #expect(thread.join(until: .after(30_000)))
        #expect(answers.withLock { $0.contains("preempted") })
        #expect(checks > 2)
    }
}
