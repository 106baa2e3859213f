import AfreshHost

public typealias Work = @Sendable (Int) -> Int

extension ExportKey<Work> {
    public static var price: Self { Self("price") }
    public static var total: Self { Self("total") }
    public static var visits: Self { Self("visits") }
}

/// Something that only the program has.
public func tax(on price: Int) -> Int { price / 10 }
