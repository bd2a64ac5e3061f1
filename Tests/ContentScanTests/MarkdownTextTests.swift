import ContentReading
import Testing

struct MarkdownTextTests {
    @Test func `tags of templates survive, in addresses of links too`() {
        let html = MarkdownText.html("# Hi {{name|you}}\n\n[leave]({{unsubscribe}}) *now*\n")
        #expect(html == "<h1>Hi {{name|you}}</h1>\n<p><a href=\"{{unsubscribe}}\">leave</a> <em>now</em></p>\n")
    }

    @Test func `raw HTML and scripts are left out`() {
        let html = MarkdownText.html("<script>alert(1)</script>\n\n[x](javascript:alert(1))\n")
        #expect(!html.contains("<script") && !html.contains("javascript"))
    }
}
