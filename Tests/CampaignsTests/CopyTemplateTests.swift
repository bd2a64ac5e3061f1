import Campaigns
import InternetMessage
import MailModel
import Testing

struct CopyTemplateTests {
    private func render(_ text: String, _ values: [String: String] = [:], _ markup: CopyTemplate.Markup = .plain) throws -> String {
        try CopyTemplate(text, markup: markup).render(values)
    }

    @Test func `what is empty has something in its place`() throws {
        #expect(try render("Dear {{First Name|reader}},", ["first name": "Ada"]) == "Dear Ada,")
        #expect(try render("Dear {{First Name|reader}},", ["first name": ""]) == "Dear reader,")
        #expect(try render("Dear {{first name}},") == "Dear ,")
        #expect(try render("{{#city}}in {{city}}{{/city}}{{^city}}somewhere{{/city}}", ["city": "Graz"]) == "in Graz")
        #expect(try render("{{#city}}in {{city}}{{/city}}{{^city}}somewhere{{/city}}") == "somewhere")
        #expect(try render("a {{! nobody sees this }}b") == "a b")
    }

    @Test func `values are escaped in HTML and nowhere else`() throws {
        let values = ["name": "<b>&\"{{x}}"]
        #expect(try render("{{name}}", values) == "<b>&\"{{x}}")
        let html = try render("<p>{{name}}</p>", values, .html)
        #expect(html.hasPrefix("<p>&lt;b&gt;&amp;") && !html.contains("<b>"))
    }

    @Test func `names without a fallback are told`() throws {
        let template = try CopyTemplate("{{a}} {{b|x}} {{#c}}{{c}}{{/c}} {{A}}", markup: .plain)
        #expect(template.names == ["a", "b", "c"] && template.bareNames == ["a"])
    }

    @Test(arguments: ["{{name", "{{}}", "{{#a}}x", "{{/a}}", "{{{a}}}", "{{&a}}", "{{>a}}", "{{#a}}{{#b}}{{/a}}{{/b}}"])
    func `what is no template is refused`(_ text: String) {
        #expect(throws: CopyTemplate.Fault.self) { try CopyTemplate(text, markup: .html) }
    }

    @Test func `the text part says what the HTML says`() {
        let html = """
            <html><head><title>x</title><style>p{color:red}</style></head><body><h1>News &amp; more</h1><p>Read <a href="https://example.org/a">the
            page</a> or <a href="https://example.org/">https://example.org/</a>.</p><ul><li>one<li>two</ul><img src="a.png" alt="A cat"></body></html>
            """
        #expect(
            HTMLText.text(of: html) == """
                News & more

                Read the page (https://example.org/a) or https://example.org/.

                - one
                - two

                A cat

                """)
        #expect(HTMLText.images(of: "<img src=a><img src='b' alt=\"\">") == (2, 1))
    }

    private func design(_ format: CampaignContent.Format, _ body: String) throws -> CampaignDesign {
        let content = CampaignContent(subject: "Hello {{name|you}}", format: format, body: body, postalAddress: "1 Main St\nTown")
        let frame = CampaignDesign.Frame(
            from: "News <news@example.org>", listTitle: "News", listID: "news.example.org",
            headers: [ComposedMessage.Header(name: "Precedence", value: "bulk")])
        return try CampaignDesign(content, body: body, frame: frame)
    }

    @Test func `each copy shows the way out and the postal address, once`() throws {
        for (format, body) in [(CampaignContent.Format.plain, "Text.\n"), (.html, "<p>Text.</p>"), (.html, "<html><body>x</body></html>")] {
            let copy = try design(format, body).copy(
                to: "a@example.net", attributes: ["name": "Ada\r\nBcc: x"], unsubscribe: "https://g.example/u/T", headers: [])
            #expect(copy.subject == "Hello Ada  Bcc: x" || copy.subject == "Hello Ada Bcc: x")
            for part in [copy.text, copy.html].compactMap({ $0 }) {
                #expect(part.split(separator: "https://g.example/u/T", omittingEmptySubsequences: false).count == 2, "\(part)")
                #expect(part.contains("1 Main St"))
            }
        }
        let own = try design(.html, "<p><a href=\"{{unsubscribe}}\">leave</a> {{postal}}</p>").copy(
            to: "a@example.net", attributes: [:], unsubscribe: "https://g.example/u/T", headers: [])
        #expect(own.html?.contains("You get this as") == false && own.html?.contains("1 Main St") == true)
        #expect(own.subject == "Hello you" && own.to == ["a@example.net"])
    }
}
