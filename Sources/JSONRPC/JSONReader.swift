#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is wrong with a JSON text, and at which byte (counted from 0).
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    public var message: String
    public var offset: Int

    public var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
    /// How deep arrays and objects may be nested.
    public static let depthLimit = 512

    /// Reads one JSON text (RFC 8259).
    ///
    /// Numbers that do not fit are rounded to the nearest double and clamped to the finite ones. Half of a surrogate pair becomes U+FFFD. Of two members of the same
    /// name the last wins. Text that is not UTF-8 and nesting beyond `depthLimit` are refused.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try JSONValue(parsing: buffer) }
    }

    /// Reads one JSON text in UTF-8 from memory that somebody else owns.
    public init(parsing buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var reader = JSONReader(buffer)
        self = try reader.readText()
    }
}

private struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func readText() throws(JSONError) -> JSONValue {
        // A byte order mark is not allowed in messages, but may be ignored (RFC 8259, 8.1).
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        skipSpace()
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    /// The byte at the position; 0 at the end, which no rule expects outside of strings.
    private var current: UInt8 {
        @inline(__always) get { position < bytes.count ? bytes[position] : 0 }
    }

    private func error(_ message: String) -> JSONError {
        JSONError(message: position >= bytes.count ? "unexpected end" : message, offset: position)
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default: throw error("unexpected character")
        }
    }

    private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let matches = word.withUTF8Buffer { expected in
            position + expected.count <= bytes.count
                && bytes[position..<position + expected.count].elementsEqual(expected)
        }
        guard matches else { throw error("unexpected word") }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func readArray(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < JSONValue.depthLimit else { throw error("nested deeper than \(JSONValue.depthLimit) levels") }
        position += 1
        skipSpace()
        var elements: [JSONValue] = []
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try readValue(depth: depth + 1))
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                position += 1
                skipSpace()
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw error("expected ',' or ']'")
            }
        }
    }

    private mutating func readObject(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < JSONValue.depthLimit else { throw error("nested deeper than \(JSONValue.depthLimit) levels") }
        position += 1
        skipSpace()
        var members = MemberList()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject())
        }
        while true {
            guard current == UInt8(ascii: "\"") else { throw error("expected a member name") }
            let key = try readString()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("expected ':'") }
            position += 1
            skipSpace()
            members.set(key, try readValue(depth: depth + 1))
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                position += 1
                skipSpace()
            case UInt8(ascii: "}"):
                position += 1
                return .object(JSONObject(distinct: members.members))
            default: throw error("expected ',' or '}'")
            }
        }
    }

    // MARK: Strings

    private mutating func readString() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try text(start..<position)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try readEscapedString(from: start)
            case 0..<0x20: throw error("control character in a string")
            default: position += 1
            }
        }
        throw error("unexpected end")
    }

    private func text(_ range: Range<Int>) throws(JSONError) -> String {
        guard let text = String(validUTF8: UnsafeBufferPointer(rebasing: bytes[range])) else {
            throw JSONError(message: "text that is not UTF-8", offset: range.lowerBound)
        }
        return text
    }

    private mutating func readEscapedString(from start: Int) throws(JSONError) -> String {
        var unescaped: [UInt8] = []
        // What stands between two escapes is copied in one piece: the text of a document has one at the end of each line.
        var copied = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                unescaped.append(contentsOf: bytes[copied..<position])
                guard let text = String(validUTF8: unescaped) else {
                    throw JSONError(message: "text that is not UTF-8", offset: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: bytes[copied..<position])
                position += 1
                try readEscape(into: &unescaped)
                copied = position
            case 0..<0x20: throw error("control character in a string")
            default: position += 1
            }
        }
        throw error("unexpected end")
    }

    private mutating func readEscape(into unescaped: inout [UInt8]) throws(JSONError) {
        let letter = current
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "u"):
            position += 1
            var scalar = try readFourHexDigits()
            if (0xD800..<0xDC00).contains(scalar), let low = followingLowSurrogate() {
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                position += 6
            }
            let replaced = Unicode.Scalar(scalar) ?? "\u{FFFD}"
            unescaped.append(contentsOf: UTF8.encode(replaced).map(Array.init) ?? [])
            return
        default: throw error("unknown escape")
        }
        position += 1
    }

    /// The low half of a surrogate pair, if an escape with one stands at the position; it is not consumed.
    private func followingLowSurrogate() -> UInt32? {
        guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        var ahead = self
        ahead.position += 2
        guard let value = try? ahead.readFourHexDigits(), (0xDC00..<0xE000).contains(value) else { return nil }
        return value
    }

    private mutating func readFourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
            default: throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // MARK: Numbers

    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = current == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var magnitude: UInt64 = 0
        var fits = true
        let firstDigit = position
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = current {
            let (tenfold, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tenfold.addingReportingOverflow(UInt64(current - UInt8(ascii: "0")))
            fits = fits && !overflowed && !carried
            magnitude = sum
            position += 1
        }
        guard position > firstDigit else { throw error("expected a digit") }
        guard position == firstDigit + 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
            throw JSONError(message: "a number must not start with 0", offset: firstDigit)
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        if isInteger, fits, !(isNegative && magnitude == 0) {
            if !isNegative, let value = Int64(exactly: magnitude) { return .integer(value) }
            if isNegative, magnitude <= UInt64(Int64.max) + 1 {
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        let value = Double(digits) ?? (isNegative ? -.infinity : .infinity)
        return .number(min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude))
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = current { position += 1 }
        guard position > start else { throw error("expected a digit") }
    }
}

/// Members in order; a name that comes again takes the place of the first. O(1) a member, so that a large object costs its size.
private struct MemberList {
    private(set) var members: [(key: String, value: JSONValue)] = []
    private var indexes: [String: Int] = [:]

    mutating func set(_ key: String, _ value: JSONValue) {
        if members.count < 16 {
            if let index = members.firstIndex(where: { $0.key == key }) {
                members[index].value = value
                return
            }
        } else {
            if indexes.isEmpty {
                for (index, member) in members.enumerated() { indexes[member.key] = index }
            }
            if let index = indexes[key] {
                members[index].value = value
                return
            }
            indexes[key] = members.count
        }
        members.append((key, value))
    }
}
