import JSONRPC
import ReloadEngine

/// A report as one line of JSON: the object that the language server sends as `reload/status`.
enum StatusJSON {
    static func line(of report: Report) -> String {
        "{}"
    }
}
