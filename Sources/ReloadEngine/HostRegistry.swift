import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Finds hosts and greets them: calls the sockets in the runtime folder, and hears of hosts that start later. Used from the
/// engine's thread; what comes back goes to the inbox.
final class HostRegistry {
    private let client: ClientInformation
    private let folder: RuntimeFolder
    private let process: Int?
    private let limits: EngineLimits
    private let inbox: Monitor<Inbox>
    private var listener: UnixListener?
    /// Sockets that are being called or belong to a link.
    private var known: Set<String> = []

    init(client: ClientInformation, folder: RuntimeFolder, process: Int?, limits: EngineLimits, inbox: Monitor<Inbox>) {
        self.client = client
        self.folder = folder
        self.process = process
        self.limits = limits
        self.inbox = inbox
    }

    /// Calls every host. With `announced`, a socket of our own comes first, so that no host can slip through in between.
    func start(announced: Bool) throws {
        if announced { try listen() }
        for name in try namesInFolder(folder.path).sorted() where HostRegistry.isHostSocket(name) {
            call("\(folder.path)/\(name)")
        }
    }

    func stop() {
        listener?.close()
        listener = nil
    }

    /// Calls one socket of the runtime folder, unless that has been done. Returns at once.
    func call(_ socket: String) {
        let parts = socket.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, HostRegistry.isHostSocket(String(name)), socket == "\(folder.path)/\(name)" else {
            inbox.update { $0.events.append(.notGreeted(socket: socket, reason: "it is not in the runtime folder")) }
            return
        }
        guard process == nil || process == HostRegistry.processID(ofSocket: socket) else { return }
        guard known.insert(socket).inserted else { return }
        let isStopped = HostRegistry.processID(ofSocket: socket).map(isStopped(processID:)) ?? false
        let deadline = Deadline.after(isStopped ? min(limits.hello, limits.helloOfStopped) : limits.hello)
        inbox.withLock { $0.calls[socket] = deadline }
        let (client, inbox) = (client, inbox)
        do {
            _ = try WorkerThread { HostRegistry.greet(socket, client, inbox) }
        } catch {
            inbox.update { $0.events.append(.notGreeted(socket: socket, reason: "\(error)")) }
        }
    }

    /// Its host has ended, or cannot be used.
    func forget(_ socket: String) {
        known.remove(socket)
        inbox.update { $0.calls[socket] = nil }
    }

    /// The process that listens on a host's socket, by its name: "host-<pid>-<8 hex digits>.sock".
    static func processID(ofSocket path: String) -> Int? {
        let parts = path.split(separator: "/").last?.split(separator: "-") ?? []
        return parts.count == 3 ? Int(parts[1]) : nil
    }

    private static func isHostSocket(_ name: String) -> Bool {
        name.hasPrefix("host-") && name.hasSuffix(".sock")
    }

    private static func greet(_ socket: String, _ client: ClientInformation, _ inbox: Monitor<Inbox>) {
        let link: HostLink
        do {
            link = try HostLink(
                socket: socket,
                spoke: { link in inbox.update { $0.events.append(.spoke(link)) } },
                outdated: { link in inbox.update { $0.events.append(.outdated(link)) } },
                used: { link in inbox.update { $0.events.append(.used(link)) } },
                trapped: { link, value in inbox.update { $0.events.append(.trapped(link, value)) } },
                ended: { link in inbox.update { $0.events.append(.ended(link)) } })
        } catch {
            if (error as? SystemError)?.code == ECONNREFUSED { removeFile(socket) }
            let reason = (error as? ProtocolViolation)?.message ?? "\(error)"
            inbox.update { $0.events.append(.notGreeted(socket: socket, reason: reason)) }
            return
        }
        link.ask("hello", HostProtocol.hello(client, pid: Environment.processID)) { result in
            let event: Inbox.Event
            do {
                event = .greeted(link, try HostInformation(hello: try result.get()))
            } catch {
                link.close()
                let reason = (error as? ProtocolViolation)?.message ?? "\(error)"
                event = .notGreeted(socket: socket, reason: reason)
            }
            inbox.update { $0.events.append(event) }
        }
    }

    // MARK: Hearing of hosts

    private func listen() throws {
        let name = "server-\(Environment.processID)-\(randomHexDigits(8)).sock"
        let listener = try UnixListener(folder: folder.path, name: name)
        self.listener = listener
        let (client, inbox) = (client, inbox)
        _ = try WorkerThread {
            while let caller = try? listener.accept() {
                guard (try? peerCredentials(of: caller))?.userID == Environment.userID else {
                    caller.close()
                    continue
                }
                HostRegistry.hear(Connection(socket: caller), client, inbox)
            }
        }
    }

    /// Takes the one notification that a starting program sends, or answers `afresh status --verbose`.
    private static func hear(_ connection: Connection, _ client: ClientInformation, _ inbox: Monitor<Inbox>) {
        try? connection.start { incoming in
            switch incoming {
            case .notification(let notification):
                if let event = Inbox.Event(notification) { inbox.update { $0.events.append(event) } }
                connection.close()
            case .request(let request) where request.method == "server/status":
                connection.answer(request.id, .success(inbox.withLock { $0.journal.json(client, hosts: $0.hosts) }))
            case .request(let request): connection.answer(request.id, .failure(.methodNotFound(request.method)))
            case .malformed, .closed: connection.close()
            }
        }
    }
}

extension Inbox.Event {
    fileprivate init?(_ notification: Notification) {
        let params = notification.params
        switch notification.method {
        case "host/started":
            guard let socket = params["socket"]?.stringValue else { return nil }
            self = .started(socket: socket)
        case "host/notLive":
            guard let message = params["message"]?.stringValue else { return nil }
            self = .notLive(
                pid: params["pid"]?.intValue ?? 0, name: params["name"]?.stringValue ?? "",
                code: params["reason"]?.stringValue ?? "error", message: message)
        default: return nil
        }
    }
}

/// Whether the process is stopped (SIGSTOP, Ctrl-Z, a debugger), so that waiting for it makes no sense. False where the system
/// does not say.
func isStopped(processID: Int) -> Bool {
    guard let text = try? readFile("/proc/\(processID)/stat", limit: 4096),
        // The name in parentheses can contain anything; the state is the first word after it.
        let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count
    else { return false }
    return text[end + 2] == UInt8(ascii: "T") || text[end + 2] == UInt8(ascii: "t")
}
