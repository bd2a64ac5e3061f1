package import MailModel

/// On what ground somebody may be written to. The raw value is what the ledger holds.
package enum ConsentBasis: String, Hashable, Sendable, Codable, CaseIterable {
    /// The person said yes, and the words that were said yes to are known.
    case express
    /// A purchase, a contract or a membership: implied under CASL s. 10(10)(a) for two years after it.
    case relationship
    /// A question or an application: implied under CASL s. 10(10)(b) for six months after it.
    case inquiry
    /// Mail that belongs to an employment or a study, where the law asks for no consent.
    case organisation
    /// Nobody can say.
    case unknown

    /// How many calendar months it holds; nil: until it is withdrawn.
    package var months: Int? {
        switch self {
        case .relationship: 24
        case .inquiry: 6
        case .express, .organisation, .unknown: nil
        }
    }

    /// When it ends that began at a time; nil: never by itself.
    package func expiry(from start: Timestamp) -> Timestamp? { months.map { start.addingMonths($0) } }
}

/// What is consented to: tracking is a consent of its own.
package enum ConsentSubject: String, Hashable, Sendable, Codable, CaseIterable {
    case mail
    case tracking
}

/// What an entry of the ledger says.
package enum ConsentAct: String, Hashable, Sendable, Codable, CaseIterable {
    /// Asked for, not yet confirmed: the first half of a double opt-in.
    case asked
    case granted
    case withdrawn
}

/// An entry of the consent ledger. Entries are added and never changed; what holds follows from all of them.
package struct ConsentEntry: Hashable, Sendable, Codable {
    package var at: Timestamp
    package var act: ConsentAct
    package var subject: ConsentSubject
    package var basis: ConsentBasis
    /// The list's name; nil for all lists.
    package var list: String?
    /// Where it came from: `import people.csv`, `form newsletter`, `account:a@example.org`.
    package var source: String
    /// SHA-256, in hexadecimal, of the exact words that the person saw; nil where they are not known.
    package var wordingHash: String?
    /// Nil where there was no form.
    package var formVersion: String?
    /// When it ends by itself; nil for never.
    package var expiresAt: Timestamp?

    package init(
        at: Timestamp, act: ConsentAct, subject: ConsentSubject = .mail, basis: ConsentBasis, list: String? = nil, source: String,
        wordingHash: String? = nil, formVersion: String? = nil
    ) {
        self.at = at
        self.act = act
        self.subject = subject
        self.basis = basis
        self.list = list
        self.source = source
        self.wordingHash = wordingHash
        self.formVersion = formVersion
        expiresAt = act == .granted ? basis.expiry(from: at) : nil
    }
}

/// What the ledger comes to for one person, one list and one subject.
package enum ConsentState: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    /// Asked for and not confirmed.
    case pending
    case valid
    case expired
    case withdrawn

    /// `entries` in order of time. Those of other lists do not count; those of no list count for each.
    package init(_ entries: [ConsentEntry], list: String?, subject: ConsentSubject, at now: Timestamp) {
        self = .none
        for entry in entries where entry.subject == subject && (entry.list == nil || entry.list == list) && entry.at <= now {
            switch entry.act {
            case .asked: if self != .valid { self = .pending }
            case .granted: self = entry.expiresAt.map { $0 <= now } ?? false ? (self == .valid ? .valid : .expired) : .valid
            case .withdrawn: self = .withdrawn
            }
        }
    }
}

extension Timestamp {
    /// The same time of day so many calendar months later, on the last day of a month that is shorter.
    package func addingMonths(_ months: Int) -> Timestamp {
        let start = CalendarTime(self)
        let count = start.year * 12 + start.month - 1 + months
        let (year, month) = (count / 12, count % 12 + 1)
        let day = min(start.dayOfMonth, Timestamp.days(inMonth: month, of: year))
        let days = Timestamp.dayNumber(year, month, day)
        let timeOfDay = milliseconds - Int64(self.day) * 86_400_000
        return Timestamp(milliseconds: Int64(days) * 86_400_000 + timeOfDay)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        dayNumber(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - dayNumber(year, month, 1)
    }

    /// Days since 1970-01-01 (Hinnant), for years after 0.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
