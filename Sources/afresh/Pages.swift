import Documentation
import LanguageServerProtocol
import Platform
import ReloadEngine

/// The pages for users, which are part of this program: one for each diagnostic code, and some for questions that people have.
struct Page: Sendable {
    /// "stale-binding".
    var name: String
    /// Markdown.
    var text: String

    /// Its first line.
    var title: String {
        let first = text.split(separator: "\n", maxSplits: 1).first ?? ""
        return String(first.drop { $0 == "#" || $0 == " " })
    }

    /// By name.
    static let all = files.files.map {
        Page(name: String($0.path.dropLast(".md".count)), text: String(decoding: $0.bytes, as: UTF8.self))
    }

    static func named(_ name: String) -> Page? { all.first { $0.name == name } }

    /// Where a client finds the page that explains a diagnostic code: a `file` URI, which needs no network and is of this
    /// version; nil where there is no such page, or no folder that it can be put into.
    static func address(ofCode code: String) -> String? {
        guard named(code) != nil, let folder else { return nil }
        return DocumentURI(path: "\(folder)/\(code).md").rawValue
    }

    private static let files = EmbeddedFiles(documentationPages())

    /// Of this version, without the folder around it.
    static var folderName: String { files.folderName("pages") }

    /// Made on first use: most sessions have nothing to explain.
    private static let folder: String? = {
        for place in [Environment.cacheFolder, try? RuntimeFolder.standard().path] {
            if let place, let folder = try? files.layOut(in: place, as: "pages") { return folder }
        }
        return nil
    }()
}
