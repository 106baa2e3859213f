import HostAgent
import Testing

@testable import AfreshHost

@Suite struct PluginValueTests {
    enum Size: String, PluginValue { case small, large }

    struct Item: PluginValue, Equatable {
        var name: String
        var sizes: [Size: Int?]

        init(name: String, sizes: [Size: Int?]) { (self.name, self.sizes) = (name, sizes) }

        init(from reader: inout PluginValueReader) throws {
            self.init(name: try reader.read(), sizes: try reader.read())
        }

        func write(to writer: inout PluginValueWriter) {
            writer.write(name)
            writer.write(sizes)
        }
    }

    private func handedOver<Value: PluginValue>(_ value: Value) throws -> Value {
        var writer = PluginValueWriter()
        writer.write(value)
        var reader = PluginValueReader(writer.bytes)
        defer { #expect(reader.isAtEnd) }
        return try reader.read()
    }

    private func isHandedOver<Value: PluginValue & Equatable>(_ value: Value) throws -> Bool {
        try handedOver(value) == value
    }

    @Test func valuesArriveAsTheyWere() throws {
        #expect(try isHandedOver(Int.min) && isHandedOver(UInt64.max) && isHandedOver(Int8(-1)) && isHandedOver(true))
        #expect(try isHandedOver(-0.5) && isHandedOver(Float.infinity) && handedOver(Double.nan).isNaN)
        #expect(try isHandedOver("") && isHandedOver("ä\u{0}🦢") && isHandedOver([UInt8](0...255)) && isHandedOver([""]))
        #expect(try isHandedOver(["a": [1, nil, 3]]) && isHandedOver([String?]()) && isHandedOver(Int??.some(nil)))
        #expect(try isHandedOver([Item(name: "till", sizes: [.small: 3, .large: nil])]))
    }

    @Test func damagedBytesAreAnError() {
        var writer = PluginValueWriter()
        writer.write([Item(name: "till", sizes: [.small: 3])])
        for count in 0..<writer.bytes.count {
            var reader = PluginValueReader(Array(writer.bytes.prefix(count)))
            #expect(throws: PluginError.self) { try reader.read([Item].self) }
        }
        for bytes in [[UInt8](repeating: 255, count: 8), [255, 255, 255, 255, 255, 255, 255, 127], []] {
            var reader = PluginValueReader(bytes)
            #expect(throws: PluginError.self) { try reader.read([String].self) }
            reader = PluginValueReader(bytes)
            #expect(throws: PluginError.self) { try reader.read(String.self) }
        }
    }

    // MARK: Calls, on the side that has the plugins

    private let table = PluginTable()

    private func export<Value: Sendable>(_ name: String, _ value: Value) {
        let transaction = PluginTransaction(table)
        PluginContext(module: "Shop", generation: 1, transaction: transaction).export(ExportKey<Value>(name), value)
        transaction.close(committing: true)
    }

    private func call<Argument: PluginValue, Result: PluginValue>(
        _ name: String, _ argument: Argument, as result: Result.Type, _ kind: PluginExchange.Kind = .plain
    ) throws -> Result {
        var writer = PluginValueWriter()
        writer.write(argument)
        let types = [kind.rawValue, _mangledTypeName(Argument.self) ?? "", _mangledTypeName(result) ?? ""]
        var reader = PluginValueReader(try PluginExchange.answer(name, types, writer.bytes, in: table))
        return try reader.read()
    }

    private struct Failure: Error {}

    @Test func exportsAreCalledByTheirTypes() throws {
        export("twice") { @Sendable (n: Int) -> Int in n * 2 }
        export("names") { @Sendable () -> [String] in ["a"] }
        export("item") { @Sendable (items: [Item]) throws -> Item? in
            guard let first = items.first else { throw Failure() }
            return first
        }
        #expect(try call("twice", 3, as: Int.self) == 6)
        #expect(try call("names", Nothing(), as: [String].self) == ["a"])
        let item = Item(name: "till", sizes: [:])
        #expect(try call("item", [item], as: Item?.self, .throwing) == item)
        #expect(throws: Failure.self) { try call("item", [Item](), as: Item?.self, .throwing) }
    }

    @Test func anotherTypeIsAnError() throws {
        export("twice") { @Sendable (n: Int) -> Int in n * 2 }
        #expect(throws: PluginError.self) { try call("twice", "3", as: Int.self) }
        #expect(throws: PluginError.self) { try call("twice", 3, as: String.self) }
        // What does not throw may be called as what might.
        #expect(try call("twice", 3, as: Int.self, .throwing) == 6)
        #expect(throws: PluginError.self) { try call("other", 3, as: Int.self) }
        for types in [["plain"], ["plain", "Si", "4NoneV"]] {
            #expect(throws: PluginError.self) { try PluginExchange.answer("twice", types, [], in: table) }
        }
    }
}
