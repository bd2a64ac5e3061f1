package import InternetMessage

/// What all copies of a campaign are made from: the templates of one frozen revision, read once.
package struct CampaignDesign: Sendable {
    /// What every copy carries of ours.
    package struct Frame: Hashable, Sendable {
        package var from: String
        /// As people read the list's name.
        package var listTitle: String
        package var listID: String
        /// Fields that are the same in all copies.
        package var headers: [ComposedMessage.Header]
        /// Whether links and opens may be counted, of people who consent to it.
        package var tracks = false

        package init(from: String, listTitle: String, listID: String, headers: [ComposedMessage.Header], tracks: Bool = false) {
            self.from = from
            self.listTitle = listTitle
            self.listID = listID
            self.headers = headers
            self.tracks = tracks
        }
    }

    /// Addresses that count what a person does who consents to it.
    package struct Counting: Hashable, Sendable {
        /// In the order of `links`.
        package var links: [String]
        /// Of an image that nobody sees.
        package var pixel: String

        package init(links: [String], pixel: String) {
            self.links = links
            self.pixel = pixel
        }
    }

    package let subject: CopyTemplate
    package let text: CopyTemplate
    /// Nil for a plain text.
    package let html: CopyTemplate?
    /// Nil where there is one subject for all.
    package let otherSubject: CopyTemplate?
    /// Whether the person of an address gets the other subject.
    package var getsOther: @Sendable (String) -> Bool = { _ in false }
    /// What hangs on each copy.
    package var attachments: [ComposedMessage.Attachment] = []
    /// Where links lead that may be counted; empty where none are.
    package let links: [String]
    private let frame: Frame
    private let content: CampaignContent

    /// Names that each copy knows beside the person's attributes.
    package static let ownNames: Set<String> = ["email", "unsubscribe", "postal", "list", "preferences", "browser"]

    /// `body`: of Markdown, the HTML that was made of it; else as the content has it. Where nothing of the body shows the way out or the
    /// postal address, a footer with both is added.
    package init(_ content: CampaignContent, body: String, frame: Frame) throws(CopyTemplate.Fault) {
        self.content = content
        self.frame = frame
        subject = try CopyTemplate(content.subject, markup: .plain)
        if let other = content.otherSubject { otherSubject = try CopyTemplate(other, markup: .plain) } else { otherSubject = nil }
        guard content.format != .plain else {
            html = nil
            links = []
            text = try CopyTemplate(CampaignDesign.withFooter(plain: body), markup: .plain)
            return
        }
        let page = CSSInliner.inlined(CampaignDesign.page(body, content))
        let tracked = frame.tracks ? TrackedLinks(page) : nil
        links = tracked?.addresses ?? []
        html = try CopyTemplate(tracked.map { CampaignDesign.withPixel($0.html) } ?? page, markup: .html)
        text = try CopyTemplate(HTMLText.text(of: page), markup: .plain)
    }

    /// Names that are used, in order.
    package var names: [String] {
        var seen: Set<String> = []
        return (subject.names + (otherSubject?.names ?? []) + (html?.names ?? []) + text.names).filter {
            !CampaignDesign.isOurs($0) && seen.insert($0).inserted
        }
    }

    /// Those that leave a gap in a copy where they are empty.
    package var bareNames: Set<String> {
        subject.bareNames.union(otherSubject?.bareNames ?? []).union(html?.bareNames ?? []).union(text.bareNames).subtracting(
            CampaignDesign.ownNames
        ).filter { !CampaignDesign.isOurs($0) }
    }

    /// What stands in one person's copy where a tag names it.
    private func values(_ address: String, _ attributes: [String: String], _ unsubscribe: String) -> [String: String] {
        var values = attributes
        values["email"] = address
        values["unsubscribe"] = unsubscribe
        values["postal"] = content.postalAddress
        values["list"] = frame.listTitle
        return values
    }

    /// The Subject of one person's copy.
    package func subject(to address: String, attributes: [String: String], unsubscribe: String) -> String {
        subject(to: address, values(address, attributes, unsubscribe))
    }

    private func subject(to address: String, _ values: [String: String]) -> String {
        let chosen = getsOther(address) ? otherSubject ?? subject : subject
        return CampaignDesign.line(chosen.render(values))
    }

    private static func isOurs(_ name: String) -> Bool { name.hasPrefix(TrackedLinks.prefix) }

    /// One person's copy. `unsubscribe`, `preferences`, `browser`: addresses of the person's pages. `counting`: nil where nothing is counted.
    /// `headers`: fields of this copy alone.
    package func copy(
        to address: String, attributes: [String: String], unsubscribe: String, preferences: String = "", browser: String = "",
        counting: Counting? = nil, headers: [ComposedMessage.Header]
    ) -> ComposedMessage {
        var values = values(address, attributes, unsubscribe)
        (values["preferences"], values["browser"]) = (preferences, browser)
        for (place, link) in links.enumerated() {
            values[TrackedLinks.name(place)] = counting.flatMap { place < $0.links.count ? $0.links[place] : nil } ?? link
        }
        values[TrackedLinks.pixelName] = counting?.pixel
        var message = ComposedMessage(from: frame.from)
        message.to = [address]
        if !content.replyTo.isEmpty { message.replyTo = [content.replyTo] }
        message.subject = subject(to: address, values)
        message.text = text.render(values)
        message.html = html?.render(values)
        message.headers = frame.headers + headers
        message.attachments = attachments
        return message
    }

    /// A value of a person cannot begin a field.
    private static func line(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        return String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 })
    }

    private static func withPixel(_ page: String) -> String {
        let name = TrackedLinks.pixelName
        let pixel = "{{#\(name)}}<img src=\"{{\(name)}}\" width=\"1\" height=\"1\" alt=\"\">{{/\(name)}}"
        guard let end = page.ranges(of: "</body>").last else { return page + pixel }
        return page[..<end.lowerBound] + pixel + page[end.lowerBound...]
    }

    // MARK: - Footer

    private static func uses(_ name: String, _ body: String) -> Bool {
        body.contains("{{\(name)}}") || body.contains("{{ \(name) }}")
    }

    private static func withFooter(plain body: String) -> String {
        var footer: [String] = []
        if !uses("postal", body) { footer.append("{{#postal}}{{postal}}{{/postal}}") }
        if !uses("unsubscribe", body) { footer.append("You get this as {{email}} is on the list {{list}}. Unsubscribe: {{unsubscribe}}") }
        guard !footer.isEmpty else { return body }
        return body + (body.hasSuffix("\n") ? "" : "\n") + "\n-- \n" + footer.joined(separator: "\n") + "\n"
    }

    private static func page(_ body: String, _ content: CampaignContent) -> String {
        var footer = ""
        if !uses("postal", body), !content.postalAddress.isEmpty {
            let lines = content.postalAddress.split(separator: "\n").map { HTMLText.escaped(String($0)) }
            footer += "<p>\(lines.joined(separator: "<br>"))</p>\n"
        }
        if !uses("unsubscribe", body) {
            footer += "<p>You get this as {{email}} is on the list {{list}}. <a href=\"{{unsubscribe}}\">Unsubscribe</a></p>\n"
        }
        if !footer.isEmpty {
            footer = "<hr style=\"border:0;border-top:1px solid #767676\">\n<div style=\"font-size:14px\">\n\(footer)</div>\n"
        }
        let lower = body.lowercased()
        if lower.contains("<html") {
            guard let end = lower.firstRange(of: "</body>") else { return body + footer }
            let place = body.utf8.index(body.utf8.startIndex, offsetBy: lower.utf8.distance(from: lower.startIndex, to: end.lowerBound))
            return lower.utf8.count == body.utf8.count ? body[..<place] + footer + body[place...] : body + footer
        }
        return """
            <!doctype html>
            <html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark"></head>
            <body style="margin:0;padding:16px;font-family:sans-serif;font-size:16px;line-height:1.5"><div style="max-width:640px;margin:0 auto">
            \(body)\(footer)</div></body></html>

            """
    }
}
