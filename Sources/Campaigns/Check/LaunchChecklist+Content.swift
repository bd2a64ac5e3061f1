import MailModel

// What it says.
extension LaunchChecklist {
    static func subject(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let subject = facts.subject
        let lower = subject.lowercased()
        let isAnswer = ["re:", "fw:", "fwd:", "aw:", "wg:", "sv:"].contains { lower.hasPrefix($0) }
        let letters = subject.filter(\.isLetter)
        let isLoud = subject.filter { $0 == "!" }.count > 1 || (letters.count >= 8 && letters.allSatisfy(\.isUppercase))
        return [
            line(
                "SUBJECT", !subject.allSatisfy(\.isWhitespace), .red, "Subject", good: "There is a subject.",
                why: "A message without a subject looks like spam.", fix: "Write a subject."),
            line(
                "US-1", !isAnswer, .red, "Subject is no answer", good: "It does not pose as an answer.",
                why: "A subject that begins with \"\(subject.prefix(4))\" says that it is an answer; the law calls that deceptive.",
                fix: "Leave it out."),
            line(
                "LOUD", !isLoud, .amber, "Subject is calm", good: "No shouting.",
                why: "Capitals and exclamation marks look like spam to filters and to people.", fix: "Write it as a sentence."),
        ]
    }

    static func body(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let words = facts.visibleText.split(whereSeparator: \.isWhitespace).count
        var lines = [
            line(
                "EMPTY", words > 0 || facts.plainText.contains(where: { !$0.isWhitespace }), .red, "Text", good: "There is a text.",
                why: "The message is empty.", fix: "Write it."),
            line(
                "IMAGES", facts.images == 0 || words >= 20, .amber, "Images and text", good: "It can be read without images.",
                why: "Almost all of it is in images: filters cannot read it, and many readers do not see it.",
                fix: "Write the text as text."),
            line(
                "ALT", facts.imagesWithoutText == 0, .amber, "Images for those who cannot see them",
                good: facts.images == 0 ? "There are no images." : "Each image has a text.",
                why: "\(facts.imagesWithoutText) of \(facts.images) images have no alt text.",
                fix: "Add alt=\"…\"; an empty one for decoration."),
            line(
                "GM-12", facts.hiddenText.count <= 200, .amber, "Hidden text", good: "Nothing of length is hidden.",
                why: "\(facts.hiddenText.count) characters are hidden by HTML or CSS; Gmail takes that for deceit.",
                fix: "Show them, or leave them out."),
            line(
                "SCRIPT", facts.scripts == 0 && facts.forms == 0, .red, "Scripts and forms", good: "There are none.",
                why: "Mail programs block scripts and forms, and filters take them for an attack.", fix: "Link to a page."),
            line(
                "EU-7", facts.pixels == 0, .amber, "Tracking", good: "No tracking pixel.",
                why: "An image of one pixel tells when somebody reads: in the EU that needs a consent of its own.", fix: "Leave it out."),
        ]
        lines += [contrast(facts), sameness(facts)]
        return lines
    }

    private static func contrast(_ facts: ChecklistFacts) -> ChecklistLine {
        guard let worst = facts.contrast.min(by: { $0.ratio < $1.ratio }) else {
            return ChecklistLine("CONTRAST", .green, "Contrast", why: "Each text can be told from its ground, as far as colours are said.")
        }
        return ChecklistLine(
            "CONTRAST", .amber, "Contrast",
            why: "\"\(worst.text)\" is \(worst.color) on \(worst.ground), \(worst.ratioText) to 1: many people cannot read that "
                + "(WCAG 2.2 asks for \(worst.least == 3 ? "3" : "4.5")).",
            fix: "Take a darker or lighter colour\(facts.contrast.count > 1 ? "; \(facts.contrast.count) places are concerned" : "").")
    }

    private static func sameness(_ facts: ChecklistFacts) -> ChecklistLine {
        let percent = facts.sameness.map { Int(($0 * 100).rounded(.down)) }
        let isSame = percent.map { $0 >= 99 } ?? !facts.isPersonal
        guard isSame, facts.audience.planned >= 1000 else {
            let text =
                percent.map { "Two people's copies have \($0) % of their words in common." } ?? "Copies are few, or not all the same."
            return ChecklistLine("SAME", .green, "Copies differ", why: text)
        }
        let best = facts.audience.attributes.max { ($0.value, $1.key) < ($1.value, $0.key) }
        let hint =
            best.map { name, count in
                "Write what differs: {{\(name)|reader}} is known of \(count * 100 / max(1, facts.audience.planned)) % of the people."
            } ?? "Import an attribute such as the first name, and greet people by it: {{first name|reader}}."
        return ChecklistLine(
            "SAME", .amber, "Copies differ", why: "\(facts.audience.planned) people get all but the same text: filters weigh sameness.",
            fix: hint)
    }

    static func links(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let own = facts.links.filter { $0.address != facts.unsubscribe }
        let short = own.first { facts.shorteners.contains($0.host) || facts.shorteners.contains($0.site) }
        let lie = own.first { link in link.shownSite.map { $0 != link.site } ?? false }
        let plain = own.first { $0.scheme == "http" }
        let numeric = own.first { IPAddress($0.host) != nil }
        let foreign = own.first { $0.host.split(separator: ".").contains { $0.hasPrefix("xn--") } }
        let sites = Set(own.map(\.site))
        let redirect = own.first { link in
            let lower = link.address.lowercased()
            return ["url=http", "u=http", "redirect=http", "target=http", "url=https%3a", "u=https%3a"].contains(where: lower.contains)
        }
        return [
            line(
                "SHORT", short == nil, .red, "Shorteners", good: "No link hides where it leads.",
                why: "\(short?.host ?? "") hides where the link leads; blocklists name shorteners, and filters refuse them.",
                fix: "Link to the page itself."),
            line(
                "GM-13", lie == nil, .red, "Honest links", good: "Links lead where they say.",
                why: "A link shows \(lie?.shownSite ?? "") and leads to \(lie?.host ?? ""): that is how phishing looks.",
                fix: "Let the text say where it leads."),
            line(
                "NUMERIC", numeric == nil, .red, "Links by name", good: "No link leads to a bare address.",
                why: "A link leads to \(numeric?.host ?? ""), a number instead of a name.", fix: "Take the host's name."),
            line(
                "IDN", foreign == nil, .amber, "Names in plain letters", good: "No link's name has letters that look like others.",
                why: "A link leads to \(foreign?.host ?? ""), a name with letters beyond a to z: names are imitated that way (UTS 39).",
                fix: "Make sure that it is the right one, or take a plain name."),
            line(
                "HTTPS", plain == nil, .amber, "Encrypted links", good: "All links are encrypted.",
                why: "\(plain?.host ?? "") is linked without encryption.", fix: "Write https://."),
            line(
                "REDIRECT", redirect == nil, .amber, "Redirects", good: "No link leads through another site.",
                why: "\(redirect?.host ?? "") only leads on: click counters of others are on blocklists, and count without consent.",
                fix: "Link to the page itself."),
            line(
                "LINKS", own.count <= 50 && sites.count <= 10, .amber, "Number of links",
                good: "\(own.count) links to \(sites.count) domains.",
                why: "\(own.count) links to \(sites.count) domains: filters check each, and one bad one is enough.", fix: "Link to less."),
        ]
    }

    static func law(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let must: ChecklistLine.Level = facts.isMarketing ? .red : .amber
        let first = facts.postalAddress.split(separator: "\n").first.map(String.init) ?? ""
        let shown = (facts.visibleText + "\n" + facts.plainText).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isPostalShown = !first.isEmpty && shown.contains(first.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        let isPublic = facts.publicURL?.hasPrefix("https://") == true
        return [
            line(
                "GM-07", isPublic, must, "One-click unsubscribe", good: "List-Unsubscribe and List-Unsubscribe-Post are in place.",
                why: "Gmail and Yahoo want one-click unsubscribe (RFC 8058) in all marketing mail; it needs a public https address.",
                fix: "Set campaigns.public-url to where this gate's HTTP listener is reached from outside."),
            line(
                "GM-08", facts.publicURLProblem == nil, .amber, "One-click address, tried",
                good: "The address for one-click unsubscribe answers, or no gate runs to try it.",
                why: "A POST to the public address, as mail providers send it, failed: \(facts.publicURLProblem ?? "")",
                fix: "Let the name, its certificate and the proxy before this gate lead POST requests below /u/ to its HTTP listener."),
            line(
                "US-3", facts.isUnsubscribeVisible, must, "Way out in the text", good: "The text shows how to unsubscribe.",
                why: "The law wants a clear way out in the message itself.", fix: "Write {{unsubscribe}} where it should stand."),
            line(
                "US-2", isPostalShown, must, "Postal address", good: "It stands in the message.",
                why: "The law of the US and Canada wants your postal address in the message.", fix: "Set --postal."),
            line(
                "CA-4", facts.hasContact, facts.isMarketing ? .amber : .green, "A way to reach you",
                good: facts.hasContact ? "Mail, telephone or web stand in the message." : "Not asked for here.",
                why: "CASL wants a telephone number, a mail address or a web address beside the postal one, so that people can ask.",
                fix: "Write one of them into the text."),
            line(
                "YH-02", facts.hasMailto, .amber, "Unsubscribe by mail", good: "People can unsubscribe by mail, too.",
                why: "Some mail programs know only the mail address of List-Unsubscribe.",
                fix: "Set bulk.return-path-domain and reports.port: reports and requests to unsubscribe come there."),
        ]
    }
}
