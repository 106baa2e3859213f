import Platform
import TestSupport
import Testing

@testable import ReloadEngine

@Suite struct GlobTests {
    @Test(arguments: [
        ("*.py", "a/b.py", true), ("*.py", "a/b.pyc", false), ("build", "build/x.py", true),
        ("build", "a/build/x.py", true),
        ("build", "builder/x.py", false), ("/build", "a/build/x.py", false), ("a/*.py", "a/b.py", true),
        ("a/*.py", "a/c/b.py", false), ("a/**/b.py", "a/b.py", true), ("a/**/b.py", "a/x/y/b.py", true),
        ("**/gen/**", "x/gen/y.py", true), ("a/**", "a/b/c.py", true), ("a/**", "b/a.py", false),
        ("./a", "a/x.py", true),
        ("[a-c]?.py", "b1.py", true), ("[!a-c]?.py", "b1.py", false), ("{one,two}/x.py", "two/x.py", true),
        ("x{1,2", "x{1,2", true), ("[ab", "[ab", true), ("*a*b*c", "xaybzc", true), ("*a*b*c", "xaybz", false),
        ("", "a.py", false)
    ])
    func matchesAsOtherPythonToolsDo(pattern: String, path: String, expected: Bool) {
        #expect(Glob(pattern).matches(path) == expected)
    }

    @Test(.timeLimit(.minutes(1)))
    func hostilePatternsTakeNoTime() {
        let stars = String(repeating: "*a", count: 2000)
        #expect(!Glob(stars).matches(String(repeating: "a", count: 1999)))
        #expect(!Glob(String(repeating: "**/", count: 500) + "x").matches(String(repeating: "a/", count: 500)))
        #expect(!Glob(String(repeating: "{a,b}", count: 60)).matches("c"))
    }
}

@Suite struct ScopeTests {
    private func settings(_ change: (inout ReloadSettings) -> Void = { _ in }) -> ReloadSettings {
        var settings = ReloadSettings()
        change(&settings)
        return settings
    }

    @Test func offIncludesNothing() {
        #expect(!Scope(settings { $0.mode = .off }).includes(module: "m", path: "/w/m.py"))
    }

    @Test func explicitIncludesOnlyWhatIsTracked() {
        let scope = Scope(
            settings {
                $0.mode = .explicit
                $0.track = ["m"]
            })
        #expect(scope.includes(module: "m", path: "/w/m.py"))
        #expect(!scope.includes(module: "n", path: "/w/n.py"))
    }

    @Test func allLeavesOutWhatIsUntracked() {
        let scope = Scope(settings { $0.untrack = ["m"] })
        #expect(!scope.includes(module: "m", path: "/w/m.py"))
        #expect(scope.includes(module: "n", path: "/w/n.py"))
    }

    @Test func filesOutsideTheWorkspaceAreLeftAlone() {
        let scope = Scope(settings { $0.workspaceFolders = ["/w"] })
        #expect(scope.includes(path: "/w/m.py"))
        #expect(!scope.includes(path: "/www/m.py"))
    }

    @Test(arguments: ["/w/.hidden/m.py", "/w/x/site-packages/m.py"])
    func installedAndHiddenFilesAreLeftAloneByDefault(path: String) {
        #expect(!Scope(settings { $0.workspaceFolders = ["/w"] }).includes(path: path))
    }

    @Test func workspaceInAHiddenFolderIsAWorkspace() {
        #expect(Scope(settings { $0.workspaceFolders = ["/home/.work"] }).includes(path: "/home/.work/m.py"))
    }

    @Test func virtualEnvironmentIsKnownByItsFile() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/env/lib")
            try writeFileAtomically(folder + "/env/pyvenv.cfg", [])
            let scope = Scope(settings { $0.workspaceFolders = [folder] })
            #expect(!scope.includes(path: folder + "/env/lib/m.py"))
            #expect(scope.includes(path: folder + "/lib/m.py"))
        }
    }

    @Test func ownGlobsReplaceTheDefault() {
        let scope = Scope(
            settings {
                $0.workspaceFolders = ["/w"]
                $0.exclude = ["generated"]
            })
        #expect(!scope.includes(path: "/w/generated/m.py"))
        #expect(scope.includes(path: "/w/.hidden/m.py"))
    }
}

@Suite struct InboxTests {
    @Test func savesThatWaitGoTogether() {
        var inbox = Inbox()
        inbox.merge(ReloadRequest(trigger: Trigger(kind: .watch, paths: ["/a", "/b"])))
        inbox.merge(ReloadRequest(trigger: Trigger(kind: .save, paths: ["/b", "/c"]), modules: ["m"], force: true))
        #expect(inbox.pending?.trigger == Trigger(kind: .save, paths: ["/a", "/b", "/c"]))
        #expect(inbox.pending?.modules == ["m"])
        #expect(inbox.pending?.force == true)
    }
}
