import LanguageServerProtocol
import Platform

/// The documents that the client has open, by URI.
struct DocumentStore {
    /// A document whose text is not known is still open: saving it works.
    enum Text {
        case known(TextDocument)
        /// Too large to keep, or an edit of it could not be read.
        case unknown(version: Int)
    }

    private var texts: [DocumentURI: Text] = [:]
    /// Under which URI the client knows a file: reports name files by their real paths.
    private var urisByPath: [String: DocumentURI] = [:]
    private let limit: Int

    /// - Parameter limit: bytes; larger texts are not kept.
    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when the text is too large to be kept.
    mutating func open(_ uri: DocumentURI, text: String, version: Int) -> Bool {
        remember(uri)
        guard text.utf8.count <= limit else {
            texts[uri] = .unknown(version: version)
            return false
        }
        texts[uri] = .known(TextDocument(text: text, version: version))
        return true
    }

    /// - Returns: false when no such document is open.
    mutating func change(
        _ uri: DocumentURI, version: Int?, changes: [ContentChange], encoding: PositionEncoding
    ) -> Bool {
        guard let index = texts.index(forKey: uri) else { return false }
        switch texts.values[index] {
        case .known(var document):
            // Taken out of the table while it is edited: a second owner would make each edit copy the text.
            texts.values[index] = .unknown(version: document.version)
            for change in changes { document.apply(change, encoding: encoding) }
            document.version = version ?? document.version
            texts.values[index] = .known(document)
        case .unknown(let known):
            guard case .whole(let text) = changes.last, text.utf8.count <= limit else {
                texts.values[index] = .unknown(version: version ?? known)
                return true
            }
            texts.values[index] = .known(TextDocument(text: text, version: version ?? known))
        }
        return true
    }

    /// An edit could not be read: from now on, what the client shows and what is known here differ.
    mutating func forgetText(_ uri: DocumentURI) {
        guard let text = texts[uri] else { return }
        texts[uri] = .unknown(version: text.version)
    }

    mutating func saved(_ uri: DocumentURI) {
        if let path = uri.path, urisByPath[path] != uri { remember(uri) }
        guard let index = texts.index(forKey: uri), case .known(var document) = texts.values[index] else { return }
        document.savedVersion = document.version
        texts.values[index] = .known(document)
    }

    mutating func close(_ uri: DocumentURI) {
        texts[uri] = nil
    }

    /// The client's own name for a file; a new one for a file that it has never named.
    func uri(forPath path: String) -> DocumentURI {
        urisByPath[path] ?? DocumentURI(path: path)
    }

    /// The version that a report about the saved text speaks of; nil when the document is not open.
    func savedVersion(_ uri: DocumentURI) -> Int? {
        switch texts[uri] {
        case .known(let document): document.savedVersion
        case .unknown(let version): version
        case nil: nil
        }
    }

    /// Open documents that have changed since they were saved, or opened.
    var edited: [DocumentURI] {
        texts.compactMap { uri, text in
            guard case .known(let document) = text, document.version != document.savedVersion else { return nil }
            return uri
        }
    }

    func isOpen(_ uri: DocumentURI) -> Bool { texts[uri] != nil }

    /// An open document with its text.
    func document(_ uri: DocumentURI) -> TextDocument? {
        guard case .known(let document) = texts[uri] else { return nil }
        return document
    }

    private mutating func remember(_ uri: DocumentURI) {
        guard let path = uri.path else { return }
        urisByPath[path] = uri
        if let real = realPath(path) { urisByPath[real] = uri }
    }
}

extension DocumentStore.Text {
    fileprivate var version: Int {
        switch self {
        case .known(let document): document.version
        case .unknown(let version): version
        }
    }
}
