/// Stale references, as problems of source files: one for each place and cause, however many references there are.
enum StaleProblems {
    static func problems(of host: HostReport) -> [Problem] {
        merged(host.stale.flatMap { problems(of: $0, in: host) })
    }

    private static func problems(of reference: StaleReference, in host: HostReport) -> [Problem] {
        let definition = definition(of: reference, in: host)
        let places = reference.uses.isEmpty ? [reference.location ?? definition].compactMap { $0 } : reference.uses
        let isElsewhere = reference.location != nil || !reference.uses.isEmpty
        let related =
            isElsewhere
            ? definition.map { definition in
                [Problem.Related(location: definition, message: "\(reference.symbol) was changed here")]
            } ?? [] : []
        let cause = StaleCause(reference)
        return places.map { place in
            Problem(
                path: place.path, range: place.range, code: code(of: reference.kind),
                severity: reference.kind == .frame ? .information : .warning, message: cause.message,
                related: related.filter { $0.location != place }, cause: cause)
        }
    }

    /// Those that say the same of the same place as one: several holders, several programs.
    static func merged(_ problems: [Problem]) -> [Problem] {
        struct Key: Hashable {
            var path: String
            var range: SourceRange
            var code: String
            var symbol: String
        }
        var result: [Problem] = []
        var places: [Key: Int] = [:]
        for problem in problems {
            guard let cause = problem.cause else {
                result.append(problem)
                continue
            }
            let key = Key(path: problem.path, range: problem.range, code: problem.code, symbol: cause.symbol)
            guard let place = places[key], var merged = result[place].cause else {
                places[key] = result.count
                result.append(problem)
                continue
            }
            merged.add(cause)
            result[place].cause = merged
            result[place].message = merged.message
            for related in problem.related where !result[place].related.contains(related) {
                result[place].related.append(related)
            }
        }
        return result
    }

    private static func code(of kind: StaleReference.Kind) -> String {
        kind == .leftover ? "leftover-name" : "stale-\(kind.rawValue)"
    }

    /// Where the reload changed the symbol; else the start of its module's file.
    private static func definition(of reference: StaleReference, in host: HostReport) -> SourceLocation? {
        guard let module = host.modules.first(where: { $0.owns(symbol: reference.symbol, among: host.modules) }),
            let path = module.path
        else { return nil }
        let change = module.changes.first { change in
            change.range != nil
                && (reference.symbol == change.symbol || reference.symbol.hasSuffix("." + change.symbol))
        }
        return SourceLocation(path: path, range: change?.range ?? .fileStart)
    }
}

extension SourceRange {
    static let fileStart = SourceRange(
        start: SourcePosition(line: 0, column: 0), end: SourcePosition(line: 0, column: 0))
}
