/// Reads the names of types and of their parts out of memory, by the layouts of the Swift ABI (swift/ABI/Metadata.h): the runtime is
/// not asked, as what looks like metadata may be none.
struct TypeReader {
    let memory: CopiedMemory

    enum ObjectKind {
        case instance, context, box, task, other
    }

    /// What a stored property holds.
    enum Content {
        case existential, metatype, function, other
    }

    private enum Kind {
        static let structure: UInt = 0x200
        static let enumeration: UInt = 0x201
        static let optional: UInt = 0x202
        static let tuple: UInt = 0x301
        static let function: UInt = 0x302
        static let existential: UInt = 0x303
        static let metatype: UInt = 0x304
        static let existentialMetatype: UInt = 0x306
        static let context: UInt = 0x400
        static let box: UInt = 0x500
        static let task: UInt = 0x502
    }

    private enum Context {
        static let module: UInt32 = 0
        static let structure: UInt32 = 17
        static let named: ClosedRange<UInt32> = 16...18
    }

    /// What the first word of an object says it is; nil: nothing that is known.
    func objectKind(_ metadata: UInt) -> ObjectKind? {
        guard metadata % 8 == 0, let kind = memory.word(metadata) else { return nil }
        switch kind {
        case 0: return descriptor(metadata).flatMap { name(descriptor: $0) } == nil ? nil : .instance
        case Kind.context: return .context
        case Kind.box: return .box
        case Kind.task: return .task
        case 0x401...0x7ff: return .other
        default: return nil
        }
    }

    // MARK: Names

    /// "Pricing.Cart", "Optional<Pricing.Cart>"; nil where it cannot be told.
    func name(_ metadata: UInt, depth: Int = 0) -> String? {
        guard depth < 6, metadata % 8 == 0, let kind = memory.word(metadata) else { return nil }
        switch kind {
        case 0, Kind.structure, Kind.enumeration, Kind.optional:
            guard let descriptor = descriptor(metadata), let name = name(descriptor: descriptor) else { return nil }
            let arguments = arguments(metadata).prefix(typeParameterCount(descriptor)).map {
                self.name($0, depth: depth + 1) ?? "_"
            }
            return arguments.isEmpty ? name : "\(name)<\(arguments.joined(separator: ", "))>"
        case Kind.tuple:
            let count = min(memory.word(metadata &+ 8) ?? 0, 16)
            let elements = (0..<count).map { index in
                memory.word(metadata &+ 24 &+ index &* 16).flatMap { name($0, depth: depth + 1) } ?? "_"
            }
            return "(\(elements.joined(separator: ", ")))"
        case Kind.function: return "a function"
        case Kind.existential:
            guard (memory.half(metadata &+ 12) ?? 0) > 0 else { return "Any" }
            let hasClass = (memory.half(metadata &+ 8) ?? 0) & 0x4000_0000 != 0
            let protocolField = metadata &+ (hasClass ? 24 : 16)
            return memory.word(protocolField).flatMap { name(descriptor: $0 & ~1) }.map { "any \($0)" }
        case Kind.metatype, Kind.existentialMetatype:
            return memory.word(metadata &+ 8).flatMap { name($0, depth: depth + 1) }.map { "\($0).Type" }
        case Kind.box:
            return memory.word(metadata &+ 16).flatMap { name($0, depth: depth + 1) }
        default: return nil
        }
    }

    /// The descriptor of a class, structure or enumeration.
    func descriptor(_ metadata: UInt) -> UInt? {
        guard let kind = memory.word(metadata), let descriptor = memory.word(metadata &+ (kind == 0 ? 40 : 8)),
            descriptor % 4 == 0, let flags = memory.half(descriptor), Context.named.contains(flags & 31)
        else { return nil }
        return descriptor
    }

    /// With the names of what it lies in; the standard library's name is left out, and so is the number of a build.
    func name(descriptor: UInt) -> String? {
        var parts: [String] = []
        var next: UInt? = descriptor
        for _ in 0..<16 {
            guard let context = next, let flags = memory.half(context) else { return nil }
            let kind = flags & 31
            if kind == Context.module || kind == 3 || Context.named.contains(kind) {
                guard let text = memory.relative(context &+ 8).flatMap({ memory.text($0) }), !text.isEmpty else {
                    return nil
                }
                if kind != Context.module || text != "Swift" { parts.append(withoutGenerations(text)) }
                if kind == Context.module { return parts.reversed().joined(separator: ".") }
            }
            next = parent(of: context)
        }
        return nil
    }

    private func parent(of context: UInt) -> UInt? {
        guard let offset = memory.half(context &+ 4), offset != 0 else { return nil }
        let field = context &+ 4
        let target = field &+ UInt(bitPattern: Int(Int32(bitPattern: offset & ~1)))
        return offset & 1 == 0 ? target : memory.word(target)
    }

    /// The module that a type is of.
    func module(_ metadata: UInt) -> String? {
        var next = descriptor(metadata)
        for _ in 0..<16 {
            guard let context = next, let flags = memory.half(context) else { return nil }
            if flags & 31 == Context.module { return memory.relative(context &+ 8).flatMap { memory.text($0) } }
            next = parent(of: context)
        }
        return nil
    }

    // MARK: Generic arguments

    private func header(_ descriptor: UInt) -> UInt? {
        guard let flags = memory.half(descriptor), flags & 0x80 != 0 else { return nil }
        return descriptor &+ (flags & 31 == 16 ? 44 : 28)
    }

    private func typeParameterCount(_ descriptor: UInt) -> Int {
        header(descriptor).flatMap { memory.quarter($0 &+ 8) }.map(Int.init) ?? 0
    }

    /// What a type was made of; witness tables are behind the types.
    func arguments(_ metadata: UInt) -> [UInt] {
        guard let kind = memory.word(metadata), let descriptor = descriptor(metadata), let header = header(descriptor),
            let count = memory.quarter(header &+ 12), count <= 64, let first = argumentStart(metadata, kind, descriptor)
        else { return [] }
        return (0..<UInt(count)).compactMap { memory.word(first &+ $0 &* 8) }
    }

    private func argumentStart(_ metadata: UInt, _ kind: UInt, _ descriptor: UInt) -> UInt? {
        guard kind == 0 else { return metadata &+ 16 }
        guard let flags = memory.half(descriptor), let members = memory.half(descriptor &+ 32) else { return nil }
        if flags >> 16 & 1 << 13 != 0 {
            return memory.relative(descriptor &+ 24).flatMap { memory.word($0) }.map { metadata &+ $0 }
        }
        if flags >> 16 & 1 << 12 != 0 {
            return memory.half(descriptor &+ 24).map { metadata &- UInt($0) &* 8 }
        }
        return memory.half(descriptor &+ 28).map { metadata &+ (UInt($0) &- UInt(members)) &* 8 }
    }

    /// Bytes from one element of the type to the next.
    func stride(_ metadata: UInt) -> UInt? {
        memory.word(metadata &- 8).flatMap { memory.word($0 &+ 72) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// What an existential has before the type of its value.
    private static let buffer: UInt = 24
    /// The smallest that has such a buffer; those of classes alone have none.
    static let existentialSize = buffer + 8

    /// Whether a word of an existential is one that its value does not fill: what was there before is still in it.
    func isUnused(_ address: UInt, ofExistential start: UInt) -> Bool {
        let (buffer, notInline): (UInt, UInt32) = (TypeReader.buffer, 0x2_0000)
        guard address >= start, address &- start < buffer, let type = memory.word(start &+ buffer), type % 8 == 0,
            let kind = memory.word(type), kind == 0 || (Kind.structure...0x3ff).contains(kind),
            let witnesses = memory.word(type &- 8), let size = memory.word(witnesses &+ 64),
            let flags = memory.half(witnesses &+ 80), name(type) != nil
        else { return false }
        // One that does not fit is in a box.
        return address &- start &+ 8 > (flags & notInline == 0 ? size : 8)
    }

    func isExistential(_ metadata: UInt) -> Bool { memory.word(metadata) == Kind.existential }
    func isMetatype(_ metadata: UInt) -> Bool {
        memory.word(metadata).map { $0 == Kind.metatype || $0 == Kind.existentialMetatype } ?? false
    }

    // MARK: Stored properties

    /// A stored property, at which offset it begins, and what may lie behind it.
    typealias Field = (name: String, content: Content, start: UInt, end: UInt)

    /// The stored property of a class that lies at the offset.
    func field(_ metadata: UInt, at offset: UInt) -> Field? {
        var next = metadata
        for _ in 0..<32 {
            guard memory.word(next) == 0, let descriptor = descriptor(next) else { return nil }
            if let found = ownField(next, descriptor, offset) { return found }
            guard let parent = memory.word(next &+ 8), parent != 0, parent != next else { return nil }
            next = parent
        }
        return nil
    }

    private func ownField(_ metadata: UInt, _ descriptor: UInt, _ offset: UInt) -> Field? {
        guard let flags = memory.half(descriptor), let count = memory.half(descriptor &+ 36), count > 0, count < 4096,
            var vector = memory.half(descriptor &+ 40).map({ UInt($0) }), let fields = memory.relative(descriptor &+ 16)
        else { return nil }
        if flags >> 16 & 1 << 13 != 0 {
            guard let bounds = memory.relative(descriptor &+ 24), let members = memory.word(bounds) else { return nil }
            vector = vector &+ members / 8
        }
        var best: (index: UInt, offset: UInt)?
        var end = memory.half(metadata &+ 24).map { UInt($0) } ?? 0
        for index in 0..<UInt(count) {
            guard let start = memory.word(metadata &+ (vector &+ index) &* 8), start >= 16 else { continue }
            if start <= offset, start >= best?.offset ?? 0 { best = (index, start) }
            if start > offset { end = min(end, start) }
        }
        guard let best else { return nil }
        let record = fields &+ 16 &+ best.index &* 12
        guard let name = memory.relative(record &+ 8).flatMap({ memory.text($0) }) else { return nil }
        return (name, memory.relative(record &+ 4).map(content) ?? .other, best.offset, end)
    }

    /// Judges by the end of a mangled type (docs/ABI/Mangling.rst).
    private func content(ofMangled address: UInt) -> Content {
        var text: [UInt8] = []
        var position = address
        while text.count < 256, let byte = memory.byte(position), byte != 0 {
            // A reference to a descriptor in the middle of the text.
            let isReference = byte < 0x20
            position &+= isReference ? (byte < 0x18 ? 5 : 9) : 1
            text.append(isReference ? UInt8(ascii: "#") : byte)
        }
        func ends(_ suffix: String) -> Bool { text.reversed().starts(with: suffix.utf8.reversed()) }
        while ends("Sg") { text.removeLast(2) }
        if ends("Xp") || (ends("m") && text.count > 1) { return .metatype }
        if ends("p") || ends("_Xl") || ends("Xl") { return .existential }
        if ends("c") { return .function }
        return .other
    }
}
