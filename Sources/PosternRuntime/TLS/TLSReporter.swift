import DeliveryPlanning
import Foundation
import GateCore
import Logging
import MailModel
import OutboundPolicy
import Storage

/// Once a day, on one of the nodes: sends what was counted of the day before to the domains that ask for it, refreshes MTA-STS policies that
/// end soon, and drops what is old.
struct TLSReporter: Sendable {
    let store: OpenStore
    let engine: GateEngine
    let live: LiveSettings
    let keeper: TLSKeeper
    let client: OutboundHTTP
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    let txt: @Sendable (DomainName) async -> DNSAnswer<String>
    /// The run in whose name it is done.
    let owner: @Sendable () -> Int64
    let logger: Logger

    /// How often each node looks whether it is due, or whether the node that does it has died.
    private static let look = Duration.seconds(600)
    private static let lease = Duration.seconds(3600)
    /// After midnight, so that every node has written down what it counted.
    private static let afterMidnight = Duration.seconds(900)
    private static let daysKept: Int32 = 40
    /// Policies that end within this are fetched anew.
    private static let refreshAhead = Duration.seconds(2 * 86_400)

    func run() async {
        while !Task.isCancelled {
            do {
                try await performIfDue()
            } catch {
                logger.warning("TLS reports were not sent", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: TLSReporter.look)
        }
    }

    private func performIfDue() async throws {
        let now = Timestamp.now
        let midnight = Timestamp(seconds: Int64(now.day) * 86_400)
        guard now >= midnight + TLSReporter.afterMidnight else { return }
        let task = TaskHold(name: "tls-reports", owner: owner(), lease: TLSReporter.lease, at: now)
        guard case .task(isHeld: true) = try await store.perform(.holdTask(task)) else { return }
        if live.current.tlsReports.isOn { try await send(day: now.day - 1) }
        await keeper.refreshEnding(before: now + TLSReporter.refreshAhead)
        let horizon = now - max(live.current.delivery.tlsRemembered, .seconds(86_400))
        _ = try await store.perform(.tls(.tidy(beforeDay: now.day - TLSReporter.daysKept, before: horizon, limit: 10_000)))
        let next = midnight + .seconds(86_400) + TLSReporter.afterMidnight
        _ = try await store.perform(.endTask(task, dueAfter: next - Timestamp.now))
    }

    /// Sends the reports of a day that were not sent yet.
    func send(day: Int32) async throws {
        let (counts, done) = try await store.read {
            (
                try $0.tlsSessions(day: day, domain: nil, limit: ReportTLS.kindsMax),
                try $0.tlsReports(day: day, limit: ReportTLS.kindsMax)
            )
        }
        let settings = live.current
        let reports = TLSReport.reports(
            counts, day: day, organization: settings.node.hostName.text, contact: settings.tlsReports.contact(settings.node))
        for (domain, report) in reports where done[domain] == nil && !Task.isCancelled { try await send(report, to: domain, day: day) }
    }

    private func send(_ report: TLSReport, to domain: DomainName, day: Int32) async throws {
        guard let name = DomainName("_smtp._tls.\(domain)") else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let gzip = GzipContainer.wrap(Array(try encoder.encode(report)))
        for address in TLSReportAddress.read(await txt(name)) {
            switch address {
            case .mail(let recipient):
                if try await mail(report, gzip, of: domain, to: recipient, day: day) { return }
            case .web(let url):
                let outcome = await post(gzip, to: url)
                if case .success = outcome { return try await note(domain, day: day, "posted to \(url)") }
                if case .failure(let fault) = outcome {
                    logger.info(
                        "a TLS report was not taken", metadata: ["domain": "\(domain)", "url": "\(url)", "reason": "\(fault.text)"])
                }
            }
        }
        try await note(domain, day: day, "not sent: the domain names no address that takes it")
    }

    private func note(_ domain: DomainName, day: Int32, _ outcome: String) async throws {
        _ = try await store.perform(.tls(.report(day: day, domain, outcome: outcome, at: .now, mail: nil)))
    }

    /// Mail enters the queue in the commit that says so: once, whatever crashes.
    private func mail(
        _ report: TLSReport, _ gzip: [UInt8], of domain: DomainName, to recipient: EmailAddress, day: Int32
    ) async throws -> Bool {
        let settings = live.current
        let sender = settings.tlsReports.sender ?? EmailAddress("postmaster@\(settings.node.hostName)")
        guard let sender else { return false }
        let finding = Finding(rule: "notice.tls-report", matched: domain.text, explanation: "A TLS report for \(domain) (RFC 8460).")
        let notice = engine.decide { core, now in
            core.ownNotice(to: recipient, from: .address(sender), onlyRoute: nil, tenant: .standard, finding: finding, at: now)
        }
        let mail = TLSReportMail(report: report, domain: domain, sender: sender, recipient: recipient)
        var record = notice.record
        record.fields.tlsWish = .waived
        record.fields.headerMessageID = "\(record.id)@\(settings.node.hostName)"
        record.fields.subject = mail.subject
        record.fields.headerFrom = "Postern <\(sender)>"
        let content = mail.content(gzip: gzip, messageID: record.headerMessageID, at: record.receivedAt, boundarySeed: "\(record.id)")
        record.fields.sizeBytes = content.count
        let message = NewMessage(record: record, recipients: [notice.recipient], content: content, lease: notice.lease)
        var event: GateEvent? = message.lease == nil ? nil : .notStored(recipients: 1)
        defer { if let event { engine.happened(event) } }
        let work = TLSWork.report(day: day, domain, outcome: "mailed to \(recipient)", at: .now, mail: message)
        guard case .affected(1) = try await store.perform(.tls(work)) else { return true }
        event = message.lease == nil ? .becameDue() : .stored(message, lane: Lane(0))
        return true
    }

    private func post(_ gzip: [UInt8], to url: String) async -> Result<Void, HTTPFault> {
        switch HTTPTarget.read(url, allowsPrivateAddresses: live.current.delivery.allowsSpecialAddresses) {
        case .failure(let fault): return .failure(fault)
        case .success(let target):
            switch await target.address(addresses) {
            case .failure(let fault): return .failure(fault)
            case .success(let address):
                let call = HTTPPost(type: "application/tlsrpt+gzip", fields: [], body: gzip)
                switch await client.post(call, to: target, at: address) {
                case .failure(let fault): return .failure(fault)
                case .success(let answer) where (200...299).contains(answer.status): return .success(())
                case .success(let answer): return .failure(HTTPFault(text: "status \(answer.status)"))
                }
            }
        }
    }
}
