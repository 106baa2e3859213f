#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file of lines, each with the time; written at once, so that the last one is there after a crash.
public final class LogFile: Sendable {
    private let file: FileDescriptor
    /// Bytes; a server that runs for weeks must not fill the disk. Then what is old goes.
    private let limit: Int
    private let size: Monitor<Int>

    /// Opens a file for adding to it; only the user may read a new one.
    /// - Parameter limit: bytes, beyond which the file begins anew.
    /// - Throws: `SystemError`
    public init(path: String, limit: Int = 32 << 20) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last("open", path) }
        file = FileDescriptor(rawValue: descriptor)
        self.limit = limit
        size = Monitor(max(0, Int(lseek(descriptor, 0, SEEK_END))))
    }

    deinit {
        file.close()
    }

    /// Adds a line; line ends inside of it are shown as `\n`. Errors (a full disk) are ignored: logging must not end the work.
    public func write(_ level: String, _ text: String) {
        let line = text.utf8.contains(where: { $0 < 32 }) ? escaped(text) : text
        let bytes = Array("\(Self.now()) \(level) \(line)\n".utf8)
        size.withLock { size in
            if size + bytes.count > limit, ftruncate(file.rawValue, 0) == 0 { size = 0 }
            if (try? file.writeAll(bytes)) != nil { size += bytes.count }
        }
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\t"
            case _ where scalar.value < 32: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// "2026-11-21T15:04:05.678Z"
    private static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        guard gmtime_r(&time.tv_sec, &parts) != nil else { return "-" }
        func digits(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let clock = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(clock).\(digits(Int(time.tv_nsec) / 1_000_000, 3))Z"
    }
}
