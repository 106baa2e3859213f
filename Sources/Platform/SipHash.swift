/// SipHash with one round for each word and three at the end (Aumasson and Bernstein; the second half of the key is 0).
public func sipHash13(_ bytes: [UInt8], key: UInt64) -> UInt64 {
    var state = SipState(
        v0: key ^ 0x736f_6d65_7073_6575, v1: 0x646f_7261_6e64_6f6d, v2: key ^ 0x6c79_6765_6e65_7261,
        v3: 0x7465_6462_7974_6573)
    bytes.withUnsafeBytes { bytes in
        var offset = 0
        while bytes.count - offset >= 8 {
            state.take(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        // The last word: what is left, and the length in its highest byte.
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        for (index, byte) in bytes[offset...].enumerated() { last |= UInt64(byte) << (8 * UInt64(index)) }
        state.take(last)
    }
    state.v2 ^= 0xff
    for _ in 0..<3 { state.round() }
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
}

private struct SipState {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = v0 ^ rotated(v1, 13)
        v3 = v2 ^ rotated(v3, 16)
        v0 = rotated(v0, 32)
        v2 &+= v1
        v0 &+= v3
        v1 = v2 ^ rotated(v1, 17)
        v3 = v0 ^ rotated(v3, 21)
        v2 = rotated(v2, 32)
    }

    private func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }
}
