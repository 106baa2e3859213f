import Platform

/// What a program says of the text that it runs, for comparison with a text on disk.
///
/// The same as `importlib.util.source_hash` of the interpreter: SipHash-1-3, keyed by the magic number of its bytecode.
public enum SourceDigest {
    /// The digest in hex, as hosts give it; nil when the magic number makes no sense.
    /// - Parameter magic: of the interpreter's bytecode, four bytes in hex: "a70d0d0a".
    public static func of(_ text: [UInt8], magic: String) -> String? {
        guard magic.utf8.count == 8, magic.allSatisfy(\.isHexDigit), let number = UInt32(magic, radix: 16) else {
            return nil
        }
        let hash = sipHash13(text, key: UInt64(number.byteSwapped))
        return (0..<8).map { index in
            let digits = String(UInt8(truncatingIfNeeded: hash >> (8 * UInt64(index))), radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
