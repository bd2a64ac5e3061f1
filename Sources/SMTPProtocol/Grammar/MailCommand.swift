import MailModel

/// MAIL FROM, read and checked against what the server offers.
struct MailCommand: Sendable {
    var reversePath: ReversePath
    var parameters: MailParameters

    /// What the server allows in the parameters.
    struct Rules: Sendable {
        var messageBytesMax: Int
        /// Nil where FUTURERELEASE is not offered.
        var futureReleaseMax: Duration?
        /// The latest HOLDUNTIL; nil where FUTURERELEASE is not offered.
        var holdUntilMax: Timestamp?
        /// Offered under TLS alone.
        var offersRequireTLS = false
    }

    static func read(_ argument: ArraySlice<UInt8>, rules: Rules) -> Result<MailCommand, Refusal> {
        let path: SMTPPath
        switch SMTPPath.read(argument, keyword: "FROM:") {
        case .success(let found): path = found
        case .failure(let problem): return .failure(problem.refusal(command: "MAIL FROM", badAddress: EnhancedStatusCode(5, 1, 7)))
        }
        var reader = MailParameterReader(rules: rules)
        if let refusal = reader.read(path.rest) { return .failure(refusal) }
        guard !path.mailbox.isEmpty else { return .success(MailCommand(reversePath: .null, parameters: reader.parameters)) }
        guard let address = path.address else {
            return .failure(Refusal(501, EnhancedStatusCode(5, 1, 7), "The sender address is not valid: write <name@example.org>"))
        }
        guard !address.isInternationalized || reader.parameters.isInternationalized else {
            return .failure(Refusal(553, EnhancedStatusCode(5, 6, 7), "An address outside ASCII needs the SMTPUTF8 parameter"))
        }
        return .success(MailCommand(reversePath: .address(address), parameters: reader.parameters))
    }
}

extension SMTPPath.Problem {
    /// The reply for a broken path. `badAddress`: 5.1.7 for senders, 5.1.3 for recipients (RFC 3463 §3.2).
    func refusal(command: String, badAddress: EnhancedStatusCode) -> Refusal {
        switch self {
        case .keyword: .syntax("write \(command):<name@example.org>")
        case .brackets: Refusal(501, badAddress, "The address must stand in angle brackets: \(command):<name@example.org>")
        case .tooLong: Refusal(501, badAddress, "The address is longer than \(SMTPPath.bytesMax) octets")
        case .sourceRoute: Refusal(501, badAddress, "The source route is not valid: write \(command):<name@example.org>")
        case .trailing: .syntax("a space must follow the closing angle bracket")
        }
    }
}

/// Reads the parameters of MAIL into the values of the envelope.
private struct MailParameterReader {
    let rules: MailCommand.Rules
    var parameters = MailParameters()

    mutating func read(_ text: ArraySlice<UInt8>) -> Refusal? {
        switch ESMTPParameter.read(text) {
        case .failure(let refusal): return refusal
        case .success(let all):
            for parameter in all {
                if let refusal = take(parameter) { return refusal }
            }
            return nil
        }
    }

    private mutating func take(_ parameter: ESMTPParameter) -> Refusal? {
        switch parameter.keyword {
        case "SIZE": return takeSize(parameter.value)
        case "BODY": return takeBody(parameter.word)
        case "SMTPUTF8":
            guard parameter.value == nil else { return .syntax("SMTPUTF8 takes no value") }
            parameters.isInternationalized = true
        case "RET":
            guard let choice = parameter.word.flatMap(DSNReturn.init) else { return .syntax("RET must be FULL or HDRS") }
            parameters.dsnReturn = choice
        case "ENVID": return takeEnvelopeID(parameter.value)
        case "REQUIRETLS" where rules.offersRequireTLS:
            guard parameter.value == nil else { return .syntax("REQUIRETLS takes no value") }
            parameters.requiresTLS = true
        case "HOLDFOR" where rules.futureReleaseMax != nil: return takeHoldFor(parameter.value)
        case "HOLDUNTIL" where rules.holdUntilMax != nil: return takeHoldUntil(parameter.value)
        case "AUTH":
            // RFC 4954 §5: the identity that a trusted relay vouches for. We trust none, so it is as if `<>` stood there.
            guard parameter.value.flatMap({ XText.decode($0) }) != nil else { return .syntax("AUTH needs an address in xtext, or <>") }
        default: return .unknown("The parameter \(parameter.keyword) of MAIL")
        }
        return nil
    }

    private mutating func takeSize(_ value: ArraySlice<UInt8>?) -> Refusal? {
        switch value.map({ DecimalNumber($0) }) ?? .malformed {
        case .malformed: return .syntax("SIZE must be a number of octets")
        case .value(let size) where size <= rules.messageBytesMax:
            parameters.declaredBytes = size
            return nil
        case .value, .overflow: return Refusal(552, EnhancedStatusCode(5, 3, 4), tooLargeText)
        }
    }

    private var tooLargeText: String {
        "The message is too large: at most \(rules.messageBytesMax) octets are taken. Send less, or share large files by a link"
    }

    private mutating func takeBody(_ word: String?) -> Refusal? {
        switch word.flatMap(BodyKind.init) {
        case .sevenBit: parameters.body = .sevenBit
        case .eightBit: parameters.body = .eightBit
        case .binary: return .unknown("BODY=BINARYMIME")
        case nil: return .syntax("BODY must be 7BIT or 8BITMIME")
        }
        return nil
    }

    /// RFC 3461 §4.4: xtext of printable ASCII, at most 100 characters.
    private mutating func takeEnvelopeID(_ value: ArraySlice<UInt8>?) -> Refusal? {
        guard let value, value.count <= 100, let decoded = XText.decode(value), decoded.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            return .syntax("ENVID must be xtext of at most 100 characters")
        }
        parameters.envelopeID = String(decoding: decoded, as: UTF8.self)
        return nil
    }

    /// RFC 4865 §4: 1…9 digits, seconds.
    private mutating func takeHoldFor(_ value: ArraySlice<UInt8>?) -> Refusal? {
        guard parameters.futureRelease == nil else { return .syntax("only one of HOLDFOR and HOLDUNTIL may be given") }
        guard let value, value.count <= 9, case .value(let seconds) = DecimalNumber(value) else {
            return .syntax("HOLDFOR must be a number of seconds")
        }
        guard let longest = rules.futureReleaseMax, .seconds(seconds) <= longest else {
            return .syntax("HOLDFOR may be at most \(rules.futureReleaseMax?.components.seconds ?? 0) seconds")
        }
        parameters.futureRelease = .holdFor(seconds: seconds)
        return nil
    }

    private mutating func takeHoldUntil(_ value: ArraySlice<UInt8>?) -> Refusal? {
        guard parameters.futureRelease == nil else { return .syntax("only one of HOLDFOR and HOLDUNTIL may be given") }
        guard let time = value.flatMap({ Timestamp(rfc3339: String(decoding: $0, as: UTF8.self)) }) else {
            return .syntax("HOLDUNTIL must be a time like 2030-01-31T12:00:00Z")
        }
        guard let latest = rules.holdUntilMax, time <= latest else {
            return .syntax("HOLDUNTIL may be at most \(rules.holdUntilMax?.rfc3339 ?? "now")")
        }
        parameters.futureRelease = .holdUntil(time)
        return nil
    }
}
