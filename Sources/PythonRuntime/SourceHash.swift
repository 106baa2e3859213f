/// A text's digest as `importlib.util.source_hash` makes it: SipHash-1-3 (Aumasson, Bernstein) under the bytecode's magic number.
///
/// - Parameter magic: in hex, as `hello` gives it: "a70d0d0a".
/// - Returns: 16 hex digits; nil if `magic` is no magic number.
func sourceHash(_ text: [UInt8], magic: String) -> String? {
    guard magic.utf8.count == 8, let number = UInt32(magic, radix: 16) else { return nil }
    var state = SipState(key: UInt64(number.byteSwapped))
    text.withUnsafeBytes { bytes in
        let end = bytes.count & ~7
        for offset in stride(from: 0, to: end, by: 8) {
            state.take(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        for index in end..<bytes.count { last |= UInt64(bytes[index]) << (8 * UInt64(index - end)) }
        state.take(last)
    }
    let digits = String(state.finish().byteSwapped, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    /// The second half of the key is zero.
    init(key: UInt64) {
        v0 = key ^ 0x736f_6d65_7073_6575
        v1 = 0x646f_7261_6e64_6f6d
        v2 = key ^ 0x6c79_6765_6e65_7261
        v3 = 0x7465_6462_7974_6573
    }

    mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    mutating func finish() -> UInt64 {
        v2 ^= 0xff
        round()
        round()
        round()
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
