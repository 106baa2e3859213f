import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine

/// What a language server is told by whoever starts it.
public struct LanguageServerOptions: Sendable {
    /// In `serverInfo`.
    public var version: String
    /// How the names of files end that can be modules of a program: ".py". Others are synchronised and never reloaded.
    public var sourceSuffixes: [String]
    /// Of which of them a person is told how to start a program that takes them in.
    public var guidedSuffixes: [String]
    /// The address of a page that explains a diagnostic code of the contract; nil where there is none.
    public var explanation: @Sendable (_ code: String) -> String? = { _ in nil }
    /// Programs of the user that run from one of these folders without Afresh; takes some milliseconds.
    public var unreachablePrograms: @Sendable (_ folders: [String]) -> [UnreachableProgram] = { _ in [] }
    /// Whether this user has not been told of something of this name yet, in any session; asking counts as telling.
    public var isNews: @Sendable (_ name: String) -> Bool = { _ in true }
    /// Removes what earlier versions have left; called once, on a thread of its own, when the client has its first answer. What it gives is logged.
    public var tidyUp: @Sendable () -> [String] = { [] }
    /// Where what is said to the client's log goes as well, and what it has not asked for.
    public var log: LogFile?
    /// Bytes; the text of a larger document is not kept. Saving it works as for every other.
    public var documentLimit = 16 << 20

    public init(version: String, sourceSuffixes: [String]) {
        self.version = version
        self.sourceSuffixes = sourceSuffixes
        guidedSuffixes = sourceSuffixes
    }
}

/// What the language server needs of the reload engine. Nothing here blocks.
public protocol ReloadService: AnyObject, Sendable {
    func start()
    func stop()
    func configure(_ settings: ReloadSettings)
    func reload(_ request: ReloadRequest)
    func preview(_ request: PreviewRequest)
    var hosts: [HostInformation] { get }
    var silentProcesses: [Int] { get }
    func survey(stale: Bool, imports: Bool, completion: @escaping @Sendable ([HostSurvey]) -> Void)
    func mend(_ mending: Mending, completion: @escaping @Sendable ([MendingResult]) -> Void)
    func restart(host: String?, completion: @escaping @Sendable ([MendingResult]) -> Void)
    func values(path: String, names: [[String]], completion: @escaping @Sendable ([LiveValue]) -> Void)
    func execute(_ execution: Execution, completion: @escaping @Sendable (Execution.Outcome) -> Void)
    func inspect(
        _ request: InspectionRequest, settings: ReloadSettings, completion: @escaping @Sendable (Inspection) -> Void)
}

extension ReloadEngine: ReloadService {}

/// Serves one client over standard input and output until it leaves.
///
/// Standard output is moved away first: whatever else prints, prints to standard error.
/// - Parameter makeService: makes the engine that reports to the given closure. If it cannot, the server still runs, and tells the user.
/// - Returns: the process's exit code: 0 after `shutdown` and then `exit` or the end of input, else 1 (LSP 3.17, "exit").
public func runLanguageServer(
    _ options: LanguageServerOptions,
    makeService: (_ emit: @escaping @Sendable (EngineEvent) -> Void) throws -> any ReloadService
) -> Int32 {
    ignoreBrokenPipes()
    giveBackLargeMemory()
    do {
        let output = try takeStandardOutput()
        return try serve(input: .standardInput, output: output, options: options, makeService: makeService)
    } catch {
        FileDescriptor.standardError.print("afresh: the language server cannot start: \(error)\n")
        return 1
    }
}

/// Serves one client over a pair of descriptors. The session runs on the calling thread.
func serve(
    input: FileDescriptor, output: FileDescriptor, options: LanguageServerOptions,
    makeService: (_ emit: @escaping @Sendable (EngineEvent) -> Void) throws -> any ReloadService
) throws -> Int32 {
    let events = Mailbox<SessionEvent>(capacity: 1024)
    let connection = Connection(input: input, output: output)
    var trouble: String?
    let service: any ReloadService
    do {
        service = try makeService { events.putRegardless(.engine($0)) }
    } catch {
        trouble = "Afresh cannot reach running programs: \((error as? RuntimeFolder.Refusal)?.message ?? "\(error)")"
        service = AbsentService()
    }
    // The client's messages wait when there are too many; so the client does.
    try connection.start { events.put(.client($0)) }
    let session = Session(
        options: options, connection: connection, service: service, events: events, startupTrouble: trouble)
    let code = session.run()
    events.close()
    // A program that does not answer must not keep the editor waiting.
    let stopping = try? WorkerThread { service.stop() }
    connection.close(flushing: 500)
    stopping?.join(until: .after(1000))
    return code
}

/// Stands in where no engine could be made: the editor is served, nothing is reloaded.
private final class AbsentService: ReloadService {
    let hosts: [HostInformation] = []
    let silentProcesses: [Int] = []
    func start() {}
    func stop() {}
    func configure(_ settings: ReloadSettings) {}
    func reload(_ request: ReloadRequest) {}
    func preview(_ request: PreviewRequest) {}
    func survey(stale: Bool, imports: Bool, completion: @escaping @Sendable ([HostSurvey]) -> Void) { completion([]) }
    func mend(_ mending: Mending, completion: @escaping @Sendable ([MendingResult]) -> Void) { completion([]) }
    func restart(host: String?, completion: @escaping @Sendable ([MendingResult]) -> Void) { completion([]) }
    func values(path: String, names: [[String]], completion: @escaping @Sendable ([LiveValue]) -> Void) {
        completion([])
    }
    func execute(_ execution: Execution, completion: @escaping @Sendable (Execution.Outcome) -> Void) {
        completion(.failed("No program can be found"))
    }
    func inspect(
        _ request: InspectionRequest, settings: ReloadSettings, completion: @escaping @Sendable (Inspection) -> Void
    ) { completion(Inspection()) }
}
