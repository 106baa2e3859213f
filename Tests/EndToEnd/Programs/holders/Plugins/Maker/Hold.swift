import Dispatch
import Foundation
import KeepAPI

@Sendable func hold(_ what: String) {
    let registry = Registry.shared
    switch what {
    case "instance": registry.object = Thing()
    case "instances": registry.objects = [Thing(), Thing(), Thing()]
    case "named": registry.named["till"] = Thing()
    case "nodes": registry.object = Node(1000)
    case "boxed": registry.anything = Thing()
    case "subclass": registry.base = Derived()
    case "struct": registry.shape = Square()
    case "large struct": registry.shape = Plan()
    case "structs": registry.shapes = [Square(), Plan()]
    case "array": registry.anything = [Square()]
    case "optional": registry.anything = Optional(Square()) as Any
    case "generic": registry.object = Pair(Square(), 1)
    case "type": registry.type = Square.self
    case "closure": registry.handlers["double"] = { $0 * 2 }
    case "capturing": let thing = Thing(); registry.handlers["add"] = { thing.base + $0 }
    case "method": registry.handlers["add"] = Thing().add
    case "memory":
        registry.memory = .allocate(capacity: 1)
        registry.memory?.initialize(to: Thing())
    case "getter": registry.handlers["side"] = Square().adding
    case "pointer": registry.callback = { print("called") }
    case "own": _ = own
    case "timer":
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + 3600)
        timer.setEventHandler { print("never") }
        timer.resume()
        registry.release.append { timer.cancel() }
    case "observer":
        let name = Notification.Name("kept")
        let token = NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) { _ in print("heard") }
        registry.release.append { NotificationCenter.default.removeObserver(token) }
    case "frame":
        let gate = DispatchSemaphore(value: 0)
        let isThere = DispatchSemaphore(value: 0)
        let isGone = DispatchSemaphore(value: 0)
        let thread = Thread { wait(isThere, gate); isGone.signal() }
        thread.start()
        isThere.wait()
        registry.release.append { gate.signal(); isGone.wait() }
    case "task":
        let isThere = DispatchSemaphore(value: 0)
        let isGone = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var waiting: CheckedContinuation<Void, Never>?
        Task {
            await suspend { waiting = $0; isThere.signal() }
            isGone.signal()
        }
        isThere.wait()
        registry.release.append { waiting?.resume(); isGone.wait() }
    default: break
    }
}

@inline(never) func wait(_ isThere: DispatchSemaphore, _ gate: DispatchSemaphore) {
    isThere.signal()
    gate.wait()
}

func suspend(_ body: (CheckedContinuation<Void, Never>) -> Void) async {
    await withCheckedContinuation { body($0) }
}

extension Square {
    var adding: (Int) -> Int {
        _ = side
        return { $0 + side }
    }
}
