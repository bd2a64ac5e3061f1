import Testing

@testable import Console

struct RenderingTests {
    private static let viewer = Viewer(
        name: "a@example.org", actor: "account:a@example.org", account: "a@example.org", roles: [], scopes: ["status:read", "trace:read"],
        session: "s", formToken: "token&")

    private func html(_ page: Page, path: String = "/") -> String {
        let frame = PageRenderer.Frame(host: "gate", version: "1", viewer: RenderingTests.viewer, path: path, livePath: path)
        return PageRenderer().html(page, frame)
    }

    /// Everything that a stranger can put into a message.
    private static let hostile = "<script>alert(1)</script>\"'&{{title}}{{{title}}}"

    @Test func whatStrangersWriteIsText() {
        let text = RenderingTests.hostile
        let form = Form(
            act: "x", text, action: "/x", title: text, intro: text,
            fields: [
                Field("name", text, value: text, hint: text), Field("area", text, .area(2), value: text),
                Field("select", text, .select([Field.Option(text, text)]), value: text),
                Field("checks", text, .checks([Field.Option(text, text)]), values: [text]), Field("flag", text, .flag, hint: text),
            ], hidden: ["h": text], label: text, cancel: Link(text, text))
        let table = Table(
            text, [text, text],
            [[Table.Cell(text, href: text, note: text), Table.Cell(text, tone: .bad, isCode: true, forms: [form])], [.time(text)]],
            empty: text,
            more: Link(text, text))
        let chart = Chart(text, series: [Chart.Series(text, .good)], bars: [Chart.Bar(text, [3])])
        let page = Page(
            text, lead: text, back: Link(text, text),
            blocks: [
                .heading(text), .text(text), .code(text),
                .notice(Notice(.bad, text, text: text, items: [text], secret: text, link: Link(text, text))),
                .tiles([Tile(text, text, note: text, href: text)]),
                .facts([Fact(text, text, note: text, href: text), Fact(text, text, isCode: true)]),
                .table(table), .table(Table(text, [text], [], empty: text)), .form(form),
                .timeline([Moment(text, text, note: text, words: text, texts: [text])]), .chart(chart), .links([Link(text, text)]),
                .live(id: "a", [.text(text)]),
            ])
        let html = html(page)
        #expect(!html.contains("<script>alert"))
        #expect(!html.contains("alert(1)</script>\""))
        // Nothing ends an attribute.
        #expect(html.components(of: "\"'&").isEmpty)
        // A template in a text stays a text.
        #expect(html.contains("{{title}}"))
    }

    @Test func commandsBecomeLinksToPagesThatTheViewerMaySee() {
        var viewer = RenderingTests.viewer
        viewer.scopes = ["dkim:read", "campaigns:read"]
        func html(_ text: String) -> String { CommandWords(viewer: viewer).html(text) }
        #expect(html("Run `postern dkim add a.test` now.") == "Run <a href=\"/dkim?domain=a.test\">Delivery → DKIM</a> now.")
        #expect(html("`postern campaign report may` shows it").hasPrefix("<a href=\"/campaigns/may\">"))
        #expect(html("`postern lists import FILE.csv --list NAME`") == "<code>postern lists import FILE.csv --list NAME</code>", "no right")
        #expect(html("`postern twin FILE.yaml` and `bulk.return-path`").contains("<code>bulk.return-path</code>"))
        #expect(CommandWords(viewer: nil).html("`postern dkim add`") == "<code>postern dkim add</code>")
        // Words of strangers.
        #expect(html("`postern dkim add \"><script>`") == "<a href=\"/dkim?domain=%22%3E%3Cscript%3E\">Delivery → DKIM</a>")
        #expect(html("a ` b <i>") == "a ` b &lt;i&gt;" && html("``") == "<code></code>" && html("`x") == "`x")
        #expect(CommandWords(viewer: viewer).cell("Re: `rm -rf <x>`") == "Re: `rm -rf &lt;x&gt;`")
        // Every page that a command leads to is there.
        let places = Set(Navigation.groups.flatMap { $0.places.map(\.href) })
        #expect(CommandWords.pages.values.allSatisfy(places.contains))
    }

    @Test func absentPartsLeaveNothingBehind() {
        let html = html(
            Page(
                "T",
                blocks: [
                    .table(Table("C", ["A", "B"], [[Table.Cell("x"), Table.Cell("y")]], empty: "")), .facts([Fact("n", "v")]),
                    .form(Form(act: nil, "Go", fields: [Field("q", "Q")])),
                ]))
        for absent in [
            "<a href=\"\"", "class=\"badge", "<time", "<meter", "rel=\"next\"", "class=\"lead\"", "data-live", "aria-invalid",
            "name=\"token\" value=\"token&amp;\"><input type=\"hidden\" name=\"do\" value=\"\"",
        ] {
            #expect(!html.contains(absent), "\(absent)")
        }
        #expect(html.contains("<th scope=\"row\" class=\"\" data-label=\"\">x</th>"))
        #expect(html.contains("data-label=\"B\">y</td>"))
    }

    @Test func identifiersOnAPageAreUnique() {
        let form = Form(act: "a", "Go", fields: [Field("reason", "Reason", hint: "h")])
        let row = [Table.Cell("x", forms: [form]), Table.Cell("y", forms: [form, form])]
        let table = Table("C", ["A", "B"], [row, row], empty: "")
        let html = html(Page("T", blocks: [.form(form), .form(form), .table(table), .live(id: "l", [.table(table), .form(form)])]))
        let ids = html.split(separator: " id=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        #expect(ids.count > 10)
        #expect(Set(ids).count == ids.count, "\(ids.sorted())")
    }

    @Test func theNavigationShowsWhatTheViewerMaySee() {
        let html = html(Page("T"), path: "/trace/12")
        #expect(html.contains("href=\"/trace\" aria-current=\"true\""))
        #expect(html.contains("href=\"/trace\" aria-current=\"page\""))
        #expect(!html.contains("/restricted") && !html.contains("/queue"))
        #expect(html.contains("/me/security") == false && html.contains("href=\"/me\""))
    }

    @Test func chartsSayTheirFiguresInWords() {
        let chart = Chart(
            "Recipients in an hour", series: [Chart.Series("delivered", .good), Chart.Series("bounced", .bad)],
            bars: [Chart.Bar("08:00", [1200, 3]), Chart.Bar("09:00", [0, 0])])
        let html = html(Page("T", blocks: [.chart(chart)]))
        #expect(html.contains("role=\"img\" aria-label=\"Recipients in an hour. In all: delivered 1200, bounced 3.\""))
        #expect(html.contains("08:00</th>") && html.contains(">1200</td>"))
        #expect(html.components(of: "<rect").count == 2)
        #expect(ChartPicture.roundedUp(0) == 4 && ChartPicture.roundedUp(5) == 5 && ChartPicture.roundedUp(1203) == 2000)
        #expect(ChartPicture.roundedUp(.max) == .max)
    }

    @Test func aCalendarIsTextToo() {
        let days = [
            // 1970 began with a Thursday.
            DayCalendar.Day(0, limit: 50, used: 20, tone: .good, texts: ["paused by <ada>"]),
            DayCalendar.Day(1, limit: nil, used: 7, tone: .info, word: "today", isToday: true), DayCalendar.Day(2, limit: 90, used: nil),
        ]
        let html = html(Page("T", blocks: [.calendar(DayCalendar("Messages a day", days))]))
        #expect(html.contains("<li class=\"good from-4\"><time datetime=\"1970-01-01\">Thu 1 Jan</time>"))
        #expect(html.contains("value=\"40\" aria-label=\"Thu 1 Jan: 40 % of the limit\""))
        #expect(html.contains("<li class=\"info today\" aria-current=\"date\">"))
        #expect(html.contains("at most") && html.contains("paused by &lt;ada&gt;") && html.components(of: "<meter").count == 1)
        #expect(html.contains("1970-01-03</th>") && html.contains(">90</td>"))
    }

    @Test(arguments: [(0, "0"), (9999, "9999"), (10_000, "10\u{202F}000"), (-1_234_567, "-1\u{202F}234\u{202F}567")])
    func longNumbersAreGrouped(_ number: Int, _ text: String) {
        #expect(number.grouped == text)
    }
}

extension String {
    fileprivate func components(of text: String) -> [Range<String.Index>] { ranges(of: text) }
}
