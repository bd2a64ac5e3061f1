import Campaigns
import InternetMessage
import Testing

struct CSSInlinerTests {
    private func inlined(_ css: String, _ body: String) -> String {
        CSSInliner.inlined("<html><head><style>\(css)</style></head><body>\(body)</body></html>")
    }

    @Test(arguments: [
        ("p { color: red }", "<p>x</p>", "<p style=\"color: red\">x</p>"),
        ("P{color:red;margin:0}", "<p class=a>x</p>", "<p class=a style=\"color: red; margin: 0\">x</p>"),
        // By specificity, not by order; at equal specificity by order.
        (".a { color: red } p { color: blue }", "<p class=\"b a\">x</p>", "<p class=\"b a\" style=\"color: red\">x</p>"),
        ("#i { color: red } .a.b { color: blue }", "<p id=i class=\"a b\">x</p>", "<p id=i class=\"a b\" style=\"color: red\">x</p>"),
        (".a { color: red } .b { color: blue }", "<p class=\"b a\">x</p>", "<p class=\"b a\" style=\"color: blue\">x</p>"),
        // What the element says itself stands above, but for what is important.
        ("p { color: red; margin: 0 }", "<p style='color:blue'>x</p>", "<p style=\"margin: 0; color: blue\">x</p>"),
        ("p { color: red !important }", "<p style=\"color:blue\">x</p>", "<p style=\"color: red\">x</p>"),
        ("div > p { color: red }", "<div><p>x</p><b><p>y</p></b></div>", "<div><p style=\"color: red\">x</p><b><p>y</p></b></div>"),
        ("div p { color: red }", "<div><b><p>x</p></b></div><p>y</p>", "<div><b><p style=\"color: red\">x</p></b></div><p>y</p>"),
        ("td[align=left], th { color: red }", "<td align=\"left\">x</td>", "<td align=\"left\" style=\"color: red\">x</td>"),
        ("img { border: 0 }", "<img src=\"a>b\"/>", "<img src=\"a>b\" style=\"border: 0\" />"),
        ("p { font-family: \"A;B\" }", "<p>x</p>", "<p style=\"font-family: &quot;A;B&quot;\">x</p>"),
        ("a { color: red }", "<a href=\"{{unsubscribe}}\">x</a>", "<a href=\"{{unsubscribe}}\" style=\"color: red\">x</a>"),
        ("/* p { color: blue } */ p { color: red }", "<!-- <p> --><p>x</p>", "<!-- <p> --><p style=\"color: red\">x</p>"),
    ])
    func `rules are written into elements`(_ css: String, _ body: String, _ expected: String) {
        let page = inlined(css, body)
        #expect(page == "<html><head></head><body>\(expected)</body></html>", "\(page)")
    }

    @Test func `what cannot be inlined stays, and still wins`() {
        let page = inlined(
            "@import url(x.css); a:hover { color: red } @media (max-width: 600px) { p { color: blue; margin: 0 !important } } p { color: red }",
            "<p>x</p>")
        #expect(page.contains("a:hover { color: red !important }"))
        #expect(page.contains("@media (max-width: 600px) {\np { color: blue !important; margin: 0 !important }\n}"))
        #expect(page.contains("<p style=\"color: red\">x</p>") && !page.contains("@import"))
    }

    @Test func `what is too much, or no style sheet, is left as it is`() {
        for page in [
            "<p>x</p>", "<style>p { color: red", "<style>" + String(repeating: "p{color:red}", count: 20_000) + "</style><p>x</p>",
        ] {
            let result = CSSInliner.inlined(page)
            #expect(result == page || page.hasSuffix("red"), "\(page.prefix(40))")
        }
        // Neither depth nor odd input is a trap.
        for odd in [
            "<style>}{}}@{</style><p", "<style>a{b:c}</style><a <a <a=\"", "<style>@media{</style>", "<style>p>{x:y}</style></p></p><p>",
        ] {
            _ = CSSInliner.inlined(odd)
        }
        let deep = String(repeating: "<div>", count: 3000)
        #expect(CSSInliner.inlined("<style>div div { color: red }</style>\(deep)").hasSuffix("<div style=\"color: red\">"))
    }
}

struct ContrastTests {
    private func ratios(_ html: String) -> [String] { Contrast.faults(in: html).map(\.ratioText) }

    @Test func `the ratio is that of WCAG`() {
        // #767676 on white is the lightest grey that passes: 4.54.
        #expect(ratios("<p style=\"color:#767676\">x</p>") == [])
        #expect(ratios("<p style=\"color:#777777\">x</p>") == ["4.47"])
        #expect(ratios("<font color=\"red\">x</font>") == ["3.99"])
        #expect(ratios("<p style=\"color:#fff;background:#0b57d0 none\">x</p>") == [])
    }

    @Test func `large letters need less, and what is nested inherits`() {
        #expect(ratios("<h1 style=\"color:#949494\">x</h1>") == [])
        #expect(ratios("<p style=\"color:#949494;font-size:18pt\">x</p>") == [])
        #expect(ratios("<p style=\"color:#949494;font-size:14pt\">x</p>").count == 1)
        #expect(ratios("<table bgcolor=\"#000000\"><tr><td><span>x</span></td></tr></table>") == [])
        #expect(ratios("<div style=\"background:#333\"><p>x<b>y</b></p></div><p>z</p>").count == 2)
    }

    @Test func `pictures, hidden text and blanks say nothing`() {
        #expect(ratios("<td style=\"background:url(a.png);color:#eee\">x</td>") == [])
        #expect(ratios("<p style=\"color:#eee;display:none\">x</p>") == [])
        #expect(ratios("<p style=\"color:#eee\"> \n </p><style>p{}</style>") == [])
        #expect(Contrast.faults(in: String(repeating: "<p style=\"color:#ccc\">x</p>", count: 100)).count == Contrast.faultsMax)
    }
}

struct CampaignStarterTests {
    @Test(arguments: CampaignStarter.all)
    func `a starter can be read by everybody`(_ starter: CampaignStarter) throws {
        let page = CSSInliner.inlined(starter.body)
        #expect(Contrast.faults(in: page) == [])
        #expect(page.contains("<html lang=\"en\"") && page.contains("prefers-color-scheme: dark") && page.contains("{{unsubscribe}}"))
        #expect(page.contains("style=\"") && !page.contains(".sheet p {"))
        let design = try CampaignDesign(
            CampaignContent(subject: starter.subject, format: .html, body: starter.body, postalAddress: "1 Main Street"),
            body: starter.body,
            frame: CampaignDesign.Frame(from: "a@example.org", listTitle: "News", listID: "news.example.org", headers: []))
        // Nothing is asked of the list but that a greeting has something else where the name is not known.
        #expect(design.bareNames == [])
        let copy = design.copy(to: "ada@example.net", attributes: [:], unsubscribe: "https://m.example/u/T", headers: [])
        #expect(copy.html?.contains("Dear reader") == true || starter.name == "alert")
        #expect(copy.text?.contains("1 Main Street") == true && copy.text?.contains("https://m.example/u/T") == true)
        #expect((copy.html ?? "").ranges(of: "https://m.example/u/T").count == 1, "no second footer")
    }

    @Test func `dark colours stand apart as well`() {
        for (color, ground) in [
            ("#e6e8eb", "#14171b"), ("#e6e8eb", "#1d2126"), ("#b7bec6", "#14171b"), ("#8ab4ff", "#1d2126"), ("#ffffff", "#43201d"),
        ] {
            #expect(Contrast.faults(in: "<p style=\"color:\(color);background:\(ground)\">x</p>") == [])
        }
    }
}
