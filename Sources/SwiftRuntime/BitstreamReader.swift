/// LLVM's bitstream container: nested blocks of records, with abbreviations (LLVM's "LLVM Bitcode File Format").
///
/// What comes from a file is never trusted: a stream that makes no sense ends early.
struct BitstreamReader {
    enum Item {
        case block(Int)
        case endBlock
        case record(code: Int, values: [UInt64], blob: ArraySlice<UInt8>)
    }

    private enum Encoding {
        case literal(UInt64)
        case fixed(Int)
        case variable(Int)
        case array
        case character
        case blob
    }

    private typealias Abbreviation = [Encoding]

    private let bytes: [UInt8]
    private var bit = 0
    private var width = 2
    private var abbreviations: [Abbreviation] = []
    private var enclosing: [(width: Int, abbreviations: [Abbreviation])] = []
    /// What BLOCKINFO says, by block.
    private var known: [Int: [Abbreviation]] = [:]
    private var isBroken = false

    private static let depthLimit = 64
    private static let lengthLimit = 1 << 24

    /// - Parameter magic: the four bytes that the stream must begin with.
    init?(_ bytes: [UInt8], magic: [UInt8]) {
        guard bytes.starts(with: magic) else { return nil }
        self.bytes = bytes
        bit = magic.count * 8
    }

    /// Nil at the end, or where the stream makes no sense.
    mutating func next() -> Item? {
        while !isBroken, bit + width <= bytes.count * 8 {
            switch fixed(width) {
            case 0:
                align()
                guard let outer = enclosing.popLast() else { return nil }
                (width, abbreviations) = outer
                return .endBlock
            case 1:
                let block = Int(truncatingIfNeeded: variable(8))
                let newWidth = Int(truncatingIfNeeded: variable(4))
                align()
                _ = fixed(32)
                guard !isBroken, (2...32).contains(newWidth), enclosing.count < Self.depthLimit else { return nil }
                enclosing.append((width, abbreviations))
                (width, abbreviations) = (newWidth, known[block] ?? [])
                if block == 0 { readBlockInformation() } else { return .block(block) }
            case 2: if let abbreviation = definition() { abbreviations.append(abbreviation) }
            case 3: return unabbreviated()
            case let number: return abbreviated(Int(truncatingIfNeeded: number) - 4)
            }
        }
        return nil
    }

    private mutating func readBlockInformation() {
        var block: Int?
        while !isBroken, bit + width <= bytes.count * 8 {
            switch fixed(width) {
            case 0:
                align()
                if let outer = enclosing.popLast() { (width, abbreviations) = outer }
                return
            case 2:
                if let abbreviation = definition(), let block { known[block, default: []].append(abbreviation) }
            case 3:
                if case .record(1, let values, _)? = unabbreviated(), let first = values.first {
                    block = Int(truncatingIfNeeded: first)
                }
            default: isBroken = true
            }
        }
    }

    private mutating func definition() -> Abbreviation? {
        let count = Int(truncatingIfNeeded: variable(5))
        guard count >= 0, count < 1024 else {
            isBroken = true
            return nil
        }
        var result: Abbreviation = []
        while result.count < count, !isBroken {
            if fixed(1) == 1 {
                result.append(.literal(variable(8)))
                continue
            }
            switch fixed(3) {
            case 1: result.append(.fixed(Int(truncatingIfNeeded: variable(5))))
            case 2: result.append(.variable(Int(truncatingIfNeeded: variable(5))))
            case 3: result.append(.array)
            case 4: result.append(.character)
            case 5: result.append(.blob)
            default: isBroken = true
            }
        }
        return result
    }

    private mutating func unabbreviated() -> Item? {
        let code = Int(truncatingIfNeeded: variable(6))
        let count = Int(truncatingIfNeeded: variable(6))
        guard count >= 0, count < Self.lengthLimit else { return nil }
        var values: [UInt64] = []
        while values.count < count, !isBroken { values.append(variable(6)) }
        return isBroken ? nil : .record(code: code, values: values, blob: [])
    }

    private mutating func abbreviated(_ number: Int) -> Item? {
        guard abbreviations.indices.contains(number) else { return nil }
        let abbreviation = abbreviations[number]
        var values: [UInt64] = []
        var blob: ArraySlice<UInt8> = []
        var index = 0
        while index < abbreviation.count, !isBroken {
            switch abbreviation[index] {
            case .array:
                let count = Int(truncatingIfNeeded: variable(6))
                guard count >= 0, count < Self.lengthLimit, index + 1 < abbreviation.count else { return nil }
                for _ in 0..<count where !isBroken { values.append(scalar(abbreviation[index + 1])) }
                index += 1
            case .blob:
                let count = Int(truncatingIfNeeded: variable(6))
                align()
                guard count >= 0, count <= bytes.count - bit / 8 else { return nil }
                blob = bytes[(bit / 8)..<(bit / 8 + count)]
                bit += count * 8
                align()
            case let encoding: values.append(scalar(encoding))
            }
            index += 1
        }
        guard !isBroken, let code = values.first else { return nil }
        return .record(code: Int(truncatingIfNeeded: code), values: Array(values.dropFirst()), blob: blob)
    }

    private mutating func scalar(_ encoding: Encoding) -> UInt64 {
        switch encoding {
        case .literal(let value): value
        case .fixed(let width): fixed(width)
        case .variable(let width): variable(width)
        case .character: fixed(6)
        case .array, .blob: 0
        }
    }

    private mutating func fixed(_ width: Int) -> UInt64 {
        guard width >= 0, width <= 64, bit + width <= bytes.count * 8 else {
            isBroken = true
            return 0
        }
        var value: UInt64 = 0
        for offset in 0..<width {
            let position = bit + offset
            if bytes[position / 8] >> UInt8(position % 8) & 1 == 1 { value |= 1 << UInt64(offset) }
        }
        bit += width
        return value
    }

    private mutating func variable(_ width: Int) -> UInt64 {
        guard (2...32).contains(width) else {
            isBroken = true
            return 0
        }
        let more: UInt64 = 1 << UInt64(width - 1)
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while !isBroken {
            let part = fixed(width)
            if shift < 64 { value |= (part & (more - 1)) << shift }
            if part & more == 0 { return value }
            shift += UInt64(width - 1)
        }
        return 0
    }

    private mutating func align() {
        bit = (bit + 31) / 32 * 32
    }
}
