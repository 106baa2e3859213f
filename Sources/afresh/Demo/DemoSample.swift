/// The program of the demo, a small web shop, and the four saves.
enum DemoSample {
    struct File: Sendable {
        /// Relative to the shop's folder.
        var path: String
        var text: String
    }

    /// One save: what is replaced in which file, and what must come of it.
    struct Edit: Sendable {
        var title: String
        var path: String
        var replacements: [(old: String, new: String)]
        /// Applied (whether or not something is left stale), blocked or rolled back.
        var outcomes: Set<String>
        /// What the shop must ask for the cart afterwards.
        var total: Double
        /// The shop shows an offer from a generator that the edit leaves stale.
        var leavesOfferStale = false

        /// The file's text after the edit.
        func applied(to text: String) -> String {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for (old, new) in replacements {
                guard let index = lines.firstIndex(of: old) else { continue }
                lines.replaceSubrange(index...index, with: new.split(separator: "\n").map(String.init))
            }
            return lines.joined(separator: "\n")
        }
    }

    static let program = "app.py"
    static let purchases = ["tea", "cup", "cup"]
    static let firstTotal = 32.27

    static let edits = [
        Edit(
            title: "Edit a plugin: free shipping above 20",
            path: "plugins/shipping.py",
            replacements: [("    return 4.90", "    return 0 if goods > 20 else 4.90")],
            outcomes: ["live"], total: 27.37),
        Edit(
            title: "Change a value that others have computed with, and a generator that is running",
            path: "prices.py",
            replacements: [
                ("VAT = 0.19", "VAT = 0.07"),
                ("        yield \"a third cup is free\"", "        yield \"tea is free with two cups\"")
            ],
            outcomes: ["stale"], total: 24.61, leavesOfferStale: true),
        Edit(
            title: "Save a syntax error",
            path: "plugins/shipping.py",
            replacements: [("def cost(goods):", "def cost(goods:")],
            outcomes: ["blocked"], total: 24.61),
        Edit(
            title: "Save what raises half-way through",
            path: "prices.py",
            replacements: [
                ("VAT = 0.07", "VAT = 0.25"),
                (
                    "NET = {\"tea\": 4.00, \"cup\": 9.50}",
                    "NET = {\"tea\": 4.00, \"cup\": 9.50}\nCHEAPEST = NET[\"pot\"]"
                )
            ],
            outcomes: ["rolledBack"], total: 24.61)
    ]

    /// A file for a save without a change.
    static let warmUp = File(path: "plugins/__init__.py", text: "\"\"\"What the shop is extended by.\"\"\"\n")

    static let files = [
        File(
            path: "app.py",
            text: """
                \"""A small web shop. It knows nothing of Afresh.\"""

                import json
                import os
                from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

                from checkout import total
                from prices import offers

                OFFERS = offers()
                CART = []  # in memory only: a restart would lose it


                class Shop(BaseHTTPRequestHandler):
                    def do_POST(self):
                        CART.append(self.path[1:])
                        self.do_GET()

                    def do_GET(self):
                        answer = {"pid": os.getpid(), "cart": CART, "total": total(CART), "offer": next(OFFERS)}
                        body = json.dumps(answer).encode()
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(body)))
                        self.end_headers()
                        self.wfile.write(body)

                    def log_message(self, format, *values):
                        pass


                if __name__ == "__main__":
                    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
                    print(server.server_address[1], flush=True)
                    server.serve_forever()

                """),
        File(
            path: "checkout.py",
            text: """
                \"""Adds a cart up. What it imports is bound once, when it is imported itself.\"""

                from plugins.shipping import cost
                from prices import NET, VAT

                FACTOR = 1 + VAT


                def total(cart):
                    goods = sum(NET[thing] for thing in cart) * FACTOR
                    return round(goods + cost(goods), 2)

                """),
        File(
            path: "prices.py",
            text: """
                \"""What things cost before tax.\"""

                VAT = 0.19
                NET = {"tea": 4.00, "cup": 9.50}


                def offers():
                    while True:
                        yield "a third cup is free"

                """),
        warmUp,
        File(
            path: "plugins/shipping.py",
            text: """
                \"""A plugin: what a parcel costs.\"""


                def cost(goods):
                    return 4.90

                """)
    ]
}
