import ReloadEngine

/// What an edit of a module's files has changed, declaration by declaration.
struct SourceComparison: Sendable {
    /// All differences, with the module's name before the symbols.
    private(set) var changes: [Change] = []
    /// By file: declarations of which only the body has changed, and whose body can be replaced.
    private(set) var bodies: [String: [SourceOutline.Declaration]] = [:]
    /// Why the module has to be loaded anew; empty where replacing the bodies is all that is to be done.
    private(set) var reasons: [String] = []
    /// What the reasons are about, by file.
    private(set) var causes: [(file: String, range: SourceRange, reason: String)] = []

    private let module: String
    /// Ranges are of this file; changes of others have none.
    private let shownFile: String?

    init(module: String, shownFile: String? = nil) {
        self.module = module
        self.shownFile = shownFile
    }

    /// Only bodies that can be replaced have changed, if anything.
    var isReplaceable: Bool { reasons.isEmpty }

    /// One of the module's files. Nil: the text cannot be outlined.
    mutating func compare(_ old: SourceOutline?, _ new: SourceOutline?, file: String) {
        guard let old, let new else {
            note("its text cannot be compared with the one that runs", SourceRange.firstCharacter, file)
            return
        }
        let isSameShape =
            old.declarations.count == new.declarations.count
            && zip(old.declarations, new.declarations).allSatisfy { $0.symbol == $1.symbol && $0.shape == $1.shape }
        if isSameShape {
            for (former, current) in zip(old.declarations, new.declarations) { compareBodies(former, current, file) }
            return
        }
        compareNames(old.declarations, new.declarations, file)
        if reasons.isEmpty { note("declarations stand in another order", SourceRange.firstCharacter, file) }
    }

    /// For reasons that do not lie in the texts.
    mutating func refuse(_ reason: String) {
        if !reasons.contains(reason) { reasons.append(reason) }
    }

    private mutating func compareBodies(
        _ old: SourceOutline.Declaration, _ new: SourceOutline.Declaration, _ file: String
    ) {
        guard old.body != new.body else { return }
        add(new, .modified, file)
        if let obstacle = new.obstacle ?? old.obstacle {
            note("the body of \(module).\(new.symbol) changed: \(obstacle)", new.range, file)
        } else if new.replacement == nil {
            note("the body of \(module).\(new.symbol) changed", new.range, file)
        } else {
            bodies[file, default: []].append(new)
        }
    }

    /// Pairs those of one name in their order: overloads have one.
    private mutating func compareNames(
        _ old: [SourceOutline.Declaration], _ new: [SourceOutline.Declaration], _ file: String
    ) {
        var former = Dictionary(grouping: old, by: \.symbol)
        for current in new {
            // An overload is the one with the same declaration, wherever it stands.
            let all = former[current.symbol] ?? []
            guard let index = all.firstIndex(where: { $0.shape == current.shape }) ?? all.indices.first else {
                add(current, .added, file)
                note("\(current.noun) \(shown(current)) is new", current.range, file)
                continue
            }
            former[current.symbol]?.remove(at: index)
            if all[index].shape == current.shape {
                compareBodies(all[index], current, file)
            } else {
                add(current, .modified, file)
                let what = current.body == nil ? "changed" : "is declared in another way"
                note("\(current.noun) \(shown(current)) \(what)", current.range, file)
            }
        }
        for gone in old where former[gone.symbol]?.isEmpty == false {
            former[gone.symbol]?.removeFirst()
            add(gone, .removed, file)
            note("\(gone.noun) \(shown(gone)) is gone", nil, file)
        }
    }

    /// What the program has computed with what would be replaced is not computed again by replacing it.
    /// - Parameter declarations: of all modules, as they will be.
    mutating func lookForResults(in declarations: [(module: String, outlines: [SourceOutline])]) {
        var reached = Set(bodies.values.joined().flatMap(\.mentions))
        guard !reached.isEmpty else { return }
        let all = declarations.flatMap { module, outlines in
            outlines.flatMap(\.declarations).map { (module: module, declaration: $0) }
        }
        var waiting = all.filter { !$0.declaration.names.isEmpty }
        var count = -1
        while count != reached.count {
            count = reached.count
            waiting.removeAll { entry in
                guard !entry.declaration.isComputed, !entry.declaration.names.isDisjoint(with: reached) else {
                    return false
                }
                reached.formUnion(entry.declaration.mentions)
                return true
            }
        }
        guard
            let root = all.first(where: { $0.declaration.isComputed && !$0.declaration.names.isDisjoint(with: reached) }
            )
        else { return }
        let changed = bodies.sorted { $0.key < $1.key }.flatMap { file, bodies in bodies.map { (file, $0) } }
        guard let (file, first) = changed.first else { return }
        note(
            "\(root.declaration.noun) \(root.module).\(root.declaration.symbol) has used \(shown(first)) already, as far as names tell",
            first.range, file)
    }

    private func shown(_ declaration: SourceOutline.Declaration) -> String {
        declaration.symbol.hasPrefix("`") ? declaration.symbol : "\(module).\(declaration.symbol)"
    }

    private mutating func note(_ reason: String, _ range: SourceRange?, _ file: String) {
        if !reasons.contains(reason) { reasons.append(reason) }
        causes.append((file, range ?? SourceRange.firstCharacter, reason))
    }

    private mutating func add(_ declaration: SourceOutline.Declaration, _ manner: Change.Manner, _ file: String) {
        changes.append(
            Change(
                symbol: shown(declaration), kind: declaration.kind, change: manner, applied: true,
                range: file == shownFile && manner != .removed ? declaration.range : nil))
    }

    mutating func compareFiles(_ old: Set<String>, _ new: Set<String>) {
        for path in new.subtracting(old).sorted() { note("\(path.lastComponent) is new", nil, path) }
        for path in old.subtracting(new).sorted() { note("\(path.lastComponent) is gone", nil, path) }
    }

    /// For a person: the first reasons.
    var reason: String? {
        guard !reasons.isEmpty else { return nil }
        let more = reasons.count - 2
        return reasons.prefix(2).joined(separator: "; ") + (more > 0 ? "; and \(more) more" : "")
    }
}

extension SourceOutline.Declaration {
    /// How others speak of it: of a property also where only its name is given to somebody.
    fileprivate var mentions: [String] { kind == .function || kind == .method ? [base] : [base, "=\(base)"] }
}

extension SourceRange {
    fileprivate static var firstCharacter: SourceRange {
        SourceRange(start: SourcePosition(line: 0, column: 0), end: SourcePosition(line: 0, column: 1))
    }
}

extension String {
    /// Of a path.
    var lastComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
