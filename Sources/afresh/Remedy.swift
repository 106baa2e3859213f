import ReloadEngine

/// What a person can do about a stale reference, in one phrase.
enum Remedy {
    static func text(for reference: StaleReference) -> String? {
        let (module, name) = split(reference.symbol)
        return switch reference.kind {
        case .binding:
            module.isEmpty
                ? "reload the module that holds it"
                : "write '\(lastPart(of: module)).\(name)' instead of 'from \(module) import \(name)', or reload the module that holds it"
        case .instance: "make the object anew; it keeps the class that it was made with"
        case .subclass: "reload the module that defines the subclass"
        case .closure, .method: "make it anew: it was bound before the reload"
        case .value: "execute the statement again: it was computed from an old value"
        case .frame: "it runs the old code until it returns; a generator or coroutine can be made anew"
        case .leftover: "the saved text no longer defines it; remove its uses, then restart to be rid of it"
        case .registration: "register it again"
        }
    }

    /// "shop.pricing.price" is ("shop.pricing", "price").
    private static func split(_ symbol: String) -> (module: String, name: String) {
        guard let dot = symbol.lastIndex(of: ".") else { return ("", symbol) }
        return (String(symbol[..<dot]), String(symbol[symbol.index(after: dot)...]))
    }

    private static func lastPart(of module: String) -> String {
        module.lastIndex(of: ".").map { String(module[module.index(after: $0)...]) } ?? module
    }
}
