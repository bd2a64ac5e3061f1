import MailModel

/// Usual mail of people at work: answers, short notes, letters, small mailings, all with a signature and the company's long disclaimer.
struct OfficeMail: Sendable {
    private let texts: [String]

    init(_ more: [String]) { texts = more }

    /// Plain text, lines ended by CRLF.
    func body(_ random: inout SplitMix, by sender: EmailAddress) -> String {
        var lines: [String] = ["\(pick(OfficeMail.greetings, &random)) \(pick(OfficeMail.names, &random)),", ""]
        if !texts.isEmpty, Int.random(in: 0..<2, using: &random) == 0 {
            lines.append(pick(texts, &random))
        } else {
            lines += (0..<Int.random(in: 1...6, using: &random)).map { _ in sentence(&random) }
        }
        lines += ["", "\(pick(OfficeMail.closings, &random))", sender.localPart, ""]
        // An answer quotes what it answers to.
        if Int.random(in: 0..<2, using: &random) == 0 {
            lines += (0..<Int.random(in: 1...5, using: &random)).map { _ in "> \(sentence(&random))" } + [""]
        }
        return (lines + OfficeMail.disclaimer).joined(separator: "\r\n") + "\r\n"
    }

    func subject(_ random: inout SplitMix) -> String {
        let subject = "\(pick(OfficeMail.things, &random)) \(pick(OfficeMail.places, &random))"
        return Int.random(in: 0..<2, using: &random) == 0 ? "Re: \(subject)" : subject
    }

    private func sentence(_ random: inout SplitMix) -> String {
        let pattern = pick(OfficeMail.patterns, &random)
        return pattern.replacing("#", with: pick(OfficeMail.things, &random)).replacing("@", with: pick(OfficeMail.places, &random))
            .replacing("%", with: pick(OfficeMail.names, &random)).replacing("~", with: "\(Int.random(in: 2...90, using: &random))")
    }

    private func pick(_ list: [String], _ random: inout SplitMix) -> String { list[Int.random(in: 0..<list.count, using: &random)] }

    private static let greetings = ["Dear", "Hello", "Hi", "Good morning"]
    private static let closings = ["Kind regards", "Best", "Thanks", "Many thanks", "See you"]
    private static let names = ["Anna", "Bob", "Carla", "David", "Erin", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kim", "Lars"]
    private static let things = [
        "the report", "the budget", "the drawings", "our meeting", "the contract", "the invoice", "the workshop", "the delivery",
        "the survey",
        "the minutes", "the new lease", "the heating", "the timetable", "the software", "the audit", "the travel plans",
    ]
    private static let places = [
        "for Tuesday", "of last month", "in Vienna", "for the north office", "with the council", "from the bridge project",
        "for next year", "at the warehouse", "with the auditors", "for the second floor", "of the spring term",
    ]
    private static let patterns = [
        "I have looked at # @ and it is fine with me.", "Could you send # @ to % before noon?", "% will bring # @ along.",
        "We still miss page ~ of #.", "There are ~ people who would like to come, so we need the larger room @.",
        "Please have a look at #, chapter ~ seems to be out of date.", "I shall be out of the office for ~ days; % stands in for me.",
        "The supplier says that # @ takes ~ days longer.", "Do you know who keeps the keys for the archive? % does not.",
        "Let us talk about # on the phone, I am free from two o'clock.", "Attached is #, with the changes that % asked for.",
        "I would rather move # to another week.", "No news about # @ yet; I have asked % again.",
        "The total is ~ thousand, which is less than we had feared.", "Thank you for # @, that was quick.",
        "% and I have agreed that # can go ahead.",
    ]
    private static let disclaimer = [
        "Contoso Engineering Ltd · 12 Mill Lane · www.\(HijackPlan.domain)", "",
        "This message and any files sent with it are confidential and meant only for the person to whom they are addressed. If you have",
        "received it by mistake, please tell the sender and delete it; copying it or passing it on is not permitted. Contoso accepts no",
        "liability for damage caused by any virus that this message may carry.",
    ]
}
