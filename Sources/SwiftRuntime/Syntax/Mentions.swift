import SwiftSyntax

/// The names that a piece of text mentions.
final class Mentions: SyntaxVisitor {
    private var names: Set<String> = []
    private let isWhileLoading: Bool

    private init(isWhileLoading: Bool) {
        self.isWhileLoading = isWhileLoading
        super.init(viewMode: .sourceAccurate)
    }

    static func all(_ node: Syntax) -> Set<String> {
        let mentions = Mentions(isWhileLoading: false)
        mentions.walk(node)
        return mentions.names
    }

    /// Without what runs later: closures that are exported, or kept as they are. Of an exported name nobody knows whether it is a
    /// function, which runs later, or a property: "=price".
    static func whileLoading(_ node: Syntax) -> Set<String> {
        let mentions = Mentions(isWhileLoading: true)
        mentions.walk(node)
        return mentions.names
    }

    override func visit(_ node: DeclReferenceExprSyntax) -> SyntaxVisitorContinueKind {
        var whole = Syntax(node)
        while let parent = whole.parent, parent.is(MemberAccessExprSyntax.self) { whole = parent }
        names.insert((isWhileLoading && isExported(whole) ? "=" : "") + node.baseName.text)
        return .visitChildren
    }

    override func visit(_ node: IdentifierTypeSyntax) -> SyntaxVisitorContinueKind {
        names.insert(node.name.text)
        return .visitChildren
    }

    override func visit(_ node: TokenSyntax) -> SyntaxVisitorContinueKind {
        switch node.tokenKind {
        case .binaryOperator(let name), .prefixOperator(let name), .postfixOperator(let name): names.insert(name)
        default: break
        }
        return .visitChildren
    }

    override func visit(_ node: SubscriptCallExprSyntax) -> SyntaxVisitorContinueKind {
        names.insert("subscript")
        return .visitChildren
    }

    override func visit(_ node: ClosureExprSyntax) -> SyntaxVisitorContinueKind {
        guard isWhileLoading, let parent = node.parent else { return .visitChildren }
        if isExported(Syntax(node)) { return .skipChildren }
        let isKept =
            parent.is(InitializerClauseSyntax.self) || parent.is(ArrayElementSyntax.self)
            || parent.is(DictionaryElementSyntax.self)
        return isKept ? .skipChildren : .visitChildren
    }

    /// Whether it is itself what a call of `export` is given.
    private func isExported(_ node: Syntax) -> Bool {
        var call = node.parent?.as(FunctionCallExprSyntax.self)
        if let argument = node.parent?.as(LabeledExprSyntax.self) {
            call = argument.parent?.parent?.as(FunctionCallExprSyntax.self)
        }
        guard let call, Syntax(call.calledExpression).id != node.id else { return false }
        return call.calledExpression.as(MemberAccessExprSyntax.self)?.declName.baseName.text == "export"
    }
}
