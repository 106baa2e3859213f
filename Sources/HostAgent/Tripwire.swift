import HostCalls
import JSONRPC
import Platform

/// Tells which functions of older generations are called after a reload, where `AFRESH_TRIPWIRE=1` asks for it: what a search has found
/// to be held is confirmed to be used.
final class Tripwire: Sendable {
    /// A function of an image that does not run any more, and the first call of it since the last reload.
    struct Use: Sendable {
        var image: LoadedImages.Image
        /// Of its code; inverted, as those who called it, innermost first.
        var address: UInt
        var callers: [UInt]
    }

    private let images: LoadedImages
    private let objection = Monitor<String?>(nil)
    private let watching = Monitor(false)

    /// Nil where nobody asks for it.
    init?(_ images: LoadedImages) {
        guard Environment.variable("AFRESH_TRIPWIRE") == "1" else { return nil }
        self.images = images
    }

    /// Why not all calls are told.
    var fault: String? { objection.withLock { $0 } }

    /// Something was loaded, or gone back to: from now on it is another code that is old.
    /// - Parameter used: called when some of it is called, on a thread of its own.
    func follow(_ running: [LoadedModule], used: @escaping @Sendable () -> Void) {
        let all = images.all(running: running)
        for image in all where image.runs { afresh_tripwire_disarm(image.inverted) }
        let old = all.filter { !$0.runs }
        afresh_tripwire_forget()
        guard !old.isEmpty else { return }
        if let reason = afresh_tripwire_objection() {
            objection.withLock { $0 = String(cString: reason) }
            return
        }
        var isWhole = true
        for image in old {
            var offsets = afresh_tripwire_knows(image.inverted) ? [] : Tripwire.functions(of: image.path)
            isWhole = afresh_tripwire_arm(image.inverted, &offsets, offsets.count) && isWhole
        }
        let reason = isWhole ? nil : "the system does not let code be marked"
        objection.withLock { $0 = reason }
        watch(used)
    }

    private func watch(_ used: @escaping @Sendable () -> Void) {
        let isFirst = watching.withLock { isWatching in
            defer { isWatching = true }
            return !isWatching
        }
        guard isFirst else { return }
        _ = try? withoutSignals {
            try WorkerThread {
                while true {
                    afresh_tripwire_wait()
                    // Several may come together.
                    _ = Monitor(()).wait(until: .after(50)) { _ -> Bool? in nil }
                    used()
                }
            }
        }
    }

    var uses: [Use] {
        var found = [afresh_use](repeating: afresh_use(), count: 4096)
        let count = afresh_tripwire_uses(&found, found.count)
        let all = images.all
        return found.prefix(count).compactMap { use in
            let address = ~use.not_address
            guard
                let image = all.filter({ ~$0.inverted <= address }).max(by: { ~$0.inverted < ~$1.inverted })
            else { return nil }
            let callers = withUnsafeBytes(of: use.not_callers) { bytes in
                Array(bytes.bindMemory(to: UInt.self).prefix(Int(use.caller_count)))
            }
            return Use(image: image, address: use.not_address, callers: callers)
        }
    }

    /// Those that a person has written. What the compiler adds may be called for what nobody uses: the runtime does.
    private static func functions(of path: String) -> [UInt32] {
        final class Found {
            var offsets: [UInt32] = []
        }
        let found = Found()
        withExtendedLifetime(found) {
            _ = afresh_each_function(
                path,
                { offset, name, context in
                    guard let name, let context, Tripwire.isWritten(String(cString: name)) else { return }
                    Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().offsets.append(offset)
                }, Unmanaged.passUnretained(found).toOpaque())
        }
        return found.offsets
    }

    static func isWritten(_ symbol: String) -> Bool {
        guard symbol.hasPrefix("$s") else { return !symbol.hasPrefix("_") && !SymbolNames.isOfCompiler(symbol) }
        let text = demangled(symbol)
        let words = [
            "metadata", "witness", "outlined", "thunk", "partial apply", "deinit", "lazy ", "one-time init", "ddressor",
            "default argument", "key path", "dispatch", "method lookup", "variable initialization", "destroy",
            "protocol"
        ]
        return !words.contains { text.contains($0) }
    }
}

/// Calls of old functions beside what a search has found.
struct Confirmation {
    let places: PlaceNames
    let newest: [String: Int]
    let old: [LoadedImages.Image]
    /// For each function: "Maker.hold of generation 1, by main at main.swift:12".
    private(set) var sentences: [String] = []

    init(places: PlaceNames, newest: [String: Int], old: [LoadedImages.Image]) {
        (self.places, self.newest, self.old) = (places, newest, old)
    }

    /// Says of what was found that it was called, and by whom. What was called although nothing that was found leads there is listed for
    /// itself.
    mutating func apply(_ uses: [Tripwire.Use], to entries: inout [StaleEntry], isWhole: Bool) {
        let inverted = Set(old.map(\.inverted))
        let uses = uses.filter { inverted.contains($0.image.inverted) }
        let queries = uses.flatMap { [code($0.address, isCall: false)] + $0.callers.map { code($0, isCall: true) } }
        places.ask(Set(queries.compactMap { $0 }))
        var told: Set<String> = []
        for use in uses {
            guard let place = places[code(use.address, isCall: false)], let caller = caller(of: use) else { continue }
            let (module, generation) = (use.image.module, use.image.generation)
            let function = SymbolNames.function(place.symbol, module: module)
            guard told.insert("\(function) \(generation)").inserted else { continue }
            let own = entries.indices.filter { index in
                entries[index].generation == generation
                    && (entries[index].symbol == module || entries[index].symbol.hasPrefix(module + "."))
            }
            // Nobody holds it any more: it was called before it went.
            if own.isEmpty, isWhole { continue }
            let called = "called since\(caller.isEmpty ? "" : ", by \(caller)")"
            sentences.append("\(function) of generation \(generation)\(caller.isEmpty ? "" : ", by \(caller)")")
            var held = own.filter { entries[$0].symbol == function }
            if held.isEmpty {
                held = own.filter {
                    entries[$0].kind == "instance" && function.hasPrefix(entries[$0].symbol + ".")
                }
            }
            for index in held { entries[index].path += " (\(called))" }
            guard held.isEmpty else { continue }
            entries.append(
                StaleEntry(
                    symbol: function, kind: "frame", generation: generation, count: 1, path: "\(function), \(called)",
                    location: place.location, isExact: true, newest: newest[module] ?? generation))
        }
    }

    /// Who called: the innermost that neither is of the old code's own nor of the runtime; "" where that is not known.
    /// - Returns: nil where old code has called itself.
    private func caller(of use: Tripwire.Use) -> String? {
        let images = Set(old.map(\.path))
        for caller in use.callers {
            guard let query = code(caller, isCall: true), let place = places[query] else { continue }
            if images.contains(query.image) {
                if SymbolNames.isThunk(place.symbol) || place.symbol.hasSuffix("TA") { continue }
                return nil
            }
            if SymbolNames.isThunk(place.symbol) || ["swift_", "_ZN5swift"].contains(where: place.symbol.hasPrefix) {
                continue
            }
            let name = SymbolNames.function(place.symbol, module: "?")
            let text = name.hasPrefix("?.") ? String(name.dropFirst(2)) : name
            guard let path = place.path, let file = path.split(separator: "/").last else { return text }
            return "\(text) at \(file):\(place.line)"
        }
        return ""
    }

    /// - Parameter isCall: what a call returns to is behind it.
    private func code(_ inverted: UInt, isCall: Bool) -> PlaceNames.Query? {
        PlaceNames.Query(address: ~inverted &- (isCall ? 1 : 0), isData: false)
    }
}
