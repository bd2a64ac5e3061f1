package import MailModel
package import OutboundPolicy

/// An event loop of the shell. A connection lives on one lane, and mail that was accepted on a lane prefers connections of the same.
package struct Lane: Hashable, Sendable {
    package var index: Int
    package init(_ index: Int) { self.index = index }
}

/// A connection to a next host, never reused for another.
package struct ConnectionID: Hashable, Sendable {
    package var value: Int64
    package init(_ value: Int64) { self.value = value }
}

/// What the queue asks the shell to do.
package enum QueueAction: Sendable {
    /// Answered by `resolved`.
    case resolve(ResolveTarget)
    /// Answered by `connectionReady` or `connectionFailed`.
    case connect(ConnectionOrder)
    /// On a ready connection; answered by `attemptEnded`.
    case attempt(AttemptOrder)
    /// Say QUIT where that is possible, and forget the connection. Not answered.
    case close(ConnectionID, Lane)
    /// Commit what an attempt made; answered by `settled` once it is on disk.
    case settle(SettlementOrder)
    /// Take recipients that are due from the store for this run; answered by `claimed`. `lateLists`: see `Claim`.
    case claim(limit: Int, owner: Int64, lateLists: [Int32])
    /// Return recipients that this run holds to the store without an attempt. Answered by `settled` with their number. `waitsFor`: the list
    /// of sources that it is left for, on another node; 0 for none.
    case giveBack([RecipientID], dueAt: Timestamp, owner: Int64, waitsFor: Int32)
    /// Write down what is known of a route's next host.
    case upstream(UpstreamOrder)
    /// What limits and rules ask for.
    case shape(ShapingOrder)
}

package struct ConnectionOrder: Hashable, Sendable {
    package var id: ConnectionID
    package var lane: Lane
    package var source: EgressSource
    package var endpoint: Endpoint
    package var tls: TLSRequirement
    package var isImplicitTLS: Bool
    package var userName: String?
    package var password: HopPassword?
    /// How mail is handed on there in place of SMTP; nil for SMTP.
    package var api: HopAPI?
    /// As a person knows it.
    package var routeName: String
    /// The recipients' domain whose mail calls for the connection; nil on a route that does not go by MX.
    package var domain: DomainName?
    /// Why the TLS that the host had offered came to nothing, where it is now tried without; nil for every other connection.
    package var failedTLS: String?
}

package struct AttemptOrder: Sendable {
    package var connection: ConnectionID
    package var lane: Lane
    package var record: MessageRecord
    /// Recipients of this transaction, at least one.
    package var recipients: [RecipientRecord]
    /// The content where it is still in memory; nil where it has to be read from the store.
    package var content: [UInt8]?
    package var routeName: String
    /// Of senders' addresses, before anything is signed.
    package var rewriting: AddressRewriting?
    /// True where it goes out under a reverse-path of our own; then it has one recipient.
    package var hasOwnReturnPath: Bool
}

extension AttemptOrder {
    /// The sender as it leaves.
    package var reversePath: ReversePath { rewriting?.applied(to: record.reversePath) ?? record.reversePath }
}

/// What an attempt came to, ready to be committed, and the reports that it calls for.
package struct SettlementOrder: Sendable {
    package var settlement: Settlement
    package var reports: [ReportOrder]
    /// The message, where a report needs its words.
    package var record: MessageRecord
    package var content: [UInt8]?
    /// Recipients that stop being held in memory when this is committed.
    package var leased: Int

    package init(settlement: Settlement, reports: [ReportOrder], record: MessageRecord, content: [UInt8]?, leased: Int) {
        self.settlement = settlement
        self.reports = reports
        self.record = record
        self.content = content
        self.leased = leased
    }
}

/// A report to the sender that the shell composes and commits with the settlement.
package struct ReportOrder: Sendable {
    package enum Kind: String, Hashable, Sendable {
        case failed, delayed, relayed
    }

    package var kind: Kind
    package var recipients: [ReportedRecipient]
}

package struct ReportedRecipient: Sendable {
    package var recipient: EnvelopeRecipient
    package var state: RecipientState
    package var reply: SMTPReply
    /// True where the reply is our own, not the receiver's.
    package var isLocal: Bool
    package var stage: DeliveryStage?
    package var attempts: Int
}
