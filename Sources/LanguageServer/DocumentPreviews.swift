import LanguageServerProtocol
import Platform
import ReloadEngine

/// Which open documents are to be compared with what the programs run, before they are saved, and when.
struct DocumentPreviews {
    /// Milliseconds without a change, at least.
    static let patience = 200.0
    /// Milliseconds for each byte of the text: compiling cannot be interrupted, and a save that comes just then waits for it.
    static let patienceForByte = 0.01
    /// Bytes; for larger texts nothing is said before they are saved.
    static let limit = 256 << 10

    /// When the last change was; each has one timer.
    private var changes: [DocumentURI: Double] = [:]
    /// The version that an answer is wanted for, by real path.
    private var awaited: [String: Int] = [:]

    /// A document changed.
    /// - Returns: whether its timer is to be set; else it runs already.
    mutating func noteChange(_ uri: DocumentURI) -> Bool {
        changes.updateValue(monotonicMilliseconds(), forKey: uri) == nil
    }

    /// The timer of a document fired.
    /// - Returns: milliseconds for which to set it again, as the document changed meanwhile; nil if it is time.
    mutating func timerFired(_ uri: DocumentURI, byteCount: Int) -> Double? {
        let patience = max(Self.patience, Double(byteCount) * Self.patienceForByte)
        if let change = changes[uri] {
            let deadline = Deadline(milliseconds: change + patience)
            if !deadline.hasPassed { return deadline.remaining }
        }
        changes[uri] = nil
        return nil
    }

    mutating func await(_ path: String, version: Int) {
        awaited[path] = version
    }

    func isAwaited(_ preview: Preview) -> Bool {
        awaited[preview.path] == preview.version
    }

    /// What is still on its way is of no interest.
    mutating func forget(_ path: String) {
        awaited[path] = nil
    }
}

extension Session {
    /// An open document's text changed: once it stays as it is for a moment, it is looked at.
    func schedulePreview(of uri: DocumentURI) {
        // Called for each key: what it costs to look at is looked at later.
        guard let path = uri.path, options.sourceSuffixes.contains(where: path.hasSuffix) else { return }
        if previews.noteChange(uri) { schedule(.preview(uri), after: DocumentPreviews.patience) }
    }

    /// All documents that are not as they were saved.
    func schedulePreviews() {
        for uri in documents.edited { schedulePreview(of: uri) }
    }

    func previewTimerFired(_ uri: DocumentURI) {
        let document = documents.document(uri)
        let text = document?.bytes ?? []
        if let delay = previews.timerFired(uri, byteCount: text.count) {
            schedule(.preview(uri), after: delay)
            return
        }
        guard phase == .running, let document, let path = sourcePath(uri) else { return }
        guard settings.current.mode != .off, text.count <= DocumentPreviews.limit,
            text != (try? readFile(path, limit: DocumentPreviews.limit + 1))
        else {
            dropPreview(of: path)
            return
        }
        previews.await(path, version: document.version)
        service.preview(PreviewRequest(path: path, text: text, version: document.version))
    }

    /// The document was saved or closed: what was said of the unsaved text is over.
    func endPreview(of uri: DocumentURI) {
        if let path = sourcePath(uri) { dropPreview(of: path) }
    }

    private func dropPreview(of path: String) {
        previews.forget(path)
        if published.take(nil, for: path) { deliverDiagnostics(of: path, conversionContext()) }
    }

    func take(_ preview: Preview) {
        let uri = documents.uri(forPath: preview.path)
        guard previews.isAwaited(preview), let document = documents.document(uri), document.version == preview.version
        else { return }
        let shown = preview.problems.map { problems in
            let context = conversionContext(text: document.lines, of: preview.path)
            return PublishedDiagnostics.Unsaved(
                version: preview.version, problems: problems, diagnostics: problems.map { diagnostic($0, context) })
        }
        if published.take(shown, for: preview.path) { deliverDiagnostics(of: preview.path, conversionContext()) }
    }
}
