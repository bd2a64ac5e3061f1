import InternetMessage
import MailAuthentication
import MailModel
import ProviderTwin
import SMTPProtocol
import Synchronization

/// Where the twins of a world send what comes back.
struct TwinReturnAddress: Sendable {
    var host: String
    var port: Int
    /// Where complaints go; nil: no feedback loop is enrolled, and nobody complains.
    var complaints: EmailAddress?
}

/// What receivers send back, on its way to the gate's listener: a bounded queue, and a few connections.
final class TwinReturns: Sendable {
    struct Counts: Sendable, Encodable {
        var sent = 0
        /// Of those sent.
        var bounces = 0
        var complaints = 0
        /// For good, or too often to try again.
        var refused = 0
        /// The queue was full.
        var dropped = 0

        mutating func sent(_ kind: TwinReturn.Kind) {
            sent += 1
            if kind == .bounce { bounces += 1 }
            if kind == .complaint { complaints += 1 }
        }
    }

    private static let waitingMax = 20_000
    private static let batch = 200
    private static let connections = 4
    private static let triesMax = 5

    private struct State {
        var waiting: [(message: TwinReturn, tries: Int)] = []
        var counts = Counts()
    }

    let address: TwinReturnAddress
    private let keys: [DomainName: DKIMSigner]
    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }

    /// Makes a key for each provider that signs, and publishes it.
    init(_ address: TwinReturnAddress, names: TwinNames) throws {
        self.address = address
        var keys: [DomainName: DKIMSigner] = [:]
        for domain in ReceiverProvider.allCases.compactMap(\.complaintSigner).compactMap({ DomainName($0) }) {
            let key = try DKIMPrivateKey.generate(.ed25519SHA256)
            guard let selector = DomainName("twin"), let signer = DKIMSigner(domain: domain, selector: selector, key: key),
                let name = DomainName(signer.recordName)
            else { preconditionFailure("a name") }
            let record = TwinRecord.txt(try key.publicRecord())
            guard names.change({ $0.add(name, record) }) else { throw TwinWorldPlan.Mistake(description: "\(name) has too many records") }
            keys[domain] = signer
        }
        self.keys = keys
    }

    func add(_ messages: [TwinReturn]) {
        state.withLock { state in
            let room = max(0, TwinReturns.waitingMax - state.waiting.count)
            state.waiting += messages.prefix(room).map { ($0, 1) }
            state.counts.dropped += max(0, messages.count - room)
        }
    }

    /// Until the task is cancelled.
    func run() async {
        // Real time, whatever the twins' clock says: the gate's is real, too.
        while (try? await Task.sleep(for: .milliseconds(200))) != nil {
            while await sendSome() {}
        }
    }

    /// False where nothing waits, or the gate takes nothing now.
    private func sendSome() async -> Bool {
        let batch = state.withLock { state in
            let batch = Array(state.waiting.prefix(TwinReturns.batch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
        guard !batch.isEmpty, !Task.isCancelled else { return false }
        let sender = MailSender(
            host: address.host, port: address.port, helloName: "twin.test", tls: .opportunistic, connections: TwinReturns.connections)
        let again = Mutex<[(message: TwinReturn, tries: Int)]>([])
        do {
            try await sender.send(batch.map { signed($0.message) }) { index, results in
                switch results.first {
                case .delivered: self.state.withLock { $0.counts.sent(batch[index].message.kind) }
                case .failed(let failure) where !failure.isPermanent && batch[index].tries < TwinReturns.triesMax:
                    again.withLock { $0.append((batch[index].message, batch[index].tries + 1)) }
                default: self.state.withLock { $0.counts.refused += 1 }
                }
            }
        } catch {
            again.withLock { $0 = batch }
        }
        let left = again.withLock { $0 }
        state.withLock { $0.waiting += left }
        return left.isEmpty
    }

    private func signed(_ message: TwinReturn) -> ClientTransaction {
        var content = message.content
        if let signer = message.signer.flatMap({ keys[$0] }), case .success(let header) = HeaderSection.scan(content),
            let signature = try? DKIM.signatures(content: content, header: header, signers: [signer], at: .now)
        {
            content = signature + content
        }
        return ClientTransaction(
            reversePath: message.sender.map { .address($0) } ?? .null, recipients: [EnvelopeRecipient(message.recipient)],
            content: content)
    }
}
