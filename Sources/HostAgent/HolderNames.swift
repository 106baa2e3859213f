import HeapSearch
import Platform

/// Writes the way to what is old as a person would: "ShopAPI.Registry.shared.handlers["tick"][0]".
struct HolderNames {
    struct Way {
        var path: String
        /// The variable that it begins with.
        var root: PlaceNames.Query?
        var isMarked: Set<Mark> = []
        /// What the word that holds the reference is declared as.
        var content = TypeReader.Content.other
    }

    /// What is passed on the way.
    enum Mark {
        /// Something of a library that calls its clients: a timer, a queue, an observer.
        case callback
        /// A task that is suspended.
        case task
        /// Memory of which the layout is not known.
        case unknownLayout
        /// The table of what plugins export.
        case exports
    }

    let memory: CopiedMemory
    let types: TypeReader
    let places: PlaceNames

    /// What has to be asked of the debug information before `way`.
    func queries(_ reference: afresh_reference) -> [PlaceNames.Query] {
        root(reference).flatMap { PlaceNames.Query(address: $0, isData: true) }.map { [$0] } ?? []
    }

    private func steps(_ reference: afresh_reference) -> [afresh_step] {
        withUnsafeBytes(of: reference.steps) { bytes in
            Array(bytes.bindMemory(to: afresh_step.self).prefix(Int(reference.step_count)))
        }
    }

    /// The variable's address, if the way begins with one.
    private func root(_ reference: afresh_reference) -> UInt? {
        if let last = steps(reference).last, last.place != AFRESH_HEAP.rawValue {
            return last.place == AFRESH_GLOBAL.rawValue ? last.base : nil
        }
        return UInt32(reference.place) == AFRESH_GLOBAL.rawValue ? reference.word : nil
    }

    func way(_ reference: afresh_reference) -> Way {
        var steps = steps(reference)
        var place = UInt32(reference.place)
        if let last = steps.last, last.place != AFRESH_HEAP.rawValue {
            place = last.place
            steps.removeLast()
        } else if !steps.isEmpty {
            place = 0
        }
        var way = Way(path: "")
        begin(&way, place, reference)
        for step in steps.reversed() { add(step, to: &way) }
        return way
    }

    /// Whether the word is a part of an existential that its value does not fill.
    func isUnused(_ reference: afresh_reference) -> Bool {
        guard reference.step_count > 0, reference.steps.0.place == AFRESH_HEAP.rawValue else { return false }
        let object = reference.steps.0.base
        guard let metadata = memory.word(object), types.objectKind(metadata) == .instance,
            let start = existential(in: object, metadata, at: UInt(reference.steps.0.offset))
        else { return false }
        return types.isUnused(reference.word, ofExistential: start)
    }

    /// Where the existential begins that lies at the offset of an object.
    private func existential(in object: UInt, _ metadata: UInt, at offset: UInt) -> UInt? {
        let arguments = types.arguments(metadata)
        func element(_ first: UInt, _ type: UInt?) -> UInt? {
            guard let type, types.isExistential(type), let stride = types.stride(type),
                stride >= TypeReader.existentialSize, object &+ offset >= first
            else { return nil }
            return first &+ (object &+ offset &- first) / stride &* stride
        }
        switch types.descriptor(metadata).flatMap({ types.name(descriptor: $0) }) {
        case "_ContiguousArrayStorage": return element(object &+ 32, arguments.first)
        case "_DictionaryStorage":
            return memory.word(object &+ 56).flatMap { element($0, arguments.dropFirst().first) }
        case "_SetStorage": return nil
        default:
            guard let field = types.field(metadata, at: offset), field.content == .existential,
                field.end >= field.start, field.end &- field.start >= TypeReader.existentialSize
            else { return nil }
            return object &+ field.start
        }
    }

    private func begin(_ way: inout Way, _ place: UInt32, _ reference: afresh_reference) {
        switch place {
        case AFRESH_GLOBAL.rawValue:
            let address = root(reference) ?? 0
            let query = PlaceNames.Query(address: address, isData: true)
            way.root = query
            let image = query.map { String($0.image.split(separator: "/").last ?? "") } ?? "the program"
            if let symbol = places[query]?.symbol {
                way.path = SymbolNames.variable(symbol)
            } else {
                way.path = "a variable of \(image)"
            }
            if HolderNames.isCallingLibrary(image) { way.isMarked.insert(.callback) }
        case AFRESH_STACK.rawValue:
            way.path = "a local variable in \(HolderNames.threadName(Int(reference.thread)))"
            way.isMarked.insert(.unknownLayout)
        case AFRESH_MEMORY.rawValue:
            way.path = "memory of the program"
            way.isMarked.insert(.unknownLayout)
        default: way.path = "…"
        }
    }

    private func add(_ step: afresh_step, to way: inout Way) {
        let offset = UInt(step.offset)
        way.content = .other
        guard let metadata = memory.word(step.base), let kind = types.objectKind(metadata) else {
            addUnknown(step, to: &way)
            return
        }
        switch kind {
        case .context: way.path += " (captured)"
        case .box:
            if !way.path.hasSuffix(" (captured)") { way.path += " (boxed)" }
        case .task:
            way.isMarked.insert(.task)
            way.path += " (task)"
        case .other: break
        case .instance: addField(metadata, step.base, offset, to: &way)
        }
    }

    private func addUnknown(_ step: afresh_step, to way: inout Way) {
        if let first = memory.word(step.base), let image = PlaceNames.Query(address: first, isData: true)?.image {
            let name = String(image.split(separator: "/").last ?? "")
            if HolderNames.isCallingLibrary(name) {
                way.isMarked.insert(.callback)
                if !way.path.hasSuffix("(callback)") { way.path += " (callback)" }
                return
            }
        }
        way.isMarked.insert(.unknownLayout)
        if !way.path.hasSuffix(" (memory)") { way.path += " (memory)" }
    }

    private func addField(_ metadata: UInt, _ object: UInt, _ offset: UInt, to way: inout Way) {
        let name = types.descriptor(metadata).flatMap { types.name(descriptor: $0) } ?? ""
        let arguments = types.arguments(metadata)
        switch name {
        case "_ContiguousArrayStorage":
            let element = arguments.first
            let stride = element.flatMap { types.stride($0) } ?? 8
            way.path += "[\(offset >= 32 ? (offset &- 32) / stride : 0)]"
            way.content = content(ofElement: element)
        case "_DictionaryStorage":
            addValue(object, offset, arguments, to: &way)
        case "_SetStorage":
            way.path += " (element)"
            way.content = content(ofElement: arguments.first)
        default:
            if let module = types.module(metadata), HolderNames.callingModules.contains(module) {
                way.isMarked.insert(.callback)
            }
            guard let field = types.field(metadata, at: offset) else { return }
            // Storage of the library's own is no name that the source has.
            way.path += ".\(field.name)"
            way.content = field.content
            if field.name == "exports", name == "AfreshHost.PluginTable" { way.isMarked.insert(.exports) }
        }
    }

    private func content(ofElement element: UInt?) -> TypeReader.Content {
        guard let element else { return .other }
        if types.isExistential(element) { return .existential }
        return types.isMetatype(element) ? .metatype : .other
    }

    private func addValue(_ object: UInt, _ offset: UInt, _ arguments: [UInt], to way: inout Way) {
        guard arguments.count >= 2, let keys = memory.word(object &+ 48), let values = memory.word(object &+ 56),
            let keyStride = types.stride(arguments[0]), let valueStride = types.stride(arguments[1])
        else {
            way.path += "[…]"
            return
        }
        let address = object &+ offset
        guard address >= values else {
            way.path += " (key)"
            way.content = content(ofElement: arguments[0])
            return
        }
        way.content = content(ofElement: arguments[1])
        let bucket = (address &- values) / valueStride
        way.path += "[\(key(keys &+ bucket &* keyStride, of: types.name(arguments[0])) ?? "…")]"
    }

    /// A key as the source would have it.
    private func key(_ address: UInt, of type: String?) -> String? {
        switch type {
        case "Int": return memory.word(address).map { "\(Int(bitPattern: $0))" }
        case "String":
            guard let first = memory.word(address), let second = memory.word(address &+ 8) else { return nil }
            let bytes: [UInt8]?
            if second >> 61 & 1 == 1 {
                // A short one is in the two words themselves (stdlib/public/core/StringObject.swift).
                let count = Int(second >> 56 & 15)
                bytes = memory.bytes(address, 16).map { Array($0.prefix(count)) }
            } else {
                let count = Int(first & 0xffff_ffff_ffff)
                bytes = memory.bytes((second & 0x0fff_ffff_ffff_ffff) &+ 32, min(count, 40))
            }
            return bytes.map { "\"\(String(decoding: $0, as: UTF8.self))\"" }
        default: return nil
        }
    }

    // MARK: Libraries and threads

    private static let callingModules: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "CoreFoundation"
    ]

    private static func isCallingLibrary(_ image: String) -> Bool {
        ["libdispatch", "libFoundation", "libFoundationEssentials", "libFoundationNetworking", "lib_FoundationICU"]
            .contains {
                image.hasPrefix($0 + ".so")
            }
    }

    static func threadName(_ id: Int) -> String {
        if id == Environment.processID { return "the main thread" }
        guard let bytes = try? readFile("/proc/self/task/\(id)/comm") else { return "thread \(id)" }
        return "thread \(id) (\(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" }))"
    }
}
