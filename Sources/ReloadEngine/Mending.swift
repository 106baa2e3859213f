/// What can be done in the running programs about a stale reference, on a person's word.
public struct Mending: Sendable, Hashable {
    public enum Action: String, Sendable {
        /// Who holds the old object holds the newest instead.
        case rebind
        /// Instances of the old class become instances of the newest.
        case migrate
        /// A leftover name is deleted.
        case forget
    }

    public var action: Action
    /// "shop.pricing.price".
    public var symbol: String
    public var kind: StaleReference.Kind
    /// Which names in modules, or which classes, as reports name them; nil for all holders.
    public var holders: [String]?

    public init(action: Action, symbol: String, kind: StaleReference.Kind, holders: [String]? = nil) {
        self.action = action
        self.symbol = symbol
        self.kind = kind
        self.holders = holders
    }

    /// What a person chooses: "Rebind `price` to generation 3".
    /// - Parameters:
    ///   - count: references.
    ///   - newest: the generation that the symbol has now, if it is known.
    public func title(count: Int, newest: Int?) -> String {
        let name = symbol.lastIndex(of: ".").map { String(symbol[symbol.index(after: $0)...]) } ?? symbol
        switch action {
        case .rebind:
            return newest.map { "Rebind `\(name)` to generation \($0)" } ?? "Rebind `\(name)` to the newest generation"
        case .migrate: return "Migrate \(count) \(count == 1 ? "instance" : "instances") of `\(name)`"
        case .forget: return "Remove leftover `\(name)`"
        }
    }
}

/// What became of a mending in one host.
public struct MendingResult: Sendable {
    public var host: HostInformation
    /// How many references were put right.
    public var done: Int
    /// What could not be, one reason each.
    public var left: [String]
    /// Why nothing was done, and everything is as it was.
    public var failure: String?

    public init(host: HostInformation, done: Int, left: [String] = [], failure: String? = nil) {
        self.host = host
        self.done = done
        self.left = left
        self.failure = failure
    }
}

/// What is stale at one place for one cause: what a diagnostic speaks of.
public struct StaleCause: Sendable, Hashable {
    public var symbol: String
    public var kind: StaleReference.Kind
    /// As a person would write them, without repetition.
    public var holders: [String]
    /// References.
    public var count: Int
    /// All of it is only possible.
    public var isPossible: Bool
    /// The generation that the symbol has now.
    public var newest: Int?
    public var action: Mending.Action?

    public init(_ reference: StaleReference) {
        symbol = reference.symbol
        kind = reference.kind
        holders = [reference.holder]
        count = reference.count
        isPossible = reference.confidence == .possible
        newest = reference.newest
        action = reference.action
    }

    mutating func add(_ other: StaleCause) {
        for holder in other.holders where !holders.contains(holder) { holders.append(holder) }
        count = count.addingReportingOverflow(other.count).partialValue
        isPossible = isPossible && other.isPossible
        newest = max(newest ?? 0, other.newest ?? 0) == 0 ? nil : max(newest ?? 0, other.newest ?? 0)
        action = action ?? other.action
    }

    /// What can be done about it; nil where nothing can.
    public var mending: Mending? {
        action.map { action in
            let isNamed = action == .rebind && (kind == .binding || kind == .subclass)
            return Mending(action: action, symbol: symbol, kind: kind, holders: isNamed ? holders : nil)
        }
    }

    /// One sentence for a person.
    var message: String {
        let times = count > holders.count ? " (\(count) references)" : ""
        let isOne = holders.count == 1
        let who = StaleCause.list(holders)
        let hold = isPossible ? "may still hold" : isOne ? "still holds" : "still hold"
        switch kind {
        case .leftover:
            return "\(symbol) is no longer defined, but the running program still has it: \(who)."
        case .frame:
            let next = symbol.hasSuffix("<module>") ? "" : "; the next call runs the new one"
            return "\(who) still \(isOne ? "executes" : "execute") the old \(symbol)\(times)\(next)."
        case .instance:
            let instances = count == 1 ? "an instance" : "\(count) instances"
            return "\(who) \(hold) \(instances) of the old \(symbol)."
        case .subclass: return "\(who) \(isOne ? "is still a subclass" : "are still subclasses") of the old \(symbol)."
        case .value: return "\(who) \(isOne ? "was" : "were") computed from the old \(symbol)\(times)."
        case .binding, .closure, .method, .registration: return "\(who) \(hold) the old \(symbol)\(times)."
        }
    }

    /// "a", "a and b", "a, b and 3 more".
    private static func list(_ names: [String]) -> String {
        switch names.count {
        case 0...1: names.first ?? ""
        case 2, 3: names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
        default: names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
        }
    }
}
