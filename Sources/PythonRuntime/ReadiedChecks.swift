import ReloadEngine

/// Answers to `check` that came with previews: what somebody saves is mostly what was looked at before the save.
struct ReadiedChecks: Sendable {
    private static let most = 4

    private var kept: [(request: CheckRequest, checked: [CheckedModule])] = []

    /// One for the same modules, as texts follow each other while somebody types.
    mutating func keep(_ request: CheckRequest, _ checked: [CheckedModule]) {
        let names = request.modules.map(\.module.name)
        kept.removeAll { $0.request.modules.map(\.module.name) == names && $0.request.runtime == request.runtime }
        kept.insert((request, checked), at: 0)
        if kept.count > Self.most { kept.removeLast() }
    }

    /// The answer to the very same question.
    func take(_ request: CheckRequest) -> [CheckedModule]? {
        kept.first { $0.request == request }?.checked
    }
}
