import SwiftSyntax

/// Writes the declaration that takes the place of one that runs.
///
/// In a replacement the name of what it replaces means what was there before. So where a body may mention itself, it
/// becomes that of a local function: from there the name means what runs.
struct Replacement {
    let scope: Scope
    /// "total(for:)".
    let name: String
    let converter: SourceLocationConverter

    private static let inner = "afresh_body"

    typealias Written = (text: String?, obstacle: String?)

    // MARK: What cannot be replaced

    static func obstacle(_ node: FunctionDeclSyntax) -> String? {
        if let found = Attributes.obstacle(node.attributes, of: "it", Attributes.ofMembers) { return found }
        if let found = Modifiers.obstacle(node.modifiers) { return found }
        if let result = node.signature.returnClause, mentionsSome(Syntax(result)) { return "its result is opaque" }
        return nil
    }

    static func obstacle(_ node: VariableDeclSyntax, _ accessors: AccessorBlockSyntax) -> String? {
        if let found = Attributes.obstacle(node.attributes, of: "it", Attributes.ofMembers) { return found }
        if let found = Modifiers.obstacle(node.modifiers) { return found }
        guard let type = node.bindings.first?.typeAnnotation else { return "its type is not written down" }
        if mentionsSome(Syntax(type)) { return "its type is opaque" }
        return obstacle(accessors)
    }

    static func obstacle(_ node: SubscriptDeclSyntax, _ accessors: AccessorBlockSyntax) -> String? {
        if let found = Attributes.obstacle(node.attributes, of: "it", Attributes.ofMembers) { return found }
        if let found = Modifiers.obstacle(node.modifiers) { return found }
        if mentionsSome(Syntax(node.returnClause)) { return "its type is opaque" }
        return obstacle(accessors)
    }

    private static func obstacle(_ accessors: AccessorBlockSyntax) -> String? {
        let list: AccessorDeclListSyntax
        switch accessors.accessors {
        case .getter: return nil
        case .accessors(let found): list = found
        @unknown default: return "its accessors are of a kind that is not known here"
        }
        for accessor in list {
            let word = accessor.accessorSpecifier.text
            guard ["get", "set"].contains(word) else { return "`\(word)` cannot be replaced" }
            if accessor.body == nil { return "it has no body" }
            if !accessor.attributes.isEmpty { return "its `\(word)` has an attribute" }
        }
        return nil
    }

    private static func mentionsSome(_ node: Syntax) -> Bool {
        node.tokens(viewMode: .sourceAccurate).contains { $0.tokenKind == .keyword(.some) }
    }

    /// What a body declares is of another type in a replacement.
    static func obstacle(inBody node: Syntax) -> String? {
        let finder = LocalTypes(viewMode: .sourceAccurate)
        finder.walk(node)
        return finder.name.map { "it declares the type \($0)" }
    }

    private final class LocalTypes: SyntaxVisitor {
        var name: String?
        override func visit(_ node: StructDeclSyntax) -> SyntaxVisitorContinueKind { found(node.name) }
        override func visit(_ node: ClassDeclSyntax) -> SyntaxVisitorContinueKind { found(node.name) }
        override func visit(_ node: EnumDeclSyntax) -> SyntaxVisitorContinueKind { found(node.name) }
        override func visit(_ node: ActorDeclSyntax) -> SyntaxVisitorContinueKind { found(node.name) }
        private func found(_ name: TokenSyntax) -> SyntaxVisitorContinueKind {
            self.name = name.text
            return .skipChildren
        }
    }

    // MARK: Writing

    func function(_ node: FunctionDeclSyntax, _ body: CodeBlockSyntax) -> Written {
        let signature = node.signature
        let effects = signature.effectSpecifiers.map { " " + oneLine(Syntax($0)) } ?? ""
        let result = signature.returnClause.map { " " + oneLine(Syntax($0)) } ?? ""
        let base = node.name.text
        var text = bodyText(Syntax(body), name)
        if mentions(Syntax(body), base) {
            guard !effects.contains("rethrows") else {
                return (nil, "it may call itself and throws only what it is given throws")
            }
            if signature.parameterClause.trimmedDescription.contains("isolated ") {
                return (nil, "it may call itself, and where it runs is one of its parameters")
            }
            text = wrapped(text, effects, result, marks: Self.marks(signature.effectSpecifiers))
        }
        let safe = base.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? base : "operator"
        let header =
            "func afresh_\(safe)" + (node.genericParameterClause.map { oneLine(Syntax($0)) } ?? "")
            + "(\(signature.parameterClause.parameters.withoutDefaults))" + effects + result
            + (node.genericWhereClause.map { " " + oneLine(Syntax($0)) } ?? "")
        return (declaration(node.attributes, node.modifiers, header, text, at: Syntax(body)), nil)
    }

    func property(
        _ node: VariableDeclSyntax, _ binding: PatternBindingSyntax, _ accessors: AccessorBlockSyntax
    ) -> Written {
        let base = binding.pattern.trimmedDescription
        let type = binding.typeAnnotation.map { oneLine(Syntax($0.type)) } ?? ""
        let text = accessorText(accessors, type, isWrapped: mentions(Syntax(accessors), base))
        let safe = base.filter { $0 != "`" }
        let header = "var afresh_\(safe): \(type)"
        return (declaration(node.attributes, node.modifiers, header, text, at: Syntax(accessors)), nil)
    }

    func subscripts(_ node: SubscriptDeclSyntax, _ accessors: AccessorBlockSyntax) -> Written {
        let type = oneLine(Syntax(node.returnClause.type))
        let text = accessorText(accessors, type, isWrapped: true)
        var isFirst = true
        let parameters = node.parameterClause.parameters.map { parameter in
            defer { isFirst = false }
            let own = (parameter.secondName ?? parameter.firstName).text
            let label = isFirst ? "afresh" : parameter.secondName == nil ? "_" : parameter.firstName.text
            return "\(label) \(own): \(oneLine(Syntax(parameter.type)))" + (parameter.ellipsis == nil ? "" : "...")
        }
        let header =
            "subscript" + (node.genericParameterClause.map { oneLine(Syntax($0)) } ?? "")
            + "(\(parameters.joined(separator: ", "))) -> \(type)"
            + (node.genericWhereClause.map { " " + oneLine(Syntax($0)) } ?? "")
        return (declaration(node.attributes, node.modifiers, header, text, at: Syntax(accessors)), nil)
    }

    /// The whole, beginning on the line that the body has in its file.
    private func declaration(
        _ attributes: AttributeListSyntax, _ modifiers: DeclModifierListSyntax, _ header: String, _ body: String,
        at place: Syntax
    ) -> String {
        let line = converter.location(for: place.positionAfterSkippingLeadingTrivia).line
        let words = Attributes.kept(attributes) + ["private"] + Modifiers.kept(modifiers)
        let text = "@_dynamicReplacement(for: \(name)) \(words.joined(separator: " ")) \(header) \(body)"
        let place = "#sourceLocation(file: AFRESH_FILE, line: \(line))\n"
        guard let extended = scope.extended else { return place + text + "\n" }
        return "extension \(extended)\(scope.requirement) {\n\(place)\(text)\n}\n"
    }

    private func accessorText(_ accessors: AccessorBlockSyntax, _ type: String, isWrapped: Bool) -> String {
        switch accessors.accessors {
        case .getter:
            let text = bodyText(Syntax(accessors), name)
            return isWrapped ? "{ get " + wrapped(text, "", " -> \(type)", marks: "") + " }" : text
        case .accessors(let list):
            // Beginning on the first one's line would need one for each: lines before the first are kept.
            var text = accessors.leftBrace.text + accessors.leftBrace.trailingTrivia.description
            for accessor in list {
                guard let body = accessor.body else { continue }
                var head = accessor
                head.body = nil
                text += accessor.leadingTrivia.description + oneLine(Syntax(head)) + " "
                let isGetter = accessor.accessorSpecifier.text == "get"
                let effects = accessor.effectSpecifiers.map { " " + oneLine(Syntax($0)) } ?? ""
                let own = bodyText(Syntax(body), name)
                text +=
                    isWrapped
                    ? wrapped(
                        own, effects, isGetter ? " -> \(type)" : "", marks: Self.marks(accessor.effectSpecifiers))
                    : own
                text += accessor.trailingTrivia.description
            }
            return text + accessors.rightBrace.leadingTrivia.description + accessors.rightBrace.text
        @unknown default: return ""
        }
    }

    private func wrapped(_ body: String, _ effects: String, _ result: String, marks: String) -> String {
        "{ func \(Self.inner)()\(effects)\(result) \(body); return \(marks)\(Self.inner)() }"
    }

    private static func marks(_ effects: FunctionEffectSpecifiersSyntax?) -> String {
        (effects?.throwsClause == nil ? "" : "try ") + (effects?.asyncSpecifier == nil ? "" : "await ")
    }

    private static func marks(_ effects: AccessorEffectSpecifiersSyntax?) -> String {
        (effects?.throwsClause == nil ? "" : "try ") + (effects?.asyncSpecifier == nil ? "" : "await ")
    }

    /// Whether a body may call what it is the body of: by name, or as the language calls some functions without one.
    private func mentions(_ body: Syntax, _ base: String) -> Bool {
        let base = base.filter { $0 != "`" }
        if Self.unnamed.contains(base) || base.hasPrefix("build") { return true }
        return body.tokens(viewMode: .sourceAccurate).contains { $0.text.filter { $0 != "`" } == base }
    }

    private static let unnamed: Set = [
        "appendInterpolation", "appendLiteral", "callAsFunction", "dynamicallyCall", "projectedValue", "wrappedValue",
        "~="
    ]

    /// The text as it is, but with its own name where it asks for the function and the file that it is in.
    private func bodyText(_ body: Syntax, _ name: String) -> String {
        let finder = OwnName(viewMode: .sourceAccurate)
        finder.walk(body)
        var result = ""
        for token in body.tokens(viewMode: .sourceAccurate) {
            if let word = finder.pounds[token.position] {
                result += token.leadingTrivia.description + (word == "fileID" ? "AFRESH_ID" : "\"\(name)\"")
            } else if finder.words.contains(token.position) {
                result += token.trailingTrivia.description
            } else {
                result += token.description
            }
        }
        var text = result[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }

    /// `#function` and `#fileID`, where a replacement has others.
    private final class OwnName: SyntaxVisitor {
        var pounds: [AbsolutePosition: String] = [:]
        var words: Set<AbsolutePosition> = []
        private var depth = 0

        override func visit(_ node: MacroExpansionExprSyntax) -> SyntaxVisitorContinueKind {
            let word = node.macroName.text
            if word == "fileID" || (word == "function" && depth == 0) {
                pounds[node.pound.position] = word
                words.insert(node.macroName.position)
            }
            return .visitChildren
        }

        override func visit(_ node: FunctionDeclSyntax) -> SyntaxVisitorContinueKind {
            depth += 1
            return .visitChildren
        }

        override func visitPost(_ node: FunctionDeclSyntax) { depth -= 1 }
    }
}

/// What is known not to keep a body from being replaced.
enum Attributes {
    static let ofMembers: Set = [
        "MainActor", "Sendable", "available", "concurrent", "discardableResult", "inline", "preconcurrency"
    ]
    static let ofTypes: Set = [
        "MainActor", "available", "dynamicCallable", "dynamicMemberLookup", "frozen", "globalActor", "preconcurrency",
        "propertyWrapper", "resultBuilder", "usableFromInline"
    ]
    private static let repeated: Set = ["MainActor", "Sendable", "available", "concurrent", "preconcurrency"]

    /// - Parameter known: others may be macros, which make what they want of what they are put on.
    static func obstacle(_ list: AttributeListSyntax, of subject: String, _ known: Set<String>) -> String? {
        for element in list {
            guard case .attribute(let attribute) = element else { return "\(subject) has attributes under a condition" }
            let name = attribute.attributeName.trimmedDescription
            guard known.contains(name) else {
                return name == "inlinable" || name == "_transparent" || name == "_alwaysEmitIntoClient"
                    ? "\(subject) is inlinable: what calls it may have its body"
                    : "\(subject) has the attribute @\(name), which may decide about bodies"
            }
        }
        return nil
    }

    static func kept(_ list: AttributeListSyntax) -> [String] {
        list.compactMap { element in
            guard case .attribute(let attribute) = element,
                repeated.contains(attribute.attributeName.trimmedDescription)
            else { return nil }
            return oneLine(Syntax(attribute))
        }
    }
}

enum Modifiers {
    private static let dropped: Set = [
        "public", "internal", "private", "fileprivate", "package", "open", "final", "override", "dynamic", "required"
    ]
    private static let repeated: Set = [
        "static", "class", "mutating", "nonmutating", "consuming", "borrowing", "nonisolated"
    ]

    static func obstacle(_ list: DeclModifierListSyntax) -> String? {
        for modifier in list where !dropped.contains(modifier.name.text) && !repeated.contains(modifier.name.text) {
            return "it is `\(modifier.name.text)`"
        }
        return nil
    }

    static func kept(_ list: DeclModifierListSyntax) -> [String] {
        list.filter { repeated.contains($0.name.text) }.map {
            $0.name.text == "class" ? "static" : oneLine(Syntax($0))
        }
    }
}

extension FunctionParameterClauseSyntax {
    /// "for:_:".
    var labels: String { parameters.map { $0.firstName.text + ":" }.joined() }

    /// Names of a subscript's parameters are no labels.
    var subscriptLabels: String { parameters.map { ($0.secondName == nil ? "_" : $0.firstName.text) + ":" }.joined() }
}

extension FunctionParameterListSyntax {
    /// What a call leaves out is put in where it is called.
    fileprivate var withoutDefaults: String {
        map { parameter in
            var parameter = parameter
            parameter.defaultValue = nil
            parameter.trailingComma = nil
            return oneLine(Syntax(parameter.trimmed))
        }.joined(separator: ", ")
    }
}
