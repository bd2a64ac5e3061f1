import OutboundPolicy

/// One of the service limits, or a setting beside them: how it is named, read and written.
struct ServiceSetting: Sendable {
    var name: String
    /// What it says, for people.
    var text: String
    /// Nil for a setting that is no limit with an action.
    var limit: LimitName?
    var read: @Sendable (ServiceLimits) -> ServiceValue
    /// Throws `AdministrationError` for a value that is none of it.
    var write: @Sendable (inout ServiceLimits, ServiceValue) throws -> Void

    static func named(_ name: String) throws -> ServiceSetting {
        if let found = all.first(where: { $0.name == name }) { return found }
        if LimitName(rawValue: name) != nil {
            throw AdministrationError(
                .invalid, "\(name) is a limit of the outbound policies",
                "Set it with `postern policy set default --\(policyOption(name)) N`.")
        }
        throw AdministrationError(
            .notFound, "there is no service limit \(name)", "There are \(all.map(\.name).joined(separator: ", ")).")
    }

    private static func policyOption(_ name: String) -> String { name == LimitName.recipientsPerDay.rawValue ? "per-day" : name }

    static let all: [ServiceSetting] =
        limits + [
            number(
                "connections-per-sender", "Connections at a time that a sender may submit by; 0: no limit", 0...100_000,
                \.connectionsPerSender),
            number(
                "recipients-per-message", "Recipients of one message, after groups are expanded; 0: no limit", 0...1_000_000,
                \.recipientsPerMessage),
            number("slowest-release-hours", "How far ahead slowed mail may be put, in hours", 1...168, \.slowestReleaseHours),
            ServiceSetting(
                name: "restricts-internal", text: "Whether a restriction stops mail to internal recipients too",
                read: { .flag($0.restrictsInternal) },
                write: { limits, value in
                    guard case .flag(let flag) = value else { throw refusal("restricts-internal", value, "true or false") }
                    limits.restrictsInternal = flag
                }),
            number(
                "releases-without-approval", "Times that a sender is released without a second person, in 30 days", 0...1000,
                \.releasesWithoutApproval),
            ServiceSetting(
                name: "time-zone", text: "Where the organisation's day begins", read: { .text($0.timeZone) },
                write: { limits, value in
                    guard case .text(let name) = value else { throw refusal("time-zone", value, "an IANA name such as Europe/Berlin") }
                    try check(timeZone: name)
                    limits.timeZone = name
                }),
            number(
                "spam-percent-of-last-20", "Restricts where more of the last 20 messages were judged spam, in percent; 0: never", 0...100,
                \.detection.percentOfLast20),
            number("spam-per-hour", "Restricts at so many messages judged spam in an hour; 0: never", 0...1_000_000, \.detection.perHour),
            number(
                "near-duplicates-per-hour",
                "Restricts at so many nearly equal messages to recipients met for the first time, in an hour; 0: never", 0...1_000_000,
                \.detection.nearDuplicatesPerHour),
            number(
                "organisation-spam-per-hour", "Tells of the organisation at so many messages judged spam in an hour; 0: never",
                0...1_000_000, \.detection.organisationPerHour),
        ]

    static func check(timeZone name: String) throws {
        guard TimeZones.day(name) != nil else {
            throw AdministrationError(.invalid, "there is no time zone \"\(name)\"", "Give an IANA name such as Europe/Berlin.")
        }
    }

    static let valueMax = 100_000_000

    private static let limits: [ServiceSetting] = [
        limit(.messagesPerMinute, "Messages of a sender in any minute"),
        limit(.recipientsPer24Hours, "Recipients of a sender in any 24 hours"),
        limit(.firstTimePer24Hours, "Recipients that a sender writes to for the first time, in any 24 hours"),
        limit(.mebibytesPer24Hours, "MiB of mail of a sender in any 24 hours"),
        limit(.connectorPerHour, "Recipients of a connector as a whole in any hour"),
        limit(.organisationExternal, "External recipients of the organisation in any 24 hours"),
    ]

    private static func limit(_ name: LimitName, _ text: String) -> ServiceSetting {
        ServiceSetting(
            name: name.rawValue, text: text, limit: name, read: { .number($0.entries[name]?.value ?? 0) },
            write: { limits, value in
                guard case .number(let number) = value, (0...valueMax).contains(number) else {
                    throw refusal(name.rawValue, value, "a number of 0…\(valueMax)")
                }
                guard number > 0 else {
                    limits.entries[name] = nil
                    return
                }
                limits.entries[name, default: ServiceLimits.Entry(0, name.usualAction)].value = number
            })
    }

    private static func number(
        _ name: String, _ text: String, _ range: ClosedRange<Int>, _ path: any WritableKeyPath<ServiceLimits, Int> & Sendable
    ) -> ServiceSetting {
        ServiceSetting(
            name: name, text: text, read: { .number($0[keyPath: path]) },
            write: { limits, value in
                guard case .number(let number) = value, range.contains(number) else {
                    throw refusal(name, value, "a number of \(range.lowerBound)…\(range.upperBound)")
                }
                limits[keyPath: path] = number
            })
    }

    private static func refusal(_ name: String, _ value: ServiceValue, _ form: String) -> AdministrationError {
        AdministrationError(.invalid, "\(name): \(value) is not \(form)")
    }
}

extension LimitName {
    /// What happens over a service limit where nothing else is chosen.
    fileprivate var usualAction: LimitAction {
        switch self {
        case .messagesPerMinute: .slow
        case .firstTimePer24Hours: .restrict
        default: .refuse
        }
    }
}
