import Testing

@testable import Console

@Suite struct PublicPageTests {
    @Test func `each language has the same keys, with the same places to fill in`() {
        let english = PublicWords.of("en")
        func places(_ text: String) -> [String] { text.matches(of: /\{[a-z]+\}/).map { String($0.output) }.sorted() }
        for language in PublicWords.languages {
            let words = PublicWords.of(language)
            #expect(words.language == language)
            #expect(words.texts.keys.sorted() == english.texts.keys.sorted(), "\(language)")
            for (key, text) in words.texts {
                #expect(!text.isEmpty && places(text) == places(english.texts[key] ?? ""), "\(language) \(key)")
                if language != "en" { #expect(text != english.texts[key] || text.count < 12, "\(language) \(key) is English") }
            }
        }
    }

    @Test func `what is filled in is filled in once`() {
        let words = PublicWords.of("en")
        let text = words.text("leave.done", ["address": "{list}@example.org", "list": "<News>"])
        #expect(text == "{list}@example.org receives no more mail of <News>.")
    }

    @Test func `the list decides on the language, then the person, then the browser`() {
        func language(_ fixed: String?, _ person: String?, _ accepted: String) -> String {
            PublicWords.language(fixed: fixed, person: person, accepted: accepted)
        }
        #expect(language("fr", "de", "es") == "fr" && language(nil, "de-AT", "es") == "de" && language(nil, "Deutsch", "es") == "de")
        #expect(language(nil, "klingon", "es-MX,es;q=0.9") == "es" && language(nil, nil, "") == "en")
        #expect(language(nil, nil, "ja, de;q=0.5, fr;q=0.8") == "fr" && language(nil, nil, "de;q=0, xx") == "en")
        #expect(language(nil, nil, "fr;q=x, de;q=0.9") == "fr")
    }

    @Test func `a page escapes what it is given, and allows nothing but its own style`() {
        let renderer = PublicPageRenderer()
        var page = PublicPage(PublicWords.of("de"), "<b>", list: "\"News\" & <i>", texts: ["<script>"])
        page.forms = [
            PublicPage.Form(
                "OK", fields: [PublicPage.Field("email", "A", .email, value: "\"><x", error: "no")], hidden: ["t": "\"><y"], trap: "website"
            )
        ]
        page.links = [("<u>", "/l/news", "")]
        page.letter = "<pre>"
        let html = renderer.html(page)
        #expect(html.contains("<html lang=\"de\">"))
        for raw in ["<b>", "<i>", "<script>", "\"><x", "\"><y", "<u>", "<pre><pre>"] { #expect(!html.contains(raw), "\(raw)") }
        #expect(html.contains("aria-describedby=\"f0-email-error\"") && html.contains("id=\"f0-email-error\""))
        #expect(renderer.policy.contains("default-src 'none'") && !renderer.policy.contains("unsafe"))
        #expect(!html.contains(" style=\"") && !html.contains("http://") && !html.contains("https://") && !html.contains("<script"))
    }

    @Test func `public paths are those of readers alone`() {
        for path in ["/u/T", "/l/news", "/l/news/archive/spring", "/s/T", "/p/T", "/b/T", "/c/T", "/o/T"] {
            #expect(PublicPaths.covers(path))
        }
        for path in ["/", "/lists", "/u", "/u/", "/x/T", "/l", "/queue", "/v1/lists", "u/T"] {
            #expect(!PublicPaths.covers(path), "\(path)")
        }
    }
}
