import LanguageServerProtocol
import ReloadEngine

extension Session {
    /// Something happened in the engine or in a program.
    func take(_ event: EngineEvent) {
        // After `shutdown` the client wants to hear nothing but answers.
        guard phase == .running else { return }
        switch event {
        case .started(let sequence, let trigger):
            progress.started(sequence: sequence, title: title(of: trigger), client: client)
            schedule(.progress(sequence: sequence), after: ReloadProgress.patience)
        case .report(let report): take(report)
        case .previewed(let preview): take(preview)
        case .idle: progress.finish(message: nil, client: client)
        case .notice(let host, let code, let message):
            // A program that restarts itself says the same each time, under another process number.
            let isNew = notices.insert("\(host?.name ?? "") \(code) \(message.filter { !$0.isNumber })").inserted
            if isNew {
                client.show(.warning, message)
                // A report that follows may say the same.
                shownTroubles.insert(message)
            } else {
                client.log(.warning, message)
            }
        case .log(let level, let text): client.log(level.messageType, text)
        }
    }

    private func take(_ report: Report) {
        knowledge.take(report)
        let context = conversionContext()
        for path in published.take(report) { deliverDiagnostics(of: path, context) }
        // Another program may run the text that is being edited, or none any more; or what runs is another one now.
        schedulePreviews()
        if settings.current.status { client.notify(ReloadStatus(report, context: context)) }
        refreshLenses()
        refreshHints()
        if report.phase == .applied { progress.finish(message: report.message, client: client) }
        tell(report)
        guide(report)
    }

    /// A message box where a person must act, a line in the log otherwise. Said once, not at each save.
    private func tell(_ report: Report) {
        let mustAct: Bool =
            switch report.outcome {
            case .failed, .refused: true
            case .unchanged, .live, .stale, .blocked, .rolledBack: false
            }
        if mustAct, report.phase == .applied {
            if shownTroubles.insert(report.message).inserted {
                client.show(report.outcome == .failed ? .error : .warning, report.message)
            }
            return
        }
        if report.phase == .applied { shownTroubles = [] }
        // The engine has its own line in the log for programs that come and go.
        if report.phase != .hosts { client.log(.info, report.message) }
    }

    private func title(of trigger: Trigger) -> String {
        let names = trigger.paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        switch names.count {
        case 0: return "Reloading"
        case 1: return "Reloading \(names.joined())"
        default: return "Reloading \(names.count) files"
        }
    }

    /// - Parameters:
    ///   - text: the lines that positions in the file `path` are meant in, if not those that are saved.
    func conversionContext(text: [[UInt8]]? = nil, of path: String = "") -> ConversionContext {
        let documents = self.documents
        return ConversionContext(encoding: encoding, lines: text.map { [path: $0] } ?? [:]) {
            documents.uri(forPath: $0)
        }
    }
}

extension LogLevel {
    fileprivate var messageType: MessageType {
        switch self {
        case .fault: .error
        case .error: .warning
        case .information: .info
        case .debug: .log
        }
    }
}
