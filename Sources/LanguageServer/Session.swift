import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine

/// Everything that can wake the session.
enum SessionEvent: Sendable {
    case client(Connection.Incoming)
    case engine(EngineEvent)
    /// The client answered `workspace/configuration`.
    case configuration(Result<JSONValue, RequestFailure>)
    /// The client answered `window/workDoneProgress/create` for the reload of that sequence.
    case progressCreated(sequence: Int, accepted: Bool)
    /// The hosts have answered what a request asked them.
    case surveyed(RequestID, [HostSurvey])
    /// Source files that exist were saved in a workspace folder.
    case savedOnDisk([String])
    /// Saves outside of the editor are not seen, or not all; the sentence says why.
    case notWatched(String)
    /// The client did not agree to report changed files.
    case watchingRefused
    case parentEnded
    /// What a request waits for has come.
    case resumed(RequestID, Int, @Sendable (Session) -> Void)
    /// The hosts have answered a question that is no survey, in time or not.
    case questionAnswered
    /// It is known which programs run without Afresh.
    case looked(Guidance, path: String, [UnreachableProgram]?)
    /// The client answered `workspace/diagnostic/refresh`.
    case diagnosticsRefreshed
}

/// One client's session: owned by one thread, which takes events one by one.
///
/// Invariant: nothing here waits, neither for the client's answers nor for hosts. What takes time comes back as an event.
final class Session {
    enum Phase {
        /// Before `initialize`.
        case waiting
        case running
        /// After `shutdown`.
        case shutDown
    }

    /// What the session wants to be woken for, if nothing happens before.
    enum Timer {
        case progress(sequence: Int)
        case watchedFiles
        case surveyOverdue(RequestID)
        case laterOverdue(RequestID, Int)
        /// The document may have been left alone for a moment.
        case preview(DocumentURI)
    }

    let options: LanguageServerOptions
    var client: Client
    let service: any ReloadService
    let events: Mailbox<SessionEvent>

    var phase = Phase.waiting
    var capabilities = ClientCapabilities(.null)
    var encoding = PositionEncoding.utf16
    var documents: DocumentStore
    var settings = SettingsStore()
    /// Real paths, in the client's order.
    var workspaceFolders: [String] = []
    var published = PublishedDiagnostics()
    var delivery = DiagnosticDelivery()
    var previews = DocumentPreviews()
    var progress = ReloadProgress()
    var knowledge = HostKnowledge()
    var watchedFiles = WatchedFiles()
    /// Whether the client reports changed files; where it does not, we look ourselves.
    var isWatchedByClient = false
    var ownRoots: [String] = []
    let ownWatcher: OwnFileWatcher
    /// Requests that wait for the hosts.
    var surveys: [RequestID: PendingSurvey] = [:]
    /// Questions to the hosts that the engine has not answered yet, in time or not.
    var runningSurveys = 0
    var later = LaterAnswers()
    /// The client has asked for lenses since it was told that they may have changed.
    var isLensShown = false
    /// The same of inlay hints.
    var areHintsShown = false
    /// To be said once the client is ready for it.
    var startupTrouble: String?
    /// What has been said about programs: once is enough.
    var notices: Set<String> = []
    /// What has been said about reloads that need a person, since the last one that did not.
    var shownTroubles: Set<String> = []

    /// What a beginner has been told.
    var guidance: Set<Guidance> = []

    private var isStarted = false
    private var timers: [(deadline: Deadline, timer: Timer)] = []
    private var exitCode: Int32?

    init(
        options: LanguageServerOptions, connection: Connection, service: any ReloadService,
        events: Mailbox<SessionEvent>, startupTrouble: String?
    ) {
        self.options = options
        client = Client(connection: connection, file: options.log)
        self.service = service
        self.events = events
        self.startupTrouble = startupTrouble
        documents = DocumentStore(limit: options.documentLimit)
        ownWatcher = OwnFileWatcher(suffixes: options.sourceSuffixes, events: events)
    }

    /// Takes events until the client leaves.
    /// - Returns: the exit code.
    func run() -> Int32 {
        while true {
            if let exitCode { return exitCode }
            switch events.take(until: timers.map(\.deadline).min()) {
            case .element(let event): handle(event)
            case .nothing: fireTimers()
            case .closed: return 1
            }
        }
    }

    private func handle(_ event: SessionEvent) {
        switch event {
        case .client(.request(let request)): dispatch(request)
        case .client(.notification(let notification)): dispatch(notification)
        case .client(.malformed(let text)):
            client.log(.warning, "A message of the client could not be read: \(text)")
        case .client(.closed): leave()
        case .engine(let event): take(event)
        case .configuration(let result): takeConfiguration(result)
        case .progressCreated(let sequence, let accepted):
            progress.created(sequence: sequence, accepted: accepted, client: client)
        case .surveyed(let id, let hosts): finishSurvey(id, hosts)
        case .savedOnDisk(let paths): takeChanges(paths)
        case .notWatched(let reason): client.log(.warning, reason)
        case .watchingRefused:
            isWatchedByClient = false
            updateOwnWatcher()
        case .parentEnded: leave()
        case .resumed(let id, let number, let finish): resume(id, number, finish)
        case .questionAnswered: runningSurveys -= 1
        case .looked(let topic, let path, let programs): say(topic, path: path, programs)
        case .diagnosticsRefreshed: diagnosticsRefreshed()
        }
    }

    /// Ends the session: 0 if the client had said `shutdown`, else 1.
    func leave() {
        exitCode = phase == .shutDown ? 0 : 1
    }

    /// Starts the engine, once: not before the client has been answered, because hosts and interpreters cost time and memory.
    func startServiceIfNeeded() {
        guard !isStarted, phase == .running else { return }
        isStarted = true
        service.start()
        updateOwnWatcher()
    }

    /// Makes the settings and folders that hold now take effect.
    func configureService() {
        if isStarted { updateOwnWatcher() }
        service.configure(settings.current.reload(workspaceFolders: workspaceFolders))
        schedulePreviews()
    }

    /// Asks to be woken.
    /// - Parameter delay: milliseconds.
    func schedule(_ timer: Timer, after delay: Double) {
        timers.append((.after(delay), timer))
    }

    private func fireTimers() {
        let due = timers.filter { $0.deadline.hasPassed }
        timers.removeAll { $0.deadline.hasPassed }
        for entry in due {
            switch entry.timer {
            case .progress(let sequence): beginProgress(sequence)
            case .watchedFiles: reloadWatchedFiles()
            case .surveyOverdue(let id): finishSurvey(id, nil)
            case .laterOverdue(let id, let number): giveUp(id, number)
            case .preview(let uri): previewTimerFired(uri)
            }
        }
    }
}
