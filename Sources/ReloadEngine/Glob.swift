/// A pattern for paths, relative to a folder: `*` and `?` within a component, `**` over components, `[a-z]`, `{a,b}`.
///
/// As in other Python tools, a pattern without a slash stands for any file or folder of that name, and one that matches a
/// folder covers all that is in it.
struct Glob {
    private var alternatives: [[[UInt8]]] = []

    init(_ pattern: String) {
        for text in Glob.expandBraces(Array(pattern.utf8), limit: 64) {
            var components = text.split(separator: UInt8(ascii: "/")).map(Array.init)
            if components.first == [UInt8(ascii: ".")] { components.removeFirst() }
            guard !components.isEmpty else { continue }
            if components.count == 1, text.first != UInt8(ascii: "/") { components.insert(Glob.anyDepth, at: 0) }
            alternatives.append(components)
        }
    }

    /// Whether the relative path, or a folder that it is in, matches. Time is bounded by pattern length times path length.
    func matches(_ path: String) -> Bool {
        let components = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
        return alternatives.contains { Glob.matchesPrefix(components, $0) }
    }

    private static let anyDepth = Array("**".utf8)

    /// Whether the whole pattern matches the path's first components, however many.
    private static func matchesPrefix(_ path: [[UInt8]], _ pattern: [[UInt8]]) -> Bool {
        // reached[i]: the pattern so far can end before component i.
        var reached = [Bool](repeating: false, count: path.count + 1)
        reached[0] = true
        for part in pattern {
            var next = [Bool](repeating: false, count: path.count + 1)
            if part == anyDepth {
                var seen = false
                for position in reached.indices {
                    seen = seen || reached[position]
                    next[position] = seen
                }
            } else {
                for position in path.indices where reached[position] {
                    if matchesComponent(path[position], part) { next[position + 1] = true }
                }
            }
            reached = next
        }
        return reached.dropFirst().contains(true)
    }

    /// One component against one pattern, with one point to come back to: linear for each `*`.
    private static func matchesComponent(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (at, position) = (0, 0)
        var resume: (at: Int, position: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                at += 1
                resume = (at, position)
                continue
            }
            if at < pattern.count, let next = step(pattern, at, text[position]) {
                at = next
                position += 1
                continue
            }
            guard let (star, start) = resume else { return false }
            at = star
            position = start + 1
            resume = (star, position)
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The place after the pattern's element at `at` if that takes the byte.
    private static func step(_ pattern: [UInt8], _ at: Int, _ byte: UInt8) -> Int? {
        switch pattern[at] {
        case UInt8(ascii: "?"):
            return at + 1
        case UInt8(ascii: "["):
            var index = at + 1
            let isNegated =
                index < pattern.count && (pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^"))
            if isNegated { index += 1 }
            let start = index
            var found = false
            while index < pattern.count, pattern[index] != UInt8(ascii: "]") || index == start {
                if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-"),
                    pattern[index + 2] != UInt8(ascii: "]")
                {
                    found = found || (pattern[index] <= byte && byte <= pattern[index + 2])
                    index += 3
                } else {
                    found = found || pattern[index] == byte
                    index += 1
                }
            }
            guard index < pattern.count else { return pattern[at] == byte ? at + 1 : nil }
            return found != isNegated ? index + 1 : nil
        default:
            return pattern[at] == byte ? at + 1 : nil
        }
    }

    /// `a{b,c}d` becomes `abd` and `acd`; a brace without its partner stands for itself.
    private static func expandBraces(_ pattern: [UInt8], limit: Int) -> [[UInt8]] {
        var done: [[UInt8]] = []
        var open = [pattern]
        while let text = open.popLast() {
            guard done.count + open.count < limit, let start = text.lastIndex(of: UInt8(ascii: "{")),
                let end = text[start...].firstIndex(of: UInt8(ascii: "}"))
            else {
                done.append(text)
                continue
            }
            for part in text[(start + 1)..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                open.append(Array(text[..<start]) + part + Array(text[(end + 1)...]))
            }
        }
        return done
    }
}
