package import MailModel
package import OutboundPolicy
package import ProviderTwin

/// What is to be tried on a simulated clock.
package struct SimulationPlan: Sendable {
    /// Messages that come together.
    package struct Batch: Sendable, Hashable {
        package var name: String
        package var at: Timestamp
        package var messages: Int
        package var recipientsPerMessage: Int
        /// They come evenly over this long; zero for all at once.
        package var over: Duration
        /// Of the recipients that the mail is for; one address of each message is its own.
        package var domain: DomainName

        package init(
            name: String, at: Timestamp, messages: Int, recipientsPerMessage: Int = 1, over: Duration = .zero, domain: DomainName
        ) {
            (self.name, self.at, self.messages, self.recipientsPerMessage) = (name, at, messages, recipientsPerMessage)
            (self.over, self.domain) = (over, domain)
        }
    }

    /// Who hands the mail over.
    package enum Way: Sendable, Hashable {
        /// Postern, with these limits on the route.
        case gate(ShapingLimits)
        /// A program that sends one after the other and takes no notice of refusals.
        case script
    }

    package var start: Timestamp
    package var batches: [Batch]
    package var way: Way
    package var mailbox: EmailAddress
    package var tenant: ExchangeTenant
    /// After this long it is over, whatever waits still.
    package var longest: Duration
    /// For a connection to be ready, and for a message to be handed over.
    package var connectTime = Duration.milliseconds(200)
    package var messageTime = Duration.milliseconds(300)
    package var seed: UInt64 = 1

    /// In one plan.
    package static let messagesMax = 1_000_000

    package init(start: Timestamp, batches: [Batch], way: Way, mailbox: EmailAddress, tenant: ExchangeTenant, longest: Duration) {
        (self.start, self.batches, self.way, self.mailbox) = (start, batches, way, mailbox)
        (self.tenant, self.longest) = (tenant, longest)
    }

    var messageCount: Int { batches.reduce(0) { $0 + $1.messages } }
    var recipientCount: Int { batches.reduce(0) { $0 + $1.messages * $1.recipientsPerMessage } }
}
