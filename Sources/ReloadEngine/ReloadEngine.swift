// The public face, as agreed between the parts; its inside is this module's to build.
//
// public final class ReloadEngine: Sendable {
//     /// `announced`: listens for hosts that start later (`lsp`, `watch`); false for one-shot commands.
//     public init(client: ClientInformation, runtimes: [any Runtime], folder: RuntimeFolder, announced: Bool,
//                 emit: @escaping @Sendable (EngineEvent) -> Void)
//     public func start()                                  // engine thread; calls every host socket
//     public func stop()                                   // joins; hosts are left alone
//     public func configure(_ settings: ReloadSettings)
//     public func reload(_ request: ReloadRequest)         // queued; saves that come while a reload runs go together in the next
//     public func waitUntilGreeted(limit: Duration)        // every host socket seen at start has answered `hello` or been given up
//     public var hosts: [HostInformation] { get }          // a snapshot
//     public func modules(completion: @escaping @Sendable ([(HostInformation, [ModuleInformation])]) -> Void)  // for status, hover
// }
// public struct ReloadRequest { trigger: Trigger; modules: [String]; /* by name */ force: Bool /* even if unchanged, as afresh.reload asks */ }
// public enum EngineEvent: Sendable {
//     case started(sequence: Int, trigger: Trigger)
//     case report(Report)                                  // every phase
//     case idle                                            // nothing in flight, nothing pending
//     case notice(host: HostInformation?, code: String, message: String)  // a person must be told: not live, restarts itself, does not answer
//     case log(LogLevel, String)
// }
