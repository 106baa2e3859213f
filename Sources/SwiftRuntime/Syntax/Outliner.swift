import SwiftSyntax

/// Where a declaration stands.
struct Scope {
    /// Names of types, outermost first.
    var types: [String] = []
    /// What an extension of the innermost type is called; nil at the level of the file.
    var extended: String?
    /// " where Element == Int", of an extension.
    var requirement = ""
    var isProtocol = false
    /// Why no body in it can be replaced.
    var obstacle: String?

    func symbol(_ name: String) -> String { (types + [name]).joined(separator: ".") }
}

/// Finds the declarations of a file, in their order. What is not known here is one declaration with all that it has: where it changes,
/// nothing in it can be replaced.
struct Outliner {
    private(set) var declarations: [Declaration] = []
    private(set) var imports: [String] = []
    private let converter: SourceLocationConverter

    init(_ tree: SourceFileSyntax) {
        converter = SourceLocationConverter(fileName: "", tree: tree)
    }

    mutating func walk(_ statements: CodeBlockItemListSyntax, in scope: Scope) {
        for statement in statements {
            if case .decl(let declaration) = statement.item {
                walk(declaration, in: scope)
            } else {
                add(other(Syntax(statement), "the statement", "statement", scope))
            }
        }
    }

    private mutating func walk(_ members: MemberBlockItemListSyntax, in scope: Scope) {
        for member in members { walk(member.decl, in: scope) }
    }

    private mutating func walk(_ declaration: DeclSyntax, in scope: Scope) {
        switch declaration.as(DeclSyntaxEnum.self) {
        case .importDecl(let node):
            imports.append(node.trimmedDescription)
            add(other(Syntax(node), "the import", "import", scope))
        case .structDecl(let node): walk(type: node, node.name, node.memberBlock, in: scope)
        case .classDecl(let node): walk(type: node, node.name, node.memberBlock, in: scope)
        case .enumDecl(let node): walk(type: node, node.name, node.memberBlock, in: scope)
        case .actorDecl(let node): walk(type: node, node.name, node.memberBlock, in: scope)
        case .protocolDecl(let node):
            walk(type: node, node.name, node.memberBlock, in: scope, isProtocol: true)
        case .extensionDecl(let node): walk(node, in: scope)
        case .functionDecl(let node): add(function(node, in: scope))
        case .variableDecl(let node): add(variable(node, in: scope))
        case .subscriptDecl(let node): add(subscripts(node, in: scope))
        case .initializerDecl(let node):
            let labels = node.signature.parameterClause.labels
            var found = withBody(
                Syntax(node), "init(\(labels))", "the initialiser", "method", Syntax(node.body), scope)
            found.base = scope.types.last ?? "init"
            found.obstacle = "initialisers cannot be replaced"
            add(found)
        case .deinitializerDecl(let node):
            var found = withBody(Syntax(node), "deinit", "the deinitialiser", "method", Syntax(node.body), scope)
            found.obstacle = "deinitialisers cannot be replaced"
            add(found)
        case .enumCaseDecl(let node):
            let names = node.elements.map(\.name.text).joined(separator: ", ")
            add(other(Syntax(node), "the case", "member", scope, name: names))
        case .typeAliasDecl(let node): add(other(Syntax(node), "the type", "class", scope, name: node.name.text))
        case .associatedTypeDecl(let node): add(other(Syntax(node), "the type", "class", scope, name: node.name.text))
        case .macroDecl(let node): add(other(Syntax(node), "the macro", "statement", scope, name: node.name.text))
        case .operatorDecl(let node): add(other(Syntax(node), "the operator", "statement", scope, name: node.name.text))
        case .precedenceGroupDecl(let node):
            add(other(Syntax(node), "the precedence group", "statement", scope, name: node.name.text))
        case .ifConfigDecl(let node): add(other(Syntax(node), "what depends on a condition,", "statement", scope))
        default: add(other(Syntax(declaration), "the declaration", "statement", scope))
        }
    }

    private mutating func walk(
        type node: some DeclGroupSyntax & NamedDeclSyntax, _ name: TokenSyntax, _ members: MemberBlockSyntax,
        in scope: Scope, isProtocol: Bool = false
    ) {
        var found = base(Syntax(node), scope.symbol(name.text), "the type", "class")
        found.base = name.text
        found.shape = text(of: Syntax(node), leavingOut: Syntax(members))
        add(found)
        var inner = scope
        inner.types.append(name.text)
        inner.extended = scope.extended.map { "\($0).\(name.text)" } ?? name.text
        inner.isProtocol = isProtocol
        if !scope.requirement.isEmpty { inner.obstacle = "its type stands in an extension with conditions" }
        inner.requirement = ""
        inner.obstacle = inner.obstacle ?? Attributes.obstacle(node.attributes, of: name.text, Attributes.ofTypes)
        walk(members.members, in: inner)
    }

    private mutating func walk(_ node: ExtensionDeclSyntax, in scope: Scope) {
        let name = node.extendedType.trimmedDescription
        var found = base(Syntax(node), name, "the extension of", "class")
        found.shape = text(of: Syntax(node), leavingOut: Syntax(node.memberBlock))
        add(found)
        var inner = Scope(types: name.split(separator: ".").map(String.init), extended: name)
        inner.requirement = node.genericWhereClause.map { " " + oneLine(Syntax($0)) } ?? ""
        inner.obstacle = Attributes.obstacle(node.attributes, of: "its extension", Attributes.ofTypes)
        walk(node.memberBlock.members, in: inner)
    }

    private mutating func add(_ declaration: Declaration) { declarations.append(declaration) }

    // MARK: Kinds of declarations

    private func function(_ node: FunctionDeclSyntax, in scope: Scope) -> Declaration {
        let name = node.name.text
        let parameters = node.signature.parameterClause
        var isOperator = false
        if case .identifier = node.name.tokenKind {} else { isOperator = true }
        let labels =
            isOperator ? String(repeating: "_:", count: parameters.parameters.count) : parameters.labels
        let isMember = scope.extended != nil
        var found = withBody(
            Syntax(node), "\(name)(\(labels))", isMember ? "the method" : "the function",
            isMember ? "method" : "function", Syntax(node.body), scope)
        found.base = name
        guard let body = node.body else { return found }
        if parameters.parameters.contains(where: { $0.type.trimmedDescription == "PluginContext" }) {
            found.isComputed = true
            found.names = Mentions.whileLoading(Syntax(body))
            found.obstacle = "it has run already, and what it exported is made anew"
            return found
        }
        found.obstacle = scope.obstacle ?? Replacement.obstacle(node) ?? Replacement.obstacle(inBody: Syntax(body))
        guard found.obstacle == nil else { return found }
        let writer = Replacement(scope: scope, name: found.symbolName(scope), converter: converter)
        (found.replacement, found.obstacle) = writer.function(node, body)
        return found
    }

    private func variable(_ node: VariableDeclSyntax, in scope: Scope) -> Declaration {
        let names = node.bindings.map(\.pattern.trimmedDescription).joined(separator: ", ")
        let isMember = scope.extended != nil
        let kind = isMember ? "member" : "value"
        guard node.bindings.count == 1, let binding = node.bindings.first, binding.initializer == nil,
            let accessors = binding.accessorBlock, !scope.isProtocol
        else {
            var found = other(Syntax(node), "the stored property", kind, scope, name: names)
            let isShared = !isMember || node.modifiers.contains { ["static", "class"].contains($0.name.text) }
            // What instances begin with is part of making one.
            if !isShared { found.base = scope.types.last ?? names }
            found.isComputed = isShared && node.bindings.contains { $0.initializer != nil }
            for initializer in node.bindings.compactMap(\.initializer) {
                found.names.formUnion(
                    isShared ? Mentions.whileLoading(Syntax(initializer)) : Mentions.all(Syntax(initializer)))
            }
            return found
        }
        var found = withBody(Syntax(node), names, "the property", kind, Syntax(accessors), scope)
        found.base = names
        found.obstacle =
            scope.obstacle ?? Replacement.obstacle(node, accessors) ?? Replacement.obstacle(inBody: Syntax(accessors))
        guard found.obstacle == nil else { return found }
        let writer = Replacement(scope: scope, name: names, converter: converter)
        (found.replacement, found.obstacle) = writer.property(node, binding, accessors)
        return found
    }

    private func subscripts(_ node: SubscriptDeclSyntax, in scope: Scope) -> Declaration {
        let labels = node.parameterClause.subscriptLabels
        guard let accessors = node.accessorBlock, !scope.isProtocol else {
            return other(Syntax(node), "the subscript", "method", scope, name: "subscript(\(labels))")
        }
        var found = withBody(Syntax(node), "subscript(\(labels))", "the subscript", "method", Syntax(accessors), scope)
        found.base = "subscript"
        found.obstacle =
            scope.obstacle ?? Replacement.obstacle(node, accessors) ?? Replacement.obstacle(inBody: Syntax(accessors))
        guard found.obstacle == nil else { return found }
        let writer = Replacement(scope: scope, name: "subscript(\(labels))", converter: converter)
        (found.replacement, found.obstacle) = writer.subscripts(node, accessors)
        return found
    }

    // MARK: Parts

    private func base(_ node: Syntax, _ symbol: String, _ noun: String, _ kind: String) -> Declaration {
        let start = converter.location(for: node.positionAfterSkippingLeadingTrivia)
        // Its first line: what is said of it is said there.
        var end = start
        for token in node.tokens(viewMode: .sourceAccurate) {
            let place = converter.location(for: token.endPositionBeforeTrailingTrivia)
            if place.line != start.line { break }
            end = place
        }
        return Declaration(
            symbol: symbol, base: symbol, kind: kind, noun: noun, shape: "",
            start: (start.line - 1, start.column - 1), end: (end.line - 1, end.column - 1))
    }

    private func other(
        _ node: Syntax, _ noun: String, _ kind: String, _ scope: Scope, name: String? = nil
    ) -> Declaration {
        let shape = text(of: node, leavingOut: nil)
        let first = shape.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        var found = base(node, name.map(scope.symbol) ?? "`\(first)`", noun, kind)
        found.base = name ?? ""
        found.shape = shape
        return found
    }

    private func withBody(
        _ node: Syntax, _ name: String, _ noun: String, _ kind: String, _ body: Syntax?, _ scope: Scope
    ) -> Declaration {
        var found = base(node, scope.symbol(name), noun, kind)
        found.shape = scope.requirement + text(of: node, leavingOut: body)
        found.body = body.map { text(of: $0, leavingOut: nil) }
        found.names = body.map(Mentions.all) ?? []
        return found
    }
}

extension Declaration {
    fileprivate func symbolName(_ scope: Scope) -> String {
        String(symbol.dropFirst(scope.types.isEmpty ? 0 : scope.types.joined(separator: ".").count + 1))
    }
}

extension Syntax {
    fileprivate init?(_ node: (some SyntaxProtocol)?) {
        guard let node else { return nil }
        self.init(node)
    }
}

/// The tokens of a node with what of the space between them has a meaning: none, some, a new line.
func text(of node: Syntax, leavingOut left: Syntax?) -> String {
    var result = ""
    var former: TokenSyntax?
    for token in node.tokens(viewMode: .sourceAccurate) {
        if let left, left.position <= token.position, token.endPosition <= left.endPosition {
            if former?.position ?? node.position < left.position { result += "{}" }
            former = token
            continue
        }
        if let former { result += space(former.trailingTrivia + token.leadingTrivia) }
        result += token.text
        former = token
    }
    return result
}

/// The same on one line.
func oneLine(_ node: Syntax) -> String {
    String(text(of: node, leavingOut: nil).map { $0 == "\n" ? " " : $0 })
}

private func space(_ trivia: Trivia) -> String {
    var result = ""
    for piece in trivia.pieces {
        switch piece {
        case .newlines, .carriageReturns, .carriageReturnLineFeeds, .lineComment, .docLineComment: return "\n"
        case .spaces, .tabs, .verticalTabs, .formfeeds: if result.isEmpty { result = " " }
        case .blockComment(let comment), .docBlockComment(let comment):
            if comment.contains(where: \.isNewline) { return "\n" }
            if result.isEmpty { result = " " }
        default: return Trivia(pieces: trivia.pieces).description
        }
    }
    return result
}
