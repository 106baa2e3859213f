/// Splits a stream of bytes into message bodies: `Content-Length: N`, other header fields, an empty line, N bytes (LSP, "Base Protocol").
///
/// Generous in what it takes: header names in any case, lines that end in LF alone. What is no header is reported once
/// and skipped up to the next `Content-Length`, so that one bad message does not cost the connection. A body over the limit is
/// skipped as it comes; nothing is allocated for a length before its bytes are there.
struct FrameParser {
    enum Event: Equatable {
        /// One message body; read it with `withBody` before the next call of `next`.
        case body
        /// Something that is no message; the text says what.
        case fault(String)
        /// More bytes are needed.
        case incomplete
    }

    private enum State {
        case header(length: Int?, fault: String?, lineCount: Int)
        case body(length: Int)
        case skippedBody(rest: Int)
    }

    private let bodyLimit: Int
    private var state = State.header(length: nil, fault: nil, lineCount: 0)
    private var buffer: [UInt8] = []
    /// Everything before it has been dealt with.
    private var position = 0
    /// No line ends between `position` and here.
    private var searched = 0
    private var body = 0..<0
    /// Bytes without a line end that are kept while waiting for one.
    private let lineLimit = 8192

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Takes in what was read. Ends the use of the last body.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            position = 0
        } else if position > 1 << 16, position > buffer.count / 2 {
            buffer.removeFirst(position)
            position = 0
        }
        searched = position
        buffer.append(contentsOf: bytes)
    }

    /// The bytes of the body that `next` announced.
    func withBody<Result>(_ use: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        buffer.withUnsafeBufferPointer { use(UnsafeBufferPointer(rebasing: $0[body])) }
    }

    mutating func next() -> Event {
        giveBack()
        while true {
            switch state {
            case .header(let length, let fault, let lineCount):
                guard let line = nextLine() else { return dropOverlongLine(length, fault, lineCount) }
                if !line.isEmpty {
                    let field = HeaderField(buffer[line])
                    switch field {
                    case .contentLength(let value):
                        state = .header(length: value, fault: fault, lineCount: lineCount + 1)
                    case .other: state = .header(length: length, fault: fault, lineCount: lineCount + 1)
                    case .broken(let text):
                        state = .header(length: length, fault: fault ?? text, lineCount: lineCount + 1)
                    }
                    continue
                }
                state = .header(length: nil, fault: nil, lineCount: 0)
                if let length, length <= bodyLimit {
                    state = .body(length: length)
                    if let fault { return .fault(fault) }
                } else if let length {
                    state = .skippedBody(rest: length)
                    return .fault("A message of \(length) bytes is over the limit of \(bodyLimit) and is skipped")
                } else if let fault {
                    return .fault(fault)
                } else if lineCount > 0 {
                    return .fault("A header without Content-Length")
                }
            case .body(let length):
                guard buffer.count - position >= length else { return .incomplete }
                body = position..<position + length
                position += length
                searched = position
                state = .header(length: nil, fault: nil, lineCount: 0)
                return .body
            case .skippedBody(let rest):
                let available = min(rest, buffer.count - position)
                position += available
                searched = position
                guard available == rest else {
                    state = .skippedBody(rest: rest - available)
                    return .incomplete
                }
                state = .header(length: nil, fault: nil, lineCount: 0)
            }
        }
    }

    /// The memory of a large message goes back to the system as soon as it has been read, not with the next message.
    private mutating func giveBack() {
        guard position == buffer.count, buffer.capacity > 1 << 20 else { return }
        (buffer, position, searched) = ([], 0, 0)
    }

    /// The next line without its end; nil when it has not ended yet.
    private mutating func nextLine() -> Range<Int>? {
        guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.count
            return nil
        }
        var line = position..<end
        if let last = buffer[line].last, last == UInt8(ascii: "\r") { line = position..<end - 1 }
        position = end + 1
        searched = position
        return line
    }

    /// Keeps garbage without line ends from growing: only its tail, which may be the start of a header, is kept.
    private mutating func dropOverlongLine(_ length: Int?, _ fault: String?, _ lineCount: Int) -> Event {
        let waiting = buffer.count - position
        if waiting > lineLimit {
            position = buffer.count - 64
            searched = position
            state = .header(
                length: length, fault: fault ?? "A header line of over \(lineLimit) bytes", lineCount: lineCount + 1)
        }
        return .incomplete
    }
}

/// One line of a header.
private enum HeaderField {
    case contentLength(Int)
    case other
    case broken(String)

    init(_ line: ArraySlice<UInt8>) {
        let name = Array("content-length".utf8)
        if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let field = line[..<colon].trimmingSpace()
            if field.count == name.count, field.lowercased().elementsEqual(name) {
                self = HeaderField(lengthIn: line[(colon + 1)...])
                return
            }
        }
        // What follows a body that was longer than announced stands in front of the next header, on the same line.
        if let start = line.lastRange(ofLowercase: name + [UInt8(ascii: ":")])?.upperBound {
            self = HeaderField(lengthIn: line[start...])
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line[..<colon].allSatisfy(\.isHeaderNameByte) else {
            self = .broken("A line that is no header field")
            return
        }
        self = .other
    }

    private init(lengthIn value: ArraySlice<UInt8>) {
        let digits = value.trimmingSpace()
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            self = .broken("A Content-Length that is no number")
            return
        }
        var length = 0
        for digit in digits {
            let (tenfold, overflowed) = length.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tenfold.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !overflowed, !carried else {
                self = .broken("A Content-Length that is too large")
                return
            }
            length = sum
        }
        self = .contentLength(length)
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    fileprivate var isHeaderNameByte: Bool {
        let letter = lowercased
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
            || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
    }
}

extension ArraySlice<UInt8> {
    fileprivate func lowercased() -> [UInt8] { map(\.lowercased) }

    fileprivate func trimmingSpace() -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return self[startIndex..<startIndex]
        }
        return self[first...last]
    }

    /// The last place of a text, whatever its case.
    fileprivate func lastRange(ofLowercase text: [UInt8]) -> Range<Int>? {
        guard count >= text.count else { return nil }
        return stride(from: endIndex - text.count, through: startIndex, by: -1)
            .first { start in self[start..<start + text.count].lazy.map(\.lowercased).elementsEqual(text) }
            .map { $0..<$0 + text.count }
    }
}
