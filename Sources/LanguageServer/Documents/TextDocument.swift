import LanguageServerProtocol

/// A document's text as lines of bytes, so that an edit costs the edit and not the document.
///
/// Lines end in LF, CR LF or CR (LSP 3.17, "Text Documents"). Every line but the last holds its end. Positions outside of the text
/// are moved to its nearest place, as the specification asks.
struct TextDocument {
    private(set) var lines: [[UInt8]]
    var version: Int
    /// The version at the last save, or at opening: what reports about the saved text speak of.
    var savedVersion: Int

    init(text: String, version: Int) {
        lines = splitIntoLines(Array(text.utf8))
        self.version = version
        savedVersion = version
    }

    var bytes: [UInt8] { Array(lines.joined()) }

    var text: String { String(decoding: lines.joined(), as: UTF8.self) }

    mutating func apply(_ change: ContentChange, encoding: PositionEncoding) {
        switch change {
        case .whole(let text):
            lines = splitIntoLines(Array(text.utf8))
        case .part(let range, let text):
            let (first, second) = (place(of: range.start, encoding), place(of: range.end, encoding))
            replace(from: min(first, second), to: max(first, second), with: Array(text.utf8))
        }
    }

    /// A line and an offset in bytes in it.
    private struct Place: Comparable {
        var line: Int
        var offset: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.line, left.offset) < (right.line, right.offset)
        }
    }

    private func place(of position: Position, _ encoding: PositionEncoding) -> Place {
        guard lines.indices.contains(position.line) else {
            let last = max(0, lines.count - 1)
            return Place(line: last, offset: lines.last?.count ?? 0)
        }
        return Place(line: position.line, offset: lines[position.line].offset(ofColumn: position.character, encoding))
    }

    private mutating func replace(from start: Place, to end: Place, with text: [UInt8]) {
        guard lines.indices.contains(start.line), lines.indices.contains(end.line) else { return }
        // What is left of a line whose beginning is deleted may be the LF of the CR before it.
        let mayJoin = start.offset == 0 && start.line > 0 && text.isEmpty
        if start.line == end.line, !mayJoin, !text.contains(where: \.isLineEnd) {
            lines[start.line].replaceSubrange(start.offset..<end.offset, with: text)
            return
        }
        var (first, last) = (start.line, end.line)
        var region = lines[first][..<start.offset] + text + lines[last][end.offset...]
        // An edit can bring a CR and an LF together, which are one line end then.
        if first > 0, region.first == 0x0A, lines[first - 1].last == 0x0D {
            first -= 1
            region = lines[first] + region
        }
        if last + 1 < lines.count, region.last == 0x0D, lines[last + 1].first == 0x0A {
            last += 1
            region += lines[last]
        }
        let isAtEnd = last == lines.count - 1
        var pieces = splitIntoLines(Array(region))
        // What stands before another line ends in a line end; the empty rest after it is no line.
        if !isAtEnd, pieces.last?.isEmpty == true { pieces.removeLast() }
        lines.replaceSubrange(first...last, with: pieces)
    }
}

/// Splits a text after each LF, CR LF and CR. The last line has no end and may be empty.
func splitIntoLines(_ text: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    text.withUnsafeBufferPointer { bytes in
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte.isLineEnd else { continue }
            if byte == 0x0D, index < bytes.count, bytes[index] == 0x0A { index += 1 }
            lines.append(Array(bytes[start..<index]))
            start = index
        }
        lines.append(Array(bytes[start...]))
    }
    return lines
}

extension UInt8 {
    var isLineEnd: Bool { self == 0x0A || self == 0x0D }
    /// Whether a character of UTF-8 goes on here.
    fileprivate var isContinuation: Bool { self & 0xC0 == 0x80 }
    /// UTF-16 units of the character that begins here: two where UTF-8 needs four bytes.
    fileprivate var utf16Units: Int { self >= 0xF0 ? 2 : (isContinuation ? 0 : 1) }
}

extension [UInt8] {
    /// The length without the line end, in bytes.
    private var contentCount: Int {
        if last == 0x0A { return count >= 2 && self[count - 2] == 0x0D ? count - 2 : count - 1 }
        return last == 0x0D ? count - 1 : count
    }

    /// The byte offset of a column; columns inside a character or behind the line's end are moved back.
    func offset(ofColumn column: Int, _ encoding: PositionEncoding) -> Int {
        let end = contentCount
        if encoding == .utf8 {
            var offset = Swift.min(Swift.max(0, column), end)
            while offset > 0, offset < end, self[offset].isContinuation { offset -= 1 }
            return offset
        }
        var units = 0
        var offset = 0
        while offset < end {
            // A continuation byte has no units of its own: it goes with the character before it.
            let next = units + self[offset].utf16Units
            if next > column { break }
            units = next
            offset += 1
        }
        return offset
    }

    /// The column of a byte offset; an offset inside a character counts as its beginning, one behind the text as its end.
    func column(ofOffset offset: Int, _ encoding: PositionEncoding) -> Int {
        let end = Swift.min(Swift.max(0, offset), contentCount)
        if encoding == .utf8 { return end }
        var units = 0
        for index in 0..<end { units += self[index].utf16Units }
        return units
    }
}
