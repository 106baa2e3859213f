import JSONRPC
import Platform

/// The saves of a demo, one after the other, each with what the running shop says afterwards.
struct DemoEdits {
    var files: [DemoSample.File]
    var edits: [DemoSample.Edit]
    /// What is in the cart all the time.
    var purchases: [String]
    var firstTotal: Double

    /// Plays them; false if something was not as it must be.
    /// - Parameters:
    ///   - pid: of the shop's process.
    ///   - first: what the shop said before the first save.
    ///   - ask: what it says now.
    func play(
        in folder: String, _ editor: DemoEditor, _ printer: DemoPrinter, pid: Int, first: DemoShop.Answer,
        ask: () throws -> DemoShop.Answer
    ) throws -> Bool {
        var texts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
        var last = first
        var isGood = first.total == firstTotal
        for (number, edit) in edits.enumerated() {
            let text = edit.applied(to: texts[edit.path] ?? "")
            texts[edit.path] = text
            printer.edit(edit, number: number + 1)
            let answer = try editor.save("\(folder)/\(edit.path)", text: text)
            printer.answer(answer)
            let now = try ask()
            let isAsExpected =
                edit.outcomes.contains(answer.status["outcome"]?.stringValue ?? "") && now.total == edit.total
                && now.cart == purchases && now.pid == pid && now.offer == first.offer
            printer.proof(now, before: last, of: edit, isAsExpected: isAsExpected)
            isGood = isGood && isAsExpected
            last = now
        }
        return isGood
    }
}
