extension WordTokens {
    /// Of a message as an outbound submission has it: not of what is added on the way, and not of dates or of who it goes to.
    /// `rules`: the names of the rules that it broke.
    package static func of(_ facts: ScanFacts, rules: [String] = []) -> WordTokens {
        var tokens = WordTokens()
        let content = facts.content
        for rule in rules { tokens.add("rule", fact: rule) }
        tokens.addSender(facts)
        tokens.addForm(content)
        tokens.addLinks(content.links)
        tokens.add("subject", Array(content.field("subject").utf8))
        tokens.beginTexts()
        tokens.add("", content.plain)
        if let html = content.html {
            tokens.add("", html.visible)
            tokens.add("hidden", html.hidden, pairs: false)
        }
        return tokens
    }

    private mutating func addSender(_ facts: ScanFacts) {
        let content = facts.content
        let from = content.field("from")
        let address = from.lastIndex(of: "<") ?? from.startIndex
        add("name", Array(from[..<address].utf8))
        add("from", Array(from[address...].utf8), pairs: false)
        let reply = content.field("reply-to")
        if !reply.isEmpty, !from.contains(reply) { add("reply", Array(reply.utf8), pairs: false) }
        let to = content.field("to")
        add("to", fact: to.isEmpty ? "none" : to.contains("undisclosed") ? "undisclosed" : to.contains("@") ? "address" : "strange")
        add("message-id", fact: WordTokens.form(content.field("message-id").prefix { $0 != "@" }))
        let own = Set(facts.sites.values)
        let led = content.links.prefix(100).filter { $0.kind != .written }
        if !led.isEmpty {
            let ours = led.count { own.contains($0.host.site) }
            add("own-links", fact: ours == 0 ? "none" : 2 * ours < led.count ? "some" : "most")
        }
    }

    /// What program wrote it, as far as one can tell: which fields there are, how they are written, what separates the parts.
    private mutating func addForm(_ content: MessageContent) {
        for field in content.fields where WordTokens.telling.contains(field.name) { add("field", fact: field.writtenName) }
        for name in ["user-agent", "organization", "importance", "priority"] { add(name, Array(content.field(name).utf8), pairs: false) }
        let type = content.field("content-type")
        if let boundary = type.split(separator: "oundary=", maxSplits: 1).dropFirst().first {
            add("boundary", fact: WordTokens.form(boundary))
        }
        for part in content.parts {
            add("type", fact: part.type)
            add("charset", fact: part.charset)
            if let dot = part.name.lastIndex(of: ".") { add("file", fact: String(part.name[dot...].prefix(8)).lowercased()) }
        }
        guard let html = content.html else { return }
        var pairs: Set<UInt32> = []
        for (one, next) in zip(html.structure, html.structure.dropFirst()).prefix(400)
        where pairs.insert(UInt32(one) << 16 | UInt32(next)).inserted {
            add("elements", fact: "\(one) \(next)")
        }
    }

    private mutating func addLinks(_ links: [ContentLink]) {
        for link in links.prefix(100) {
            let isImage = link.kind == .image || link.kind == .pixel
            let (kind, path, query) = isImage ? ("image", "image-path", "image-query") : ("link", "link-path", "link-query")
            add(kind, fact: link.host.name)
            if link.host.site != link.host.name { add(kind, fact: link.host.site) }
            for segment in link.address.shapes { add(path, fact: segment) }
            for pair in link.address.query.utf8.split(separator: 0x26).prefix(8) {
                add(query, fact: String(Substring(pair.prefix { $0 != 0x3D })))
            }
        }
    }

    private static let telling: Set<String> = [
        "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "reply-to", "organization", "user-agent",
        "importance", "priority", "in-reply-to", "references", "message-id", "to", "cc", "bcc", "comments", "subject", "from",
        "disposition-notification-to", "mailer", "content-class", "thread-index", "thread-topic", "auto-submitted",
    ]

    /// Runs of letters as `a`, of digits as `0`, the rest as it stands: `----=_NextPart_000_00A6` is `-=_a_0_0a0`.
    private static func form(_ text: Substring) -> String {
        var form: [UInt8] = []
        for octet in text.utf8.prefix(80) {
            let sign: UInt8 =
                switch octet {
                case 0x30...0x39: 0x30
                case 0x41...0x5A, 0x61...0x7A: 0x61
                default: octet
                }
            if sign != form.last { form.append(sign) }
        }
        return String(decoding: form.prefix(30), as: UTF8.self)
    }
}
