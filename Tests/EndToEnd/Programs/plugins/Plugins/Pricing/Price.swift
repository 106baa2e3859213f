import ShopAPI

public struct Price {
    public var amount: Int

    public init(_ count: Int) {
        amount = discounted(count * 10)
    }

    public var gross: Int { amount + tax(on: amount) }
}
