import HeapSearch
import JSONRPC
import Platform

/// A reference to something old, as the host protocol lists it.
struct StaleEntry {
    var symbol: String
    var kind: String
    var generation: Int
    var count: Int
    var path: String
    var location: JSONValue?
    var isExact: Bool
    var newest: Int
    /// As long as these are what they were, it is there.
    var words: [Word] = []

    /// A word of the memory, both inverted so that a search does not find them here.
    struct Word: Sendable {
        var address: UInt
        var value: UInt
        /// Of a stack; else 0.
        var thread: Int32 = 0
    }
}

/// Turns what a search of the memory found into what a person is told.
struct StaleFindings {
    let memory: CopiedMemory
    let places: PlaceNames
    /// By the search's `owner`.
    let images: [LoadedImages.Image]
    let newest: [String: Int]
    private let types: TypeReader
    private let holders: HolderNames

    init(memory: CopiedMemory, places: PlaceNames, images: [LoadedImages.Image], newest: [String: Int]) {
        self.memory = memory
        self.places = places
        self.images = images
        self.newest = newest
        types = TypeReader(memory: memory)
        holders = HolderNames(memory: memory, types: types, places: places)
    }

    func entries(_ references: [afresh_reference]) -> [StaleEntry] {
        var references = merged(references)
        var queries: Set<PlaceNames.Query> = []
        for reference in references {
            queries.formUnion(holders.queries(reference))
            if let query = code(reference) { queries.insert(query) }
            if reference.kind == Kind.data, let query = PlaceNames.Query(address: reference.value, isData: true) {
                queries.insert(query)
            }
        }
        places.ask(queries)
        references = withoutHelpers(references)
        // Code that only passes calls on is named by what it calls, which the same holder has, or the context beside it.
        var inner: [UInt: PlaceNames.Query] = [:]
        for reference in references where reference.kind == Kind.code {
            guard let symbol = places[code(reference)]?.symbol, SymbolNames.isThunk(symbol) else { continue }
            inner[reference.word] = codeBehind(reference)
        }
        places.ask(Set(inner.values))
        return withoutNameless(grouped(references.compactMap { entry($0, inner: inner[$0.word]) }))
    }

    private enum Kind {
        static let object = UInt8(AFRESH_OBJECT.rawValue)
        static let code = UInt8(AFRESH_CODE.rawValue)
        static let data = UInt8(AFRESH_DATA.rawValue)
        static let type = UInt8(AFRESH_TYPE.rawValue)
        static let frame = UInt8(AFRESH_FRAME.rawValue)
        static let unseen = UInt8(AFRESH_UNSEEN.rawValue)
        static let handler = UInt8(AFRESH_HANDLER.rawValue)
    }

    // MARK: Words that are one reference

    /// Without the words that are parts of others' references: a closure's context, the type and the tables of an existential.
    private func merged(_ references: [afresh_reference]) -> [afresh_reference] {
        var kinds: [UInt: UInt8] = [:]
        let references = references.filter { $0.kind == Kind.object || !holders.isUnused($0) }
        for reference in references where reference.word != 0 { kinds[reference.word] = reference.kind }
        return references.filter { reference in
            let word = reference.word
            switch reference.kind {
            case Kind.object:
                // The context of a function that is listed itself.
                return reference.is_class || kinds[word &- 8] != Kind.code
            case Kind.data, Kind.type:
                // A table behind a type or an object.
                for distance: UInt in [8, 16, 24] {
                    if let before = kinds[word &- distance] {
                        if before == Kind.object { return false }
                        if distance == 8, before == Kind.data || before == Kind.type { return false }
                    }
                    if leadsToOldObject(word &- distance) { return false }
                }
                return true
            default: return true
            }
        }
    }

    /// Without the code that the compiler adds where a function is kept: how to copy and to release it, and what passes calls on to it.
    private func withoutHelpers(_ references: [afresh_reference]) -> [afresh_reference] {
        var named: Set<UInt> = []
        for reference in references where reference.kind == Kind.code && reference.step_count > 0 {
            if let symbol = places[code(reference)]?.symbol, !SymbolNames.isThunk(symbol) {
                named.insert(reference.steps.0.base)
            }
        }
        return references.filter { reference in
            guard reference.step_count > 0, named.contains(reference.steps.0.base) else { return true }
            switch reference.kind {
            case Kind.code: return places[code(reference)].map { !SymbolNames.isThunk($0.symbol) } ?? true
            case Kind.data:
                let symbol = PlaceNames.Query(address: reference.value, isData: true).flatMap { places[$0]?.symbol }
                return symbol.map { !SymbolNames.isOfCompiler($0) } ?? true
            default: return true
            }
        }
    }

    /// An object that has been found on another way.
    private func leadsToOldObject(_ word: UInt) -> Bool {
        guard let object = memory.word(word), object % 8 == 0, let metadata = memory.word(object),
            let kind = types.objectKind(metadata)
        else { return false }
        switch kind {
        case .instance, .context, .box: return isOld(metadata) || types.descriptor(metadata).map(isOld) == true
        case .task, .other: return false
        }
    }

    private func isOld(_ address: UInt) -> Bool {
        guard let base = PlaceNames.Query(address: address, isData: true) else { return false }
        return images.contains { !$0.runs && ~$0.inverted == address &- base.offset }
    }

    /// The code, if it is some. A call returns to what is behind it.
    private func code(_ reference: afresh_reference) -> PlaceNames.Query? {
        switch reference.kind {
        case Kind.code, Kind.handler:
            return PlaceNames.Query(address: asynchronous(reference.value) ?? reference.value, isData: false)
        case Kind.frame: return PlaceNames.Query(address: reference.value &- 1, isData: false)
        default: return nil
        }
    }

    /// Asynchronous code is behind a constant that says how far it is.
    private func asynchronous(_ value: UInt) -> UInt? {
        guard let query = PlaceNames.Query(address: value, isData: true) else { return nil }
        places.ask([query])
        guard places[query]?.symbol.hasSuffix("Tu") == true else { return nil }
        return memory.relative(value)
    }

    /// What a thunk calls: noted in its context, which is behind it in the same holder.
    private func codeBehind(_ reference: afresh_reference) -> PlaceNames.Query? {
        var context = memory.word(reference.word &+ 8) ?? 0
        for _ in 0..<4 {
            guard context % 8 == 0, memory.word(context) != nil else { break }
            var next: UInt = 0
            for offset: UInt in stride(from: 16, to: 64, by: 8) {
                guard let value = memory.word(context &+ offset) else { break }
                guard let query = PlaceNames.Query(address: value, isData: false) else { continue }
                places.ask([query])
                guard let symbol = places[query]?.symbol, symbol.hasPrefix("$s") else { continue }
                if !SymbolNames.isThunk(symbol) { return query }
                next = memory.word(context &+ offset &+ 8) ?? 0
                break
            }
            context = next
        }
        return nil
    }

    // MARK: Entries

    private func entry(_ reference: afresh_reference, inner: PlaceNames.Query?) -> StaleEntry? {
        guard images.indices.contains(Int(reference.owner)) else { return nil }
        let image = images[Int(reference.owner)]
        let way = holders.way(reference)
        var entry = StaleEntry(
            symbol: image.module, kind: "value", generation: image.generation, count: Int(clamping: reference.count),
            path: way.path, location: places[way.root]?.location,
            isExact: !way.isMarked.contains(.unknownLayout), newest: newest[image.module] ?? image.generation)
        if reference.word != 0 { entry.words = [word(reference.word, reference)] }
        if reference.metadata != 0 { entry.words.append(word(reference.value)) }
        // What is given back keeps most of its words, but not the one that says what it is.
        let holder = reference.steps.0
        if reference.step_count > 0, holder.place == AFRESH_HEAP.rawValue,
            memory.word(holder.base).flatMap({ types.objectKind($0) }) != nil
        {
            entry.words.append(word(holder.base))
        }
        let place = places[inner ?? code(reference)]
        let function = place.map { SymbolNames.function($0.symbol, module: image.module) } ?? image.module
        switch reference.kind {
        case Kind.object, Kind.unseen: describeObject(reference, &entry)
        case Kind.code:
            entry.symbol = function
            entry.kind = place.map { SymbolNames.isMethod($0.symbol) } == true ? "method" : "closure"
            if way.isMarked.contains(.task) || place.map({ SymbolNames.isResumption($0.symbol) }) == true {
                entry.kind = "frame"
                entry.path = "a suspended task: \(way.path)"
                entry.location = place?.location
            } else if way.isMarked.contains(.callback) {
                entry.kind = "registration"
                entry.location = place?.location
            }
        case Kind.frame:
            entry.symbol = function
            entry.kind = "frame"
            entry.isExact = false
            entry.path = "frame of \(entry.symbol) in \(HolderNames.threadName(Int(reference.thread)))"
            entry.location = place?.location
        case Kind.handler:
            entry.symbol = function
            entry.kind = "registration"
            entry.isExact = true
            entry.path = "handler of signal \(reference.thread)"
            entry.location = place?.location
        default:
            guard describeValue(reference, way, &entry) else { return nil }
        }
        if entry.location == nil, entry.kind == "closure" || entry.kind == "method" { entry.location = place?.location }
        return entry
    }

    private func word(_ address: UInt, _ reference: afresh_reference? = nil) -> StaleEntry.Word {
        let isOnStack = reference.map { $0.step_count == 0 && UInt32($0.place) == AFRESH_STACK.rawValue } ?? false
        return StaleEntry.Word(
            address: ~address, value: ~(memory.word(address) ?? 0), thread: isOnStack ? reference?.thread ?? 0 : 0)
    }

    private func describeObject(_ reference: afresh_reference, _ entry: inout StaleEntry) {
        var name = types.name(reference.metadata)
        // The type of what an existential keeps in a box is behind it.
        if !reference.is_class, name == nil, reference.kind == Kind.object {
            name = memory.word(reference.word &+ 24).flatMap { types.name($0) }
        }
        if reference.is_of_old_types, let inner = oldType(reference.metadata) { name = inner }
        if reference.is_class {
            entry.kind = reference.is_of_old_types ? "value" : "instance"
        } else {
            entry.kind = name == nil ? "closure" : "instance"
        }
        if let name { entry.symbol = symbol(name, entry.symbol) }
        if reference.kind == Kind.unseen {
            entry.path = "something that cannot be seen: a register, or native code"
            entry.isExact = false
            entry.words = [word(reference.value &+ 8)]
        } else if !reference.is_direct, reference.is_class {
            entry.path += " and what it leads to"
        }
    }

    /// - Returns: false for a part of what is listed already.
    private func describeValue(_ reference: afresh_reference, _ way: HolderNames.Way, _ entry: inout StaleEntry) -> Bool
    {
        let symbol = PlaceNames.Query(address: reference.value, isData: true).flatMap { places[$0]?.symbol }
        if let name = oldType(reference.value) ?? types.name(reference.value) {
            entry.symbol = self.symbol(name, entry.symbol)
            let hasTable = memory.word(reference.word &+ 8).map(isOldTable) ?? false
            let isValue = way.content == .existential || (way.content != .metatype && hasTable)
            // An instance of a class is an object, and found as that.
            if isValue, memory.word(reference.value) == 0 { return false }
            entry.kind = isValue ? "instance" : "value"
            if way.content == .other { entry.isExact = false }
        } else if let symbol, !SymbolNames.isWitnessTable(symbol) {
            entry.symbol = self.symbol(SymbolNames.variable(symbol), entry.symbol)
        }
        return true
    }

    private func isOldTable(_ address: UInt) -> Bool {
        guard let query = PlaceNames.Query(address: address, isData: true) else { return false }
        places.ask([query])
        return places[query].map { SymbolNames.isWitnessTable($0.symbol) } ?? false
    }

    /// The old type that a generic one was made of.
    private func oldType(_ metadata: UInt, depth: Int = 0) -> String? {
        if isOld(metadata) || types.descriptor(metadata).map(isOld) == true { return types.name(metadata) }
        guard depth < 6 else { return nil }
        for argument in types.arguments(metadata) {
            if let name = oldType(argument, depth: depth + 1) { return name }
        }
        return nil
    }

    /// A type's name, which begins with the module that it is listed for.
    private func symbol(_ name: String, _ module: String) -> String {
        name == module || name.hasPrefix(module + ".") ? name : "\(module).\(name)"
    }

    // MARK: The list

    private func isOnStack(_ entry: StaleEntry) -> Bool { entry.words.contains { $0.thread != 0 } }

    /// Without what only passes calls on to what is listed for the same holder.
    private func withoutNameless(_ entries: [StaleEntry]) -> [StaleEntry] {
        entries.filter { entry in
            guard ["closure", "registration", "frame"].contains(entry.kind), entry.symbol == module(of: entry) else {
                return true
            }
            return !entries.contains { other in
                other.kind == entry.kind && other.generation == entry.generation && other.symbol != entry.symbol
                    && (other.path.hasPrefix(entry.path) || entry.path.hasPrefix(other.path))
            }
        }
    }

    private func module(of entry: StaleEntry) -> String {
        entry.symbol.firstIndex(of: ".").map { String(entry.symbol[..<$0]) } ?? entry.symbol
    }

    /// One entry for each symbol, kind, generation and holder.
    private func grouped(_ entries: [StaleEntry]) -> [StaleEntry] {
        struct Key: Hashable {
            var symbol: String
            var kind: String
            var generation: Int
            var path: String
            var isExact: Bool
        }
        var result: [StaleEntry] = []
        var indices: [Key: Int] = [:]
        for entry in entries {
            let key = Key(
                symbol: entry.symbol, kind: entry.kind, generation: entry.generation, path: entry.path,
                isExact: entry.isExact)
            if let index = indices[key] {
                // A task's frame holds the same function several times.
                if entry.kind == "frame", !isOnStack(entry) { continue }
                result[index].count = result[index].count.addingReportingOverflow(entry.count).partialValue
                result[index].words += entry.words
            } else {
                indices[key] = result.count
                result.append(entry)
            }
        }
        return result
    }
}
