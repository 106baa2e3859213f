import Platform

/// Frames on their way out, in order: a bounded queue and whoever writes from it.
///
/// Nobody but the writing thread ever waits for the other side. What the system takes at once is written by its sender: handing it over to another
/// thread would take longer than to write it.
final class Outbox: Sendable {
    private struct State: Sendable {
        var frames: [[UInt8]] = []
        /// Somebody is in `write`: what is sent meanwhile has to queue up.
        var isWriting = false
        var isClosed = false
    }

    private let output: FileDescriptor
    private let capacity: Int
    private let state = Monitor(State())

    /// Bytes that a sender may spend its time on.
    private static let directLimit = 1 << 17

    init(output: FileDescriptor, capacity: Int) {
        self.output = output
        self.capacity = max(1, capacity)
    }

    /// Sends a frame.
    /// - Returns: false when the outbox is closed, or full and the sender does not wait.
    func send(_ frame: [UInt8], waitingWhenFull: Bool) -> Bool {
        let writesDirectly = state.withLock { state in
            guard !state.isClosed, !state.isWriting, state.frames.isEmpty, frame.count <= Self.directLimit else {
                return false
            }
            state.isWriting = true
            return true
        }
        if writesDirectly {
            let taken = frame.withUnsafeBytes { output.writeAtOnce($0) }
            let wakesWriter = state.withLock { state in
                state.isWriting = false
                // The writing thread waits for the room, or finds out what is wrong.
                if taken < frame.count { state.frames.insert(Array(frame[taken...]), at: 0) }
                return state.isClosed || !state.frames.isEmpty
            }
            if wakesWriter { state.update { _ in } }
            return true
        }
        let isQueued = state.wait(until: waitingWhenFull ? nil : .after(0)) { state -> Bool? in
            if state.isClosed { return false }
            guard state.frames.count < self.capacity else { return nil }
            state.frames.append(frame)
            return true
        }
        return isQueued ?? false
    }

    /// Takes no more frames; those that wait are still written.
    func close() {
        state.update { $0.isClosed = true }
    }

    /// The writing thread's work: writes what is queued until the outbox is closed and empty.
    func writeUntilClosed() throws {
        while true {
            let frames = state.wait { state -> [[UInt8]]? in
                guard !state.isWriting, !state.frames.isEmpty || state.isClosed else { return nil }
                defer { state.frames = [] }
                state.isWriting = true
                return state.frames
            }
            guard let frames, let first = frames.first else { return }
            do {
                // Everything that waits goes out in one call.
                try output.writeAll(frames.count == 1 ? first : Array(frames.joined()))
            } catch {
                state.update { state in
                    state.isClosed = true
                    state.frames = []
                }
                throw error
            }
            state.update { $0.isWriting = false }
        }
    }
}
