/// What a runtime knows of a text for an editor; the text need not be saved.
public struct Inspection: Sendable {
    /// A name at module level: of a function, a class or a value.
    public struct Definition: Sendable {
        public var name: String
        /// Of the name, or of the statement.
        public var range: SourceRange

        public init(name: String, range: SourceRange) {
            self.name = name
            self.range = range
        }
    }

    /// The module-level name at the place that was asked about.
    public struct Name: Sendable {
        /// `["shop", "RATE"]` for `shop.RATE`.
        public var path: [String]
        public var range: SourceRange

        public init(path: [String], range: SourceRange) {
            self.path = path
            self.range = range
        }
    }

    /// An edit that makes the text fit to be reloaded.
    public struct Edit: Sendable {
        public struct Change: Sendable, Hashable {
            public var range: SourceRange
            public var text: String

            public init(range: SourceRange, text: String) {
                self.range = range
                self.text = text
            }
        }

        public enum Kind: String, Sendable {
            /// A value is kept across reloads.
            case keep
            /// A from-imported name is read through its module.
            case qualify
        }

        public var kind: Kind
        public var name: String
        /// Of `qualify`: "shop.price", and what stands there now: "from shop import price".
        public var qualified: String
        public var statement: String
        /// None of which overlap.
        public var changes: [Change]

        public init(kind: Kind, name: String, qualified: String = "", statement: String = "", changes: [Change]) {
            self.kind = kind
            self.name = name
            self.qualified = qualified
            self.statement = statement
            self.changes = changes
        }

        /// What a person chooses.
        public var title: String {
            switch kind {
            case .keep: "Keep this value across reloads"
            case .qualify: "Use `\(qualified)` instead of `\(statement)`"
            }
        }
    }

    public var definitions: [Definition]
    /// Names that assignments at module level bind, each with the range of the statement.
    public var assignments: [Definition]
    public var name: Name?
    public var edits: [Edit]

    public init(
        definitions: [Definition] = [], assignments: [Definition] = [], name: Name? = nil, edits: [Edit] = []
    ) {
        self.definitions = definitions
        self.assignments = assignments
        self.name = name
        self.edits = edits
    }
}

/// A text to be inspected.
public struct InspectionRequest: Sendable {
    public var path: String
    public var text: [UInt8]
    /// The place whose name and edits are wanted.
    public var range: SourceRange?

    public init(path: String, text: [UInt8], range: SourceRange? = nil) {
        self.path = path
        self.text = text
        self.range = range
    }
}
