import Platform
import ReloadEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whether a toolchain can be used as it must be: an object that was compiled under the placeholder and stamped is, byte for
/// byte, one that was compiled under the generation's name.
struct ToolchainCheck {
    private let toolchain: Toolchain
    private let folder: BuildFolder

    private static let source = """
        public protocol Priced { associatedtype Unit; func price(of count: Int) -> Unit }
        public struct Fixture: Priced, Hashable { var _AF: Int; public func price(of count: Int) -> Double { 1.5 } }
        open class Fixtures<Element: Priced> { public var all: [Element] = []; public init() {} }
        final class Special: Fixtures<Fixture> { override init() { super.init() } }
        public enum Failure: Error { case fixture(Fixture, Int), none }
        public let shared: @Sendable (Int) -> String = { "\\($0) in \\(Fixture.self)" }
        public func work(_ values: [any Priced]) async throws -> some Sequence { values.map { $0.price(of: 1) } }
        """

    init(_ toolchain: Toolchain, _ folder: BuildFolder) {
        self.toolchain = toolchain
        self.folder = folder
    }

    /// Done once for a toolchain and folder.
    func perform() throws(RuntimeFailure) {
        let proof = folder.path + "/toolchain"
        let identity = Array(toolchain.tag.utf8)
        if (try? readFile(proof)) == identity { return }
        let source = folder.path + "/Fixture.swift"
        try folder.write(Array(Self.source.utf8), to: source)
        let number = 1_234_567
        var stamped = ObjectFile(try compile(source, under: Generation.placeholder("Fixture")))
        stamped.stamp(["Fixture": number])
        let direct = ObjectFile(try compile(source, under: "Fixture" + Generation.marker(number)))
        guard stamped.withoutModuleHash == direct.withoutModuleHash else {
            throw RuntimeFailure(
                "The toolchain \(toolchain.version) (\(toolchain.tag)) lays out objects in a way that is not known here; its plugins cannot be reloaded."
            )
        }
        try folder.write(identity, to: proof)
    }

    private func compile(_ source: String, under name: String) throws(RuntimeFailure) -> [UInt8] {
        // Of one name: it is in the object.
        let product = folder.path + "/Fixture.o"
        defer { removeFile(product) }
        _ = try Tool(
            toolchain.frontend,
            [
                "-frontend", "-c", "-primary-file", source, "-target", toolchain.triple, "-module-name", "Fixture",
                "-module-abi-name", name, "-swift-version", "5", "-o", product
            ] + Compiler.objectFlags
        ).output(limit: 60_000)
        return try folder.read(product)
    }
}
