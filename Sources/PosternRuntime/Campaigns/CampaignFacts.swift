import Campaigns
import ContentReading
import ContentScan
import Foundation
import InternetMessage
import MailAuthentication
import MailModel
import OutboundPolicy
import Storage

/// Gathers what the launch checklist looks at: the audience, one sample copy, the directory and the settings.
struct CampaignFactsReader: Sendable {
    let administration: Administration
    let campaign: Campaign
    let settings: Settings
    /// Whether what can be remembered is asked anew.
    var isFresh = false

    func facts(at now: Timestamp) async throws -> ChecklistFacts {
        let writer = try await administration.writer(of: campaign, settings: settings)
        let directory = try await administration.directory()
        var facts = ChecklistFacts(from: campaign.sender)
        facts.isMarketing = campaign.kind == .marketing
        facts.fromName = Mailbox(campaign.from)?.displayName ?? ""
        facts.replyTo = Mailbox(writer.content.replyTo)?.address
        facts.subject = writer.content.subject
        facts.postalAddress = writer.content.postalAddress
        facts.publicURL = settings.campaigns.publicURL
        facts.publicURLProblem = await administration.live?.unsubscribeProblem(fresh: isFresh)
        facts.hasMailto = CampaignWriter.mailAddress(settings) != nil
        facts.listID = campaign.listID
        facts.octetsMax = settings.submission.messageBytesMax
        facts.signs = settings.dkim.signs
        facts.signedDomains = Set(directory.dkimKeys.filter { !$0.value.isEmpty }.keys)
        facts.ownDomains = Set(directory.domains.keys)
        facts.returnPathDomain = settings.bulk.returnPathDomain
        facts.hasFeedbackID = settings.bulk.feedbackID != nil
        facts.hasRoute = directory.routes.values.contains { !$0.isDisabled && $0.kind != .builtIn }
        facts.routes = try await CampaignWays(administration: administration, campaign: campaign).lines(&facts, directory)
        facts.attachments = (writer.content.attachments ?? []).map {
            ChecklistFacts.Attachment(name: $0.name, type: $0.type, octets: $0.octets)
        }
        facts.shorteners = Shorteners.builtIn
        let names = writer.design.names.filter { !CampaignDesign.ownNames.contains($0) }
        facts.isPersonal = !names.isEmpty
        let (sample, other) = try await readAudience(&facts, names: names, bare: writer.design.bareNames, at: now)
        let planned = facts.audience.planned
        let equal = campaign.daysChosen.map { (planned + $0 - 1) / $0 }
        facts.perDay = min(planned, equal ?? campaign.perDayMax ?? planned, (campaign.perHourMax ?? planned) * 24)
        facts.past = try await past(at: now)
        facts.sameness = other.map { Sameness.share(writer, sample, $0) }
        try await readSample(&facts, writer, sample, at: now)
        return facts
    }

    private static let historyDays: Int64 = 30

    /// What came of mail before.
    private func past(at now: Timestamp) async throws -> ChecklistFacts.Past {
        let since = now - .seconds(CampaignFactsReader.historyDays * 86_400)
        let list = SendingSubject(RateSubject.list(campaign.listID).description)
        return try await administration.store.read { store in
            var past = ChecklistFacts.Past()
            let days = try store.traffic(TrafficQuery(since: since, until: now, step: .day)).steps.values
            past.busiestDay = days.map { $0[.delivered] }.max()
            let counts = try store.sendingCounts(of: list, from: SendingCount.hour(of: since), to: SendingCount.hour(of: now) + 1)
            let figures = SendingRates.figures(counts)
            (past.delivered, past.complaints) = (figures.delivered, figures.complaints)
            return past
        }
    }

    /// Returns a person to make the sample for, and another one to hold it against.
    private func readAudience(
        _ facts: inout ChecklistFacts, names: [String], bare: Set<String>, at now: Timestamp
    ) async throws -> (Subscriber, Subscriber?) {
        let audience = try await CampaignAudience(campaign, in: administration)
        var read = facts.audience
        read.risk = audience.risk?.level ?? .low
        read.hasUnknownSource = audience.hasUnknownSource
        let list = audience.list.number
        read.openDomains = try await administration.store.read { try $0.domainCounts(list: list)[.open] ?? 0 }
        var known: Set<String> = []
        var sample: Subscriber?
        var other: Subscriber?
        var after = ""
        while true {
            let start = after
            guard let page = try await administration.store.read({ try audience.page($0, after: start, at: now) }) else { break }
            for person in page.people {
                CampaignFactsReader.count(person, bare: bare, in: &read)
                for name in names where person.subscriber.attributes[name]?.isEmpty == false { known.insert(name) }
                guard person.skipped == nil else { continue }
                if sample == nil { sample = person.subscriber } else { other = person.subscriber }
            }
            after = page.last
        }
        read.unknownNames = read.people == 0 ? [] : names.filter { !known.contains($0) && bare.contains($0) }
        facts.audience = read
        return (sample ?? Subscriber(address: campaign.sender, addedAt: now), other)
    }

    private static func count(_ person: CampaignAudience.Person, bare: Set<String>, in audience: inout ChecklistFacts.Audience) {
        audience.people += 1
        switch person.skipped {
        case .suppressed: audience.suppressed += 1
        case .noConsent: audience.withoutConsent += 1
        case .pendingConsent: audience.pendingConsent += 1
        case .expiredConsent: audience.expiredConsent += 1
        case .withdrawnConsent: audience.withdrawnConsent += 1
        case .nullMX, .missingDomain, .noHost: audience.withoutMailHost += 1
        case nil:
            audience.planned += 1
            audience.domains[person.subscriber.address.host.description, default: 0] += 1
            for name in bare where person.subscriber.attributes[name]?.isEmpty ?? true { audience.gaps[name, default: 0] += 1 }
            for (name, value) in person.subscriber.attributes where !value.isEmpty {
                guard audience.attributes[name] != nil || audience.attributes.count < ChecklistFacts.Audience.attributesMax else {
                    continue
                }
                audience.attributes[name, default: 0] += 1
            }
            countEvidence(person, in: &audience)
        }
    }

    private static func countEvidence(_ person: CampaignAudience.Person, in audience: inout ChecklistFacts.Audience) {
        let entries = person.entries.filter { $0.subject == .mail }
        let granted = entries.last { $0.act == .granted }
        if granted?.basis == .express, granted?.wordingHash == nil { audience.withoutWording += 1 }
        let host = person.subscriber.address.host.description
        if granted?.basis == .express, host.hasSuffix(".de") || host.hasSuffix(".at"), !entries.contains(where: { $0.act == .asked }) {
            audience.unconfirmed += 1
        }
    }

    private func readSample(_ facts: inout ChecklistFacts, _ writer: CampaignWriter, _ person: Subscriber, at now: Timestamp) async throws {
        let fields = writer.fields(to: person.address, person.attributes)
        let message: [UInt8]
        do {
            message = try MessageBuilder.build(fields, boundarySeed: "sample")
        } catch {
            throw AdministrationError(.invalid, "a copy cannot be written: \(error.field) \(error.problem)")
        }
        let dated = Array("Date: \(now.rfc5322)\r\nMessage-ID: <sample@\(settings.node.hostName)>\r\n".utf8) + message
        let weights = ScanWeights(try await administration.directory().scanPolicy)
        let directory = administration.dataDirectory
        let envelope = ScanEnvelope(sender: campaign.sender, recipients: 1, isCampaign: true)
        let (read, verdict) = try await BlockingWork.runLong {
            let read = ContentReader().facts(dated, envelope: envelope)
            return (read, ContentScan.scan(read, weights: weights, knowledge: try ScanFiles.knowledge(of: directory), at: now))
        }
        facts.octets = message.count
        facts.form = try CopyForm.read(dated, signers: try await signers())
        facts.contrast = fields.html.map(Contrast.faults) ?? []
        facts.hasContact = Contact.isGiven(fields.text ?? "", to: person.address, without: writer.unsubscribe(person.address))
        facts.htmlOctets = fields.html?.utf8.count ?? 0
        facts.unsubscribe = writer.unsubscribe(person.address)
        facts.hasHTML = fields.html != nil
        facts.plainText = fields.text ?? ""
        if let html = fields.html { (facts.images, facts.imagesWithoutText) = HTMLText.images(of: html) }
        let shown = fields.html.map { $0.contains(facts.unsubscribe) } ?? true
        facts.isUnsubscribeVisible = shown && facts.plainText.contains(facts.unsubscribe)
        read.content.describe(&facts)
        (facts.scanScore, facts.scanVerdict) = (verdict.score, verdict.kind.rawValue)
        facts.scan = verdict.findings.map {
            ChecklistFacts.ScanLine(rule: $0.finding.rule, weight: $0.weight, explanation: $0.finding.explanation)
        }
    }
}

extension CampaignFactsReader {
    /// The keys that would sign a copy; none where nothing does.
    private func signers() async throws -> [DKIMSigner] {
        guard settings.dkim.signs, let vault = administration.vault, let from = campaign.sender.domain else { return [] }
        let keys = try await administration.directory().dkimKeys.filter { from.isWithin($0.key) }.values.flatMap { $0 }
        return keys.filter(\.isActive).compactMap { record in
            guard let pem = try? vault.privateKeyPEM(of: record), let selector = DomainName(record.selector),
                let key = try? DKIMPrivateKey(pem: String(decoding: pem, as: UTF8.self))
            else { return nil }
            return DKIMSigner(domain: record.domain, selector: selector, key: key)
        }
    }
}

extension MessageContent {
    fileprivate func describe(_ facts: inout ChecklistFacts) {
        facts.visibleText = String(decoding: shownText, as: UTF8.self)
        facts.hiddenText = String(decoding: html?.hidden ?? [], as: UTF8.self)
        facts.scripts = html?.scripts ?? 0
        facts.forms = html?.forms ?? 0
        facts.pixels = links.count { $0.kind == .pixel }
        facts.links = links.filter { $0.kind == .anchor || $0.kind == .written }.map { link in
            let text = link.text
            let looksLikeHost = text.contains(".") && !text.contains(" ") && text.utf8.count > 3
            let shown = looksLikeHost ? LinkAddress(text.contains("://") ? Array(text.utf8) : Array("www.\(text)".utf8)) : nil
            let shownSite = shown.map { HostNames().host($0.host.hasPrefix("www.") ? String($0.host.dropFirst(4)) : $0.host).site }
            return ChecklistFacts.Link(
                scheme: link.address.scheme, host: link.host.name, site: link.host.site, shownSite: shownSite, address: link.address.text)
        }
    }
}
