import Platform
import ReloadEngine

/// What a compiler has found, from the file that `-serialize-diagnostics-path` names (clang's format).
enum SerializedDiagnostics {
    /// Empty where there is no such file, or it makes no sense.
    static func read(_ path: String) -> [Problem] {
        guard let bytes = try? readFile(path) else { return [] }
        return problems(in: bytes)
    }

    static func problems(in bytes: [UInt8]) -> [Problem] {
        guard var reader = BitstreamReader(bytes, magic: Array("DIAG".utf8)) else { return [] }
        var files: [UInt64: String] = [:]
        var result: [Problem] = []
        // Notes are blocks within the block of what they explain.
        var open: [Entry] = []
        while let item = reader.next() {
            switch item {
            case .block(9): open.append(Entry())
            case .block: break
            case .endBlock:
                guard let entry = open.popLast() else { continue }
                if open.isEmpty {
                    if let problem = entry.problem { result.append(problem) }
                } else if let note = entry.related {
                    open[open.count - 1].notes.append(note)
                    open[open.count - 1].alternatives.append(entry)
                }
            case .record(6, let values, let blob):
                if let number = values.first { files[number] = String(decoding: blob, as: UTF8.self) }
            case .record(let code, let values, let blob):
                if !open.isEmpty { open[open.count - 1].take(code, values, blob, files) }
            }
        }
        return result
    }

    private struct Entry {
        var severity: UInt64 = 0
        var message = ""
        var path: String?
        var position: SourcePosition?
        var ranges: [SourceRange] = []
        var notes: [Problem.Related] = []
        /// Notes with what they propose.
        var alternatives: [Entry] = []
        var edits: [(path: String?, change: Inspection.Edit.Change)] = []

        mutating func take(_ code: Int, _ values: [UInt64], _ blob: ArraySlice<UInt8>, _ files: [UInt64: String]) {
            switch code {
            case 2 where values.count >= 5:
                severity = values[0]
                path = files[values[1]]
                position = Entry.position(line: values[2], column: values[3])
                message = String(decoding: blob, as: UTF8.self)
            case 3 where values.count >= 8:
                if let start = Entry.position(line: values[1], column: values[2]),
                    let end = Entry.position(line: values[5], column: values[6]), start <= end
                {
                    ranges.append(SourceRange(start: start, end: end))
                }
            case 7 where values.count >= 8:
                if let start = Entry.position(line: values[1], column: values[2]),
                    let end = Entry.position(line: values[5], column: values[6]), start <= end
                {
                    let change = Inspection.Edit.Change(
                        range: SourceRange(start: start, end: end), text: String(decoding: blob, as: UTF8.self))
                    edits.append((files[values[0]], change))
                }
            default: break
            }
        }

        /// What it proposes itself, and what each of its notes does. An edit of several files is none of one place.
        private var fixes: [Problem.Fix] {
            var found: [Problem.Fix] = []
            for (title, edits) in [(nil, edits)] + alternatives.map({ (Optional($0.message), $0.edits) }) {
                guard !edits.isEmpty, edits.allSatisfy({ $0.path == path }) else { continue }
                let fix = Problem.Fix(title: title, changes: edits.map(\.change))
                if !found.contains(where: { $0.changes == fix.changes }) { found.append(fix) }
            }
            return found
        }

        /// Lines and columns (in bytes) begin with 1; 0 is no place.
        private static func position(line: UInt64, column: UInt64) -> SourcePosition? {
            guard line > 0, column > 0, line < 1 << 30, column < 1 << 30 else { return nil }
            return SourcePosition(line: Int(line) - 1, column: Int(column) - 1)
        }

        /// The range that it is about; where there is none, the character at its place.
        private var range: SourceRange? {
            guard let position else { return nil }
            if let own = ranges.first(where: { $0.start <= position && position <= $0.end }) { return own }
            return SourceRange(
                start: position, end: SourcePosition(line: position.line, column: position.column + 1))
        }

        /// Without a place, the path is empty.
        var problem: Problem? {
            let severity: Problem.Severity
            switch self.severity {
            case 2: severity = .warning
            case 3, 4: severity = .error
            default: return nil
            }
            let start = SourcePosition(line: 0, column: 0)
            return Problem(
                path: path ?? "", range: range ?? SourceRange(start: start, end: start),
                code: severity == .error ? "compile-error" : "compile-warning", severity: severity, message: message,
                related: notes, fixes: fixes)
        }

        var related: Problem.Related? {
            guard let path, let range else { return nil }
            return Problem.Related(location: SourceLocation(path: path, range: range), message: message)
        }
    }
}
