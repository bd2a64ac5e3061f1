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
        /// Of the recipients, taken in turn; never empty. A domain that stands there often gets more.
        package var domains: [DomainName]
        /// Nil: the plan's mailbox.
        package var sender: EmailAddress?
        /// Percent of the recipients that do not exist.
        package var unknownPercent = 0

        package init(
            name: String, at: Timestamp, messages: Int, recipientsPerMessage: Int = 1, over: Duration = .zero, domains: [DomainName]
        ) {
            precondition(!domains.isEmpty)
            (self.name, self.at, self.messages, self.recipientsPerMessage) = (name, at, messages, recipientsPerMessage)
            (self.over, self.domains) = (over, domains)
        }

        /// Of message `number`. Receivers know by its name an address that does not exist.
        func recipients(_ number: Int) -> [EmailAddress] {
            (0..<recipientsPerMessage).compactMap { part in
                let turn = number * recipientsPerMessage + part
                // 37 has no factor in common with 100: those that do not exist are spread.
                let isUnknown = turn * 37 % 100 < unknownPercent
                return EmailAddress("\(isUnknown ? "unknown" : "r")\(number)-\(part)@\(domains[turn % domains.count])")
            }
        }
    }

    /// Who hands the mail over.
    package enum Way: Sendable, Hashable {
        /// Postern, with these limits on the route.
        case gate(ShapingLimits)
        /// A program that sends one after the other and takes no notice of refusals.
        case script
    }

    /// Where the mail goes.
    package enum Target: Sendable, Hashable {
        /// Through a mailbox of the tenant.
        case mailbox
        /// To the receivers' own hosts. `providers`: by domain of the recipients; `warmUp`: nil where all leaves at once.
        case receivers(providers: [DomainName: ReceiverProvider], demands: [ReceiverProvider: ReceiverDemands], warmUp: WarmUpPlan?)
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
    package var target = Target.mailbox
    /// Postern's own limits of each sender; nil for none.
    package var policy: SendingPolicy?

    /// In one plan.
    package static let messagesMax = 1_000_000

    package init(start: Timestamp, batches: [Batch], way: Way, mailbox: EmailAddress, tenant: ExchangeTenant, longest: Duration) {
        (self.start, self.batches, self.way, self.mailbox) = (start, batches, way, mailbox)
        (self.tenant, self.longest) = (tenant, longest)
    }

    var messageCount: Int { batches.reduce(0) { $0 + $1.messages } }
    var recipientCount: Int { batches.reduce(0) { $0 + $1.messages * $1.recipientsPerMessage } }
}
