import LanguageServer
import LanguageServerProtocol
import ReloadEngine

/// A report as one line of JSON: the object that the language server sends as `reload/status`.
enum StatusJSON {
    static func line(of report: Report) -> String {
        // UTF-16 is what LSP counts in unless something else was agreed.
        ReloadStatus(report, context: ConversionContext(encoding: .utf16)).json.text
    }
}
