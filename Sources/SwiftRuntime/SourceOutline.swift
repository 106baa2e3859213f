import JSONRPC
import Platform
import ReloadEngine

/// The declarations of a Swift file, in their order, as `SyntaxTool` finds them.
struct SourceOutline: Sendable {
    /// What must stay as it is while a program runs (`shape`), and what may change (`body`).
    struct Declaration: Sendable {
        /// "Cart.total(for:)".
        var symbol: String
        /// What it is called where it is used: "total". Of what an instance begins with, the type.
        var base: String
        var kind: Change.Kind
        /// "the stored property".
        var noun: String
        /// Everything but the body, without what has no meaning.
        var shape: String
        var body: String?
        /// Why a new body of it cannot take the place of the one that runs.
        var obstacle: String?
        /// What it mentions once it runs; "=price" where a name is only handed on.
        var names: Set<String>
        /// It ran when the module was loaded, or at its first use: the program has what came of it.
        var isComputed: Bool
        /// The text that takes its place, with `AFRESH_FILE` and `AFRESH_ID` for the path and the `#fileID` of the file.
        var replacement: String?
        /// Of its first line.
        var range: SourceRange
    }

    /// Its import statements.
    var imports: [String]
    var declarations: [Declaration]

    init(imports: [String], declarations: [Declaration]) {
        self.imports = imports
        self.declarations = declarations
    }

    /// Nil for a text that does not parse.
    init?(_ value: JSONValue) {
        guard let declarations = value["declarations"]?.arrayValue else { return nil }
        imports = value["imports"]?.arrayValue?.compactMap(\.stringValue) ?? []
        self.declarations = declarations.compactMap(Declaration.init)
        // A declaration that is not understood is not one that is the same.
        guard self.declarations.count == declarations.count else { return nil }
    }
}

extension SourceOutline.Declaration {
    init?(_ value: JSONValue) {
        guard let symbol = value["symbol"]?.stringValue, let base = value["base"]?.stringValue,
            let noun = value["noun"]?.stringValue, let shape = value["shape"]?.stringValue,
            let kind = value["kind"]?.stringValue.flatMap(Change.Kind.init),
            let place = value["range"]?.arrayValue?.compactMap(\.intValue), place.count == 4
        else { return nil }
        self.init(
            symbol: symbol, base: base, kind: kind, noun: noun, shape: shape, body: value["body"]?.stringValue,
            obstacle: value["obstacle"]?.stringValue,
            names: Set(value["names"]?.arrayValue?.compactMap(\.stringValue) ?? []),
            isComputed: value["computed"]?.boolValue ?? false, replacement: value["replacement"]?.stringValue,
            range: SourceRange(
                start: SourcePosition(line: place[0], column: place[1]),
                end: SourcePosition(line: place[2], column: place[3])))
    }
}

/// The outlines of texts, by the hashes of these; each is made once.
final class OutlineStore: Sendable {
    private struct State {
        var outlines: [String: SourceOutline] = [:]
        /// By toolchain.
        var tools: [Toolchain: Result<SyntaxTool, RuntimeFailure>] = [:]
    }

    /// Outlines that are kept in memory; more are made again.
    private static let limit = 4000

    private let state = Monitor(State())

    /// Made where it is missing, which can take seconds, once for each toolchain.
    func tool(_ toolchain: Toolchain) throws(RuntimeFailure) -> SyntaxTool {
        // One failure is enough: each save would wait for the next.
        if let known = state.withLock({ $0.tools[toolchain] }) { return try known.get() }
        let made: Result<SyntaxTool, RuntimeFailure>
        do {
            made = .success(try SyntaxTool(toolchain))
        } catch {
            made = .failure(error)
        }
        state.withLock { $0.tools[toolchain] = made }
        return try made.get()
    }

    /// Starts the toolchain's tool where it is made already.
    func warmUp(_ toolchain: Toolchain) {
        if SyntaxTool.isMade(toolchain) { (try? tool(toolchain))?.start() }
    }

    func stop() {
        let tools = state.withLock { state in
            defer { state.tools = [:] }
            return state.tools.values.compactMap { try? $0.get() }
        }
        for tool in tools { tool.stop() }
    }

    /// - Parameters:
    ///   - hashes: of texts that the folder keeps.
    ///   - mayMakeTool: false where nobody can wait for that.
    /// - Returns: by hash; without those that do not parse.
    func outlines(
        of hashes: Set<String>, in folder: BuildFolder, _ toolchain: Toolchain, mayMakeTool: Bool = true
    ) throws(RuntimeFailure) -> [String: SourceOutline] {
        var found = state.withLock { $0.outlines.filter { hashes.contains($0.key) } }
        let missing = hashes.filter { found[$0] == nil }.sorted()
        guard !missing.isEmpty else { return found }
        for hash in missing where fileStatus(folder.text(hash)) == nil {
            throw RuntimeFailure("the text that runs is not known any more")
        }
        if !mayMakeTool, !SyntaxTool.isMade(toolchain) { throw RuntimeFailure("texts cannot be compared yet") }
        let made = try tool(toolchain).outlines(of: missing.map(folder.text))
        for (hash, outline) in zip(missing, made) { found[hash] = outline }
        let all = found
        state.withLock { state in
            if state.outlines.count > Self.limit { state.outlines = [:] }
            state.outlines.merge(all) { $1 }
        }
        return found
    }

    /// The outline of a text that is not kept; nil where it does not parse.
    func outline(of path: String, _ toolchain: Toolchain) throws(RuntimeFailure) -> SourceOutline? {
        try tool(toolchain).outlines(of: [path]).first ?? nil
    }
}

extension BuildFolder {
    /// Where a text is kept that plugins were compiled from.
    func text(_ hash: String) -> String { "\(path)/texts/\(hash).swift" }

    /// Keeps it for comparing the next one with it.
    func keep(_ text: [UInt8], _ hash: ContentHash) throws(RuntimeFailure) {
        let file = self.text(hash.text)
        if fileStatus(file) == nil { try write(text, to: file) }
    }
}
