/// What one command accepts. The parser and the help page are both made from it, so that they cannot differ.
struct CommandSyntax: Sendable {
    struct Option: Sendable {
        /// "--policy".
        var name: String
        var value: Value?
        var summary: String

        init(_ name: String, _ value: Value? = nil, _ summary: String) {
            self.name = name
            self.value = value
            self.summary = summary
        }
    }

    /// What follows an option.
    enum Value: Sendable {
        /// One of these words.
        case choice([String])
        /// A number of seconds above zero, at most a day.
        case seconds
        /// Any text; the word is what the help page calls it.
        case text(String)

        /// How the help page shows the value.
        var placeholder: String {
            switch self {
            case .choice(let words): words.joined(separator: "|")
            case .seconds: "SECONDS"
            case .text(let name): name
            }
        }
    }

    /// Words that belong to no option.
    struct Operands: Sendable {
        /// "FILE_OR_MODULE…"; nil where the command takes none.
        var placeholder: String?
        /// At least one must be given; the text says what is missing.
        var missing: String?
        /// The first operand ends the options: what follows belongs to another program.
        var endOptions = false

        static let none = Operands(placeholder: nil)
    }

    var name: String
    /// One line for the list of commands.
    var summary: String
    /// Paragraphs for the command's own page.
    var discussion: String
    var operands: Operands
    var options: [Option]
    var examples: [String] = []
}

/// A command line that makes no sense; one sentence for a person.
struct UsageError: Error, Equatable {
    var message: String
}

/// The words of one command line, sorted by its syntax.
struct Arguments: Sendable, Equatable {
    private var flags: Set<String> = []
    private var values: [String: String] = [:]
    private(set) var operands: [String] = []
    /// Where the first operand stands among the words given, for a command that hands the rest on byte by byte.
    private(set) var firstOperand: Int?
    private(set) var asksForHelp = false

    /// Sorts the words that follow the command's name.
    init(_ words: [String], syntax: CommandSyntax) throws(UsageError) {
        var index = 0
        var optionsEnded = false
        while index < words.count {
            let word = words[index]
            index += 1
            if optionsEnded || !word.hasPrefix("-") || word == "-" {
                if operands.isEmpty { firstOperand = index - 1 }
                operands.append(word)
                if syntax.operands.endOptions { optionsEnded = true }
            } else if word == "--" {
                optionsEnded = true
            } else if word == "--help" || word == "-h" {
                asksForHelp = true
                return
            } else {
                try takeOption(word, words: words, index: &index, syntax: syntax)
            }
        }
        if operands.isEmpty, let missing = syntax.operands.missing {
            throw UsageError(message: missing)
        }
        if syntax.operands.placeholder == nil, let operand = operands.first {
            throw UsageError(message: "'\(operand)' is not expected here")
        }
    }

    func has(_ flag: String) -> Bool {
        flags.contains(flag)
    }

    subscript(option: String) -> String? {
        values[option]
    }

    private mutating func takeOption(
        _ word: String, words: [String], index: inout Int, syntax: CommandSyntax
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? word
        let attached = parts.count > 1 ? parts.last : nil
        guard let option = syntax.options.first(where: { $0.name == name }) else {
            let near = nearest(to: name, among: syntax.options.map(\.name) + ["--help"])
            throw UsageError(message: "there is no option '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
        guard let kind = option.value else {
            guard attached == nil else { throw UsageError(message: "option '\(name)' takes no value") }
            flags.insert(name)
            return
        }
        let value: String
        if let attached {
            value = attached
        } else if index < words.count {
            value = words[index]
            index += 1
        } else {
            throw UsageError(message: "option '\(name)' needs a value: \(name) \(kind.placeholder)")
        }
        switch kind {
        case .choice(let allowed) where !allowed.contains(value):
            throw UsageError(
                message: "option '\(name)' is one of \(allowed.joined(separator: ", ")), not '\(value)'")
        case .seconds where Self.seconds(value) == nil:
            throw UsageError(message: "option '\(name)' is a number of seconds above 0 and up to 86400, not '\(value)'")
        default:
            values[name] = value
        }
    }

    /// The number that an option of kind `seconds` was given.
    func seconds(_ option: String) -> Double? {
        values[option].flatMap(Self.seconds)
    }

    private static func seconds(_ text: String) -> Double? {
        guard let number = Double(text), number > 0, number <= 86400 else { return nil }
        return number
    }
}

/// The word that a mistyped one was most likely meant to be, if one is near enough.
func nearest(to word: String, among candidates: [String]) -> String? {
    let limit = max(1, word.count / 3)
    let ranked = candidates.map { (candidate: $0, distance: editDistance(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
    return best.candidate
}

/// Levenshtein's distance in characters.
private func editDistance(_ left: String, _ right: String) -> Int {
    let columns = Array(right)
    var row = Array(0...columns.count)
    for (lineNumber, character) in left.enumerated() {
        var next = [lineNumber + 1]
        for (column, other) in columns.enumerated() {
            let substituted = row[column] + (character == other ? 0 : 1)
            next.append(min(substituted, row[column + 1] + 1, next[column] + 1))
        }
        row = next
    }
    return row.last ?? 0
}
