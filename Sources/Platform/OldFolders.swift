#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What earlier versions have left in this program's cache folder. All of it can be made anew, so what nobody has used for long is removed.
public struct OldFolders: Sendable {
    /// Seconds: 30 days.
    public static let age = 30 * 86_400

    private let place: String
    /// Names before the "-" of what belongs to a version.
    private let kinds: Set<String>
    /// Those of this version.
    private let current: Set<String>
    private let now: Int

    /// - Parameters:
    ///   - place: the cache folder.
    ///   - now: seconds since 1970.
    public init(in place: String, kinds: Set<String>, current: Set<String>, now: Int = time(nil)) {
        (self.place, self.kinds, self.current, self.now) = (place, kinds, current, now)
    }

    /// Removes folders of other versions, and in those of this version files whose names begin with `products`, that were neither read nor
    /// written for 30 days and that no process of this user names.
    /// - Returns: the paths of what was removed.
    public func remove(products: String) -> [String] {
        guard isOwnFolder(place) else { return [] }
        var candidates: [String] = []
        for name in ((try? namesInFolder(place)) ?? []).sorted()
        where isOfAVersion(name) && isOwnFolder("\(place)/\(name)") {
            let path = "\(place)/\(name)"
            if !current.contains(name) {
                candidates.append(path)
            } else {
                candidates += ((try? namesInFolder(path)) ?? []).filter { $0.hasPrefix(products) }.map {
                    "\(path)/\($0)"
                }
            }
        }
        candidates = candidates.filter(isOld)
        guard !candidates.isEmpty, let inUse = OldFolders.named(candidates) else { return [] }
        // Looked at once more: somebody may have begun with it.
        return candidates.filter { !inUse.contains($0) && isOld($0) && OldFolders.remove($0, in: place) }
    }

    /// "agent-0123456789abcdef"; a name that begins with "." was on its way out.
    private func isOfAVersion(_ name: String) -> Bool {
        if name.hasPrefix(".old-") { return true }
        guard let dash = name.lastIndex(of: "-"), kinds.contains(String(name[..<dash])) else { return false }
        let digits = name[name.index(after: dash)...].utf8
        return digits.count == 16 && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private func isOwnFolder(_ path: String) -> Bool {
        guard let status = fileStatus(path, followingLinks: false) else { return false }
        return status.kind == .folder && status.ownerID == Environment.userID
    }

    private func isOld(_ path: String) -> Bool {
        guard let used = OldFolders.lastUse(path), used <= now else { return false }
        return now - used > OldFolders.age
    }

    /// When something of it was read or written last: seconds since 1970. Nil where that is not known of all of it.
    private static func lastUse(_ path: String) -> Int? {
        guard let status = fileStatus(path, followingLinks: false) else { return nil }
        guard status.kind == .folder else { return status.used }
        guard let names = try? namesInFolder(path) else { return nil }
        // Reading the folder is no use of it.
        var last = status.written
        for name in names {
            guard let used = lastUse("\(path)/\(name)") else { return nil }
            last = max(last, used)
        }
        return last
    }

    /// Those that a process of this user has been started with or has open. Nil where that cannot be known.
    private static func named(_ paths: [String]) -> Set<String>? {
        guard let processes = try? namesInFolder("/proc") else { return nil }
        let numbers = processes.filter { $0.utf8.allSatisfy { (48...57).contains($0) } }
        guard !numbers.isEmpty else { return nil }
        let wanted = paths.map { (path: $0, bytes: Array($0.utf8)) }
        var found: Set<String> = []
        for process in numbers {
            for file in ["environ", "cmdline", "maps"] {
                guard let bytes = try? readFile("/proc/\(process)/\(file)") else { continue }
                for each in wanted where !found.contains(each.path) && contains(each.bytes, bytes) {
                    found.insert(each.path)
                }
            }
        }
        return found
    }

    private static func contains(_ words: [UInt8], _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let first = words.first, let start = rest.firstIndex(of: first) {
                rest = rest[start...]
                if rest.starts(with: words) { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }

    /// At once for whoever looks there: what is half removed has another name.
    private static func remove(_ path: String, in place: String) -> Bool {
        guard fileStatus(path, followingLinks: false)?.kind == .folder else { return removeFile(path) }
        let leaving = "\(place)/.old-\(randomHexDigits(16))"
        guard (try? renameFile(path, to: leaving)) != nil else { return false }
        removeTree(leaving)
        return true
    }
}

/// Says that a file or folder is used now, once a day: not all file systems notice.
public func noteUse(_ path: String) {
    guard let status = fileStatus(path, followingLinks: false), time(nil) - status.written > 86_400 else { return }
    _ = utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
}
