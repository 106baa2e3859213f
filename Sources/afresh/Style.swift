import ReloadEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Colours for a terminal; plain text elsewhere.
struct Style: Sendable, Equatable {
    var coloured: Bool

    static let plain = Style(coloured: false)
    static let coloured = Style(coloured: true)

    /// What a command takes to let a person decide.
    static let option = CommandSyntax.Option(
        "--color", .choice(["auto", "always", "never"]),
        "colour the report (default: on a terminal, unless NO_COLOR is set)")

    /// `auto` colours only where a person looks: a terminal that can show it, and NO_COLOR (no-color.org) not set.
    init(choice: String?, descriptor: Int32, environment: (String) -> String? = Style.variable) {
        switch choice {
        case "always": coloured = true
        case "never": coloured = false
        default:
            let refused = environment("NO_COLOR").map { !$0.isEmpty } ?? false
            coloured = !refused && isatty(descriptor) == 1 && environment("TERM") != "dumb"
        }
    }

    init(coloured: Bool) {
        self.coloured = coloured
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }

    /// The outcome's word, in the colour of how much a person must care.
    func outcome(_ outcome: Outcome, padded width: Int = 0) -> String {
        let word = pad(outcome.rawValue, to: width)
        return switch outcome {
        case .unchanged: dim(word)
        case .live: green(word)
        case .stale: yellow(word)
        case .blocked, .rolledBack, .refused, .failed: red(word)
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        coloured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// A text from a program or a file, made safe for a terminal: control characters could move its cursor or worse.
func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x0A: result.append(scalar)
        case 0x09: result.append(" ")
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: result.append("\u{FFFD}")
        default: result.append(scalar)
        }
    }
    return String(result)
}
