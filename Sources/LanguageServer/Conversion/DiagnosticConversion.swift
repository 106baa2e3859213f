import LanguageServerProtocol
import ReloadEngine

extension Session {
    /// A problem as this client takes it.
    func diagnostic(_ problem: Problem, _ context: ConversionContext) -> Diagnostic {
        var diagnostic = Diagnostic(problem, context: context, capabilities: capabilities)
        if capabilities.codeDescription { diagnostic.codeDescription = options.explanation(problem.code) }
        return diagnostic
    }
}

extension Diagnostic {
    /// A problem as the client takes it.
    init(_ problem: Problem, context: ConversionContext, capabilities: ClientCapabilities) {
        self.init(
            range: context.range(problem.range, in: problem.path),
            severity: DiagnosticSeverity(problem.severity), code: problem.code, source: "afresh",
            message: problem.message,
            data: ["uris": [context.documentURI(problem.path).json]])
        guard !problem.related.isEmpty else { return }
        let related = problem.related.map {
            RelatedInformation(location: context.location($0.location), message: $0.message)
        }
        if capabilities.relatedInformation {
            relatedInformation = related
        } else {
            // The truth must not depend on the client: what cannot be linked is said.
            let lines = problem.related.map { "\($0.location.path):\($0.location.range.start.line + 1): \($0.message)" }
            message = ([message] + lines).joined(separator: "\n")
        }
    }
}

extension DiagnosticSeverity {
    init(_ severity: Problem.Severity) {
        switch severity {
        case .error: self = .error
        case .warning: self = .warning
        case .information: self = .information
        case .hint: self = .hint
        }
    }
}
