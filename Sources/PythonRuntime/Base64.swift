/// Base64 (RFC 4648, section 4) of a text.
func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
        var written = 0
        func put(_ value: UInt32, _ shift: UInt32) {
            output[written] = digits[Int(value >> shift & 63)]
            written += 1
        }
        var index = 0
        while index + 2 < bytes.count {
            let value = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
            put(value, 18)
            put(value, 12)
            put(value, 6)
            put(value, 0)
            index += 3
        }
        let rest = bytes.count - index
        guard rest > 0 else { return written }
        let value = UInt32(bytes[index]) << 16 | (rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0)
        put(value, 18)
        put(value, 12)
        if rest == 2 {
            put(value, 6)
        } else {
            output[written] = UInt8(ascii: "=")
            written += 1
        }
        output[written] = UInt8(ascii: "=")
        return written + 1
    }
}
