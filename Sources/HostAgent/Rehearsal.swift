import AfreshHost
import HostCalls
import Platform

/// What a load does, done in a copy of the process first: what would end or stop that, ends the copy.
enum Rehearsal {
    enum Ending: Sendable {
        /// It came to its end, whatever that was: errors come again, and are told then.
        case ended
        /// The signal, 0 where there was none: it called `exit`.
        case trapped(signal: Int32, calls: [TrappedCall])
        case late
        case notStarted
    }

    /// Milliseconds.
    static let limit: Int64 = 10_000

    /// Other threads are not in the copy; what they have locked stays locked there.
    static func perform(_ body: @escaping @Sendable () -> Void) -> Ending {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = Box(body)
        var text = [CChar](repeating: 0, count: 32_768)
        let ending = withExtendedLifetime(box) {
            text.withUnsafeMutableBufferPointer { text in
                afresh_rehearse(
                    { context in
                        guard let context else { return }
                        Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().body()
                    }, Unmanaged.passUnretained(box).toOpaque(), limit, text.baseAddress, text.count)
            }
        }
        switch ending {
        case AFRESH_ENDED: return .ended
        case AFRESH_TRAPPED:
            let said = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let (signal, calls) = TrappedCall.parse(said)
            return .trapped(signal: signal, calls: calls)
        case AFRESH_LATE: return .late
        default: return .notStarted
        }
    }
}

extension LoadedModules {
    /// Loads the images in a copy of the process, where that was asked for, or where they run something of their own before anybody can
    /// catch it.
    func rehearse(_ steps: [LoadStep], _ modules: [LoadedModule]) throws(LoadFailure) {
        let wanted = steps.filter { !$0.isPatch && (isRehearsed || $0.hasInitializers) }
        for step in isRehearsed ? Array(wanted.suffix(1)) : wanted {
            let own = isRehearsed ? steps.filter { !$0.isPatch } : [step]
            let (isWhole, table) = (isRehearsed, PluginTable(copying: table))
            let ending = Rehearsal.perform {
                let transaction = PluginTransaction(table)
                for step in own {
                    guard let image = try? PluginImage(path: step.image) else { return }
                    guard isWhole, let module = modules.first(where: { $0.name == step.module }) else { continue }
                    let context = PluginContext(
                        module: module.name, generation: module.newest + 1, transaction: transaction)
                    for plugin in image.plugins {
                        do { try plugin.load(context) } catch { return }
                    }
                }
            }
            let what = "a rehearsal in a copy of the program"
            let name = step.module
            switch ending {
            case .ended: continue
            case .trapped(0, _):
                throw .failed(module: name, type: "Exit", message: "it ended the process in \(what)", remains: [])
            case .trapped(let signal, let calls):
                throw .failed(
                    module: name, type: "Trap", message: "signal \(signal) in \(what)", calls: calls, remains: [])
            case .late:
                throw .failed(
                    module: name, type: "Timeout", message: "\(what) has not ended after \(Rehearsal.limit / 1000) s",
                    remains: [])
            case .notStarted:
                throw .failed(module: name, type: "Error", message: "the system has no room for \(what)", remains: [])
            }
        }
    }
}
