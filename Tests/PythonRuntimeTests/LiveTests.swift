import Platform
import Testing

@testable import PythonRuntime
@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite(.enabled(if: python != nil, "no Python 3.11 or later"), .timeLimit(.minutes(2)), .serialized)
struct LiveTests {
    @Test(arguments: Policy.allCases)
    func savedFunctionRuns(policy: Policy) throws {
        let bench = try LiveBench(["m.py": "def f():\n    return 1\n"])
        let program = try bench.start("m")
        #expect(program.ask("m.f()") == "1")
        let report = try bench.save(["m.py": "def f():\n    return 2\n"], policy: policy)
        #expect(report?.outcome == .live)
        #expect(report?.hosts.first?.modules.map(\.generation) == [2])
        #expect(program.ask("m.f()") == "2")
    }

    @Test(arguments: Policy.allCases)
    func dependentsFollow(policy: Policy) throws {
        let bench = try LiveBench(["m.py": "RATE = 2\n", "n.py": "from m import RATE\nTOTAL = RATE * 10\n"])
        let program = try bench.start("m", "n")
        let report = try bench.save(["m.py": "RATE = 3\n"], policy: policy)
        #expect(report?.hosts.first?.modules.map(\.name).starts(with: ["m", "n"]) == true)
        #expect(report?.hosts.first?.modules.dropFirst().first?.because == .dependent(of: "m", names: ["RATE"]))
        #expect(program.ask("n.TOTAL") == "30")
    }

    @Test(arguments: Policy.allCases)
    func cycleEndsConsistent(policy: Policy) throws {
        let bench = try LiveBench(["a.py": "X = 1\nfrom b import Y\nZ = Y\n", "b.py": "from a import X\nY = X + 1\n"])
        let program = try bench.start("a", "b")
        let report = try bench.save(["a.py": "X = 5\nfrom b import Y\nZ = Y\n"], policy: policy)
        #expect(program.ask("(a.X, b.X, b.Y, a.Z)") == "(5, 5, 6, 6)")
        #expect(report?.hosts.first?.modules.map(\.name) == ["a", "b"])
        #expect(report?.hosts.first?.modules.map(\.generation) == [2, 2])
    }

    @Test(arguments: Policy.allCases)
    func textThatDoesNotCompileChangesNothing(policy: Policy) throws {
        let bench = try LiveBench(["m.py": "X = 1\n", "n.py": "Y = 1\n"])
        let program = try bench.start("m", "n")
        let report = try bench.save(["m.py": "X = 2\n", "n.py": "Y = = 2\n"], policy: policy)
        #expect(report?.outcome == .blocked)
        #expect(report?.problems.map(\.code) == ["syntax-error"])
        #expect(program.ask("(m.X, n.Y)") == "(1, 1)")
    }

    @Test func fileThatWasHeldUpComesInWithTheOneThatHeldItUp() throws {
        let bench = try LiveBench(["m.py": "X = 1\n", "n.py": "Y = 1\n"])
        let program = try bench.start("m", "n")
        _ = try bench.save(["m.py": "X = 2\n", "n.py": "Y = = 2\n"])
        #expect(try bench.save(["n.py": "Y = 2\n"])?.outcome == .live)
        #expect(program.ask("(m.X, n.Y)") == "(2, 2)")
    }

    @Test func fileThatNeededAnotherSaveIsTriedAgainAfterIt() throws {
        let bench = try LiveBench(["m.py": "X = 1\n", "n.py": "from m import X\n"])
        let program = try bench.start("m", "n")
        #expect(try bench.save(["n.py": "from m import X, Y\n"])?.outcome == .rolledBack)
        #expect(try bench.save(["m.py": "X = 1\nY = 2\n"])?.outcome == .live)
        #expect(bench.report(.applied, sequence: 3)?.outcome == .live)
        #expect(program.ask("n.Y") == "2")
    }

    @Test(arguments: Policy.allCases)
    func exceptionLeavesEveryModuleAsItWas(policy: Policy) throws {
        let bench = try LiveBench(["m.py": "X = 1\nY = 1\n"])
        let program = try bench.start("m")
        let report = try bench.save(["m.py": "X = 2\nY = 1 / 0\n"], policy: policy)
        #expect(report?.outcome == .rolledBack)
        #expect(report?.problems.map(\.code) == ["execution-error"])
        #expect(report?.problems.first?.range.start == SourcePosition(line: 1, column: 4))
        #expect(program.ask("(m.X, m.Y)") == "(1, 1)")
        _ = try bench.save(["m.py": "X = 3\nY = 3\n"], policy: policy)
        #expect(program.ask("(m.X, m.Y)") == "(3, 3)")
    }

    @Test func textThatRunsIsNotExecutedAgain() throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let program = try bench.start("m")
        _ = program.ask("setattr(m, 'X', 7)")
        #expect(try bench.save(["m.py": "X = 1\n"])?.outcome == .unchanged)
        #expect(program.ask("m.X") == "7")
    }

    @Test func fileThatWasEditedBeforeTheServerCameIsMarked() throws {
        let bench = try LiveBench(["m.py": "X = 1\n", "n.py": "Y = 1\n"])
        let program = try bench.startUnseen("m", "n") { try bench.write("m.py", "X = 2\n") }
        let marked = bench.problems("behind")
        #expect(marked?.map(\.path) == [bench.root + "/m.py"])
        #expect(bench.reload(["m.py"])?.problems == [])
        #expect(program.ask("m.X") == "2")
    }

    @Test(arguments: Policy.allCases)
    func fileMayBecomeAPackage(policy: Policy) throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let program = try bench.start("m")
        unlink(bench.root + "/m.py")
        try makeFolder(bench.root + "/m")
        try bench.write("m/sub.py", "Y = 5\n")
        #expect(try bench.save(["m/__init__.py": "from .sub import Y\nX = 2\n"], policy: policy)?.outcome == .live)
        #expect(program.ask("(m.X, m.sub.Y, m.__file__.endswith('__init__.py'))") == "(2, 5, True)")
    }

    @Test func allProgramsThatHaveItLoadedGetIt() throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let programs = try (0..<3).map { _ in try bench.start("m") }
        let report = try bench.save(["m.py": "X = 2\n"])
        #expect(report?.hosts.count == 3)
        #expect(programs.map { $0.ask("m.X") } == ["2", "2", "2"])
    }

    @Test func searchFindsNothingWhenEverythingFollowed() throws {
        let bench = try LiveBench(["m.py": "def f():\n    return 1\n"])
        let program = try bench.start("m")
        let report = try bench.save(["m.py": "def f():\n    return 2\n"], until: .scanned)
        #expect(report?.outcome == .live)
        _ = program
    }

    @Test func searchFindsWhatExactLeavesBehind() throws {
        let bench = try LiveBench(["m.py": "def f():\n    return 1\n"])
        let program = try bench.start("m")
        #expect(program.ask("globals().update(kept=[m.f])") == "None")
        let report = try bench.save(["m.py": "def f():\n    return 2\n"], policy: .exact, until: .scanned)
        #expect(report?.outcome == .stale)
        #expect(report?.hosts.first?.stale.contains { $0.symbol == "m.f" } == true)
        #expect(program.ask("kept[0]()") == "1")
    }

    @Test(arguments: ["X = '\0'\n", "\u{0}\u{1}\u{2}"])
    func binaryFileIsBlocked(text: String) throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let program = try bench.start("m")
        #expect(try bench.save(["m.py": text])?.outcome == .blocked)
        #expect(program.ask("m.X") == "1")
    }

    @Test func deletedAndUnreadableFilesAreRefused() throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let program = try bench.start("m")
        unlink(bench.root + "/m.py")
        #expect(bench.reload(["m.py"])?.outcome == .refused)
        try makeFolder(bench.root + "/m.py")
        #expect(bench.reload(["m.py"])?.outcome == .refused)
        #expect(program.ask("m.X") == "1")
    }

    @Test func largeFileIsBroughtIn() throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let program = try bench.start("m")
        let text = "X = 2\nDATA = '" + String(repeating: "x", count: 2 << 20) + "'\n"
        #expect(try bench.save(["m.py": text])?.outcome == .live)
        #expect(program.ask("(m.X, len(m.DATA))") == "(2, \(2 << 20))")
    }

    @Test func savesInQuickSuccessionEndWithTheLast() throws {
        let bench = try LiveBench(["m.py": "X = 0\n"])
        let program = try bench.start("m")
        for number in 1...20 {
            try bench.write("m.py", "X = \(number)\n")
            bench.engine.reload(ReloadRequest(trigger: Trigger(kind: .save, paths: [bench.root + "/m.py"])))
        }
        _ = bench.reload(["m.py"])
        // Whatever was merged into what: the last save is answered after all others.
        let limit = Deadline.after(30_000)
        while program.ask("m.X") != "20", !limit.hasPassed { sched_yield() }
        #expect(program.ask("m.X") == "20")
    }

    @Test func stoppedProgramGetsTheSaveWhenItGoesOn() throws {
        let bench = try LiveBench(["m.py": "X = 1\n"]) { $0.look = 20 }
        let stopped = try bench.start("m")
        let other = try bench.start("m")
        stopped.process.signal(SIGSTOP)
        let report = try bench.save(["m.py": "X = 2\n"])
        #expect(Set(report?.hosts.map(\.outcome) ?? []) == [.failed, .live])
        #expect(other.ask("m.X") == "2")
        stopped.process.signal(SIGCONT)
        // Unchanged if it stopped only after it had read the request: it then goes on with that.
        #expect([.live, .unchanged].contains(bench.report(.applied, sequence: 2)?.outcome))
        #expect(stopped.ask("m.X") == "2")
    }

    @Test func programThatIsKilledMeanwhileHasFailedAndOthersHaveNot() throws {
        let slow =
            "import os, signal\nX = 2\nif os.environ.get('DOOMED') == str(os.getpid()):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let doomed = try bench.start("m")
        let other = try bench.start("m")
        _ = doomed.ask("__import__('os').environ.update(DOOMED=str(__import__('os').getpid()))")
        let report = try bench.save(["m.py": slow], policy: .exact)
        #expect(Set(report?.hosts.map(\.outcome) ?? []) == [.failed, .live])
        #expect(other.ask("m.X") == "2")
        #expect(bench.waitForHosts(1))
    }

    @Test func scriptItselfIsRefusedByExact() throws {
        let bench = try LiveBench(["m.py": "X = 1\n"])
        let program = try bench.start("m")
        let text = String(decoding: try readFile(bench.root + "/app.py"), as: UTF8.self)
        let report = try bench.save(["app.py": text + "\nx = 1\n"], policy: .exact)
        #expect(report?.outcome == .refused)
        #expect(report?.hosts.first?.modules.first?.error?.message.contains("run it again") == true)
        #expect(program.ask("m.X") == "1")
    }
}
