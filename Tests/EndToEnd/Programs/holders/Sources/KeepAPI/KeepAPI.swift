import AfreshHost

extension ExportKey<@Sendable () -> AnyObject> {
    public static var make: Self { Self("make") }
}

extension ExportKey<@Sendable () -> Int> {
    /// How many instances there are, as initialisers and deinitialisers count them.
    public static var live: Self { Self("live") }
}

extension ExportKey<@Sendable (String) -> Void> {
    /// Puts something into the registry, by what it is called.
    public static var hold: Self { Self("hold") }
}

public protocol Shape {
    var area: Int { get }
}

open class Base {
    public init() {}
}

public final class Pair<First, Second> {
    public var first: First
    public var second: Second
    public init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }
}

/// What plugins leave with the program.
public final class Registry: @unchecked Sendable {
    public static let shared = Registry()
    public var object: AnyObject?
    public var objects: [AnyObject] = []
    public var named: [String: AnyObject] = [:]
    public var shape: (any Shape)?
    public var shapes: [any Shape] = []
    public var base: Base?
    public var anything: Any?
    public var type: Any.Type?
    public var handlers: [String: (Int) -> Int] = [:]
    public var memory: UnsafeMutablePointer<AnyObject>?
    public var release: [() -> Void] = []
    public var callback: (@convention(c) () -> Void)?

    public func clear() {
        object = nil
        objects = []
        named = [:]
        shape = nil
        shapes = []
        base = nil
        anything = nil
        type = nil
        handlers = [:]
        memory?.deinitialize(count: 1)
        memory?.deallocate()
        memory = nil
        callback = nil
        for body in release { body() }
        release = []
    }
}
