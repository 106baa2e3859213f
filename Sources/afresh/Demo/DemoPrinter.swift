import JSONRPC
import LanguageServerProtocol
import Platform
import ReloadEngine

/// Writes what happens in the demo, aligned and short.
struct DemoPrinter: Sendable {
    var style: Style
    /// The shop's folder; paths are written relative to it.
    var folder: String

    private static let labelWidth = 12

    func title(_ text: String = "A web shop that keeps running while its code is saved") {
        write(style.bold(text))
        write("")
    }

    /// - Parameter checkTime: how long the first check took, in milliseconds: it waits for the interpreter that compiles.
    func opening(shop: DemoShop, python: DemoPython, editor: DemoEditor, checkTime: Double, first: DemoShop.Answer) {
        let program = "afresh run python \(DemoSample.program)"
        label("program", "\(program)   CPython \(python.version), pid \(shop.process.processID)")
        label(
            "editor",
            pad("afresh lsp", to: program.count)
                + "   ready after \(milliseconds(editor.startTime)) ms, the first check after \(milliseconds(checkTime)) ms"
        )
        label("shop", "\(euros(first.total)) for \(first.cart.joined(separator: ", ")), kept in the program's memory")
    }

    func edit(_ edit: DemoSample.Edit, number: Int) {
        write("")
        write(style.bold("\(number)  \(edit.title)"))
        label("saved", edit.path)
        for (old, new) in edit.replacements {
            let lines = new.split(separator: "\n").map(String.init)
            if !lines.contains(old) { label("", style.red("- \(old)")) }
            for line in lines where line != old { label("", style.green("+ \(line)")) }
        }
    }

    /// What came of a save, as the language server told the editor.
    func answer(_ answer: DemoEditor.Answer) {
        let status = answer.status
        let outcome = status["outcome"]?.stringValue.flatMap(Outcome.init)
        var times = "\(milliseconds(answer.appliedTime)) ms after the save"
        switch outcome {
        case .live, .stale:
            times = "it runs \(times)"
            if let scanned = answer.scannedTime {
                times += "; \(milliseconds(scanned - answer.appliedTime)) ms more to search for what is still old"
            }
        case .blocked: times = "nothing was touched, said \(times)"
        case .rolledBack: times = "all is rolled back \(times)"
        default: times = "\(printable(status["message"]?.stringValue ?? "")) (\(times))"
        }
        let word = outcome?.rawValue ?? "unknown"
        label(word, times, labelStyled: { outcome.map { style.bold(style.outcome($0)) } ?? $0 }, labelText: word)
        for host in status["hosts"]?.arrayValue ?? [] {
            let modules = (host["modules"]?.arrayValue ?? []).filter { module in
                !["unchanged", "blocked"].contains(module["outcome"]?.stringValue)
            }
            let width = modules.map { $0["name"]?.stringValue?.count ?? 0 }.max() ?? 0
            for module in modules { show(module, nameWidth: width) }
            for stale in host["stale"]?.arrayValue ?? [] {
                let holder = stale["holder"]?["path"]?.stringValue ?? "?"
                let place = stale["holder"]?["location"].flatMap(self.place).map { ", \($0)" } ?? ""
                label("", style.yellow("still old: ") + printable("\(holder)\(place)"))
            }
            for skipped in host["coverage"]?["skipped"]?.arrayValue ?? [] {
                label("", style.yellow("not looked at: ") + printable(skipped["what"]?.stringValue ?? "?"))
            }
        }
        for diagnostic in answer.diagnostics where diagnostic["severity"] == 1 {
            let code = diagnostic["code"]?.stringValue ?? ""
            let message = diagnostic["message"]?.stringValue ?? ""
            let line = (diagnostic["range"]?["start"]?["line"]?.intValue).map {
                "line \(max(0, min($0, .max - 1)) + 1): "
            }
            label("", style.red(code) + printable("  \(line ?? "")\(message.replacing("\n", with: " "))"))
        }
    }

    private func show(_ module: JSONValue, nameWidth: Int) {
        let name = pad(printable(module["name"]?.stringValue ?? "?"), to: nameWidth)
        let because = module["because"]
        let reason =
            switch because?["kind"]?.stringValue {
            case "dependent": uses(because)
            default: "edited"
            }
        // Of a module that is loaded as a whole there is nothing more to say.
        let told = (module["changes"]?.arrayValue ?? []).filter { $0["symbol"] != module["name"] }
        let changes = told.map { change in
            let isKept = module["outcome"] != "rolledBack" && change["applied"] == false
            let what = "\(change["kind"]?.stringValue ?? "") \(change["symbol"]?.stringValue ?? "")"
            return "\(what) \(isKept ? "kept" : change["change"]?.stringValue ?? "")"
        }
        let stays = module["outcome"] == "rolledBack" ? "still " : ""
        let text = "\(name)  \(stays)generation \(module["generation"]?.intValue ?? 0)  \(reason)"
        label("", printable(changes.isEmpty ? text : "\(text): \(changes.joined(separator: ", "))"))
    }

    private func uses(_ because: JSONValue?) -> String {
        let names = (because?["names"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
        return "uses \(names.isEmpty ? "" : names + " of ")\(because?["of"]?.stringValue ?? "?")"
    }

    /// What the running program says, which proves the report.
    func proof(_ answer: DemoShop.Answer, before: DemoShop.Answer, of edit: DemoSample.Edit, isAsExpected: Bool) {
        let price =
            answer.total == before.total
            ? "still \(euros(answer.total))" : "\(euros(answer.total)), was \(euros(before.total))"
        let cart =
            answer.cart == before.cart ? "the cart still has its \(answer.cart.count) things" : "the cart has changed"
        let process = answer.pid == before.pid ? "same process" : "another process"
        label("shop", "\(style.bold(price)); \(cart), \(process)")
        if edit.leavesOfferStale { label("", "as reported, it still offers \"\(answer.offer)\"") }
        if !isAsExpected { label("", style.red("this is not what must come of it")) }
    }

    func end(isGood: Bool, advice: String = "Now with your own program: afresh run python app.py") {
        write("")
        write(isGood ? advice : style.red("Something went wrong."))
    }

    private func place(_ location: JSONValue) -> String? {
        guard let uri = location["uri"]?.stringValue, let path = DocumentURI(rawValue: uri).path,
            let line = location["range"]?["start"]?["line"]?.intValue
        else { return nil }
        return "\(PathDisplay(currentFolder: folder)(path)):\(max(0, min(line, .max - 1)) + 1)"
    }

    func euros(_ amount: Double) -> String {
        guard amount.isFinite, abs(amount) < 1e9 else { return "? EUR" }
        let cents = Int((amount * 100).rounded())
        let rest = cents % 100
        return "\(cents / 100).\(rest < 10 ? "0" : "")\(rest) EUR"
    }

    func label(_ name: String, _ text: String) {
        write(String(repeating: " ", count: 3) + pad(name, to: Self.labelWidth) + text)
    }

    private func label(
        _ name: String, _ text: String, labelStyled: (String) -> String, labelText: String
    ) {
        let padding = String(repeating: " ", count: max(0, Self.labelWidth - labelText.count))
        write(String(repeating: " ", count: 3) + labelStyled(name) + padding + text)
    }

    private func write(_ line: String) {
        FileDescriptor.standardOutput.print(line + "\n")
    }
}
