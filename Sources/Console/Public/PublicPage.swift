import Crypto
import Foundation
import Mustache

/// A page for readers of lists: no sign-in, no cookies, no script, nothing from elsewhere.
package struct PublicPage: Sendable {
    package struct Choice: Sendable {
        package var value: String
        package var text: String
        package var isChosen: Bool
        /// Small, below it; empty for none.
        package var note: String

        package init(_ value: String, _ text: String, isChosen: Bool = false, note: String = "") {
            self.value = value
            self.text = text
            self.isChosen = isChosen
            self.note = note
        }
    }

    package struct Field: Sendable {
        package enum Kind: Sendable {
            case email
            /// One of some.
            case radio([Choice])
            /// Any of some.
            case checks([Choice])
        }

        package var name: String
        package var label: String
        package var kind: Kind
        package var value: String
        package var error: String

        package init(_ name: String, _ label: String, _ kind: Kind, value: String = "", error: String = "") {
            self.name = name
            self.label = label
            self.kind = kind
            self.value = value
            self.error = error
        }
    }

    package struct Form: Sendable {
        /// Where it goes; empty: to the page itself.
        package var action: String
        package var title: String
        package var intro: [String]
        package var fields: [Field]
        package var hidden: [String: String]
        package var submit: String
        /// A field that people do not see and programs fill in.
        package var trap: String
        /// Not what one comes for.
        package var isQuiet: Bool

        package init(
            _ submit: String, action: String = "", title: String = "", intro: [String] = [], fields: [Field] = [],
            hidden: [String: String] = [:], trap: String = "", isQuiet: Bool = false
        ) {
            self.submit = submit
            self.action = action
            self.title = title
            self.intro = intro
            self.fields = fields
            self.hidden = hidden
            self.trap = trap
            self.isQuiet = isQuiet
        }
    }

    package var status = 200
    package var words: PublicWords
    package var title: String
    /// Whose page it is, above the title; may be empty.
    package var list: String
    package var texts: [String]
    /// What was just done, or what is wrong.
    package var notice = ""
    package var isGood = true
    package var forms: [Form] = []
    package var links: [(text: String, href: String, note: String)] = []
    /// Plain text as it is; empty for none.
    package var letter = ""

    package init(_ words: PublicWords, _ title: String, list: String = "", texts: [String] = []) {
        self.words = words
        self.title = title
        self.list = list
        self.texts = texts
    }
}

/// Makes HTML of public pages. The style stands in the page: its hash is what the policy allows.
package struct PublicPageRenderer: Sendable {
    private let library: MustacheLibrary
    private let style: String
    /// `Content-Security-Policy` of the pages: nothing but our own style, and forms to ourselves.
    package let policy: String

    /// Traps for a template that cannot be read: it is part of the program.
    package init() {
        func asset(_ name: String) -> String {
            guard let found = ConsoleAsset.all.first(where: { $0.name == name }) else { preconditionFailure("there is no \(name)") }
            return String(decoding: found.bytes, as: UTF8.self)
        }
        style = asset("public.css")
        do {
            library = MustacheLibrary(templates: ["public": try MustacheTemplate(string: asset("public.mustache"))])
        } catch {
            preconditionFailure("public.mustache: \(error)")
        }
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        policy = """
            default-src 'none'; style-src 'sha256-\(digest)'; img-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'
            """
    }

    package func html(_ page: PublicPage) -> String {
        var model: [String: Any] = [
            "language": page.words.language, "title": page.title, "style": style, "texts": page.texts,
            "forms": page.forms.enumerated().map { self.model($1, "f\($0)", page.words) },
        ]
        if !page.list.isEmpty { model["list"] = page.list }
        if !page.notice.isEmpty {
            model["notice"] = ["text": page.notice, "tone": page.isGood ? "good" : "bad", "role": page.isGood ? "status" : "alert"]
        }
        if !page.letter.isEmpty { model["letter"] = page.letter }
        if !page.links.isEmpty {
            model["links"] = [
                "items": page.links.map { link in
                    var item = ["text": link.text, "href": link.href]
                    if !link.note.isEmpty { item["note"] = link.note }
                    return item
                }
            ]
        }
        guard let html = library.render(model, withTemplate: "public") else { preconditionFailure("there is no template public") }
        return html
    }

    private func model(_ form: PublicPage.Form, _ id: String, _ words: PublicWords) -> [String: Any] {
        var model: [String: Any] = [
            "id": id, "submit": form.submit, "intro": form.intro, "fields": form.fields.map { self.model($0, "\(id)-\($0.name)") },
            "hidden": form.hidden.sorted { $0.key < $1.key }.map { ["name": $0.key, "value": $0.value] },
        ]
        if form.isQuiet { model["class"] = "quiet" }
        if !form.action.isEmpty { model["action"] = form.action }
        if !form.title.isEmpty { model["heading"] = form.title }
        if !form.trap.isEmpty { model["trap"] = ["name": form.trap, "label": words.text("form.trap")] }
        return model
    }

    private func model(_ field: PublicPage.Field, _ id: String) -> [String: Any] {
        var model: [String: Any] = ["id": id, "name": field.name, "label": field.label, "value": field.value]
        if !field.error.isEmpty { model["error"] = field.error }
        func choices(_ type: String, _ choices: [PublicPage.Choice]) -> [[String: Any]] {
            choices.map { choice in
                var model: [String: Any] = [
                    "type": type, "name": field.name, "value": choice.value, "text": choice.text, "isChosen": choice.isChosen,
                ]
                if !choice.note.isEmpty { model["note"] = choice.note }
                return model
            }
        }
        switch field.kind {
        case .email: model["isEmail"] = true
        case .radio(let some): model["choices"] = ["all": choices("radio", some), "label": field.label]
        case .checks(let some): model["choices"] = ["all": choices("checkbox", some), "label": field.label]
        }
        return model
    }
}
