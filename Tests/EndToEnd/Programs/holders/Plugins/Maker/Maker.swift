import AfreshHost
import KeepAPI

public enum Maker: Plugin {
    public static func load(_ plugin: PluginContext) throws {
        plugin.export(.make) { Thing() }
        plugin.export(.live) { count }
        plugin.export(.hold, hold)
    }
}

nonisolated(unsafe) var count = 0
let number = 1

final class Thing {
    let base = number
    init() { count += 1 }
    deinit { count -= 1 }
    func add(_ other: Int) -> Int { other + base }
}

final class Node {
    var next: Node?
    init(_ length: Int) { next = length > 1 ? Node(length - 1) : nil }
}

struct Square: Shape {
    var side = 2
    var area: Int { side * side }
}

struct Plan: Shape {
    var area = 1
    var walls = (1, 2, 3, 4, 5)
}

final class Derived: Base {}

nonisolated(unsafe) let own = Thing()
