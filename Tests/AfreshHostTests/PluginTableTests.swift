import HostAgent
import Testing

@testable import AfreshHost

@Suite struct PluginTableTests {
    private let table = PluginTable()

    private func context(_ transaction: PluginTransaction, _ module: String = "Pricing", _ generation: Int = 1)
        -> PluginContext
    {
        PluginContext(module: module, generation: generation, transaction: transaction)
    }

    @Test func nothingIsSeenBeforeTheTransactionIsCommitted() {
        let transaction = PluginTransaction(table)
        context(transaction).export(ExportKey<Int>("rate"), 3)
        #expect(table.value("rate") == nil)
        transaction.close(committing: true)
        #expect(table.value("rate") as? Int == 3)
    }

    @Test func whatIsUndoneWasNeverThere() {
        let transaction = PluginTransaction(table)
        let context = context(transaction)
        context.export(ExportKey<Int>("rate"), 3)
        context.state("visits", initial: 0).withLock { $0 = 7 }
        transaction.close(committing: false)
        context.export(ExportKey<Int>("late"), 1)
        #expect(table.current.isEmpty)
        #expect(self.context(PluginTransaction(table)).state("visits", initial: 0).current == 0)
    }

    @Test func stateIsHandedOnToTheNextGeneration() {
        let first = PluginTransaction(table)
        context(first).state("visits", initial: 0).withLock { $0 = 7 }
        first.close(committing: true)
        let second = PluginTransaction(table)
        #expect(context(second, "Pricing", 2).state("visits", initial: 0).current == 7)
        #expect(second.lostState.isEmpty)
    }

    @Test func stateOfAnotherTypeBeginsAnewAndThatIsSaid() {
        let first = PluginTransaction(table)
        context(first).state("visits", initial: 7).withLock { $0 += 1 }
        first.close(committing: true)
        let second = PluginTransaction(table)
        #expect(context(second, "Pricing", 2).state("visits", initial: "none").current == "none")
        #expect(second.lostState.map(\.name) == ["visits"])
        second.close(committing: false)
        #expect(context(PluginTransaction(table)).state("visits", initial: 0).current == 8)
    }

    @Test func oneNameBelongsToOneModule() {
        let first = PluginTransaction(table)
        context(first).export(ExportKey<Int>("rate"), 3)
        first.close(committing: true)
        let second = PluginTransaction(table)
        context(second, "Cart").export(ExportKey<Int>("rate"), 4)
        #expect(second.conflict == "Cart exports 'rate', which Pricing exports already")
        let third = PluginTransaction(table)
        context(third, "Pricing", 2).export(ExportKey<Int>("rate"), 5)
        #expect(third.conflict == nil)
    }

    @Test func functionsKeepTheirTypes() {
        typealias Work = @Sendable (Int) -> Int
        let transaction = PluginTransaction(table)
        context(transaction).export(ExportKey<Work>("double")) { $0 * 2 }
        transaction.close(committing: true)
        #expect((table.value("double") as? Work)?(4) == 8)
        #expect(table.value("double") as? @Sendable (String) -> Int == nil)
    }
}
