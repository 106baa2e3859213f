import JSONRPC

/// A URI as the client wrote it. Compared and sent back to the letter: clients differ in what they percent-encode.
public struct DocumentURI: RawRepresentable, Hashable, Sendable, JSONDecodable, JSONEncodable, CustomStringConvertible {
    public var rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(json: JSONValue) throws(ShapeError) {
        rawValue = try String(json: json)
    }

    public var json: JSONValue { .string(rawValue) }
    public var description: String { rawValue }

    /// The URI of a file.
    /// - Parameter path: absolute.
    public init(path: String) {
        var text = "file://"
        for byte in path.utf8 {
            if byte.isUnreserved {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        rawValue = text
    }

    /// The path of a `file` URI; nil for every other one, for a file on another machine, and for a path that is not UTF-8 or holds
    /// a zero byte.
    public var path: String? {
        let bytes = Array(rawValue.utf8)
        guard bytes.count > 5, String(decoding: bytes[..<5], as: UTF8.self).lowercased() == "file:" else { return nil }
        var index = 5
        // "file:/path" has no authority (RFC 8089, appendix B); else it is empty or this machine.
        if bytes[5...].starts(with: "//".utf8) {
            guard let slash = bytes[7...].firstIndex(of: UInt8(ascii: "/")) else { return nil }
            let authority = String(decoding: bytes[7..<slash], as: UTF8.self).lowercased()
            guard authority.isEmpty || authority == "localhost" else { return nil }
            index = slash
        }
        guard bytes[index] == UInt8(ascii: "/") else { return nil }
        var path: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") { break }
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Character(Unicode.Scalar(bytes[index + 1])).hexDigitValue,
                let low = Character(Unicode.Scalar(bytes[index + 2])).hexDigitValue
            {
                path.append(UInt8(truncatingIfNeeded: high << 4 | low))
                index += 3
            } else {
                path.append(byte)
                index += 1
            }
        }
        guard !path.contains(0) else { return nil }
        return String(validUTF8: path)
    }
}

extension UInt8 {
    /// What stands for itself in a path (RFC 3986, 2.3, and "/").
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        case UInt8(ascii: "~"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
