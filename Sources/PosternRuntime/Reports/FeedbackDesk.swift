import Console
import MailModel
import Synchronization

/// Takes calls of providers: checks who calls, and gives what they say to the desk.
final class FeedbackDesk: Sendable {
    private let desk: ReportDesk
    private let directory: DataDirectory
    private let live: LiveSettings
    private let web: OutboundHTTP
    private let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    /// Certificates of SNS that were fetched, by URL; a few are in use at a time.
    private let certificates = Mutex<[String: String]>([:])
    private static let certificatesMax = 20

    init(
        desk: ReportDesk, context: GateContext, web: OutboundHTTP, addresses: @escaping @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    ) {
        self.desk = desk
        directory = context.directory
        live = context.live
        self.web = web
        self.addresses = addresses
    }

    func take(_ request: FeedbackRequest) async -> FeedbackReply {
        guard let provider = FeedbackCall.Provider(rawValue: request.provider) else {
            return FeedbackReply(status: 404, text: "no such provider")
        }
        let call = FeedbackCall(provider: provider, fields: request.fields, body: request.body)
        if provider == .ses { return await takeSNS(call) }
        do throws(FeedbackCall.Fault) {
            try call.verify(keys(), at: .now)
        } catch {
            desk.counters.refusedRecipient()
            return FeedbackReply(status: 401, text: error.text)
        }
        guard let reports = call.reports(at: .now) else { return FeedbackReply(status: 400, text: "the body cannot be read") }
        return await keep(reports, id: call.identity(call.body), call)
    }

    private func keep(_ reports: [ReturnedReport], id: String, _ call: FeedbackCall) async -> FeedbackReply {
        guard !reports.isEmpty else { return FeedbackReply(status: 200, text: "nothing that came back") }
        do {
            let isNew = try await desk.keep(reports, id: id, content: call.body, at: .now)
            return FeedbackReply(status: 200, text: isNew ? "kept" : "kept before")
        } catch {
            return FeedbackReply(status: 503, text: "the report could not be kept; call again")
        }
    }

    private func keys() -> FeedbackCall.Keys {
        let settings = live.current.reports
        return FeedbackCall.Keys(
            sendgrid: settings.sendgridKey, mailgun: secret(settings.mailgunKey), postmark: secret(settings.postmarkLogin),
            sesTopics: Set(settings.sesTopics))
    }

    /// A file of the folder `secrets`, without the line's end that editors add; empty where there is none.
    private func secret(_ name: String) -> String {
        guard !name.isEmpty, !name.contains("/"), let octets = try? AtomicFile.read(directory.secret(name), bytesMax: 4096) else {
            return ""
        }
        var text = String(decoding: octets, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }

    // MARK: - SNS

    private func takeSNS(_ call: FeedbackCall) async -> FeedbackReply {
        guard let message = SNSMessage(json: call.body) else { return FeedbackReply(status: 400, text: "the body cannot be read") }
        guard keys().sesTopics.contains(message.topic) else {
            return FeedbackReply(status: 401, text: "the topic is none of reports.ses-topics")
        }
        guard message.isRecent(at: .now) else { return FeedbackReply(status: 401, text: "the message is too old, or from the future") }
        guard let certificate = await certificate(of: message) else {
            return FeedbackReply(status: 503, text: "the certificate cannot be fetched from amazonaws.com")
        }
        guard message.isSigned(with: certificate, at: .now) else {
            desk.counters.refusedRecipient()
            return FeedbackReply(status: 401, text: "the signature does not fit")
        }
        switch message.type {
        case "SubscriptionConfirmation":
            guard let target = message.subscriptionTarget, await fetch(target) != nil else {
                return FeedbackReply(status: 503, text: "the subscription cannot be confirmed")
            }
            return FeedbackReply(status: 200, text: "confirmed")
        case "Notification":
            guard let notification = SESNotification(message: message.message) else {
                return FeedbackReply(status: 200, text: "nothing that came back")
            }
            let reports = notification.reports(source: .ses, at: .now, authenticity: .proven(by: "ses signature"))
            var named = call
            named.body = Array(message.messageID.utf8)
            return await keep(reports.filter { $0.bounceClass != .delivered }, id: named.identity(named.body), call)
        default: return FeedbackReply(status: 200, text: "nothing that came back")
        }
    }

    private func certificate(of message: SNSMessage) async -> String? {
        guard let target = message.certificateTarget else { return nil }
        if let known = certificates.withLock({ $0[message.certificateURL] }) { return known }
        guard let fetched = await fetch(target) else { return nil }
        let text = String(decoding: fetched, as: UTF8.self)
        certificates.withLock { known in
            if known.count >= FeedbackDesk.certificatesMax { known.removeAll() }
            known[message.certificateURL] = text
        }
        return text
    }

    /// From a host of Amazon's that was looked at before; nil where it does not answer with 200.
    private func fetch(_ target: HTTPTarget) async -> [UInt8]? {
        guard case .name(let host) = target.host, case .success(let address) = target.address(from: await addresses(host)),
            case .success(let answer) = await web.get(target, at: address), answer.status == 200
        else { return nil }
        return answer.body
    }
}
