package import MailModel

/// A mailing to the people of a list, from its draft to its end. What it says stands in the store, by number and revision.
package struct Campaign: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Being written: nothing was checked.
        case draft
        /// The checklist has no error left, and each warning its tick.
        case checked
        /// Somebody agreed to it.
        case approved
        /// Copies go, or went, to named people, whose word is waited for.
        case pilot
        case pilotApproved = "pilot-approved"
        /// A small random share of all recipients gets it, and what comes back is looked at.
        case canary
        /// The rest gets it.
        case rest
        case done
        case paused
        case cancelled
    }

    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Advertising and newsletters: consent, one-click unsubscribe and a postal address are needed.
        case marketing
        /// What people must know and did not ask for: payroll, safety, changes of terms. Unsubscribing is offered all the same.
        case informing
    }

    /// A warning of the checklist that somebody has seen and accepts.
    package struct Tick: Hashable, Sendable, Codable {
        package var code: String
        package var by: String
        package var at: Timestamp

        package init(code: String, by: String, at: Timestamp) {
            self.code = code
            self.by = by
            self.at = at
        }
    }

    /// Unique: 1…64 of a–z, 0–9, - and _.
    package var name: String
    /// Never used again.
    package var number: Int64
    /// The list's name.
    package var list: String
    /// As `Segment` reads it; empty for the whole list.
    package var segment: String
    /// One mailbox, as the From field has it.
    package var from: String
    package var sender: EmailAddress
    package var kind: Kind
    /// Of what it says; rises with each change of the draft. A campaign that was started keeps its own.
    package var revision = 1
    package var state = State.draft
    /// Where a pause goes on from.
    package var pausedFrom: State?
    /// Why it is paused; empty where it is not.
    package var pauseReason = ""
    /// Of this revision.
    package var ticks: [Tick] = []
    package var checkedBy = ""
    package var approvedBy = ""
    package var pilot: [EmailAddress] = []
    package var pilotApprovedBy = ""
    /// How many get it first, of all; nil: by the risk of the list.
    package var canaryChosen: Int?
    /// The number that was decided on at the start.
    package var canarySize = 0
    /// Minutes that what comes back of the canary is waited for.
    package var canaryWaitMinutes = 30
    /// Nil for no limit of its own.
    package var perHourMax: Int?
    package var perDayMax: Int?
    /// Over how many days it is spread in equal parts; nil: as fast as the limits let it. Decided on at the start, in `perDayMax`.
    package var daysChosen: Int?
    /// When copies may leave; nil for any time.
    package var hours: [SendingHours]?
    /// By whose clocks, an IANA name; nil: the organisation's.
    package var zone: String?
    /// The attribute that names a person's own zone; nil: all go by the campaign's.
    package var zoneAttribute: String?
    /// The zones that recipients' rows name by their place, the campaign's own first; nil before it was planned.
    package var zones: [String]?
    /// Nothing leaves before; nil for no such time.
    package var notBefore: Timestamp?
    /// The routes that carry it, in shares; nil: the usual rules choose.
    package var routes: [CampaignRoute]?
    /// Two subjects that are tried on a share of the people; nil: there is one. The other one is part of what it says.
    package var subjectTest: SubjectTest?
    /// When it goes out anew, as campaigns of their own; nil for never.
    package var repeats: CampaignRepeat?
    /// Whom each of these is for; nil for the whole list or segment. Of one of these: whom of `triggerDay`.
    package var trigger: CampaignTrigger?
    /// The day whose people it is for, as `Timestamp.day` counts it by the campaign's clocks; nil where it is for all.
    package var triggerDay: Int32?
    /// When it went out anew last, or ought to have.
    package var repeatedAt: Timestamp?
    /// Why it did not go out anew the last time; nil where it did.
    package var repeatProblem: String?
    /// Whether links and opens are counted, of people who consented to that; nil: no.
    package var tracks: Bool?
    /// Of the order in which people get it.
    package var seed: Int64
    /// True once each recipient has a row.
    package var isPlanned = false
    package var createdBy: String
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    /// When the last of the canary was handed to the queue.
    package var canaryHandedAt: Timestamp?
    /// When the rest began.
    package var restAt: Timestamp?
    package var endedAt: Timestamp?

    package init(
        name: String, number: Int64, list: String, segment: String, from: String, sender: EmailAddress, kind: Kind, seed: Int64,
        createdBy: String, createdAt: Timestamp
    ) {
        self.name = name
        self.number = number
        self.list = list
        self.segment = segment
        self.from = from
        self.sender = sender
        self.kind = kind
        self.seed = seed
        self.createdBy = createdBy
        self.createdAt = createdAt
    }

    /// As the trace, limits, pauses and rates name it.
    package var senderName: String { Campaign.senderPrefix + name }
    package static let senderPrefix = "campaign:"

    /// Copies may be handed to the queue.
    package var isSending: Bool { state == .pilot || state == .canary || state == .rest }

    package var isOver: Bool { state == .done || state == .cancelled }

    /// What its List-Id is: people unsubscribe from it.
    package var listID: String { "\(list).\(sender.domain?.text ?? "invalid")" }
}

/// What people, and the gate, do with a campaign. The raw value is what the audit says.
package enum CampaignAct: String, Hashable, Sendable, CaseIterable {
    case edit, check, approve, pilot
    case approvePilot = "approve-pilot"
    case start
    case goOn = "go-on"
    case finish, pause, resume, cancel
}

extension Campaign {
    /// The state that an act leads to; nil where it is not possible now. `needsApproval`: nothing leaves before a second person agreed.
    package func state(after act: CampaignAct, needsApproval: Bool) -> State? {
        switch (act, state) {
        case (.edit, .draft), (.edit, .checked), (.edit, .approved), (.edit, .pilot), (.edit, .pilotApproved): .draft
        case (.check, .draft), (.check, .checked): .checked
        case (.approve, .checked): .approved
        case (.pilot, .checked): needsApproval ? nil : .pilot
        case (.pilot, .approved), (.pilot, .pilot), (.pilot, .pilotApproved): .pilot
        case (.approvePilot, .pilot): .pilotApproved
        case (.start, .pilotApproved): .canary
        case (.goOn, .canary): .rest
        case (.finish, .rest), (.finish, .canary): .done
        case (.pause, .pilot), (.pause, .canary), (.pause, .rest): .paused
        case (.resume, .paused): pausedFrom
        case (.cancel, .done): nil
        case (.cancel, _): .cancelled
        default: nil
        }
    }
}
