/// How far an attempt had come (the stages of RFC 5321 §4.5.3.2, with what lies before them).
package enum DeliveryStage: String, Hashable, Sendable, Codable, CaseIterable {
    case resolve, connect, greeting, ehlo, startTLS, auth, mail, recipient, data, dot
}

/// How much a failure says about: this recipient, this message, this host's session, or the whole destination.
package enum FailureScope: String, Hashable, Sendable, Codable {
    case recipient, message, host, destination
}

/// Why a delivery did not succeed: permanence, scope, stage, and the words of the other side.
package struct DeliveryFailure: Error, Hashable, Sendable, Codable {
    package var isPermanent: Bool
    package var scope: FailureScope
    package var stage: DeliveryStage
    /// The receiver's reply, or one of our own making where the receiver said nothing (`isLocal`).
    package var reply: SMTPReply
    /// True where the reply is ours: no host was reached, a time-out, a refused plaintext.
    package var isLocal: Bool

    package init(isPermanent: Bool, scope: FailureScope, stage: DeliveryStage, reply: SMTPReply, isLocal: Bool) {
        self.isPermanent = isPermanent
        self.scope = scope
        self.stage = stage
        self.reply = reply
        self.isLocal = isLocal
    }

    /// The peer's reply: permanent where it is 5xx.
    package static func peer(_ reply: SMTPReply, scope: FailureScope, stage: DeliveryStage) -> DeliveryFailure {
        DeliveryFailure(isPermanent: reply.isPermanentFailure, scope: scope, stage: stage, reply: reply, isLocal: false)
    }

    /// A failure that we found ourselves; permanent where the code is 5xx.
    package static func local(
        _ code: Int, _ enhanced: EnhancedStatusCode, _ text: String, scope: FailureScope, stage: DeliveryStage
    ) -> DeliveryFailure {
        DeliveryFailure(isPermanent: code >= 500, scope: scope, stage: stage, reply: SMTPReply(code, enhanced, text), isLocal: true)
    }
}

/// What happened to one recipient in one attempt.
package enum RecipientResult: Hashable, Sendable {
    /// The receiver's 2xx to the final dot (or to BDAT LAST).
    case delivered(SMTPReply)
    case failed(DeliveryFailure)
}

/// With whom, and how safely, an attempt talked. Shown in the trace.
package struct ConnectionFacts: Hashable, Sendable, Codable {
    /// Host name as resolved or configured; nil where none was reached.
    package var host: String?
    package var address: IPAddress?
    package var port: Int?
    /// `TLSv1.3`; nil for plaintext.
    package var tlsVersion: String?
    /// True where the certificate was checked: against the host name and trust roots, or TLSA records.
    package var tlsVerified: Bool
    /// Nil where nothing is known of TLS: no connection, or one that does not use it.
    package var tls: TLSDetail?

    package init(
        host: String? = nil, address: IPAddress? = nil, port: Int? = nil, tlsVersion: String? = nil, tlsVerified: Bool = false
    ) {
        self.host = host
        self.address = address
        self.port = port
        self.tlsVersion = tlsVersion
        self.tlsVerified = tlsVerified
    }
}
