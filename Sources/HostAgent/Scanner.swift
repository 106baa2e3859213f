import AfreshHost
import HeapSearch
import JSONRPC
import Platform

/// Answers `scan`: what is still old, and who holds it. One search at a time, on a thread of its own.
final class Scanner: Sendable {
    private struct State {
        /// Rises with each request and with whatever makes an answer out of date.
        var number = 0
        /// Who has asked and may be told that an answer is out of date.
        var connections: [Connection] = []
        var last: StaleWatch?
    }

    private let modules: LoadedModules
    private let places: PlaceNames
    private let state = Monitor(State())
    private let searching = Monitor(())
    private let tripwire: Tripwire?

    init(modules: LoadedModules, compiler: String) {
        self.modules = modules
        tripwire = Tripwire(modules.images)
        places = PlaceNames(compiler: compiler)
    }

    /// Something was loaded or gone back to.
    func follow() {
        tripwire?.follow(modules.all) { [state] in
            for connection in state.withLock({ $0.connections }) { connection.notify("scan/used", .object([:])) }
        }
    }

    /// A search that is under way is not finished.
    func cancel() {
        state.update { $0.number += 1 }
    }

    func forget(_ connection: Connection) {
        state.withLock { state in state.connections.removeAll { $0 === connection } }
    }

    func scan(_ request: Request, from connection: Connection) {
        afresh_own_thread()
        let number = state.update { state in
            state.number += 1
            if !state.connections.contains(where: { $0 === connection }) { state.connections.append(connection) }
            return state.number
        }
        let isStarted = try? WorkerThread { [self] in
            afresh_own_thread()
            let result = searching.withLock { _ in
                search(samples: max(0, request.params["samples"]?.intValue ?? 20)) {
                    state.withLock { $0.number } != number || connection.isCancelled(request.id)
                }
            }
            guard let (answer, watch, uses) = result else {
                connection.answer(request.id, .failure(ResponseError(code: -32800, message: "a newer request came")))
                return
            }
            connection.answer(request.id, .success(answer))
            // Whoever waited for this has not looked at what came meanwhile.
            if let tripwire, tripwire.uses.count > uses { connection.notify("scan/used", .object([:])) }
            self.watch(watch, number)
        }
        if isStarted == nil {
            connection.answer(
                request.id, .failure(ResponseError(code: -32603, message: "the system has no thread left")))
        }
    }

    private func search(samples: Int, isCancelled: () -> Bool) -> (
        answer: JSONValue, watch: StaleWatch, uses: Int
    )? {
        let started = monotonicMilliseconds()
        guard !isCancelled() else { return nil }
        let newest = Dictionary(modules.all.map { ($0.name, $0.generation) }, uniquingKeysWith: { $1 })
        let search = StaleSearch(modules: modules, places: places, newest: newest)
        guard var outcome = search.run(isCancelled: isCancelled) else { return nil }
        let leftovers = modules.leftovers.map { name, export, newest in
            StaleEntry(
                symbol: "\(export.module).\(name)", kind: "leftover", generation: export.generation, count: 1,
                path: "export '\(name)' of \(export.module)", isExact: true, newest: newest)
        }
        // The table itself holds them; that is said already.
        let told = outcome.entries.filter { entry in
            leftovers.contains { entry.path.hasPrefix(Scanner.exports) && entry.generation == $0.generation }
        }
        outcome.entries.removeAll { entry in told.contains { $0.path == entry.path && $0.symbol == entry.symbol } }
        outcome.total += leftovers.count - told.reduce(0) { $0 + $1.count }
        let uses = tripwire?.uses ?? []
        let old = modules.images.all(running: modules.all).filter { !$0.runs }
        var confirmation = Confirmation(places: places, newest: newest, old: old)
        let known = outcome.entries.count
        confirmation.apply(uses, to: &outcome.entries, isWhole: outcome.skipped.isEmpty)
        outcome.total += outcome.entries.count - known
        if let fault = tripwire?.fault, !outcome.entries.isEmpty {
            outcome.skipped.append(("which old code is called", fault))
        }
        let entries = leftovers + outcome.entries
        let listed = Scanner.sampled(entries, samples)
        let skipped = outcome.skipped.map { what, reason in
            JSONValue.object(["what": .string(what), "reason": .string(reason)])
        }
        let answer = JSONValue.object([
            "stale": .array(listed.map(\.json)), "total": .int(outcome.total),
            "used": confirmation.sentences.isEmpty ? nil : .strings(confirmation.sentences),
            "coverage": .object([
                "complete": .bool(skipped.isEmpty && entries.allSatisfy(\.isExact)), "objects": .int(outcome.chunks),
                "skipped": .array(skipped)
            ]),
            "timings": .object([
                "scan": .number(monotonicMilliseconds() - started), "pause": .number(outcome.pause)
            ])
        ])
        return (answer, StaleWatch(listed), uses.count)
    }

    private static let exports = "AfreshHost.PluginTable.shared.exports["

    /// At most so many for one symbol; those that are certain come first.
    private static func sampled(_ entries: [StaleEntry], _ samples: Int) -> [StaleEntry] {
        var counts: [String: Int] = [:]
        return (entries.filter(\.isExact) + entries.filter { !$0.isExact }).filter { entry in
            counts[entry.symbol, default: 0] += 1
            return counts[entry.symbol, default: 0] <= max(1, samples)
        }
    }

    // MARK: What is gone

    /// Looks from time to time whether something that was listed is gone, and tells those who have asked, once.
    private func watch(_ watch: StaleWatch, _ number: Int) {
        guard !watch.isEmpty else { return }
        var interval = state.withLock { state in
            defer { state.last = watch }
            // It was looked for again in vain: with less haste.
            guard let last = state.last, last.listed == watch.listed else { return StaleWatch.first }
            return min(StaleWatch.longest, last.interval.withLock { $0 } * 2)
        }
        while true {
            watch.interval.withLock { $0 = interval }
            let isOver: Void? = state.wait(until: .after(interval)) { $0.number != number ? () : nil }
            if isOver != nil { return }
            if watch.isChanged {
                for connection in state.withLock({ $0.connections }) {
                    connection.notify("scan/outdated", .object([:]))
                }
                return
            }
            interval = min(StaleWatch.longest, interval * 1.5)
        }
    }
}

/// What one search has listed, as words of the memory: while they stay as they are, it is there.
final class StaleWatch: Sendable {
    /// Milliseconds.
    static let first = 500.0
    static let longest = 10_000.0

    /// How long it was waited for last.
    let interval = Monitor(StaleWatch.first)
    let listed: Set<String>
    private let words: [StaleEntry.Word]

    init(_ entries: [StaleEntry]) {
        listed = Set(entries.map { "\($0.symbol) \($0.kind) \($0.path)" })
        words = Array(entries.flatMap(\.words).prefix(8192))
    }

    var isEmpty: Bool { words.isEmpty }

    var isChanged: Bool {
        words.contains { word in
            var value: UInt = 0
            let isRead = withUnsafeMutableBytes(of: &value) {
                afresh_read_memory(~word.address, $0.baseAddress, $0.count)
            }
            if !isRead || value != ~word.value { return true }
            guard word.thread != 0 else { return false }
            // What is below a stack's end has been left.
            let stack = afresh_thread_stack(word.thread)
            return stack > ~word.address && stack - ~word.address < 1 << 40
        }
    }
}

extension StaleEntry {
    /// As the host protocol has it.
    var json: JSONValue {
        .object([
            "symbol": .string(symbol), "kind": .string(kind), "generation": .int(generation), "count": .int(count),
            "path": .string(path), "location": location, "confidence": .string(isExact ? "exact" : "possible"),
            "newest": .int(newest)
        ])
    }
}
