package import DeliveryPlanning
package import GateCore
package import MailAuthentication
package import MailModel
package import OutboundPolicy
package import SMTPProtocol

/// The octets of an attempt, before what is done to them for its next host.
package struct AttemptContent: Sendable {
    package var octets: [UInt8]
    /// For the trace of the attempt.
    package var notes: [Finding]

    package init(_ octets: [UInt8], notes: [Finding] = []) {
        self.octets = octets
        self.notes = notes
    }
}

/// What deliveries need of the gate. One instance for each event loop; every call comes from that loop, and so does every answer.
package protocol DeliveryPort: AnyObject {
    /// Tells the gate's core, and does what it says.
    func happened(_ event: GateEvent)

    /// What is to be sent: read back where it is no longer in memory, and written and scanned where it is a campaign's copy. `completion`
    /// comes on the loop, once; at once where the content is at hand.
    func content(of order: AttemptOrder, completion: @escaping (Result<AttemptContent, DeliveryFailure>) -> Void)

    /// Work that takes too long for a loop: conversion, signatures. Bounded; `completion` comes back to the loop.
    func offLoop<Value: Sendable>(_ work: @escaping @Sendable () -> Value, completion: @escaping (Value) -> Void)

    /// False where no domain has a key, so that From need not be looked up.
    var signs: Bool { get }

    /// The keys that sign for a domain; empty for none.
    func signers(for domain: DomainName) -> [DKIMSigner]

    /// Our name in ARC-Authentication-Results.
    var hostName: DomainName { get }

    /// What a route signs in with at its next host: at once, or once there is a token. `refused`: a token that the host has just refused.
    /// `completion` comes on the loop.
    func credentials(
        of user: String, _ kept: HopPassword?, ofRoute route: String, refused: String?,
        completion: @escaping (Result<SMTPCredentials, DeliveryFailure>) -> Void)

    /// What a connection to an MX host showed of TLS; once for a connection.
    func saw(_ observation: TLSObservation)

    /// Whether an MX host has lately shown TLS with a good certificate, so that no mail goes there in plaintext: as far as memory says; nil
    /// where the store has to be asked.
    func remembersTLS(of host: String) -> Bool?

    /// The same from the store; nil where that cannot say. `completion` comes on the loop.
    func askForTLS(of host: String, completion: @escaping (Bool?) -> Void)

    /// Hands a message to a provider's API, with a token that is fetched where there is none. `completion` comes on the loop, once.
    func handOver(_ call: APICall, completion: @escaping (Result<SMTPReply, DeliveryFailure>) -> Void)

    /// Hands a message to a group, which makes one of its own of it. `completion` comes on the loop, once.
    func distribute(_ post: ListPost, completion: @escaping (Result<SMTPReply, DeliveryFailure>) -> Void)

    var now: Timestamp { get }
}
