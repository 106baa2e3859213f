import Platform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of a demo.
enum DemoFiles {
    static func write(_ files: [DemoSample.File], to folder: String) throws {
        for file in files {
            let path = "\(folder)/\(file.path)"
            if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
            try writeFileAtomically(path, Array(file.text.utf8))
        }
    }

    /// What the shop and the server print goes there; it is shown when something goes wrong.
    static func openLog(_ path: String) throws -> FileDescriptor {
        let raw = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw SystemError.last("create", path) }
        return FileDescriptor(rawValue: raw)
    }

    static func showLog(_ path: String) {
        guard let bytes = try? readFile(path), !bytes.isEmpty else { return }
        FileDescriptor.standardError.print(printable(String(decoding: bytes.suffix(4000), as: UTF8.self)))
    }
}
