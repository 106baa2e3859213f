import LanguageServerProtocol
import Platform
import ReloadEngine

/// What is needed to say an engine's report in the terms of LSP: the client's URIs and its way of counting columns.
///
/// The engine counts columns in bytes of the saved text, so lines are read from the disk. One context serves one report: each file
/// is read once.
public final class ConversionContext {
    private let encoding: PositionEncoding
    private let uri: (String) -> DocumentURI
    private var lines: [String: [[UInt8]]]
    /// Bytes; in larger files, columns are taken as they are.
    private static let limit = 16 << 20

    /// - Parameters:
    ///   - lines: of files whose text is not the one on the disk, by path.
    ///   - uri: under which URI a file is known; by default `file` URIs of its path.
    public init(
        encoding: PositionEncoding, lines: [String: [[UInt8]]] = [:],
        uri: @escaping (String) -> DocumentURI = { DocumentURI(path: $0) }
    ) {
        self.encoding = encoding
        self.lines = lines
        self.uri = uri
    }

    func documentURI(_ path: String) -> DocumentURI { uri(path) }

    func range(_ range: SourceRange, in path: String?) -> TextRange {
        TextRange(start: position(range.start, in: path), end: position(range.end, in: path))
    }

    func location(_ location: SourceLocation) -> Location {
        Location(uri: uri(location.path), range: range(location.range, in: location.path))
    }

    private func position(_ position: SourcePosition, in path: String?) -> Position {
        let (line, column) = (max(0, position.line), max(0, position.column))
        guard encoding != .utf8, column > 0, let path else { return Position(line: line, character: column) }
        let known = lines[path] ?? splitIntoLines((try? readFile(path, limit: Self.limit)) ?? [])
        lines[path] = known
        guard known.indices.contains(line) else { return Position(line: line, character: column) }
        return Position(line: line, character: known[line].column(ofOffset: column, encoding))
    }
}
