package import Campaigns
import InternetMessage
import MailModel
package import OutboundPolicy

/// A campaign as people see it.
package struct CampaignView: Codable, Hashable, Sendable {
    package struct Tick: Codable, Hashable, Sendable {
        package var code: String
        package var by: String
        package var at: String
    }

    package var campaign: String
    package var list: String
    /// Empty for the whole list.
    package var segment: String
    package var from: String
    package var kind: Campaign.Kind
    package var revision: Int
    package var state: Campaign.State
    /// Empty where it is not paused.
    package var pauseReason: String
    package var ticks: [Tick]
    package var checkedBy: String
    package var approvedBy: String
    package var pilot: [String]
    package var pilotApprovedBy: String
    /// 0 before it was started.
    package var canarySize: Int
    package var canaryWaitMinutes: Int
    /// Nil for no limit of its own.
    package var perHourMax: Int?
    package var perDayMax: Int?
    /// Nil where it is not spread over days in equal parts.
    package var days: Int?
    /// Empty for any time.
    package var hours: [String]
    /// Empty for the organisation's.
    package var timeZone: String
    /// Empty where all go by the campaign's zone.
    package var zoneAttribute: String
    /// Empty where it may begin at any time.
    package var startAt: String
    /// Empty where the usual rules choose.
    package var routes: [String]
    /// When it goes out anew; empty for never.
    package var repeats: String
    /// Whom each of these is for; empty for everybody.
    package var trigger: String
    /// Why it did not go out anew the last time; empty where it did.
    package var repeatProblem: String
    /// Whether links and opens are counted, of people who consented to that.
    package var track: Bool
    package var createdBy: String
    package var created: String
    /// Empty before it was started.
    package var started: String
    package var ended: String

    init(_ campaign: Campaign) {
        self.campaign = campaign.name
        list = campaign.list
        segment = campaign.segment
        from = campaign.from
        kind = campaign.kind
        revision = campaign.revision
        state = campaign.state
        pauseReason = campaign.pauseReason
        ticks = campaign.ticks.map { Tick(code: $0.code, by: $0.by, at: $0.at.rfc3339) }
        checkedBy = campaign.checkedBy
        approvedBy = campaign.approvedBy
        pilot = campaign.pilot.map(\.description)
        pilotApprovedBy = campaign.pilotApprovedBy
        canarySize = campaign.canarySize
        canaryWaitMinutes = campaign.canaryWaitMinutes
        perHourMax = campaign.perHourMax
        perDayMax = campaign.perDayMax
        days = campaign.daysChosen
        hours = (campaign.hours ?? []).map(\.description)
        timeZone = campaign.zone ?? ""
        zoneAttribute = campaign.zoneAttribute ?? ""
        startAt = campaign.notBefore?.rfc3339 ?? ""
        repeats = campaign.repeats?.description ?? ""
        trigger = campaign.trigger?.description ?? ""
        repeatProblem = campaign.repeatProblem ?? ""
        routes = (campaign.routes ?? []).map(\.description)
        track = campaign.tracks == true
        createdBy = campaign.createdBy
        created = campaign.createdAt.rfc3339
        started = campaign.startedAt?.rfc3339 ?? ""
        ended = campaign.endedAt?.rfc3339 ?? ""
    }
}

/// The launch checklist of a campaign, and what follows from it.
package struct ChecklistView: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package var code: String
        package var level: ChecklistLine.Level
        package var title: String
        package var why: String
        /// Empty where nothing is to be done.
        package var fix: String
        /// Who accepted a warning; empty for nobody.
        package var acceptedBy: String
    }

    package var campaign: String
    package var state: Campaign.State
    package var red: Int
    package var amber: Int
    /// Warnings that nobody has accepted.
    package var open: Int
    package var recipients: Int
    /// When the last one would have it, were it started now.
    package var finish: String
    /// The limit that decides when; empty where none does.
    package var finishBy: String
    /// People who would get it first.
    package var canary: Int
    /// When the rest would begin; empty where all are among the first.
    package var restFrom: String
    package var lines: [Line]
}

/// What became of a campaign's recipients.
package struct CampaignReport: Codable, Hashable, Sendable {
    /// Recipients by where they are. They add up to `recipients`.
    package struct Sums: Codable, Hashable, Sendable {
        package var planned = 0
        package var queued = 0
        package var deferred = 0
        package var held = 0
        package var delivered = 0
        package var bounced = 0
        package var expired = 0
        package var suppressed = 0
        package var unsubscribed = 0
        package var cancelled = 0
        package var refused = 0
        package var skipped = 0

        mutating func add(_ state: CampaignRecipientState, _ count: Int) {
            switch state {
            case .planned: planned += count
            case .queued: queued += count
            case .deferred: deferred += count
            case .held: held += count
            case .delivered: delivered += count
            case .bounced: bounced += count
            case .expired: expired += count
            case .suppressed: suppressed += count
            case .unsubscribed: unsubscribed += count
            case .cancelled: cancelled += count
            case .refused: refused += count
            case .skipped: skipped += count
            }
        }

        var open: Int { queued + deferred + held }
        var all: Int {
            planned + open + delivered + bounced + expired + suppressed + unsubscribed + cancelled + refused + skipped
        }
    }

    package struct Domain: Codable, Hashable, Sendable {
        package var domain: String
        package var recipients: Int
        package var sums: Sums
    }

    /// What came of it at one receiver, by its mail hosts rather than by the domain of the address.
    package struct Provider: Codable, Hashable, Sendable {
        package struct Reason: Codable, Hashable, Sendable {
            /// As `postern bounces` names it: `address-dead`, `reputation`, …
            package var reason: String
            package var count: Int
        }

        /// `google`, `microsoft-365`, …; `other` where it is none of those that are known.
        package var provider: String
        package var delivered: Int
        /// Attempts that were made again.
        package var deferrals: Int
        package var bounced: Int
        package var complaints: Int
        /// Of what bounced, the commonest first.
        package var reasons: [Reason]
    }

    /// Of those who try one of two subjects.
    package struct Subjects: Codable, Hashable, Sendable {
        package struct Group: Codable, Hashable, Sendable {
            package var delivered: Int
            /// Who left the list, or called it spam.
            package var left: Int
            /// Of those who got it, who consented to their clicks being counted; nil where clicks are not.
            package var counted: Int?
            /// Of these, who followed a link.
            package var clicked: Int?
        }

        package var first: Group
        package var second: Group
        /// `a`, `b`; empty before it is decided.
        package var winner: String
        /// What the figures say, in one sentence.
        package var words: String
        /// That they differ, in percent: 0, 80, 90, 95 or 99; 95 are asked for.
        package var confidence: Int
        /// What clicks say beside it, in one sentence; nil where they are not counted.
        package var clickWords: String?
    }

    /// What happened in an hour, or in a day where there are many.
    package struct Step: Codable, Hashable, Sendable {
        package var at: String
        package var delivered: Int
        package var deferrals: Int
        package var bounced: Int
        package var complaints: Int
    }

    /// What people did who consented to its being counted: people in all figures but `total` and those of `Machine`; of clicks once a link.
    package struct Responses: Codable, Hashable, Sendable {
        package struct Link: Codable, Hashable, Sendable {
            package var address: String
            /// People who followed it, and how often.
            package var people: Int
            package var total: Int
            /// What machines did of that kind.
            package var machine: Int
        }

        /// How often something was taken for a proxy's or a machine's, and why.
        package struct Machine: Codable, Hashable, Sendable {
            package var rule: ResponseReading.Rule
            package var source: ResponseReading.Source
            package var opens: Int
            package var clicks: Int
        }

        /// Whether it is counted at all.
        package var counted: Bool
        package var opens: Int
        /// Opens by proxies of mail providers: most of them a person's.
        package var proxyOpens: Int
        package var machineOpens: Int
        package var clicks: Int
        package var machineClicks: Int
        package var links: [Link]
        package var machines: [Machine]
    }

    /// The first people, whom the rest waits for.
    package struct Canary: Codable, Hashable, Sendable {
        package var size: Int
        /// Of these, copies that were handed to the queue.
        package var handed: Int
        /// So long what comes back is watched, after the last of them was handed over.
        package var waitMinutes: Int
        /// When the rest begins, as it goes now.
        package var restFrom: String
        /// What it waits for, in one sentence.
        package var waitsFor: String
    }

    package var campaign: String
    package var state: Campaign.State
    package var pauseReason: String
    package var recipients: Int
    package var sums: Sums
    package var responses: Responses
    package var pilot: Sums
    /// People who left the list by it, before or after it was delivered.
    package var left: Int
    package var complaints: Int
    package var hardBounces: Int
    /// Attempts that were made again.
    package var deferrals: Int
    /// Empty before the start.
    package var started: String
    /// When the last one will have it, as it goes now; when it ended, where it did; empty where nobody can say.
    package var finish: String
    /// The limit that decides when; empty where none does.
    package var finishBy: String
    /// Recipients an hour, as it goes now.
    package var perHour: Int
    /// Those with most recipients first.
    package var domains: [Domain]
    /// Those who took and refused most first.
    package var providers: [Provider] = []
    /// In order of time.
    package var steps: [Step] = []
    /// Nil where there is one subject for all.
    package var subjects: Subjects?
    /// Nil but while the rest waits for the first people.
    package var canary: Canary?
}

/// A recipient of a campaign.
package struct CampaignRecipientView: Codable, Hashable, Sendable {
    package var address: String
    /// `planned`, `queued`, `deferred`, `held`, `delivered`, `bounced`, `expired`, `suppressed`, `unsubscribed`, `cancelled`, `refused`,
    /// `skipped`.
    package var state: String
    /// The receiver's last words, or why it was left out; may be empty.
    package var reason: String
    /// Of the copy; empty before it was handed to the queue.
    package var message: String
    package var changed: String
    /// The person called it spam.
    package var complained: Bool
}

package struct CampaignRecipientPage: Codable, Hashable, Sendable {
    package var items: [CampaignRecipientView]
    /// What to ask the next page with; nil on the last.
    package var next: String?
}

/// One person's copy.
package struct CampaignPreview: Codable, Hashable, Sendable {
    package var recipient: String
    package var subject: String
    package var text: String
    /// Empty for a plain text.
    package var html: String
    /// As they stand in the header: `List-Id: …`.
    package var headers: [String]
    /// Names of the files that hang on it.
    package var attachments: [String]

    init(_ message: ComposedMessage, to address: EmailAddress) {
        recipient = address.description
        subject = message.subject
        text = message.text ?? ""
        html = message.html ?? ""
        headers = message.headers.map { "\($0.name): \($0.value)" }
        attachments = message.attachments.map(\.fileName)
    }
}
