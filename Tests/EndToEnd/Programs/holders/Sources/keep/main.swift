// Keeps what its plugin makes, as standard input says.
import AfreshHost
import Glibc
import KeepAPI

enum Slot {
    case empty
    case object(AnyObject)
    case number(Int)
}

/// Every way in which a program holds an object.
final class Box {
    var object: AnyObject?
    var padding = (1, 2, 3)
    var array: [AnyObject] = []
    var named: [String: AnyObject] = [:]
    var function: (() -> AnyObject)?
    var slot = Slot.empty
    var anything: Any = 0
    var pairs: [(Int, AnyObject?)] = []
    weak var watched: AnyObject?
}

struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

func start(_ body: @escaping () -> Void) -> pthread_t {
    final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        {
            Unmanaged<Work>.fromOpaque($0!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
    return thread
}

nonisolated(unsafe) var boxes: [Box] = []
nonisolated(unsafe) var kept: AnyObject?
nonisolated(unsafe) var isBusy = false
nonisolated(unsafe) var heap: [AnyObject] = []

/// Of the generation that ran first.
nonisolated(unsafe) var make: (@Sendable () -> AnyObject)?
nonisolated(unsafe) var live: (@Sendable () -> Int)?

func put(_ box: Box, _ way: Int, _ make: () -> AnyObject) {
    switch way {
    case 0: box.object = make()
    case 1: box.array.append(make())
    case 2: box.named["a key that is not short \(box.named.count)"] = make()
    case 3:
        let object = make()
        let former = box.function
        box.function = { _ = former?(); return object }
    case 4: box.slot = .object(make())
    case 5: box.anything = make() as Any
    case 6: box.pairs.append((box.pairs.count, make()))
    case 7:
        let object = make()
        box.watched = object
        box.object = object
    case 8: box.watched = make()
    default: box.anything = [make(), make()] as [AnyObject]
    }
}

func drop(_ box: Box, _ way: Int) {
    switch way {
    case 0: box.object = nil
    case 1: box.array = []
    case 2: box.named = [:]
    case 3: box.function = nil
    case 4: box.slot = .empty
    case 5: box.anything = 0
    default: box.pairs.removeAll(keepingCapacity: true)
    }
}

func churn(_ seed: Int) {
    guard let make else { return }
    var numbers = Numbers(state: UInt64(seed))
    for _ in 0..<50 { boxes.append(Box()) }
    for _ in 0..<300 {
        guard let box = boxes.randomElement(using: &numbers) else { continue }
        if Bool.random(using: &numbers) {
            put(box, Int.random(in: 0..<10, using: &numbers), make)
        } else {
            drop(box, Int.random(in: 0..<7, using: &numbers))
        }
    }
    if seed % 10 == 9 { boxes.removeFirst(boxes.count / 2) }
    if seed % 25 == 24 { boxes.removeAll() }
}

/// Allocates and frees for as long as it is told to.
func work(_ number: Int) {
    final class Cell {
        var texts: [Int: String] = [:]
    }
    var cells: [Cell] = []
    var count = 0
    while isBusy {
        count += 1
        let cell = Cell()
        cell.texts[count % 50] = "a text of which nobody could say that it is a short one \(count)"
        cells.append(cell)
        if cells.count > 300 { cells.removeFirst(150) }
    }
}

func fill(_ count: Int, shuffled: Bool) {
    final class Leaf {
        var number: Int
        var more: [Int]?
        var next: Leaf?
        init(_ number: Int) {
            self.number = number
            more = number % 4 == 0 ? [number, number] : nil
        }
    }
    var leaves = (0..<count).map(Leaf.init)
    if shuffled { leaves.shuffle() }
    for index in leaves.indices {
        leaves[index].next = shuffled ? leaves[Int.random(in: 0..<count)] : index % 3 == 0 ? leaves[index / 2] : nil
    }
    heap = leaves
}

do {
    try Plugins.load(package: CommandLine.arguments[1])
} catch {
    print("failed: \(error)")
    exit(1)
}
print("ready")
fflush(nil)
nonisolated(unsafe) var threads: [pthread_t] = []
while let line = readLine() {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = words.count > 1 ? words[1] : ""
    switch words[0] {
    case "hold": Plugins[.hold]?(rest)
    case "call":
        print(Registry.shared.handlers[rest]?(2) ?? 0)
        fflush(nil)
        continue
    case "clear": Registry.shared.clear()
    case "keep": kept = Plugins[.make]?()
    case "forget": kept = nil
    case "remember": (make, live) = (Plugins[.make], Plugins[.live])
    case "churn": churn(Int(rest) ?? 0)
    case "churn-thread":
        let thread = start { churn(Int(rest) ?? 0) }
        pthread_join(thread, nil)
    case "live":
        print(live?() ?? -1)
        fflush(nil)
        continue
    case "work":
        isBusy = true
        threads = (0..<3).map { number in start { work(number) } }
    case "rest":
        isBusy = false
        for thread in threads { pthread_join(thread, nil) }
    case "fill": fill(Int(rest) ?? 0, shuffled: false)
    case "fill-shuffled": fill(Int(rest) ?? 0, shuffled: true)
    default: break
    }
    print("done")
    fflush(nil)
}
