import JSONRPC
import Platform
import Testing

@testable import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

func linkFile(_ target: String, _ link: String) throws {
    guard symlink(target, link) == 0 else { throw SystemError.last("symlink", link) }
}

@Suite(.timeLimit(.minutes(1))) struct HostTests {
    @Test func hostThatStartsLaterIsHeardOf() throws {
        let bench = try EngineBench()
        bench.engine.start()
        let host = try FakeHost(in: bench.folder, answers: FakeHost.healthy(bench.path))
        try tellServers(bench.folder, "host/started", ["protocol": 1, "socket": .string(host.listener.path), "pid": 1])
        #expect(bench.hosts(1))
        #expect(bench.engine.hosts.map(\.name) == ["app.py"])
        host.close()
        #expect(bench.hosts(0))
        #expect(bench.engine.hosts.isEmpty)
    }

    @Test func hostThatCallsAgainFromAnotherSocketIsOne() throws {
        try EngineBench.withHost { bench, former in
            let host = try FakeHost(in: bench.folder, answers: FakeHost.healthy(bench.path))
            defer { host.close() }
            try tellServers(
                bench.folder, "host/started", ["protocol": 1, "socket": .string(host.listener.path), "pid": 1])
            try #require(host.wait { $0.contains("modules") })
            #expect(bench.reports.map(\.hosts.count) == [1, 0, 1])
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.hosts.count == 1)
            #expect((former.count(of: "apply"), host.count(of: "apply")) == (0, 1))
        }
    }

    @Test func socketOutsideOfTheFolderIsNotCalled() throws {
        let bench = try EngineBench()
        bench.engine.start()
        try makeFolder(bench.root + "/else", permissions: 0o700)
        let host = try FakeHost(in: RuntimeFolder(path: bench.root + "/else"), answers: FakeHost.healthy(bench.path))
        defer { host.close() }
        for path in [
            host.listener.path, "\(bench.folder.path)/../else/\(host.listener.path.split(separator: "/").last ?? "")"
        ] {
            try tellServers(bench.folder, "host/started", ["protocol": 1, "socket": .string(path), "pid": 1])
        }
        let refused = bench.first { event in
            if case .log(_, let text) = event, text.contains("not in the runtime folder") { true } else { nil }
        }
        #expect(refused == true)
        #expect(host.count(of: "hello") == 0)
    }

    @Test func programThatCannotBeLiveIsTold() throws {
        let bench = try EngineBench()
        bench.engine.start()
        try tellServers(
            bench.folder, "host/notLive",
            ["protocol": 1, "pid": 1, "name": "old.py", "reason": "version", "message": "too old"])
        let notice = bench.first { event in
            if case .notice(nil, let code, let message) = event { "\(code): \(message)" } else { nil }
        }
        #expect(notice == "version: too old")
    }

    @Test func deadSocketIsRemoved() throws {
        let bench = try EngineBench()
        let dead = "\(bench.folder.path)/host-1-00000000.sock"
        try leaveDeadSocket(dead)
        bench.engine.start()
        bench.engine.waitUntilGreeted(limit: .seconds(10))
        #expect(bench.engine.hosts.isEmpty)
        #expect(fileStatus(dead, followingLinks: false) == nil)
    }

    @Test func unknownProtocolVersionIsNotUsed() throws {
        try EngineBench.withHost { _ in
            { _, _ in .result(FakeHost.hello(version: 2)) }
        } run: { bench, _ in
            #expect(bench.engine.hosts.isEmpty)
            let reason = bench.first { event -> String? in
                if case .log(_, let text) = event, text.contains("version 2") { text } else { nil }
            }
            #expect(reason?.contains("this program version 1") == true)
        }
    }

    @Test func hostThatNeverSaysWhoItIsHoldsNobodyUp() throws {
        try EngineBench.withHost(limits(\.hello, 20)) { _ in
            { _, _ in .silence }
        } run: { bench, host in
            #expect(bench.engine.hosts.isEmpty)
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.hosts.isEmpty == true)
            host.speak(FakeHost.healthy(bench.path))
            #expect(bench.hosts(1))
        }
    }

    @Test func silentHostFailsOnceAndIsThenLeftAloneUntilItSpeaks() throws {
        try EngineBench.withHost(limits(\.prepare, 20)) { bench, host in
            host.speak { _, _ in .silence }
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == .failed)
            try bench.save("x = 2")
            #expect(bench.report(.applied, sequence: 2)?.outcome == .failed)
            #expect(host.count(of: "prepare") == 1)
            host.speak(FakeHost.healthy(bench.path))
            // What it has missed is brought in without another save.
            #expect(bench.report(.applied, sequence: 3)?.outcome == .live)
        }
    }

    @Test func silentHostDoesNotKeepOthersFromASave() throws {
        try EngineBench.withHost(limits(\.prepare, 20)) { bench, silent in
            silent.speak { _, _ in .silence }
            let other = try FakeHost(in: bench.folder, answers: FakeHost.healthy(bench.path, id: "2"))
            defer { other.close() }
            try tellServers(
                bench.folder, "host/started", ["protocol": 1, "socket": .string(other.listener.path), "pid": 2])
            #expect(bench.hosts(2))
            try bench.save("x = 1")
            let report = try #require(bench.report(.applied))
            #expect(Set(report.hosts.map { "\($0.id) \($0.outcome)" }) == ["1 failed", "2 live"])
        }
    }

    @Test func hostThatDiesInTheMiddleHasFailed() throws {
        try EngineBench.withHost { path in
            { method, params in method == "apply" ? .death : FakeHost.healthy(path)(method, params) }
        } run: { bench, _ in
            try bench.save("x = 1")
            let report = try #require(bench.report(.applied))
            #expect(report.outcome == .failed)
            #expect(report.message.contains("ended while"))
            #expect(bench.hosts(0))
            try bench.save("x = 2")
            #expect(bench.report(.applied, sequence: 2)?.hosts.isEmpty == true)
        }
    }

    @Test func transactionThatTakesTooLongFailsAndTheEngineGoesOn() throws {
        try EngineBench.withHost(limits(\.apply, 20)) { path in
            { method, params in method == "apply" ? .silence : FakeHost.healthy(path)(method, params) }
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == .failed)
            try bench.save("error")
            #expect(bench.report(.applied, sequence: 2)?.sequence == 2)
        }
    }

    @Test func planForATextThatNoLongerRunsIsMadeAnew() throws {
        let tries = Tries()
        try EngineBench.withHost { path in
            { method, params in
                guard method == "apply", tries.isFirst() else {
                    return FakeHost.healthy(path)(method, params)
                }
                return .error(ResponseError(code: -32602, message: "another text runs"))
            }
        } run: { bench, host in
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == .live)
            #expect(host.count(of: "prepare") == 2)
        }
    }

    @Test(arguments: [("new", 1), ("another", 2)])
    func checkThatWasMadeAheadCountsOnlyForTheTextThatRuns(runs digest: String, checks: Int) throws {
        let saves = Monitor(0)
        try EngineBench.withHost { path in
            { method, params in
                // From the second save on: what the first one brought in, or what another server has meanwhile.
                guard method == "prepare", saves.withLock({ $0 }) > 0 else {
                    return FakeHost.healthy(path)(method, params)
                }
                return .result(FakeHost.prepared(path, extra: JSONObject(["digest": .string(digest)])))
            }
        } run: { bench, host in
            try bench.save("x = 1")
            #expect(bench.report(.applied)?.outcome == .live)
            saves.withLock { $0 = 1 }
            let before = bench.runtime.checks.withLock { $0.count }
            try bench.save("x = 2")
            #expect(bench.report(.applied, sequence: 2)?.outcome == .live)
            let asked = bench.runtime.checks.withLock { Array($0[before...]) }
            #expect(asked.count == checks)
            #expect(asked.last?.modules.first?.module.running == .digest(digest))
            #expect(host.params(of: "apply").last?["steps"]?.arrayValue?.first?["digest"]?.stringValue == digest)
        }
    }

    @Test func interruptedSearchIsStartedAgain() throws {
        let tries = Tries()
        try EngineBench.withHost { path in
            { method, params in
                guard method == "scan", tries.isFirst() else {
                    return FakeHost.healthy(path)(method, params)
                }
                return .error(.requestCancelled)
            }
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.scanned)?.outcome == .live)
        }
    }

    @Test func searchThatIsNotAnsweredEndsWithoutASayOnIt() throws {
        try EngineBench.withHost(limits(\.scan, 20)) { path in
            { method, params in method == "scan" ? .silence : FakeHost.healthy(path)(method, params) }
        } run: { bench, _ in
            try bench.save("x = 1")
            let report = try #require(bench.report(.scanned))
            #expect(report.outcome == .stale)
            #expect(report.hosts.first?.coverage?.complete == false)
        }
    }

    @Test func hostThatEndsWhileItSearchesIsNotCalledLive() throws {
        try EngineBench.withHost { path in
            { method, params in method == "scan" ? .death : FakeHost.healthy(path)(method, params) }
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.scanned)?.outcome == .stale)
        }
    }

    @Test func thatAProgramHasEndedIsTheLastThatIsHeardOfIt() throws {
        try EngineBench.withHost { path in
            { method, params in method == "scan" ? .silence : FakeHost.healthy(path)(method, params) }
        } run: { bench, host in
            try bench.save("x = 1")
            try #require(host.wait { $0.contains("scan") })
            host.close()
            #expect(bench.hosts(0))
            #expect(bench.reports.suffix(2).map(\.phase) == [.scanned, .hosts])
        }
    }

    @Test func whatAProgramHeldIsNotMarkedOnceItHasEnded() throws {
        let stale: JSONValue = [
            "stale": [
                [
                    "symbol": "m.f", "kind": "binding", "generation": 1, "count": 1, "path": "n.f",
                    "confidence": "exact",
                    "location": [
                        "path": "/n.py", "range": ["start": ["line": 0, "column": 0], "end": ["line": 0, "column": 1]]
                    ]
                ]
            ], "total": 1, "coverage": ["complete": true, "objects": 1, "skipped": []]
        ]
        // Not about the time that a search may take: where tests are starved, it would be given up.
        try EngineBench.withHost(limits(\.scan, 600_000)) { path in
            { method, params in method == "scan" ? .result(stale) : FakeHost.healthy(path)(method, params) }
        } run: { bench, ending in
            let other = try FakeHost(in: bench.folder) { [path = bench.path] method, params in
                method == "scan" ? .silence : FakeHost.healthy(path, id: "2")(method, params)
            }
            defer { other.close() }
            try tellServers(
                bench.folder, "host/started", ["protocol": 1, "socket": .string(other.listener.path), "pid": 1])
            try #require(bench.hosts(2))
            try bench.save("x = 1")
            try #require(ending.wait { $0.contains("scan") } && other.wait { $0.contains("scan") })
            ending.close()
            try #require(
                bench.first { event in
                    if case .report(let report) = event, report.phase == .hosts, report.message.contains("ended") {
                        true
                    } else {
                        nil
                    }
                } ?? false)
            other.speak(FakeHost.healthy(bench.path, id: "2"))
            let report = try #require(bench.report(.scanned))
            #expect(report.hosts.map(\.id) == ["2"] && report.outcome == .live)
            #expect(report.problems.isEmpty)
        }
    }

    @Test func numbersThatNoTextCanHaveHarmNobody() throws {
        let huge: JSONValue = [
            "start": ["line": .integer(.max), "column": .integer(.max)], "end": ["line": 0, "column": -1]
        ]
        try EngineBench.withHost { path in
            { method, params in
                switch method {
                case "apply":
                    .result([
                        "modules": [
                            [
                                "module": "m", "generation": .integer(.max),
                                "changes": [["symbol": "f", "range": huge]]
                            ]
                        ]
                    ])
                case "scan":
                    .result([
                        "stale": [
                            [
                                "symbol": "m.f", "kind": "none", "count": .integer(.max),
                                "location": ["path": "/n.py", "range": huge]
                            ],
                            [
                                "symbol": "m.f", "kind": "value", "count": .integer(.max),
                                "generation": .integer(.min)
                            ]
                        ], "coverage": [:]
                    ])
                default: FakeHost.healthy(path)(method, params)
                }
            }
        } run: { bench, _ in
            try bench.save("x = 1")
            #expect(bench.report(.scanned)?.outcome == .stale)
        }
    }

    @Test func answersThatMakeNoSenseHarmNobody() throws {
        let nonsense: [JSONValue] = [
            .null, 1, "x", [], ["modules": 1], ["modules": [1, [:], ["name": 2]]], ["failure": "x"]
        ]
        for value in nonsense {
            try EngineBench.withHost { path in
                { method, params in
                    method == "hello" || (method == "prepare" && value == .null)
                        ? FakeHost.healthy(path)(method, params) : .result(value)
                }
            } run: { bench, _ in
                try bench.save("x = 1")
                #expect(bench.report(.applied) != nil)
            }
        }
    }

    @Test func surveyTellsWhatIsLoaded() throws {
        try EngineBench.withHost { bench, _ in
            let answer = Promise<[HostSurvey]>()
            bench.engine.survey(stale: true) { answer.fulfil($0) }
            let surveys = answer.wait(until: .after(10_000))
            #expect(surveys?.first?.modules.map(\.name) == ["m"])
            #expect(surveys?.first?.stale?.coverage.complete == true)
        }
    }

    @Test func stopEndsAWait() throws {
        try EngineBench.withHost(limits(\.look, 10)) { path in
            { method, params in method == "apply" ? .silence : FakeHost.healthy(path)(method, params) }
        } run: { bench, _ in
            try bench.save("x = 1")
            let started = bench.first { event in if case .started = event { true } else { nil } }
            #expect(started == true)
            bench.engine.stop()
        }
    }
}

/// Calls every server as a starting program does.
private func tellServers(_ folder: RuntimeFolder, _ method: String, _ params: JSONValue) throws {
    for name in try namesInFolder(folder.path) where name.hasPrefix("server-") {
        let connection = Connection(socket: try connectToUnixSocket("\(folder.path)/\(name)"))
        try connection.start { _ in }
        connection.notify(method, params)
        connection.close(flushing: 1000)
    }
}

/// A socket whose owner has died.
private func leaveDeadSocket(_ path: String) throws {
    let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
    let name = String(path.dropFirst(folder.count + 1))
    let listener = try UnixListener(folder: folder, name: "x" + name)
    // A second name survives when the listener removes its own.
    guard link(listener.path, path) == 0 else { throw SystemError.last("link", path) }
    listener.close()
}

/// Tells the first try from those after it.
private struct Tries: Sendable {
    private let count = Monitor(0)

    func isFirst() -> Bool {
        count.update {
            $0 += 1
            return $0 == 1
        }
    }
}
