import DeliveryPlanning
package import GateCore
import InternetMessage
import MailModel
package import OutboundPolicy

/// Runs a `HijackPlan` through the gate's core on a clock of its own, with scans that the caller does. What is taken and not held counts as
/// left, at once: no queue is slower than that.
package struct HijackSimulation {
    /// What a scan says of a message; called in the order in which they are submitted.
    package typealias Scan = (HijackMail, ScanSubject) -> ScannedContent

    private let plan: HijackPlan
    private let scan: Scan
    private var core: GateCore
    private var book = UsageBook()
    private var random: SplitMix
    private var report = HijackReport()
    private var firstSpamAt: [EmailAddress: Timestamp] = [:]
    private var mailNumber = 0
    private let office: OfficeMail
    private let campaign: CampaignSpam

    private static let contacts = 25
    /// Times that a decision is made again, as the gate does.
    private static let excessesMax = 5

    package static func run(_ plan: HijackPlan, scan: @escaping Scan) -> HijackReport {
        var simulation = HijackSimulation(plan, scan)
        return simulation.run()
    }

    private init(_ plan: HijackPlan, _ scan: @escaping Scan) {
        self.plan = plan
        self.scan = scan
        random = SplitMix(seed: plan.seed)
        office = OfficeMail(plan.usualTexts)
        campaign = CampaignSpam(plan.campaignTexts, &random)
        core = GateCore(
            settings: GateSettings(), run: GateRun(owner: 1, node: 1, leaseUntil: .distantFuture),
            directory: HijackSimulation.directory(plan),
            newestMessage: nil)
        report.attacks = (0..<plan.hijacked).map { HijackReport.Attack(account: HijackPlan.account($0).key) }
    }

    private static func directory(_ plan: HijackPlan) -> Directory {
        guard let domain = DomainName(HijackPlan.domain) else { preconditionFailure("a name that is none") }
        var directory = Directory(version: 1, domains: [domain: AcceptedDomain(name: domain)])
        for number in 0..<plan.senders {
            let account = Account(address: HijackPlan.account(number), passwordHash: "")
            directory.accounts[account.address.key] = account
        }
        let internet = Route(name: "internet", kind: .mx, createdAt: plan.start)
        directory.routes[internet.name] = internet
        if plan.hasHighRiskSource {
            var risky = Route(name: "risky", kind: .mx, createdAt: plan.start)
            risky.pool = .highRisk
            directory.routes[risky.name] = risky
        }
        directory.policies[SendingPolicy.defaultName] = plan.preset.policy
        directory.service = plan.preset.service(licences: plan.senders)
        return directory
    }

    private mutating func run() -> HijackReport {
        for day in 0..<plan.days {
            var mails = (0..<plan.senders).flatMap { usualDay(of: $0, day) }
            if day == plan.days - 1 { mails += attack(day) }
            mails.sort { ($0.at, $0.messageID) < ($1.at, $1.messageID) }
            for mail in mails { submit(mail) }
        }
        report.senderDays = plan.senders * plan.days
        return report
    }

    // MARK: - Mail

    private mutating func usualDay(of number: Int, _ day: Int) -> [HijackMail] {
        let sender = HijackPlan.account(number)
        let morning = plan.start + .seconds(Int64(day) * 86_400 + 8 * 3600)
        var mails: [HijackMail] = []
        for _ in 0..<Int.random(in: 4...30, using: &random) {
            let at = morning + .seconds(Int64.random(in: 0..<36_000, using: &random))
            let recipients = (0..<[1, 1, 1, 2, 4][Int.random(in: 0..<5, using: &random)]).map { _ in recipient(of: number) }
            mails.append(mail(from: sender, to: recipients, office.subject(&random), office.body(&random, by: sender), at: at))
        }
        // The same words to a few new people, one by one.
        if Int.random(in: 0..<30, using: &random) == 0 {
            let (subject, body) = (office.subject(&random), office.body(&random, by: sender))
            let begin = morning + .seconds(Int64.random(in: 0..<30_000, using: &random))
            for place in 0..<Int.random(in: 4...8, using: &random) {
                mails.append(mail(from: sender, to: [stranger()], subject, body, at: begin + .seconds(Int64(place) * 120)))
            }
        }
        return mails
    }

    private mutating func attack(_ day: Int) -> [HijackMail] {
        let begin = plan.start + .seconds(Int64(day) * 86_400 + 10 * 3600)
        guard plan.hijacked > 0, plan.spamPerHour > 0 else { return [] }
        return (0..<(plan.spamPerHour * 8)).map { number in
            let at = begin + .milliseconds(Int64(number) * 3_600_000 / Int64(plan.spamPerHour))
            var spam = mail(
                from: HijackPlan.account(number % plan.hijacked), to: [stranger()], campaign.subject(&random), campaign.body(&random),
                at: at)
            spam.isSpam = true
            return spam
        }
    }

    private mutating func mail(
        from sender: EmailAddress, to recipients: [EmailAddress], _ subject: String, _ body: String, at time: Timestamp
    ) -> HijackMail {
        mailNumber += 1
        let id = "\(mailNumber)@\(HijackPlan.domain)"
        let to = recipients.map(\.description).joined(separator: ", ")
        let header = [
            "From: \(sender)", "To: \(to)", "Subject: \(subject)", "Message-ID: <\(id)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ]
        let content = Array((header.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        return HijackMail(
            at: time, sender: sender, recipients: recipients, messageID: id, subject: subject, content: content, isSpam: false)
    }

    /// A colleague, somebody of the usual circle, or now and then somebody new.
    private mutating func recipient(of number: Int) -> EmailAddress {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: HijackPlan.account(Int.random(in: 0..<plan.senders, using: &random))
        case 5..<19: address("contact\(number)-\(Int.random(in: 0..<HijackSimulation.contacts, using: &random))")
        default: stranger()
        }
    }

    private mutating func stranger() -> EmailAddress { address("s\(random.next() & 0xFFFF_FFFF)") }

    private func address(_ name: String) -> EmailAddress {
        guard let address = EmailAddress("\(name)@elsewhere.example") else { preconditionFailure("an address that is none") }
        return address
    }

    // MARK: - The gate

    private mutating func submit(_ mail: HijackMail) {
        if !mail.isSpam { report.usualMessages += 1 }
        let session = SessionFacts(
            principal: .account(mail.sender), address: IPAddress("192.0.2.7"), helloName: "pc", isEncrypted: true, tlsVersion: "TLSv1.3")
        let envelope = Envelope(
            reversePath: .address(mail.sender), parameters: MailParameters(), recipients: mail.recipients.map { EnvelopeRecipient($0) })
        var facts = MessageFacts()
        (facts.hasFrom, facts.from, facts.subject, facts.messageID) = (true, [mail.sender], mail.subject, mail.messageID)
        let at = mail.at
        core.steadyTimeIs(SteadyTime(milliseconds: (at - plan.start).milliseconds))
        guard let subject = core.scanSubject(facts, envelope: envelope, session: session, at: at, fieldAddress: { _ in nil }) else {
            return refused(mail)
        }
        let scanned = scan(mail, subject)
        judged(mail, scanned)
        var firstTime = 0
        for _ in 0...HijackSimulation.excessesMax {
            let decision = core.contentReceived(
                facts, envelope: envelope, bytes: mail.content.count, session: session, firstTime: firstTime, scan: .scanned(scanned),
                at: at
            ) { _ in nil }
            guard case .accept(let order) = decision else {
                restrictions(at: at)
                return refused(mail)
            }
            let claimed = book.claim(order.claims, at: at)
            if order.lease != nil { release(order, at: at) }
            core.usageLearned(claimed.answer, at: at)
            guard claimed.isExceeded else {
                taken(mail, order, scanned)
                return restrictions(at: at)
            }
            firstTime = claimed.answer.firstTime
        }
        refused(mail)
    }

    /// No delivery is simulated: its place in the queue's memory is free again.
    private mutating func release(_ order: AcceptanceOrder, at now: Timestamp) {
        _ = core.handle(.notStored(recipients: order.recipients.count), at: now, using: &random)
    }

    private mutating func judged(_ mail: HijackMail, _ scanned: ScannedContent) {
        guard mail.isSpam else {
            report.usualByVerdict[scanned.summary.kind.rawValue, default: 0] += 1
            return
        }
        guard scanned.isSpam else { return }
        if firstSpamAt[mail.sender] == nil { firstSpamAt[mail.sender] = mail.at }
    }

    private mutating func taken(_ mail: HijackMail, _ order: AcceptanceOrder, _ scanned: ScannedContent) {
        guard mail.isSpam, let place = report.attacks.firstIndex(where: { $0.account == mail.sender.key }) else { return }
        if scanned.isSpam { report.attacks[place].judgedSpam += 1 }
        if order.recipients.allSatisfy({ $0.state == .held }) {
            report.attacks[place].held += 1
        } else if order.record.pool == .highRisk {
            report.attacks[place].leftByHighRisk += 1
        } else {
            report.attacks[place].leftByNormal += 1
            if scanned.isSpam { report.attacks[place].spamByNormal += 1 }
            if let first = firstSpamAt[mail.sender], first < mail.at { report.attacks[place].normalAfterVerdict += 1 }
        }
    }

    private mutating func refused(_ mail: HijackMail) {
        guard let place = report.attacks.firstIndex(where: { $0.account == mail.sender.key }) else {
            report.falseRefusals += 1
            return
        }
        if mail.isSpam { report.attacks[place].refused += 1 }
    }

    private mutating func restrictions(at now: Timestamp) {
        for case .restrict(let restriction) in core.takeActs() {
            guard let place = report.attacks.firstIndex(where: { restriction.entity == .sender($0.account) }) else {
                report.falseRestrictions.append("\(restriction.entity): \(restriction.cause)")
                continue
            }
            let begin = plan.start + .seconds(Int64(plan.days - 1) * 86_400 + 10 * 3600)
            report.attacks[place].restrictedAfterSeconds = (now - begin).milliseconds / 1000
            report.attacks[place].rule = restriction.cause.rule
        }
    }
}
