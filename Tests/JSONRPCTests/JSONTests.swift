import JSONRPC
import Testing

@Suite struct JSONTests {
    static func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test(
        "a value is read and written back",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "-2.5e-07", "[]",
            "{}", #""""#, #""a\"\\\n\u0001ü😀""#, #"[1,[2,{"a":null}]]"#, #"{"b":1,"a":[true]}"#
        ])
    func roundTrip(text: String) throws {
        #expect(try Self.parse(text).text == text)
    }

    @Test(
        "what is no JSON is refused with its place",
        arguments: [
            ("", 0), ("{", 1), ("[1,]", 3), (#"{"a" 1}"#, 5), ("01", 0), ("1.", 2), ("-", 1), ("nul", 0), ("\"a", 2),
            ("\"\\x\"", 2), ("\"\\u12g4\"", 5), ("[1] 2", 4), ("\"\u{1}\"", 1), ("1e", 2), ("{1:2}", 1), ("+1", 0),
            ("NaN", 0)
        ])
    func refused(text: String, offset: Int) {
        #expect {
            try Self.parse(text)
        } throws: { ($0 as? JSONError)?.offset == offset }
    }

    @Test("numbers that do not fit become the nearest double")
    func largeNumbers() throws {
        #expect(try Self.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try Self.parse("-9223372036854775809") == .number(-9_223_372_036_854_775_808))
        #expect(try Self.parse("1e999") == .number(.greatestFiniteMagnitude))
        #expect(try Self.parse("-1e999") == .number(-.greatestFiniteMagnitude))
        #expect(try Self.parse(String(repeating: "9", count: 5000)) == .number(.greatestFiniteMagnitude))
        #expect(try Self.parse("1e300").intValue == nil)
        #expect(try Self.parse("3.0").intValue == 3)
        #expect(JSONValue.number(.infinity).text == "null")
    }

    @Test("the last of two members of the same name wins, in the place of the first")
    func duplicates() throws {
        #expect(try Self.parse(#"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
        let many = (0..<100).map { #""k\#($0)":0"# } + (0..<100).map { #""k\#($0)":\#($0)"# }
        let object = try Self.parse("{\(many.joined(separator: ","))}")
        #expect(object.objectValue?.count == 100)
        #expect(object["k99"] == 99)
    }

    @Test("half of a surrogate pair is replaced")
    func surrogates() throws {
        #expect(try Self.parse(#""\ud83d\ude00""#) == "😀")
        #expect(try Self.parse(#""\ud83d""#) == "\u{FFFD}")
        #expect(try Self.parse(#""\ude00x""#) == "\u{FFFD}x")
        #expect(try Self.parse(#""\ud83d\ud83d\ude00""#) == "\u{FFFD}😀")
    }

    @Test("text that is not UTF-8 is refused")
    func invalidUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3]
        ] {
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E, 0xFF, 0x22]) }
    }

    @Test("nesting is limited")
    func depth() throws {
        let limit = JSONValue.depthLimit
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try Self.parse(nested(limit)) }
        #expect(throws: JSONError.self) { try Self.parse(nested(limit + 1)) }
        #expect(throws: JSONError.self) { try Self.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try Self.parse(String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test("a damaged text never traps: every prefix and every flipped byte of a message")
    func damaged() {
        let whole = Array(#"{"id":-1.5e3,"m":"x\ud83d\ude00\n","p":[true,null,{"ä":"\\"}]}"#.utf8)
        for end in whole.indices { _ = try? JSONValue(parsing: Array(whole[..<end])) }
        for index in whole.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x80, 0xFF, 0x2D, 0x65] {
                var damaged = whole
                damaged[index] = byte
                if let value = try? JSONValue(parsing: damaged) { #expect(!value.serialized.isEmpty) }
            }
        }
    }
}

@Suite struct MessageTests {
    static func message(_ text: String) throws -> Message { try Message(JSONValue(parsing: Array(text.utf8))) }

    @Test("the kind of a message follows from its members")
    func kinds() throws {
        #expect(try Self.message(#"{"id":1,"method":"a"}"#) == .request(Request(id: .integer(1), method: "a")))
        #expect(
            try Self.message(#"{"id":"x","method":"a","params":[]}"#)
                == .request(Request(id: .string("x"), method: "a", params: [])))
        #expect(try Self.message(#"{"method":"a"}"#) == .notification(Notification(method: "a")))
        #expect(
            try Self.message(#"{"id":2,"result":null}"#)
                == .response(Response(id: .integer(2), result: .success(.null))))
        #expect(
            try Self.message(#"{"id":2,"error":{"code":-1}}"#)
                == .response(
                    Response(
                        id: .integer(2),
                        result: .failure(ResponseError(code: -1, message: "An error without a message")))))
    }

    @Test(
        "what is no message says whom to answer",
        arguments: [
            ("42", RequestID.null), ("[]", .null), (#"[{"id":1,"method":"a"}]"#, .null), ("{}", .null),
            (#"{"id":1.5,"method":"a"}"#, .null), (#"{"id":null,"method":"a"}"#, .null), (#"{"id":3}"#, .integer(3)),
            (#"{"id":4,"method":7}"#, .integer(4)), (#"{"id":{},"method":"a"}"#, .null)
        ])
    func malformed(text: String, answerTo: RequestID) {
        #expect {
            try Self.message(text)
        } throws: { error in
            guard let error = error as? MalformedMessage else { return false }
            return error.answerTo == answerTo && error.error.code == -32600
        }
    }
}
