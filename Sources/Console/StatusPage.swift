/// The page at `/`: how the gate is, in figures with their names, and what to do next.
package struct StatusPage: Sendable {
    package var hostName: String
    /// Empty where the gate is ready.
    package var problems: [String]
    package var listeners: [(name: String, address: String)]
    /// Counts of recipients, in the order of the ledger.
    package var ledger: [(name: String, count: Int)]
    package var nextSteps: [String]
    package var version: String

    package init(
        hostName: String, problems: [String], listeners: [(name: String, address: String)], ledger: [(name: String, count: Int)],
        nextSteps: [String], version: String
    ) {
        self.hostName = hostName
        self.problems = problems
        self.listeners = listeners
        self.ledger = ledger
        self.nextSteps = nextSteps
        self.version = version
    }

    package func html() -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Postern on \(escape(hostName))</title>
        <style>\(StatusPage.style)</style>
        </head>
        <body>
        <main>
        <h1>Postern on \(escape(hostName))</h1>
        \(state)
        <h2>Listeners</h2>
        \(table("Name", "Address", listeners.map { ($0.name, $0.address) }, isNumeric: false))
        <h2>Ledger, in recipients since the store was made</h2>
        \(table("State", "Recipients", ledger.map { ($0.name, "\($0.count)") }, isNumeric: true))
        <h2>Next</h2>
        <ul>
        \(nextSteps.map { "<li><code>\(escape($0))</code></li>" }.joined(separator: "\n"))
        </ul>
        </main>
        <footer><p>Postern \(escape(version)) · <a href="/metrics">metrics</a> · <a href="/ready">readiness</a></p></footer>
        </body>
        </html>

        """
    }

    private var state: String {
        guard !problems.isEmpty else { return "<p role=\"status\"><strong>Ready:</strong> it takes mail.</p>" }
        let items = problems.map { "<li>\(escape($0))</li>" }.joined()
        return "<div role=\"status\"><p><strong>Not ready:</strong></p><ul>\(items)</ul></div>"
    }

    private func table(_ first: String, _ second: String, _ rows: [(String, String)], isNumeric: Bool) -> String {
        guard !rows.isEmpty else { return "<p>None.</p>" }
        let body = rows.map { row in
            "<tr><th scope=\"row\">\(escape(row.0))</th><td\(isNumeric ? " class=\"number\"" : "")>\(escape(row.1))</td></tr>"
        }
        return "<table><thead><tr><th scope=\"col\">\(first)</th><th scope=\"col\">\(second)</th></tr></thead>"
            + "<tbody>\(body.joined())</tbody></table>"
    }

    private func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8886; }
        body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 44rem; padding: 1.5rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.125rem; margin-top: 2rem; }
        table { border-collapse: collapse; } th, td { border-bottom: 1px solid var(--line); padding: .25rem 1rem .25rem 0; text-align: left; }
        td.number { font-variant-numeric: tabular-nums; text-align: right; padding-right: 0; }
        code { font-size: .9375rem; overflow-wrap: anywhere; } footer { margin-top: 3rem; }
        """
}
