// A program of its own: it is compiled with the toolchain whose parser it uses, and so understands what that toolchain does.
// It is asked for one file after another, by paths with a zero byte at their end, and answers each with a JSON object on a line of its
// own: see `SourceOutline.swift`. It ends when nobody can ask it any more.
import Glibc
import SwiftParser
import SwiftSyntax

@main
struct Outline {
    static func main() {
        let input = fdopen(0, "r")
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        while getdelim(&line, &size, 0, input) > 0, let line {
            print(answer(for: String(cString: line)).text)
            fflush(nil)
        }
    }

    private static func answer(for path: String) -> JSON {
        guard let text = read(path) else { return .object([("unreadable", .flag(true))]) }
        let tree = Parser.parse(source: text)
        if tree.hasError { return .object([("broken", .flag(true))]) }
        var outliner = Outliner(tree)
        outliner.walk(tree.statements, in: Scope())
        return .object([
            ("imports", .list(outliner.imports.map(JSON.string))),
            ("declarations", .list(outliner.declarations.map(\.json)))
        ])
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { break }
            bytes += part[..<count]
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// One declaration: what must stay as it is while a program runs, and what may change.
struct Declaration {
    /// "Cart.total(for:)".
    var symbol: String
    /// What it is called where it is used: "total".
    var base: String
    /// One of the report's kinds of changes.
    var kind: String
    /// "the stored property".
    var noun: String
    /// Everything but the body.
    var shape: String
    var body: String?
    /// Why a new body of it cannot take the place of the one that runs.
    var obstacle: String?
    /// What it mentions, once it runs.
    var names: Set<String> = []
    /// It ran when the module was loaded, or at its first use: the program has what came of it.
    var isComputed = false
    /// Swift text that takes its place; `AFRESH_FILE` and `AFRESH_ID` stand for the path and the `#fileID` of the file.
    var replacement: String?
    /// Of its first line.
    var start: (line: Int, column: Int)
    var end: (line: Int, column: Int)

    var json: JSON {
        .object([
            ("symbol", .string(symbol)), ("base", .string(base)), ("kind", .string(kind)), ("noun", .string(noun)),
            ("shape", .string(shape)), ("body", body.map(JSON.string)), ("obstacle", obstacle.map(JSON.string)),
            ("names", names.isEmpty ? nil : .list(names.sorted().map(JSON.string))),
            ("computed", isComputed ? .flag(true) : nil), ("replacement", replacement.map(JSON.string)),
            ("range", .list([start.line, start.column, end.line, end.column].map(JSON.number)))
        ])
    }
}

indirect enum JSON {
    case string(String)
    case number(Int)
    case flag(Bool)
    case list([JSON])
    case object([(String, JSON?)])

    var text: String {
        switch self {
        case .string(let value): JSON.quoted(value)
        case .number(let value): String(value)
        case .flag(let value): value ? "true" : "false"
        case .list(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.compactMap { name, value in value.map { "\"\(name)\":\($0.text)" } }.joined(separator: ",")
                + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes + [0x22], as: UTF8.self)
    }
}
