import ContentReading
package import ContentScan
import InternetMessage
package import MailModel
package import OutboundPolicy

/// What a scan says of a message. Nothing is kept or counted.
package struct ScanMessage: AdministrativeOperation {
    package static let name = "scan.message"
    /// Whoever may send a message may ask what would be said of it.
    package static let scope = AccessScope.messagesSend
    /// The message in base64, header and body.
    package var message: String

    package init(message: String) { self.message = message }

    package init(content: [UInt8]) { self.init(message: String(decoding: Base64.encode(content), as: UTF8.self)) }

    package func perform(in administration: Administration, _ act: Act) async throws -> ScanView {
        let weights = ScanWeights(try await administration.directory().scanPolicy)
        return try await BlockingWork.runLong {
            try view(weights: weights, knowledge: ScanFiles.knowledge(of: administration.dataDirectory), at: act.at)
        }
    }

    /// The outcome, without a gate or a store. `file`: what to call the message.
    package func view(
        file: String? = nil, weights: ScanWeights = .standard, knowledge: ScanKnowledge, at time: Timestamp
    ) throws -> ScanView {
        guard let content = Base64.decode(message.utf8) else { throw AdministrationError(.invalid, "message is not base64") }
        return ScanView(ContentScan.scan(ContentReader().facts(content), weights: weights, knowledge: knowledge, at: time), file: file)
    }
}
