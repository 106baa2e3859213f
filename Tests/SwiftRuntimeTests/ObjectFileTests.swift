import Testing

@testable import SwiftRuntime

@Suite struct ObjectFileTests {
    private func stamped(_ text: String, _ generations: [String: Int]) -> String {
        var object = ObjectFile(Array(text.utf8))
        object.stamp(generations)
        return String(decoding: object.bytes, as: UTF8.self)
    }

    @Test func everyNameGetsItsModulesGeneration() {
        #expect(
            stamped("$s14Cart_AF00000006totalAA17Pricing_AF0000000", ["Cart": 3, "Pricing": 12])
                == "$s14Cart_AF00000036totalAA17Pricing_AF0000012")
    }

    @Test func theLongestNameIsMeant() {
        #expect(
            stamped("BulkPricing_AF0000000 Pricing_AF0000000", ["Pricing": 1, "BulkPricing": 2])
                == "BulkPricing_AF0000002 Pricing_AF0000001")
    }

    @Test func otherTextStaysAsItIs() {
        let text = "Other_AF0000000 _AF000000 Cart_AF0000001 _AF0000000"
        #expect(stamped(text, ["Cart": 5]) == text)
        #expect(stamped("Cart_AF0000000", ["Cart": 5]) == "Cart_AF0000005")
        #expect(stamped("", ["Cart": 5]) == "")
    }

    @Test(arguments: 0..<64) func whatIsNoObjectHasNoEntries(length: Int) {
        var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1]
        while bytes.count < length { bytes.append(0xff) }
        #expect(ObjectFile(Array(bytes.prefix(length))).autolinkEntries == [])
    }
}
