import JSONRPC
import Platform

/// Finds the source of places in images, with the toolchain's own tool.
struct Symbolizer {
    /// The toolchain's compiler, beside which the tool is.
    var compiler: String

    /// The calls in the texts of plugins, outermost first, as the host protocol has them; empty where that cannot be known.
    func traceback(_ calls: [TrappedCall], in modules: [LoadedModule]) -> JSONValue {
        let sources = Set(modules.flatMap(\.sources))
        let frames = symbols(of: calls).compactMap { symbol -> JSONValue? in
            guard let path = symbol["FileName"]?.stringValue, sources.contains(path),
                let line = symbol["Line"]?.intValue, line > 0
            else { return nil }
            let column = max(0, (symbol["Column"]?.intValue ?? 1) - 1)
            let name = symbol["FunctionName"]?.stringValue ?? ""
            return .object([
                "path": .string(path), "function": .string(demangled(name)),
                "range": .object([
                    "start": .object(["line": .int(line - 1), "column": .int(column)]),
                    "end": .object(["line": .int(line - 1), "column": .int(column + 1)])
                ])
            ])
        }
        return .array(frames.reversed())
    }

    /// Innermost first; inlined calls are symbols of their own.
    private func symbols(of calls: [TrappedCall]) -> [JSONValue] {
        guard !calls.isEmpty, let slash = compiler.lastIndex(of: "/") else { return [] }
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .pipe
        options.error = .null
        let places = calls.map { "\($0.image) 0x\(String($0.offset, radix: 16))" }
        let process = try? ChildProcess(
            "\(compiler[..<slash])/llvm-symbolizer", ["--output-style=JSON", "--no-demangle"] + places, options: options
        )
        guard let process, let output = process.output else { return [] }
        defer {
            output.close()
            process.signal(9)
            _ = process.wait()
        }
        let bytes = (try? output.readToEnd(until: .after(5000))) ?? []
        // One object a line, or one array.
        return bytes.split(separator: 0x0A).flatMap { line -> [JSONValue] in
            guard let value = try? JSONValue(parsing: Array(line)) else { return [] }
            return (value.arrayValue ?? [value]).flatMap { $0["Symbol"]?.arrayValue ?? [] }
        }
    }
}
