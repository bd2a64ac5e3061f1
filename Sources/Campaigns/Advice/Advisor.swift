/// Which way mail to many people should take, and why.
package struct WayAdvice: Hashable, Sendable, Codable {
    /// A way that was not taken.
    package struct Alternative: Hashable, Sendable, Codable {
        package var way: SendingWay
        /// One sentence.
        package var reason: String
    }

    /// What a draft of it begins with.
    package struct Draft: Hashable, Sendable, Codable {
        package var recipientsPerBatch: Int?
        package var batches: Int?
        /// Seconds from the beginning of one batch to that of the next.
        package var secondsBetweenBatches: Int?
        /// People who get it before the rest.
        package var canary: Int?
        package var messagesPerHour: Int?
        /// A route to leave by; nil where none that fits is set up.
        package var route: String?
        package var needsUnsubscribe = false
        package var needsPilot = false
    }

    package var way: SendingWay
    package var title: String
    package var reasons: [String]
    /// What sending it all at once from a mailbox would meet.
    package var limits: [MetLimit]
    /// Until the last one has it, from the start; seconds.
    package var seconds: Int
    package var alternatives: [Alternative]
    /// What to set up first; empty where all is there.
    package var before: [String]
    package var steps: [String]
    package var draft: Draft
}

/// Chooses between a mailbox, a group, paced batches, a relay and a campaign, as Microsoft and universities that live with its limits advise.
package struct Advisor: Sendable {
    package var limits: MailboxLimits
    package var means: SendingMeans
    /// Fewer than that need no way of their own.
    package var manyFrom = 150
    /// From that on nobody should send from a mailbox.
    package var bulkFrom = 1000
    /// What the own servers hand over in an hour, all providers together, before any has shown more.
    package var ownPerHour = 10_000

    package init(limits: MailboxLimits = MailboxLimits(), means: SendingMeans = SendingMeans()) {
        self.limits = limits
        self.means = means
    }

    package func advice(for need: SendingNeed) -> WayAdvice {
        let (way, reasons) = choice(for: need)
        return WayAdvice(
            way: way, title: way.title, reasons: reasons, limits: met(by: need), seconds: seconds(way, need),
            alternatives: SendingWay.allCases.filter { $0 != way }.map { .init(way: $0, reason: against($0, need, chosen: way)) },
            before: missing(for: way, need), steps: steps(way, need), draft: draft(way, need))
    }

    private func choice(for need: SendingNeed) -> (SendingWay, [String]) {
        let count = need.recipients
        if need.kind == .operational {
            return (.relay, ["A program sends it: a relay keeps a log, paces it, and is not stopped with somebody's mailbox."])
        }
        if need.kind == .newsletter, need.isExternal {
            return (.campaign, ["A newsletter needs consent, one-click unsubscribe and handling of bounces, which a campaign has."])
        }
        if count < manyFrom, !need.isRecurring {
            return (.mailbox, ["\(count) people once is what a mailbox is made for."])
        }
        guard need.isExternal else {
            return (
                .group,
                [
                    "All of them are in the organisation: one address reaches them, and who is in it is kept in one place.",
                    "Each member still counts as a recipient, once the group is expanded.",
                ]
            )
        }
        if need.isRecurring {
            return (.campaign, ["It goes out regularly to people outside: they need a way to leave the list, and you need to see who did."])
        }
        if count >= bulkFrom {
            return (.campaign, ["\(count) people outside are more than a mailbox may write to without being taken for a spammer."])
        }
        let days = batchCount(need)
        if need.isUrgent, days > 1 {
            return (
                .campaign,
                [
                    "In batches of \(limits.batchPerDay) a day it would take \(days) days, and it is urgent: a campaign sends today, at a safe pace."
                ]
            )
        }
        return (
            .batches,
            [
                "\(count) people once: \(limits.batchPerDay) a day stays below the limits of a mailbox and looks like no attack.",
                "Mailboxes are made for letters: bulk mail from them is tolerated, not supported.",
            ]
        )
    }

    private func against(_ way: SendingWay, _ need: SendingNeed, chosen: SendingWay) -> String {
        switch way {
        case .mailbox:
            return need.recipients < manyFrom && !need.isRecurring
                ? "It would do, but what a program or a newsletter sends should not depend on somebody's mailbox."
                : "\(need.recipients) nearly equal messages from one mailbox look like an attack: it is slowed, sent from worse addresses, or stopped."
        case .group:
            return need.isExternal
                ? "People outside should not be put into a group of the organisation: they cannot leave it by themselves."
                : need.recipients < manyFrom
                    ? "\(need.recipients) people need no group, unless you write to them again."
                    : "A group would do for what a person sends."
        case .batches:
            let days = batchCount(need)
            if need.isRecurring { return "Batches by hand are a stopgap for one time, not for what goes out regularly." }
            return days > 1
                ? "\(limits.batchPerDay) a day would take \(days) days."
                : "\(need.recipients) people fit into one day: there is nothing to spread."
        case .relay: return "A relay is for what a program of a department sends: it asks nobody for consent and lets nobody leave."
        case .campaign:
            return need.isExternal
                ? "It would do: a campaign asks for consent and a way to unsubscribe, which a single letter to few people does not need."
                : "Colleagues need no consent and no unsubscribe: a campaign is more than this mail needs."
        }
    }

    /// Days that it takes in batches.
    private func batchCount(_ need: SendingNeed) -> Int { max(1, (need.recipients + limits.batchPerDay - 1) / max(1, limits.batchPerDay)) }

    /// All at once, from one mailbox.
    private func met(by need: SendingNeed) -> [MetLimit] {
        let count = need.recipients
        var met = [
            MetLimit(
                name: "recipients of a mailbox", value: limits.recipientsPerDay, window: "24 hours", needed: count,
                source: MailboxLimits.published),
            MetLimit(
                name: "recipients of a message", value: limits.recipientsPerMessage, window: "message", needed: count,
                source: MailboxLimits.published),
            MetLimit(
                name: "messages of a mailbox, one for each person", value: limits.messagesPerMinute, window: "minute", needed: count,
                source: MailboxLimits.published),
            need.isExternal
                ? MetLimit(
                    name: "external recipients of a mailbox", value: limits.externalPerHour, window: "hour", needed: count,
                    source: MailboxLimits.recommended)
                : MetLimit(
                    name: "internal recipients of a mailbox", value: limits.internalPerHour, window: "hour", needed: count,
                    source: MailboxLimits.recommended),
            MetLimit(
                name: "recipients of a mailbox by policy", value: limits.policyPerDay, window: "day", needed: count,
                source: MailboxLimits.recommended),
        ]
        if need.isExternal {
            met.append(
                MetLimit(
                    name: "external recipients of the organisation, with one licence", value: limits.organisationPerDay, window: "24 hours",
                    needed: count, source: MailboxLimits.published))
        }
        let own = [
            ("own policy: external recipients", need.isExternal ? means.externalPerHour : 0, "hour"),
            ("own policy: internal recipients", need.isExternal ? 0 : means.internalPerHour, "hour"),
            ("own policy: recipients", means.recipientsPerDay, "day"),
        ]
        for (name, value, window) in own where value > 0 {
            met.append(MetLimit(name: name, value: value, window: window, needed: count, source: "default policy of this gate"))
        }
        return met
    }

    /// Messages in an hour over the ways out that there are.
    private var hourly: Int { means.hasOwnWayOut || means.mailboxRoutes.isEmpty ? ownPerHour : limits.messagesPerMinute * 60 }

    /// Messages in a day; nil for as many as the hours have.
    private var daily: Int? {
        means.hasOwnWayOut || means.mailboxRoutes.isEmpty ? nil : limits.recipientsPerDay * means.mailboxRoutes.count
    }

    private func seconds(_ way: SendingWay, _ need: SendingNeed) -> Int {
        switch way {
        case .mailbox, .group: return 60
        case .batches: return (batchCount(need) - 1) * 86_400 + minutes(for: min(need.recipients, limits.batchPerDay))
        case .relay: return atPace(need.recipients)
        case .campaign: return atPace(need.recipients) + Advisor.canarySeconds
        }
    }

    /// How long the first ones are watched before the rest follows.
    private static let canarySeconds = 3600

    private func minutes(for count: Int) -> Int { (count + limits.messagesPerMinute - 1) / max(1, limits.messagesPerMinute) * 60 }

    private func atPace(_ count: Int) -> Int {
        let rest = daily.map { count % max(1, $0) } ?? count
        let days = daily.map { count / max(1, $0) } ?? 0
        return days * 86_400 + max(60, rest * 3600 / max(1, hourly))
    }

    private func missing(for way: SendingWay, _ need: SendingNeed) -> [String] {
        switch way {
        case .group:
            return means.domains.isEmpty ? ["Add the organisation's domain: `postern domains add`."] : []
        case .relay:
            return means.connectors == 0 ? ["Add a connector for the program: `postern connectors add`."] : []
        case .batches, .mailbox:
            return means.mailboxRoutes.isEmpty && !means.hasOwnWayOut
                ? ["Add a route that signs in as the mailbox: `postern routes add`."] : []
        case .campaign:
            guard !means.hasOwnWayOut else { return [] }
            return means.mailboxRoutes.isEmpty
                ? ["Add a route for mail that leaves: `postern routes add`."]
                : [
                    "Only a mailbox carries mail out: its \(limits.recipientsPerDay) recipients in 24 hours hold for the campaign. Add a route of your own."
                ]
        }
    }

    private func steps(_ way: SendingWay, _ need: SendingNeed) -> [String] {
        switch way {
        case .mailbox: return ["Write to them from your mailbox, with the addresses in Bcc."]
        case .group:
            return [
                "Make the group: `postern groups add NAME@YOUR-DOMAIN --senders YOU`.",
                "Fill it: `postern groups members import NAME@YOUR-DOMAIN FILE.csv`.",
                "Write one message to its address.",
            ]
        case .batches:
            return [
                "Send to a few colleagues first.",
                "Split the list into \(batchCount(need)) parts of at most \(limits.batchPerDay), one a day, and put each person's name into the message.",
                "Stop where bounces come back, and clean the list.",
            ]
        case .relay:
            return [
                "Add a connector for the program's address: `postern connectors add`.",
                "Try it with one recipient: `postern trace` shows what became of it.",
                "Let it send; the gate paces what leaves.",
            ]
        case .campaign:
            return [
                "Import the people: `postern lists import FILE.csv --list NAME --source …`.", "Write the mail and check it.",
                "Send the pilot to named people, then to \(draft(.campaign, need).canary ?? 0) of the list, then to the rest.",
            ]
        }
    }

    private func draft(_ way: SendingWay, _ need: SendingNeed) -> WayAdvice.Draft {
        var draft = WayAdvice.Draft()
        switch way {
        case .mailbox, .group: break
        case .batches:
            draft.recipientsPerBatch = min(need.recipients, limits.batchPerDay)
            draft.batches = batchCount(need)
            draft.secondsBetweenBatches = 86_400
            draft.messagesPerHour = limits.messagesPerMinute * 60
            draft.route = means.mailboxRoutes.first
            draft.needsPilot = true
        case .relay:
            draft.messagesPerHour = hourly
            draft.route = (means.relayRoutes + means.directRoutes + means.mailboxRoutes).first
        case .campaign:
            draft.canary = min(need.recipients, max(50, min(1000, need.recipients / 20)))
            draft.messagesPerHour = hourly
            draft.route = (means.directRoutes + means.relayRoutes + means.mailboxRoutes).first
            draft.needsUnsubscribe = true
            draft.needsPilot = true
        }
        return draft
    }
}
