import HeapSearch
import JSONRPC
import Platform

/// What the debug information says of addresses in images: asked of the toolchain's own tool, all at once, and remembered, as images
/// never move.
final class PlaceNames: Sendable {
    struct Place: Sendable {
        /// As the linker has it.
        var symbol: String
        var path: String?
        /// From 1.
        var line: Int
    }

    struct Query: Hashable, Sendable {
        var image: String
        /// Within the image, so that a search of the memory does not take it for a reference.
        var offset: UInt
        /// Of a variable: where it is declared.
        var isData: Bool

        /// The image that an address is in. Nil for code where it has none.
        init?(address: UInt, isData: Bool) {
            guard address >= 65536, address < 1 << 47 else { return nil }
            var isCode = false
            var path = [UInt8](repeating: 0, count: 4096)
            let offset = path.withUnsafeMutableBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) {
                    afresh_image_offset(address, $0.baseAddress, $0.count, &isCode)
                }
            }
            guard offset != 0, isData || isCode else { return nil }
            image = String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
            self.offset = offset
            self.isData = isData
        }
    }

    private let tool: String?
    private let known = Monitor<[Query: Place?]>([:])

    /// - Parameter compiler: the toolchain's compiler, beside which the tool is.
    init(compiler: String) {
        tool = compiler.lastIndex(of: "/").map { "\(compiler[..<$0])/llvm-symbolizer" }
    }

    /// Learns what is not known yet.
    func ask(_ queries: Set<Query>) {
        let unknown = known.withLock { known in queries.filter { known[$0] == nil } }
        var rest = Array(unknown)[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(400))
            rest = rest.dropFirst(batch.count)
            let places = symbolize(batch)
            known.withLock { known in
                for (query, place) in zip(batch, places) { known[query] = .some(place) }
            }
        }
    }

    subscript(query: Query?) -> Place? {
        guard let query else { return nil }
        return known.withLock { $0[query] ?? nil }
    }

    private func symbolize(_ queries: [Query]) -> [Place?] {
        let nothing = [Place?](repeating: nil, count: queries.count)
        guard let tool else { return nothing }
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .pipe
        options.error = .null
        let arguments = queries.map {
            "\($0.isData ? "DATA" : "CODE") \"\($0.image)\" 0x\(String($0.offset, radix: 16))"
        }
        guard
            let process = try? ChildProcess(
                tool, ["--output-style=LLVM", "--no-demangle", "--no-inlines"] + arguments, options: options),
            let output = process.output
        else { return nothing }
        defer {
            output.close()
            process.signal(9)
            _ = process.wait()
        }
        let text = String(decoding: (try? output.readToEnd(until: .after(5000))) ?? [], as: UTF8.self)
        // A block for each, behind each an empty line.
        var blocks: [[Substring]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { blocks.append([]) } else { blocks[blocks.count - 1].append(line) }
        }
        return queries.indices.map { index in
            guard index < blocks.count, let symbol = blocks[index].first, symbol != "??" else { return nil }
            var place = Place(symbol: String(symbol), path: nil, line: 0)
            // "path:line" of a variable, "path:line:column" of code.
            var parts = (blocks[index].last ?? "").split(separator: ":", omittingEmptySubsequences: false)
            if !queries[index].isData { parts = parts.dropLast() }
            if parts.count >= 2, let line = parts.last.flatMap({ Int($0) }), line > 0, blocks[index].count > 1 {
                let path = parts.dropLast().joined(separator: ":")
                if path.hasPrefix("/"), !path.hasSuffix("<compiler-generated>") {
                    place.path = path
                    place.line = line
                }
            }
            return place
        }
    }
}

extension PlaceNames.Place {
    /// As the host protocol has it.
    var location: JSONValue? {
        guard let path else { return nil }
        let position = { (column: Int) in JSONValue.object(["line": .int(self.line - 1), "column": .int(column)]) }
        return .object(["path": .string(path), "range": .object(["start": position(0), "end": position(1)])])
    }
}
