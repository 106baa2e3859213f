import AfreshHost
import HostCalls

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One generation of a module, loaded. It stays loaded: the Swift runtime never forgets an image.
struct PluginImage: Sendable {
    /// The types of it that conform to `Plugin`.
    private(set) var plugins: [any Plugin.Type] = []
    /// "Int: Priced", where neither is the module's own: casts find that of the generation that was loaded first.
    private(set) var foreignConformances: [String] = []
    /// Where it lies.
    let base: UInt

    /// Loads the image with everything that it needs, or nothing.
    init(path: String) throws {
        dlerror()
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw PluginError(PluginImage.reason(dlerror().map { String(cString: $0) } ?? "\(path) cannot be loaded"))
        }
        base = UInt(bitPattern: afresh_image_base(handle))
        let found = Findings()
        let isTold = withExtendedLifetime(found) {
            afresh_each_conformance(
                afresh_image_base(handle),
                { conformance, context in
                    guard let conformance, let context else { return false }
                    Unmanaged<Findings>.fromOpaque(context).takeUnretainedValue().take(conformance.pointee)
                    return true
                }, Unmanaged.passUnretained(found).toOpaque())
        }
        guard isTold else { throw PluginError("this Swift runtime does not tell what an image has") }
        plugins = found.types.compactMap { descriptor in
            afresh_metadata(descriptor).flatMap { unsafeBitCast($0, to: Any.Type.self) as? any Plugin.Type }
        }
        foreignConformances = found.foreign
    }

    /// Loads an image whose functions take the places of others: the Swift runtime puts them there when all that it needs has been found.
    static func patch(path: String) throws {
        dlerror()
        guard dlopen(path, RTLD_NOW | RTLD_LOCAL) != nil else {
            throw PluginError(reason(dlerror().map { String(cString: $0) } ?? "\(path) cannot be loaded"))
        }
    }

    /// Where an image lies that has been loaded.
    static func base(path: String) -> UInt {
        dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD).map { UInt(bitPattern: afresh_image_base($0)) } ?? 0
    }

    /// What ran before the patch runs again; patches that came later have to be undone before.
    static func undoPatch(path: String) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD) else { return }
        _ = afresh_undo_replacements(afresh_image_base(handle))
    }

    private final class Findings {
        var types: [UnsafeRawPointer] = []
        var foreign: [String] = []
        private let plugin = UnsafeRawPointer(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "$s10AfreshHost6PluginMp"))

        func take(_ conformance: afresh_conformance) {
            if conformance.is_retroactive {
                foreign.append(
                    "\(String(cString: conformance.type_name)): \(String(cString: conformance.protocol_name))")
            }
            guard let type = conformance.type, !conformance.is_generic, conformance.protocol == plugin,
                !types.contains(type)
            else { return }
            types.append(type)
        }
    }

    /// What the dynamic linker says, for a person.
    private static func reason(_ message: String) -> String {
        guard let range = message.utf8RangeAfter("undefined symbol: ") else { return message }
        let name = message[range].prefix { $0 != " " && $0 != ")" }
        return
            "the program has no \(demangled(String(name))): what plugins use of the program has to be in a dynamic library, or exported by the executable (linker option -export-dynamic)"
    }
}

/// A symbol as the source names it.
func demangled(_ symbol: String) -> String {
    typealias Demangle =
        @convention(c) (
            UnsafePointer<CChar>, Int, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int>?, UInt32
        ) -> UnsafeMutablePointer<CChar>?
    guard let address = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "swift_demangle") else { return symbol }
    guard let text = unsafeBitCast(address, to: Demangle.self)(symbol, symbol.utf8.count, nil, nil, 0) else {
        return symbol
    }
    defer { free(text) }
    return withoutGenerations(String(cString: text))
}

/// A text without the generations in the names of modules: "Pricing_AF0000012.price" is "Pricing.price".
func withoutGenerations(_ text: String) -> String {
    var result: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
        let rest = bytes[index...]
        if rest.starts(with: "_AF".utf8), rest.dropFirst(3).prefix(7).count == 7,
            rest.dropFirst(3).prefix(7).allSatisfy({ (48...57).contains($0) })
        {
            index += 10
        } else {
            result.append(bytes[index])
            index += 1
        }
    }
    return String(decoding: result, as: UTF8.self)
}

extension String {
    fileprivate func utf8RangeAfter(_ words: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(words) { return index(start, offsetBy: words.count)..<endIndex }
            start = index(after: start)
        }
        return nil
    }
}
