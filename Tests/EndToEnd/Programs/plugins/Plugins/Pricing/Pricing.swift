import AfreshHost
import ShopAPI

public enum Pricing: Plugin {
    public static func load(_ plugin: PluginContext) throws {
        let loads = plugin.state("loads", initial: 0)
        loads.withLock { $0 += 1 }
        plugin.export(.price) { Price($0).amount }
        plugin.export(.visits) { _ in loads.current }
    }
}
