import Platform

/// What tells contents apart: 128 bits of SipHash-1-3 under two keys. Contents, never modification times, decide what is compiled.
struct ContentHash: Hashable, Sendable {
    /// 32 hexadecimal digits.
    var text: String

    init(_ bytes: [UInt8]) {
        text =
            ContentHash.digits(sipHash13(bytes, key: 0)) + ContentHash.digits(sipHash13(bytes, key: 0x6166_7265_7368))
    }

    /// Of several texts; where one ends counts.
    init(_ texts: [String]) {
        var bytes: [UInt8] = []
        for text in texts {
            bytes += text.utf8
            bytes.append(0)
        }
        self.init(bytes)
    }

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
