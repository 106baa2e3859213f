/// What a person calls a function or a variable, from what the demangler calls it.
enum SymbolNames {
    /// "ShopAPI.Registry.shared" of "static ShopAPI.Registry.shared : ShopAPI.Registry".
    static func variable(_ symbol: String) -> String {
        var text = Substring(demangled(symbol))
        text = afterWords(text)
        if let end = position(of: " : ", in: text) { text = text[..<end] }
        return withoutFile(withoutExtension(text))
    }

    /// "Module.name" of "Module.(name in _0123…)", which is private to a file.
    private static func withoutFile(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let start = rest.firstIndex(of: "("), let end = rest[start...].firstIndex(of: ")"),
            let words = position(of: " in _", in: rest[start..<end])
        {
            result += rest[..<start] + rest[rest.index(after: start)..<words]
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    /// The function that code belongs to, with its module; of a closure, the function that it is written in.
    static func function(_ symbol: String, module: String) -> String {
        var text = Substring(demangled(symbol))
        if isThunk(symbol) { return module }
        while let position = position(of: " in ", in: text), !text[..<position].hasSuffix("(extension"),
            !text[text.index(position, offsetBy: 4)...].hasPrefix("_")
        { text = text[text.index(position, offsetBy: 4)...] }
        text = afterWords(text)
        let clean = withoutFile(withoutExtension(text))
        text = clean[...]
        var end = text.startIndex
        while end < text.endIndex, !"(<:@ ".contains(text[end]) || end == text.startIndex {
            end = text.index(after: end)
        }
        var name = String(text[..<end])
        for ending in [".getter", ".setter", ".modify", ".read"] where name.hasSuffix(ending) {
            name.removeLast(ending.count)
        }
        if name.isEmpty { return module }
        name = withoutPatch(name, module)
        return name.hasPrefix(module + ".") ? name : "\(module).\(name)"
    }

    /// "Pricing.Cart.total" of "Pricing.Cart.afresh_total" and "Pricing_Patch.Pricing.Cart.afresh_total": what takes the place of a
    /// function is written for it (`Syntax/Replacement.swift`).
    private static func withoutPatch(_ name: String, _ module: String) -> String {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = parts.last, last.hasPrefix("afresh_") || last == "subscript" else { return name }
        if last != "subscript" { parts[parts.count - 1] = last.dropFirst("afresh_".count) }
        if let first = parts.first, first.hasSuffix("_Patch") { parts.removeFirst() }
        return parts.joined(separator: ".")
    }

    /// Code that only passes calls on.
    static func isThunk(_ symbol: String) -> Bool {
        let text = demangled(symbol)
        return text.contains("reabstraction thunk") || text.hasPrefix("thunk for ") || isOfCompiler(symbol)
    }

    /// What the compiler makes for values and blocks, which has no name in the source.
    static func isOfCompiler(_ symbol: String) -> Bool {
        ["block_", "objectdestroy", "__swift_", "_swift_"].contains { symbol.hasPrefix($0) }
    }

    static func isClosure(_ symbol: String) -> Bool { demangled(symbol).contains("closure #") }

    /// A method that was taken from an object: the compiler makes a closure for it.
    static func isMethod(_ symbol: String) -> Bool {
        let text = demangled(symbol)
        return text.contains("implicit closure #") || text.hasPrefix("curry thunk")
    }

    /// What goes on where an asynchronous function was suspended.
    static func isResumption(_ symbol: String) -> Bool { demangled(symbol).contains(" resume partial function for ") }

    static func isMetadata(_ symbol: String) -> Bool { demangled(symbol).contains("metadata for ") }
    static func isWitnessTable(_ symbol: String) -> Bool { demangled(symbol).contains("witness table for ") }

    private static func afterWords(_ text: Substring) -> Substring {
        var text = text
        let words = [
            "static ", "partial apply forwarder for ", "partial apply for ", "implicit closure ",
            "variable initialization expression of ",
            "one-time initialization function for ", "async function pointer to ", "dispatch thunk of ",
            "curry thunk of ",
            "method descriptor for ", "lazy initializer for ", "type metadata for ", "full type metadata for ",
            "key path getter for ", "merged "
        ]
        var isChanged = true
        while isChanged {
            isChanged = false
            for word in words where text.hasPrefix(word) {
                text = text.dropFirst(word.count)
                isChanged = true
            }
            // "(1) suspend resume partial function for …", "(2) await resume partial function for …"
            if text.hasPrefix("("), let end = position(of: " partial function for ", in: text) {
                text = text[text.index(end, offsetBy: " partial function for ".count)...]
                isChanged = true
            }
        }
        return text
    }

    /// "Pricing.Int.half" of "(extension in Pricing):Swift.Int.half".
    private static func withoutExtension(_ text: Substring) -> Substring {
        guard text.hasPrefix("(extension in "), let end = position(of: "):", in: text) else { return text }
        let module = text[text.index(text.startIndex, offsetBy: "(extension in ".count)..<end]
        let rest = text[text.index(end, offsetBy: 2)...]
        guard let dot = rest.firstIndex(of: ".") else { return rest }
        return Substring("\(module)\(rest[dot...])")
    }

    private static func position(of words: String, in text: Substring) -> Substring.Index? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(words) { return start }
            start = text.index(after: start)
        }
        return nil
    }
}
