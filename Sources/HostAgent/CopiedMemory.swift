import HeapSearch

/// The memory of this process as it was when a copy was made of it, read from that copy: nothing in it moves, and what is not there
/// is said.
final class CopiedMemory {
    private static let pageSize: UInt = 4096
    private let copy: OpaquePointer
    private var pages: [UInt: [UInt8]?] = [:]

    init(copy: OpaquePointer) {
        self.copy = copy
    }

    /// Whether the copy has stopped answering.
    var isLost: Bool { afresh_copy_is_lost(copy) }

    private func page(_ number: UInt) -> [UInt8]? {
        if let known = pages[number] { return known }
        var bytes = [UInt8](repeating: 0, count: Int(CopiedMemory.pageSize))
        let isRead = bytes.withUnsafeMutableBytes { buffer in
            afresh_copy_read(copy, number &* CopiedMemory.pageSize, buffer.baseAddress, buffer.count)
        }
        let page = isRead ? bytes : nil
        pages[number] = .some(page)
        return page
    }

    func bytes(_ address: UInt, _ count: Int) -> [UInt8]? {
        guard count >= 0, count <= 1 << 16, address >= CopiedMemory.pageSize, address < 1 << 47 else { return nil }
        var result: [UInt8] = []
        var position = address
        while result.count < count {
            guard let page = page(position / CopiedMemory.pageSize) else { return nil }
            let start = Int(position % CopiedMemory.pageSize)
            let piece = page[start..<min(page.count, start + count - result.count)]
            result += piece
            position += UInt(piece.count)
        }
        return result
    }

    private func integer<Value: FixedWidthInteger>(_ address: UInt) -> Value? {
        guard let bytes = bytes(address, Value.bitWidth / 8) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    func word(_ address: UInt) -> UInt? { integer(address) }
    func half(_ address: UInt) -> UInt32? { integer(address) }
    func quarter(_ address: UInt) -> UInt16? { integer(address) }
    func byte(_ address: UInt) -> UInt8? { integer(address) }

    /// Where a relative pointer leads; nil: nowhere.
    func relative(_ field: UInt) -> UInt? {
        guard let offset = half(field), offset != 0 else { return nil }
        return field &+ UInt(bitPattern: Int(Int32(bitPattern: offset)))
    }

    /// A text that ends with a zero byte.
    func text(_ address: UInt, limit: Int = 512) -> String? {
        var result: [UInt8] = []
        while result.count < limit {
            guard let byte = byte(address &+ UInt(result.count)) else { return nil }
            if byte == 0 { return String(decoding: result, as: UTF8.self) }
            result.append(byte)
        }
        return nil
    }
}
