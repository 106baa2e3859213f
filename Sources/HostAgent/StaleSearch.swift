import HeapSearch
import JSONRPC
import Platform

/// Looks for what is old in this process, in a copy of it: the program stands still for the copy alone.
struct StaleSearch {
    struct Outcome {
        var entries: [StaleEntry] = []
        /// Of all that was found, also where there was no room to say what it is.
        var total = 0
        var chunks = 0
        var skipped: [(what: String, reason: String)] = []
        /// Milliseconds.
        var pause = 0.0
    }

    let modules: LoadedModules
    let places: PlaceNames
    /// By module.
    let newest: [String: Int]

    private static let room = 8192
    /// Seconds after which a copy ends by itself.
    private static let limit: UInt32 = 20
    private static let everything = "the memory of the program"

    /// - Returns: nil once `isCancelled` says so.
    func run(isCancelled: () -> Bool) -> Outcome? {
        let images = modules.images.all(running: modules.all)
        guard images.contains(where: { !$0.runs || $0.patch != nil }) else { return Outcome() }
        if let objection = afresh_copy_objection() {
            var outcome = Outcome()
            outcome.skipped.append((StaleSearch.everything, String(cString: objection)))
            return outcome
        }
        // Now and then a copy of a process with threads waits for ever for what one of them had in hand: then another is made.
        var outcome = Outcome()
        for _ in 0..<2 {
            guard let attempt = attempt(images, isCancelled) else { return nil }
            outcome = attempt.outcome
            if attempt.isAnswered { break }
        }
        return outcome
    }

    private func attempt(_ images: [LoadedImages.Image], _ isCancelled: () -> Bool) -> (
        outcome: Outcome, isAnswered: Bool
    )? {
        var outcome = Outcome()
        var numbers: [String: UInt32] = [:]
        let described = images.enumerated().map { index, image in
            let module = numbers[image.module] ?? UInt32(numbers.count)
            numbers[image.module] = module
            return afresh_old_image(
                not_base: image.inverted, owner: UInt32(index), module: module, runs: image.runs)
        }
        var pause: UInt64 = 0
        guard
            let copy = afresh_copy_begin(
                described, described.count, modules.keptForReturn, StaleSearch.room, StaleSearch.limit, &pause)
        else {
            let reason = SystemError.last("copy", "this process").reason
            outcome.skipped.append((StaleSearch.everything, "the process cannot be copied: \(reason)"))
            return (outcome, false)
        }
        defer { afresh_copy_end(copy) }
        outcome.pause = Double(pause) / 1e6
        let deadline = Deadline.after(Double(StaleSearch.limit) * 1000)
        var state: Int32 = 0
        while state == 0, !deadline.hasPassed {
            if isCancelled() { return nil }
            state = afresh_copy_wait(copy, 5)
        }
        guard state == 1, let result = afresh_copy_result(copy)?.pointee else {
            outcome.skipped.append(
                (StaleSearch.everything, "the copy of the process in which it is searched has ended too early"))
            return (outcome, false)
        }
        outcome.chunks = Int(clamping: result.chunks)
        outcome.total = Int(clamping: result.found)
        outcome.skipped += StaleSearch.skipped(result.faults)
        if result.faults & AFRESH_FAULT_REPLACED.rawValue != 0 {
            let patched = modules.all.filter { !$0.patches.isEmpty }.map(\.name).joined(separator: " and ")
            outcome.skipped.append(
                (
                    "closures and calls from before a patch of \(patched)",
                    "an image does not tell which code was replaced: it has no symbols, or its file is gone"
                ))
        }
        let references = (0..<Int(result.reference_count)).compactMap { afresh_copy_reference(copy, $0)?.pointee }
        let missing = Int(clamping: result.found) - references.reduce(0) { $0 + Int(clamping: $1.count) }
        let memory = CopiedMemory(copy: copy)
        let findings = StaleFindings(memory: memory, places: places, images: images, newest: newest)
        outcome.entries = findings.entries(references)
        outcome.total = outcome.entries.reduce(max(0, missing)) { $0 + $1.count }
        if memory.isLost {
            outcome.skipped.append(("who holds what", "the copy of the process has ended too early"))
        }
        return (outcome, true)
    }

    private static func skipped(_ faults: UInt32) -> [(what: String, reason: String)] {
        let reasons: [(afresh_search_fault, String, String)] = [
            (AFRESH_FAULT_ALLOCATOR, "the heap", "it is not laid out as the C library's malloc does it"),
            (AFRESH_FAULT_MAPPINGS, "images and mappings", "the system does not tell of all of them"),
            (AFRESH_FAULT_LIMIT, "a part of the memory", "there is more of it than is looked through"),
            (AFRESH_FAULT_THREADS, "the stacks of threads", "they were not found in time"),
            (
                AFRESH_FAULT_RUNTIME, "types that the Swift runtime makes",
                "it is not a library of its own, or does not tell of its types"
            )
        ]
        return reasons.filter { faults & $0.0.rawValue != 0 }.map { ($0.1, $0.2) }
    }
}
