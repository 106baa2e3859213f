import Platform

/// What the rest of its module can see of a file, as the compiler itself tells of it for incremental builds
/// (`-emit-reference-dependencies-path`): the hashes of its declarations, without the bodies of functions.
///
/// Where it stays the same, the module's interface does, and no other file has to be compiled. That costs nothing; an interface costs as much
/// as the file.
enum FileOutline {
    /// - Parameters:
    ///   - dependencies: what the compiler has written.
    ///   - source: the text that it has compiled.
    /// - Returns: nil where bodies can matter elsewhere, or that is not known.
    static func text(dependencies: [UInt8], source: [UInt8]) -> String? {
        guard hidesBodies(source), var reader = BitstreamReader(dependencies, magic: Array("DEPS".utf8)) else {
            return nil
        }
        var declarations: [String] = []
        var names: [String] = [""]
        var pending: (values: [UInt64], fingerprint: String)?
        var nodes: [(values: [UInt64], fingerprint: String)] = []
        while let item = reader.next() {
            guard case .record(let code, let values, let blob) = item else { continue }
            switch code {
            case 2 where values.count >= 5:
                if let pending { nodes.append(pending) }
                pending = (values, "")
            case 3: pending?.fingerprint = String(decoding: blob, as: UTF8.self)
            case 5: names.append(String(decoding: blob, as: UTF8.self))
            default: break
            }
        }
        if let pending { nodes.append(pending) }
        // Kind, aspect, context, name, and whether it is the file's own.
        for (values, fingerprint) in nodes where values[4] == 1 {
            let words = [values[2], values[3]].map { number in
                Int(exactly: number).flatMap { names.indices.contains($0) ? names[$0] : nil } ?? "?"
            }
            // The file itself is called by the name of what the compiler writes.
            if values[0] == 6 {
                declarations.append("\(values[1]) \(fingerprint)")
                continue
            }
            declarations.append("\(values[0]) \(values[1]) \(words.joined(separator: " ")) \(fingerprint)")
        }
        // Of the file as a whole there is always one.
        guard nodes.contains(where: { $0.values[4] == 1 && !$0.fingerprint.isEmpty }) else { return nil }
        return ContentHash(declarations.sorted()).text
    }

    /// Attributes that neither show a body to other files nor are macros, which can look at bodies.
    private static let harmless: Set<String> = [
        "MainActor", "Sendable", "autoclosure", "available", "concurrent", "convention", "discardableResult",
        "escaping", "frozen",
        "nonobjc", "objc", "preconcurrency", "retroactive", "unchecked", "unknown", "usableFromInline"
    ]

    /// Other words with which a body decides about what others see: a result type that it chooses, an observer that reads the
    /// former value, an initialiser that calls another one.
    private static let telling: Set<String> = ["some", "didSet", "oldValue", "convenience", "macro", "actor"]

    /// Whether no body of the text can be seen by another file. Comments and strings count too, which only costs time.
    static func hidesBodies(_ source: [UInt8]) -> Bool {
        source.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                guard isWord(bytes[index]) else {
                    index += 1
                    continue
                }
                let start = index
                while index < bytes.count, isWord(bytes[index]) { index += 1 }
                let isAttribute = start > 0 && bytes[start - 1] == UInt8(ascii: "@")
                guard isAttribute || (4...11).contains(index - start) else { continue }
                let word = String(decoding: bytes[start..<index], as: UTF8.self)
                if isAttribute ? !harmless.contains(word) : telling.contains(word) { return false }
            }
            return true
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
