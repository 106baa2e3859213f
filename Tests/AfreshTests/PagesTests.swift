import Platform
import Testing

@testable import afresh

@Suite struct PagesTests {
    @Test("Every page is embedded as it is (else run Sources/Embedding/update.py)")
    func everyPageIsEmbedded() throws {
        let folder =
            "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Sources/Documentation/pages"
        #expect(try namesInFolder(folder).sorted() == Page.all.map { $0.name + ".md" })
        for page in Page.all { #expect(try readFile("\(folder)/\(page.name).md") == Array(page.text.utf8)) }
    }

    @Test("A page leads to pages that there are")
    func linksLeadSomewhere() {
        for page in Page.all {
            for link in page.text.split(separator: "](").dropFirst() {
                let target = String(link.prefix { $0 != ")" })
                #expect(
                    target.contains("://") || Page.all.contains { $0.name + ".md" == target }, "\(page.name): \(target)"
                )
            }
        }
    }

    @Test func aTerminalShowsLinksAsText() {
        let page = Page(
            name: "a", text: "# A\n\nSee [b](b.md) or [c](https://example.org).\n\n```diff b.py\n-x[0](1)\n```\n")
        let shown = PageRenderer(style: .plain).render(page)
        #expect(shown == "A\n\nSee b or c (https://example.org).\n\n    -x[0](1)\n")
    }

    @Test func aTerminalShowsTablesRowByRow() {
        let page = Page(
            name: "a", text: "| | x | y |\n|---|---|---|\n| one | [1](b.md) | 2 |\n| two | 3 | 4 |\n\nEnd.\n")
        let shown = PageRenderer(style: .plain).render(page)
        #expect(shown == "one\n    x: 1\n    y: 2\ntwo\n    x: 3\n    y: 4\n\nEnd.\n")
    }
}
