import Platform
import ReloadEngine
import Testing

@testable import afresh

@Suite struct StatusReportTests {
    private let host = HostInformation(
        id: "1-1", pid: 42, parent: 1, name: "app.py",
        runtime: HostRuntime(name: "CPython", version: "3.11.7", magic: "a70d0d0a"))

    private func outcome(
        of module: ModuleInformation,
        stale: StaleSurvey? = StaleSurvey(
            references: [], total: 0, coverage: Coverage(complete: true, objects: 1), timings: Timings())
    ) -> Outcome? {
        let survey = HostSurvey(host: host, modules: [module], stale: stale, answered: true)
        return StatusReport.report(of: [survey]).hosts.first?.modules.first?.outcome
    }

    @Test func aModuleThatWasReloadedAndSearchedIsLive() {
        #expect(outcome(of: ModuleInformation(name: "m", path: nil, generation: 2)) == .live)
    }

    @Test func nothingIsLiveWithoutACompleteSearch() {
        let module = ModuleInformation(name: "m", path: nil, generation: 2)
        #expect(outcome(of: module, stale: nil) == .stale)
        let partial = StaleSurvey(
            references: [], total: 0, coverage: Coverage(complete: false, objects: 1), timings: Timings())
        #expect(outcome(of: module, stale: partial) == .stale)
    }

    @Test func aTextOnDiskThatDoesNotRunIsStale() throws {
        let path = "/tmp/afresh-status-\(Environment.processID)-\(randomHexDigits(8)).py"
        try writeFileAtomically(path, Array("x = 1\n".utf8))
        defer { removeFile(path) }
        // What `importlib.util.source_hash` of CPython 3.11 says of that text.
        #expect(outcome(of: ModuleInformation(name: "m", path: path, digest: "4c0372aa93f75252")) == .unchanged)
        #expect(outcome(of: ModuleInformation(name: "m", path: path, digest: "0000000000000000")) == .stale)
        removeFile(path)
        #expect(outcome(of: ModuleInformation(name: "m", path: path, digest: "4c0372aa93f75252")) == .stale)
    }

    @Test func aHostThatDoesNotAnswerHasFailed() {
        let silent = HostReport(id: "7", pid: 7, name: "pid 7", runtime: "unknown", outcome: .failed)
        #expect(StatusReport.report(of: [], silent: [silent]).outcome == .failed)
    }
}

@Suite struct DemoSampleTests {
    @Test func everyEditChangesItsFile() throws {
        var texts = Dictionary(uniqueKeysWithValues: DemoSample.files.map { ($0.path, $0.text) })
        for edit in DemoSample.edits {
            let before = try #require(texts[edit.path])
            for (old, _) in edit.replacements {
                #expect(before.split(separator: "\n").contains { $0 == old }, "\(old)")
            }
            texts[edit.path] = edit.applied(to: before)
            #expect(texts[edit.path] != before)
        }
    }
}
