/// A queue with a bound between threads: many put, one or more take, in order.
public final class Mailbox<Element: Sendable>: Sendable {
    /// What `take` found.
    public enum Taken: Sendable {
        case element(Element)
        /// The deadline passed; the mailbox is still open.
        case nothing
        /// It was closed and everything in it has been taken.
        case closed
    }

    private struct Contents: Sendable {
        var elements: [Element] = []
        /// How many at the front of `elements` have been taken; they are dropped together, so that taking costs O(1).
        var takenCount = 0
        var isClosed = false

        var count: Int { elements.count - takenCount }

        mutating func removeFirst() -> Element? {
            guard takenCount < elements.count else { return nil }
            let element = elements[takenCount]
            takenCount += 1
            if takenCount == elements.count {
                elements.removeAll(keepingCapacity: takenCount <= 1024)
                takenCount = 0
            } else if takenCount >= 1024 {
                elements.removeFirst(takenCount)
                takenCount = 0
            }
            return element
        }

        mutating func removeAll() -> [Element] {
            let all = Array(elements[takenCount...])
            elements.removeAll(keepingCapacity: elements.count <= 1024)
            takenCount = 0
            return all
        }
    }

    private let contents = Monitor(Contents())
    private let capacity: Int

    /// - Parameter capacity: how many elements fit; at least 1.
    public init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Puts an element at the end; waits while the mailbox is full.
    /// - Returns: false when the mailbox is closed, or full until the deadline; the element was not put then.
    @discardableResult
    public func put(_ element: Element, until deadline: Deadline? = nil) -> Bool {
        contents.wait(until: deadline) { contents -> Bool? in
            if contents.isClosed { return false }
            guard contents.count < self.capacity else { return nil }
            contents.elements.append(element)
            return true
        } ?? false
    }

    /// Puts an element at the end if there is room; never waits for room.
    @discardableResult
    public func putIfRoom(_ element: Element) -> Bool {
        contents.update { contents in
            guard !contents.isClosed, contents.count < self.capacity else { return false }
            contents.elements.append(element)
            return true
        }
    }

    /// Puts an element at the end even if the mailbox is full: for senders that must not wait and are few.
    @discardableResult
    public func putRegardless(_ element: Element) -> Bool {
        contents.update { contents in
            guard !contents.isClosed else { return false }
            contents.elements.append(element)
            return true
        }
    }

    /// Takes the first element; waits for one until the deadline.
    public func take(until deadline: Deadline? = nil) -> Taken {
        contents.wait(until: deadline) { contents -> Taken? in
            if let element = contents.removeFirst() { return .element(element) }
            return contents.isClosed ? .closed : nil
        } ?? .nothing
    }

    /// Takes everything that is there, at least one element; empty when closed and drained, or after the deadline.
    public func takeAll(until deadline: Deadline? = nil) -> [Element] {
        contents.wait(until: deadline) { contents -> [Element]? in
            let all = contents.removeAll()
            return all.isEmpty && !contents.isClosed ? nil : all
        } ?? []
    }

    /// Takes no more elements in; what is there can still be taken.
    public func close() {
        contents.update { $0.isClosed = true }
    }

    public var isClosed: Bool { contents.withLock { $0.isClosed } }

    /// How many elements wait.
    public var count: Int { contents.withLock { $0.count } }
}
