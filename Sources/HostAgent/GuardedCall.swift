import AfreshHost
import HostCalls
import Platform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Runs code of plugins on a thread of its own, so that a trap in it does not end the program.
enum GuardedCall {
    enum Ending<Value: Sendable>: Sendable {
        case returned(Value)
        /// The error's type and what it says.
        case threw(type: String, message: String)
        /// The signal, and the calls that it came from, innermost first.
        case trapped(signal: Int32, calls: [TrappedCall])
        case late
        case notStarted
    }

    /// Milliseconds that plugins may take for a reload.
    static let limit: Int64 = 20_000

    /// For what takes as long as it takes: a year.
    static let unlimited: Int64 = 365 * 86_400_000

    /// Where the body traps or is late, what it holds is never released.
    static func run<Value: Sendable>(
        limit: Int64 = limit, _ body: @escaping @Sendable () throws -> Value
    ) -> Ending<Value> {
        let box = Box(body)
        let context = Unmanaged.passRetained(box)
        var trap = afresh_trap()
        let ending = afresh_run_guarded(
            { context in
                guard let context else { return }
                Unmanaged<AnyBox>.fromOpaque(context).takeUnretainedValue().call()
            }, context.toOpaque(), limit, &trap)
        switch ending {
        case AFRESH_ENDED:
            defer { context.release() }
            switch box.result.withLock({ $0 }) {
            case .success(let value): return .returned(value)
            case .failure(let failure): return .threw(type: failure.type, message: failure.message)
            case nil: return .notStarted
            }
        case AFRESH_TRAPPED:
            return .trapped(signal: trap.signal, calls: calls(of: trap))
        case AFRESH_LATE: return .late
        default:
            context.release()
            return .notStarted
        }
    }

    private struct Thrown: Error {
        var type: String
        var message: String
    }

    private class AnyBox: @unchecked Sendable {
        func call() {}
    }

    private final class Box<Value: Sendable>: AnyBox, @unchecked Sendable {
        private let body: @Sendable () throws -> Value
        let result = Monitor<Result<Value, Thrown>?>(nil)

        init(_ body: @escaping @Sendable () throws -> Value) {
            self.body = body
        }

        override func call() {
            let outcome: Result<Value, Thrown>
            do {
                outcome = .success(try body())
            } catch {
                // In here: describing an error runs code of the plugin.
                outcome = .failure(
                    Thrown(type: "\(type(of: error))", message: withoutGenerations("\(error)")))
            }
            result.withLock { $0 = outcome }
        }
    }

    private static func calls(of trap: afresh_trap) -> [TrappedCall] {
        withUnsafeBytes(of: trap.frames) { bytes in
            let frames = bytes.bindMemory(to: UnsafeMutableRawPointer?.self)
            return frames.prefix(max(0, Int(trap.frame_count))).compactMap { address in
                guard let address, let image = afresh_image_path(address) else { return nil }
                // The address that a call returns to is behind the call.
                let offset = UInt(bitPattern: address) &- UInt(bitPattern: afresh_image_start(address)) &- 1
                return TrappedCall(image: String(cString: image), offset: offset)
            }
        }
    }
}

/// A place in an image.
struct TrappedCall: Sendable {
    var image: String
    var offset: UInt

    /// What a process has written of its trap: "trap SIGNAL", then "OFFSET IMAGE" for each call, innermost first. 0: it was none.
    static func parse(_ text: String) -> (signal: Int32, calls: [TrappedCall]) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
        let calls = lines.dropFirst().compactMap { words -> TrappedCall? in
            guard words.count == 2, let offset = UInt(words[0]) else { return nil }
            return TrappedCall(image: String(words[1]), offset: offset)
        }
        return (lines.first?.last.flatMap { Int32($0) } ?? 0, calls)
    }
}
