/// Something to be filled in, or a button.
package struct Form: Sendable {
    package enum Look: String, Sendable {
        /// Fields below each other, with a title.
        case card
        /// Fields beside each other, above a table.
        case row
        /// A button in a row of a table.
        case inline
    }

    /// Where it goes; empty for the page itself.
    package var action: String
    /// The act of the room that takes it; nil for a form that only asks, by GET.
    package var act: String?
    package var look: Look
    package var title: String
    package var intro: String
    package var fields: [Field]
    package var hidden: [String: String]
    /// Fields of a form before this one, which go on with it; a name may stand more than once.
    var carried: [(name: String, value: String)] = []
    package var submit: String
    package var tone: Tone?
    /// What it does, for those who do not see what stands beside it; empty where its title says so.
    package var label: String
    package var cancel: Link?
    /// Shows its title alone until that is opened.
    package var isFolded: Bool

    package init(
        act: String?, _ submit: String, action: String = "", look: Look = .card, title: String = "", intro: String = "",
        fields: [Field] = [], hidden: [String: String] = [:], tone: Tone? = nil, label: String = "", cancel: Link? = nil,
        isFolded: Bool = false
    ) {
        self.action = action
        self.act = act
        self.look = look
        self.title = title
        self.intro = intro
        self.fields = fields
        self.hidden = hidden
        self.submit = submit
        self.tone = tone
        self.label = label
        self.cancel = cancel
        self.isFolded = isFolded
    }

    /// A button with nothing to fill in. `label`: what it does, to what.
    package static func button(
        _ submit: String, act: String, action: String = "", hidden: [String: String] = [:], tone: Tone? = nil, label: String
    ) -> Form {
        Form(act: act, submit, action: action, look: .inline, hidden: hidden, tone: tone, label: label)
    }
}

package struct Field: Sendable {
    package struct Option: Sendable {
        package var value: String
        package var text: String

        package init(_ value: String, _ text: String) {
            self.value = value
            self.text = text
        }
    }

    package enum Kind: Sendable {
        /// An `input` of this type: `text`, `search`, `email`, `password`, `number`.
        case input(String)
        /// Of so many lines.
        case area(Int)
        /// Of so many lines, and never shown again.
        case secretArea(Int)
        /// One of some.
        case select([Option])
        /// One of a few, all shown.
        case radio([Option])
        /// Any of a few, all shown.
        case checks([Option])
        /// Yes or no.
        case flag
    }

    package var name: String
    package var label: String
    package var kind: Kind
    /// What it holds at first; of checks and flags the chosen ones (`yes` for a flag).
    package var values: [String]
    package var hint: String
    /// What was wrong with what was filled in; empty for nothing.
    package var error = ""
    package var isRequired: Bool
    /// As HTML has it (WCAG 1.3.5); empty for none.
    package var autocomplete: String

    package init(
        _ name: String, _ label: String, _ kind: Kind = .input("text"), value: String = "", values: [String]? = nil, hint: String = "",
        isRequired: Bool = false, autocomplete: String = ""
    ) {
        self.name = name
        self.label = label
        self.kind = kind
        self.values = values ?? (value.isEmpty ? [] : [value])
        self.hint = hint
        self.isRequired = isRequired
        self.autocomplete = autocomplete
    }

    var value: String { values.first ?? "" }

    /// True for what is never shown again, also where something else in the form was wrong.
    var isSecret: Bool {
        switch kind {
        case .input("password"), .secretArea: true
        default: false
        }
    }

    /// For the audit.
    package static func reason(_ hint: String = "Kept in the audit log.", isRequired: Bool = true) -> Field {
        Field("reason", "Reason", hint: hint, isRequired: isRequired)
    }
}
