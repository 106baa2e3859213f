import Testing

@testable import JSONRPC

@Suite struct FrameParserTests {
    /// Everything that a stream is split into: bodies as they are, faults as "!".
    static func split(_ text: String, step: Int = .max, limit: Int = 1000) -> [String] {
        var parser = FrameParser(bodyLimit: limit)
        var found: [String] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = step < bytes.count - start ? start + step : bytes.count
            bytes[start..<end].withUnsafeBytes { parser.append($0) }
            start = end
            reading: while true {
                switch parser.next() {
                case .incomplete: break reading
                case .fault: found.append("!")
                case .body: found.append(parser.withBody { String(decoding: $0, as: UTF8.self) })
                }
            }
        }
        return found
    }

    @Test(
        "streams are split into bodies and faults, in pieces of any size",
        arguments: [
            ("Content-Length: 2\r\n\r\nabContent-Length: 1\r\n\r\nc", ["ab", "c"]),
            ("content-length:2\r\n\r\nab", ["ab"]),
            ("CONTENT-LENGTH :  2  \r\nContent-Type: x; charset=utf-8\r\n\r\nab", ["ab"]),
            ("Content-Type: x\nContent-Length: 2\n\nab", ["ab"]),
            ("Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\nx", ["", "x"]),
            ("this is no header\r\n\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("this is no header\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("Foo: bar\r\n\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("Content-Length: -5\r\n\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("Content-Length: NaN\r\n\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("Content-Length: 99999999999999999999\r\n\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("Content-Length:\r\n\r\nContent-Length: 1\r\n\r\nx", ["!", "x"]),
            ("\r\n\r\n\r\nContent-Length: 1\r\n\r\nx", ["x"]),
            ("Content-Length: 2\r\n\r\nabcdContent-Length: 1\r\n\r\nx", ["ab", "x"]),
            (
                "Content-Length: 1005\r\n\r\n" + String(repeating: "y", count: 1005) + "Content-Length: 1\r\n\r\nx",
                ["!", "x"]
            )
        ])
    func split(text: String, expected: [String]) {
        for step in [1, 2, 7, 64, Int.max] { #expect(Self.split(text, step: step) == expected) }
    }

    @Test("a body that is announced and does not come takes no memory")
    func announcedLength() {
        var parser = FrameParser(bodyLimit: 1 << 50)
        Array("Content-Length: 1099511627776\r\n\r\n{".utf8).withUnsafeBytes { parser.append($0) }
        #expect(parser.next() == .incomplete)
    }

    @Test("what follows a large body is read, though its memory has been given back")
    func largeBody() {
        let large = String(repeating: "x", count: 3 << 20)
        let text = "Content-Length: \(large.utf8.count)\r\n\r\n\(large)Content-Length: 1\r\n\r\ny"
        for step in [1 << 16, Int.max] {
            let isRight = Self.split(text, step: step, limit: 4 << 20) == [large, "y"]
            #expect(isRight)
        }
    }

    @Test("garbage without a line end is not kept")
    func endlessLine() {
        let garbage = String(repeating: "garbage ", count: 10_000)
        #expect(Self.split(garbage + "\r\n\r\nContent-Length: 1\r\n\r\nx", step: 4096) == ["!", "x"])
    }
}
