import LanguageServerProtocol
import Testing

@testable import LanguageServer

@Suite struct TextDocumentTests {
    static func edit(
        _ text: String, _ start: (Int, Int), _ end: (Int, Int), _ new: String, _ encoding: PositionEncoding = .utf16
    ) -> String {
        var document = TextDocument(text: text, version: 1)
        let range = TextRange(
            start: Position(line: start.0, character: start.1), end: Position(line: end.0, character: end.1))
        document.apply(.part(range: range, text: new), encoding: encoding)
        // What is kept as lines is what splitting the text anew would give.
        #expect(document.lines == splitIntoLines(Array(document.text.utf8)))
        return document.text
    }

    @Test("columns count in the agreed encoding")
    func columns() {
        let text = "a😀é\nx"
        #expect(Self.edit(text, (0, 3), (0, 4), "E", .utf16) == "a😀E\nx")
        #expect(Self.edit(text, (0, 5), (0, 7), "E", .utf8) == "a😀E\nx")
        // Inside of a character: moved to its beginning.
        #expect(Self.edit(text, (0, 2), (0, 3), "|", .utf16) == "a|é\nx")
        #expect(Self.edit(text, (0, 3), (0, 5), "|", .utf8) == "a|é\nx")
    }

    @Test("positions outside of the text are moved to its nearest place")
    func outside() {
        #expect(Self.edit("ab\ncd", (0, 99), (1, 0), "-") == "ab-cd")
        #expect(Self.edit("ab\ncd", (99, 99), (100, 0), "!") == "ab\ncd!")
        #expect(Self.edit("ab\r\ncd", (0, 3), (0, 99), "!") == "ab!\r\ncd")
        #expect(Self.edit("ab\ncd\n", (2, 0), (2, 0), "!") == "ab\ncd\n!")
        #expect(Self.edit("", (0, 0), (.max, .max), "x") == "x")
        #expect(Self.edit("ab\ncd", (1, 1), (0, 1), "-") == "a-d")
    }

    @Test("a CR and an LF that an edit brings together are one line end")
    func joinedLineEnds() {
        #expect(Self.edit("a\rb\nc", (1, 0), (1, 1), "") == "a\r\nc")
        #expect(Self.edit("a\nb", (0, 1), (0, 1), "\r") == "a\r\nb")
        #expect(Self.edit("a\rb", (1, 0), (1, 0), "\n") == "a\r\nb")
        #expect(Self.edit("a\r\nb", (0, 1), (1, 0), "\r") == "a\rb")
    }

    /// A plain implementation to compare with: the text as an array of UTF-16 units.
    static func plainEdit(_ text: String, _ range: TextRange, _ new: String) -> String {
        let units = Array(text.utf16)
        func offset(_ position: Position) -> Int {
            var (line, index) = (0, 0)
            while line < position.line, index < units.count {
                if units[index] == 13, index + 1 < units.count, units[index + 1] == 10 { index += 1 }
                if units[index] == 10 || units[index] == 13 { line += 1 }
                index += 1
            }
            if line < position.line { return units.count }
            var end = index
            while end < units.count, units[end] != 10, units[end] != 13 { end += 1 }
            return min(index + position.character, end)
        }
        let (first, second) = (offset(range.start), offset(range.end))
        let (start, end) = (min(first, second), max(first, second))
        return String(decoding: units[..<start] + Array(new.utf16) + units[end...], as: UTF16.self)
    }

    @Test("thousands of random edits give what a plain implementation gives")
    func randomEdits() {
        var random = SystemRandomNumberGenerator()
        let pieces = ["a", "bc", "\n", "\r\n", "\r", "é", "xyz", "", "\n\n", "漢字"]
        for _ in 0..<200 {
            var text = (0..<20).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            var document = TextDocument(text: text, version: 0)
            for _ in 0..<30 {
                func position() -> Position {
                    Position(
                        line: Int.random(in: 0...12, using: &random), character: Int.random(in: 0...6, using: &random))
                }
                let range = TextRange(start: position(), end: position())
                let new = (0..<2).compactMap { _ in pieces.randomElement(using: &random) }.joined()
                text = Self.plainEdit(text, range, new)
                document.apply(.part(range: range, text: new), encoding: .utf16)
                #expect(document.text.utf8.elementsEqual(text.utf8))
                #expect(document.lines == splitIntoLines(Array(text.utf8)))
            }
        }
    }

    @Test("a byte column becomes a column of the client")
    func byteColumns() {
        let line = Array("a😀é\r\n".utf8)
        #expect(line.column(ofOffset: 7, .utf16) == 4)
        #expect(line.column(ofOffset: 5, .utf16) == 3)
        #expect(line.column(ofOffset: 99, .utf16) == 4)
        #expect(line.column(ofOffset: 99, .utf8) == 7)
        #expect([UInt8]().column(ofOffset: 3, .utf16) == 0)
    }
}
