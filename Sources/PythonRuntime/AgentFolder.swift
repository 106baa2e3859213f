import AgentFiles
import Platform
import ReloadEngine

/// The Python files that are part of this program, laid out on disk where interpreters can import them.
public struct AgentFolder: Sendable {
    /// Why they could not be laid out.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// One sentence for a person.
        public var message: String

        public var description: String { message }
    }

    /// The folder that contains `boot`, `_afresh` and `checker`.
    public let path: String

    /// Lays the files out in the per-user cache folder: `$XDG_CACHE_HOME/afresh`, else `~/.cache/afresh`; where that cannot be
    /// written, in the runtime folder. What is there already is compared and only written where it differs.
    /// Throws `Failure`.
    public static func install() throws -> AgentFolder {
        var failure: Error?
        for place in [Environment.cacheFolder, try? RuntimeFolder.standard().path] {
            // A colon would end the entry in PYTHONPATH.
            guard let place, !place.utf8.contains(UInt8(ascii: ":")) else { continue }
            do {
                return try AgentFolder(in: place)
            } catch {
                failure = failure ?? error
            }
        }
        let reason = (failure as? SystemError).map { "\($0.subject ?? ""): \($0.reason)" } ?? failure.map { "\($0)" }
        throw Failure(
            message: "The files that make a program live cannot be written (\(reason ?? "no folder to write to")): "
                + "free some space there, or set XDG_CACHE_HOME to a folder that can be written.")
    }

    /// Lays the files out in a folder of that folder.
    init(in place: String) throws {
        do {
            path = try AgentFolder.embedded.layOut(in: place, as: "agent")
        } catch let refusal as EmbeddedFiles.Refusal {
            throw Failure(message: refusal.message)
        }
    }

    /// Of this version, without the folder around it.
    public static var name: String { embedded.folderName("agent") }

    /// Relative paths and contents.
    static var files: [EmbeddedFiles.File] { embedded.files }

    private static let embedded = EmbeddedFiles(agentFiles())
}
