import LinuxCalls

#if canImport(Glibc)
    @preconcurrency import Glibc
#elseif canImport(Darwin)
    @preconcurrency import Darwin
#endif

/// The process's environment and identity.
public enum Environment {
    /// One variable; nil when it is not set.
    public static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    /// All variables as "NAME=value", in the system's order.
    public static var all: [String] {
        var result: [String] = []
        #if canImport(Glibc)
            var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
        #else
            var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = _NSGetEnviron().pointee
        #endif
        while let entry = next, let text = entry.pointee {
            result.append(String(cString: text))
            next = entry.advanced(by: 1)
        }
        return result
    }

    public static var processID: Int { Int(getpid()) }
    public static var parentProcessID: Int { Int(getppid()) }
    public static var userID: UInt32 { getuid() }

    /// The working directory; nil when it has been removed.
    public static var workingDirectory: String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// The path of the running executable, as absolute as the system gives it.
    public static var executablePath: String? {
        #if canImport(Glibc)
            return readLink("/proc/self/exe")
        #else
            var size = UInt32(4096)
            var buffer = [CChar](repeating: 0, count: Int(size))
            guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
            return string(fromTerminated: buffer)
        #endif
    }

    /// Whether a process of that id exists (a zombie does, until its parent has waited for it).
    public static func processExists(_ processID: Int) -> Bool {
        guard processID > 0, let id = pid_t(exactly: processID) else { return false }
        return kill(id, 0) == 0 || errno == EPERM
    }
}

/// Blocks until a process that is no child of this one has ended. Returns at once when there is none of that id.
public func waitForEndOfProcess(_ processID: Int) {
    #if canImport(Glibc)
        if let id = pid_t(exactly: processID), case let raw = openProcess(id), raw >= 0 {
            let process = FileDescriptor(rawValue: raw)
            defer { process.close() }
            if (try? process.waitUntilReady(Int32(POLLIN))) != nil { return }
        }
    #endif
    while Environment.processExists(processID) { _ = usleep(1_000_000) }
}

/// The local time as people read it: "14:03:22".
public func localTimeOfDay() -> String {
    localTimeOfDay(of: Double(time(nil)) * 1000)
}

/// The same of another moment.
/// - Parameter moment: milliseconds since 1970.
public func localTimeOfDay(of moment: Double) -> String {
    guard var now = time_t(exactly: (moment / 1000).rounded(.down)) else { return "" }
    var parts = tm()
    guard localtime_r(&now, &parts) != nil else { return "" }
    func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(twoDigits(parts.tm_hour)):\(twoDigits(parts.tm_min)):\(twoDigits(parts.tm_sec))"
}
