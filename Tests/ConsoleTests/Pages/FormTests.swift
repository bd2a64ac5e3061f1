import Testing

@testable import Console

struct FormTests {
    @Test func fieldsAreReadAsBrowsersSendThem() throws {
        let form = try #require(FormValues("name=+a%2Bb+&list=a%40b%2C+c%0D%0Ad&checks=x&checks=y&flag=yes&empty="))
        #expect(form["name"] == "a+b" && form.exactly("name") == " a+b ")
        #expect(form.list("list") == ["a@b", "c", "d"])
        #expect(form.all("checks") == ["x", "y"] && form.isOn("flag") && !form.isOn("other"))
        #expect(form.holds("empty") && !form.holds("other") && form["other"].isEmpty)
    }

    @Test(arguments: ["a=%", "a=%ZZ", "%FF=a", String(repeating: "a&", count: 5001)])
    func whatIsNoFormIsNone(_ text: String) { #expect(FormValues(text) == nil) }

    @Test func aRefusedFormKeepsWhatWasFilledInButNoPassword() throws {
        let fields = [
            Field("name", "Name", value: "old"), Field("password", "Password", .input("password")), Field("on", "On", .flag, value: "yes"),
            Field("checks", "Checks", .checks([Field.Option("a", "a"), Field.Option("b", "b")]), values: ["a"]),
        ]
        let page = Page(
            "T", blocks: [.form(Form(act: "save", "Save", fields: fields, isFolded: true)), .form(Form(act: "other", "x", fields: fields))])
        let form = try #require(FormValues("do=save&name=new&password=secret&checks=b"))
        let shown = page.after(.invalid([FieldProblem(.body, "/name", "is taken")]), form)
        guard case .form(let filled) = shown.blocks[1], case .form(let other) = shown.blocks[2] else { throw Problem.internalError }
        #expect(shown.status == 400 && !filled.isFolded)
        #expect(filled.fields.map(\.values) == [["new"], [], [], ["b"]])
        #expect(filled.fields[0].error == "is taken")
        #expect(other.fields[0].values == ["old"] && other.fields[0].error.isEmpty)
    }

    @Test(
        arguments: [
            ("/trace?q=a", "/trace?q=a"), ("", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/"),
            ("/a b", "/"), ("/sign-in?next=/x", "/"), ("/a\u{0A}b", "/"), ("javascript:alert(1)", "/"),
        ])
    func signingInLeadsToThisSiteAlone(_ next: String, _ path: String) { #expect(SignInPages.safe(next) == path) }

    @Test func pathsAreEncoded() {
        #expect(
            PagePath.make("restricted", "sender:a/b@example.org", query: ["all": "yes", "q": "", "x": "ä&"])
                == "/restricted/sender%3Aa%2Fb%40example.org?all=yes&x=%C3%A4%26")
    }

    @Test func formsThatTheViewerMayNotUseAreNotShown() {
        let room = Room("/x", [], acts: ["read": .init { _ in .redirect("/") }, "write": .init(["x:write"]) { _ in .redirect("/") }]) { _ in
            .redirect("/")
        }
        let viewer = Viewer(name: "a", actor: "a", account: "a", roles: [], scopes: [], session: "s", formToken: "t")
        let forms = ["read", "write", "unknown"].map { Form(act: $0, "Go") }
        let table = Table("C", ["A"], [[Table.Cell("x", forms: forms)]], empty: "")
        let shown = (forms.map { Block.form($0) } + [.table(table), .live(id: "l", [.table(table)])]).allowed(room, viewer)
        guard shown.count == 3, case .table(let left) = shown[1], case .live(_, let inner) = shown[2], case .table(let inside) = inner[0]
        else {
            Issue.record("\(shown)")
            return
        }
        #expect(left.rows[0][0].forms.map(\.act) == ["read"] && inside.rows[0][0].forms.map(\.act) == ["read"])
    }
}
