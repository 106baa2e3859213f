extension String {
    /// The text that bytes are in UTF-8; nil if they are not.
    ///
    /// Most texts of messages are ASCII, and for those this is several times as fast as `String(validating:as:)`, which looks
    /// up generic types at run time.
    public init?(validUTF8 bytes: UnsafeBufferPointer<UInt8>) {
        var all: UInt8 = 0
        for byte in bytes { all |= byte }
        if all < 0x80 {
            self.init(decoding: bytes, as: UTF8.self)
        } else {
            self.init(validating: bytes, as: UTF8.self)
        }
    }

    /// The same of an array.
    public init?(validUTF8 bytes: [UInt8]) {
        guard let text = bytes.withUnsafeBufferPointer({ String(validUTF8: $0) }) else { return nil }
        self = text
    }
}
