import JSONRPC
import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The running shop, and the way to ask it something.
struct DemoShop: Sendable {
    /// What the shop says about itself.
    struct Answer: Sendable, Equatable {
        var pid: Int
        var cart: [String]
        var total: Double
        /// From a generator that was started before the first save.
        var offer: String
    }

    let process: ChildProcess
    let port: UInt16

    /// Starts the shop and waits until it listens: it prints its port.
    init(afresh: String, python: String, folder: String, environment: [String], log: FileDescriptor, tidy: DemoTidy)
        throws
    {
        var options = ChildProcess.Options()
        options.input = .null
        options.output = .pipe
        options.error = .descriptor(log)
        options.environment = environment
        options.workingDirectory = folder
        process = try ChildProcess(afresh, ["run", python, DemoSample.program], options: options)
        tidy.add(process)
        guard let output = process.output else { throw DemoFailure("The shop has no standard output.") }
        defer { output.close() }
        guard let line = try readLine(output, until: .after(10_000)), let port = UInt16(line) else {
            throw DemoFailure("The shop did not start.")
        }
        self.port = port
    }

    /// Puts something in the cart.
    func buy(_ thing: String) throws -> Answer {
        try ask("POST", "/" + thing)
    }

    /// Asks what is in the cart and what it costs.
    func ask() throws -> Answer {
        try ask("GET", "/")
    }

    private func ask(_ method: String, _ path: String) throws -> Answer {
        let socket = try connect()
        defer { socket.close() }
        try socket.writeAll(Array("\(method) \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8))
        let bytes = try socket.readToEnd(until: .after(5000)) ?? []
        let head = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: head) }),
            let json = try? JSONValue(parsing: Array(bytes[(end + head.count)...])),
            let pid = json["pid"]?.intValue, let cart = json["cart"]?.arrayValue,
            let total = json["total"]?.doubleValue,
            let offer = json["offer"]?.stringValue
        else { throw DemoFailure("The shop did not answer.") }
        return Answer(pid: pid, cart: cart.compactMap(\.stringValue), total: total, offer: offer)
    }

    private func connect() throws -> FileDescriptor {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let raw = socket(AF_INET, kind, 0)
        guard raw >= 0 else { throw SystemError.last("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketConnect(raw, $0) }
        }
        guard code == 0 else {
            let error = SystemError.last("connect to the shop")
            FileDescriptor(rawValue: raw).close()
            throw error
        }
        return FileDescriptor(rawValue: raw)
    }
}

private func socketConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>) -> Int32 {
    connect(socket, address, socklen_t(MemoryLayout<sockaddr_in>.size))
}

/// The line that can be read next, without its end; nil at the end of the input or after the deadline. Programs that are
/// asked answer with one line: nothing comes behind it.
func readLine(_ file: FileDescriptor, until deadline: Deadline) throws -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    while try file.waitUntilReady(Int32(POLLIN), deadline: deadline) {
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        guard count > 0 else { return nil }
        bytes += buffer[..<count]
        if let end = bytes.firstIndex(of: 0x0A) { return String(decoding: bytes[..<end], as: UTF8.self) }
    }
    return nil
}
