#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A compiled file, as far as a generation needs to know it (ELF, 64 bits, little-endian).
struct ObjectFile: Sendable {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Writes the generations into the names of modules.
    ///
    /// Objects are compiled under names of a fixed width, "Pricing_AF0000000", that the compiler puts into every symbol. A name of
    /// the same width in its place gives what compiling under that name gives; `ToolchainCheck` proves it of a toolchain.
    /// - Parameter generations: by module.
    mutating func stamp(_ generations: [String: Int]) {
        let marker = Array(Generation.marker(0).utf8)
        let names = generations.map { (Array($0.key.utf8), Array(Generation.marker($0.value).utf8)) }
            .sorted { $0.0.count > $1.0.count }
        let count = bytes.count
        bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            var index = 0
            while index + marker.count <= count,
                let next = memchr(start + index, Int32(UInt8(ascii: "_")), count - marker.count - index + 1)
            {
                index = next - UnsafeMutableRawPointer(start)
                guard memcmp(next, marker, marker.count) == 0 else {
                    index += 1
                    continue
                }
                // Of "Pricing" and "BulkPricing" the longest that stands there is meant.
                let name = names.first { name, _ in
                    index >= name.count && memcmp(next - name.count, name, name.count) == 0
                }
                if let (_, stamped) = name { memcpy(next, stamped, stamped.count) }
                index += marker.count
            }
        }
    }

    /// What the compiler wants linked with it: "-lFoundation".
    var autolinkEntries: [String] {
        guard let section = section(".swift1_autolink_entries") else { return [] }
        return section.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Of an image: whether more of it runs when it is loaded than what registers its types.
    var hasInitializers: Bool { (section(".init_array")?.count ?? 0) > 8 }

    /// Whether it has a program's beginning.
    var definesMain: Bool {
        guard let table = section(".symtab"), let names = section(".strtab") else { return false }
        // By "st_name", "st_info", "st_other", "st_shndx": 4, 1, 1 and 2 of 24 bytes.
        var entry = table.startIndex
        while entry + 24 <= table.endIndex {
            defer { entry += 24 }
            guard let name = integer(at: entry, bytes: 4), let section = integer(at: entry + 6, bytes: 2), section != 0,
                name < names.count
            else { continue }
            if names[(names.startIndex + name)...].starts(with: Array("main".utf8) + [0]) { return true }
        }
        return false
    }

    fileprivate func section(_ name: String) -> ArraySlice<UInt8>? {
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), let table = integer(at: 40, bytes: 8),
            let size = integer(at: 58, bytes: 2), let count = integer(at: 60, bytes: 2),
            let namesNumber = integer(at: 62, bytes: 2), let names = contents(ofSectionAt: table + namesNumber * size)
        else { return nil }
        let wanted = Array(name.utf8) + [0]
        for number in 0..<count {
            let header = table + number * size
            guard let offset = integer(at: header, bytes: 4), offset < names.count,
                names[(names.startIndex + offset)...].starts(with: wanted)
            else { continue }
            return contents(ofSectionAt: header)
        }
        return nil
    }

    private func contents(ofSectionAt header: Int) -> ArraySlice<UInt8>? {
        guard let offset = integer(at: header + 24, bytes: 8), let size = integer(at: header + 32, bytes: 8),
            offset <= bytes.count, size <= bytes.count - offset
        else { return nil }
        return bytes[offset..<(offset + size)]
    }

    private func integer(at offset: Int, bytes count: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - count else { return nil }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        // What no file can have must not overflow where it is counted with.
        return value < 1 << 40 ? Int(value) : nil
    }
}

/// What one build of a module is called in symbols and file names.
enum Generation {
    /// Digits only: the mangling of names splits them into words at capital letters.
    private static let width = 7
    static let limit = 9_999_999

    /// "_AF0000012".
    static func marker(_ number: Int) -> String {
        let digits = String(number)
        return "_AF" + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The name that a module is compiled under.
    static func placeholder(_ module: String) -> String { module + marker(0) }
}

extension ObjectFile {
    /// The bytes, with zeros for the hash of the module's text that the compiler writes into each object.
    var withoutModuleHash: [UInt8] {
        guard let hash = section(".swift_modhash") else { return bytes }
        var result = bytes
        for index in hash.indices { result[index] = 0 }
        return result
    }
}
