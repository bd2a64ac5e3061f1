package import InternetMessage
package import MailModel

/// What a decision point of submission came to. Findings say why; a plain acceptance may have none.
package enum Verdict: Hashable, Sendable {
    case accept([Finding])
    case refuse(SMTPReply, [Finding])

    package static func refuse(_ code: Int, _ enhanced: EnhancedStatusCode, _ text: String, rule: String, matched: String) -> Verdict {
        let reply = SMTPReply(code, enhanced, text)
        return .refuse(reply, [Finding(rule: rule, matched: matched, explanation: text)])
    }
}

/// The rules of submission that need no counter: who may submit, as whom, and what a message must have.
///
/// Three decision points, each with the facts that are known by then: envelope sender, recipient, content.
package struct SubmissionRules: Hashable, Sendable {
    /// More Received fields than this is a loop (RFC 5321 §6.3).
    package var receivedMax: Int
    /// Longest future release, from now (RFC 4865); nil for none.
    package var futureReleaseMax: Duration?
    /// What is done with mail whose From domain large receivers would refuse.
    package var identity = IdentityAction.warn

    package init(receivedMax: Int = 50, futureReleaseMax: Duration? = nil) {
        self.receivedMax = receivedMax
        self.futureReleaseMax = futureReleaseMax
    }

    /// MAIL FROM. `submitter`: nil where nobody has signed in and no connector matches. `peer`: the client's address where it has one.
    package func sender(
        _ reversePath: ReversePath, _ parameters: MailParameters, submitter: Submitter?, isEncrypted: Bool, peer: IPAddress?,
        at now: Timestamp
    ) -> Verdict {
        guard let submitter else {
            let peer = peer?.description ?? "this client"
            return .refuse(
                530, EnhancedStatusCode(5, 7, 57),
                isEncrypted
                    ? "Client not authenticated to send mail: sign in first, or ask an administrator for a connector for \(peer)"
                    : "Client not authenticated to send mail: use STARTTLS and sign in, or ask an administrator for a connector for \(peer)",
                rule: "submission.not-authenticated", matched: peer)
        }
        if submitter.requiresTLS, !isEncrypted {
            return .refuse(
                530, EnhancedStatusCode(5, 7, 0), "Use STARTTLS first: connector \(submitter.name) does not take plaintext",
                rule: "submission.plaintext", matched: submitter.name)
        }
        if let end = submitter.expiresAt, end <= now {
            return .refuse(
                550, EnhancedStatusCode(5, 7, 1),
                "The account \(submitter.name) has expired at \(end.rfc3339); an administrator can renew it: "
                    + "postern accounts expire \(submitter.name) never",
                rule: "submission.account-expired", matched: submitter.name)
        }
        if case .address(let address) = reversePath, !submitter.mayUse(address) {
            return sendAsDenied(submitter, address, field: "MAIL FROM", rule: "send-as.envelope")
        }
        if let release = parameters.futureRelease?.time(from: now) {
            guard let futureReleaseMax, release <= now + futureReleaseMax else {
                return .refuse(
                    501, EnhancedStatusCode(5, 5, 4), "The release time is further away than this server allows",
                    rule: "submission.future-release", matched: release.rfc3339)
            }
        }
        return .accept([])
    }

    private func sendAsDenied(_ submitter: Submitter, _ address: EmailAddress, field: String, rule: String) -> Verdict {
        let command =
            switch submitter.principal {
            case .account(let account): "postern accounts grant \(account) \(address)"
            case .connector(let name): "postern connectors grant \(name) \(address)"
            case .key(let name): "postern api-keys grant \(name) \(address)"
            case .campaign(let name): "postern campaign edit \(name) --from \(address)"
            case .group(let group): "postern groups show \(group)"
            case .list(let name): "postern lists pages \(name) --from \(address)"
            }
        return .refuse(
            550, EnhancedStatusCode(5, 7, 60),
            "\(submitter.name) may not send as \(address) (in \(field)); an administrator can grant it: \(command)",
            rule: rule, matched: address.key)
    }

    /// End of data.
    package func content(_ facts: MessageFacts, submitter: Submitter) -> Verdict {
        if facts.receivedCount > receivedMax {
            return .refuse(
                554, EnhancedStatusCode(5, 4, 6),
                "The message has \(facts.receivedCount) Received fields, more than \(receivedMax): it goes in a circle between servers; "
                    + "check the forwarding and routes of the servers that they name",
                rule: "message.loop", matched: "\(facts.receivedCount)")
        }
        // Other defects are as common in real mail as they are harmless; who wrote a message must not be in doubt.
        if let defect = facts.defects.first(where: \.concernsAuthor) {
            return .refuse(
                550, EnhancedStatusCode(5, 6, 0), "Not accepted: \(defect); the sending program has to be corrected", rule: defect.rule,
                matched: facts.headerFromText)
        }
        for address in facts.from where !submitter.mayUse(address) {
            return sendAsDenied(submitter, address, field: "the From field", rule: "send-as.from")
        }
        if let sender = facts.sender, !submitter.mayUse(sender) {
            return sendAsDenied(submitter, sender, field: "the Sender field", rule: "send-as.sender")
        }
        return .accept([])
    }

    /// The sender that limits and restrictions act on, as the trace names it. `fieldAddress`: the address in a named header field.
    package func senderName(
        _ submitter: Submitter, reversePath: ReversePath, facts: MessageFacts, fieldAddress: (String) -> EmailAddress?
    ) -> String {
        guard case .connector(let name) = submitter.principal else { return submitter.name }
        let fallback = "connector:\(name)"
        switch submitter.senderIdentity {
        case .connector: return fallback
        case .envelopeSender: return reversePath.address?.key ?? fallback
        case .fromAddress: return facts.from.first?.key ?? fallback
        case .header(let field): return fieldAddress(field)?.key ?? fallback
        }
    }
}
