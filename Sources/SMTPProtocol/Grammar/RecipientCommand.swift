import MailModel

/// RCPT TO, read and checked.
enum RecipientCommand {
    /// `isInternationalized`: MAIL carried SMTPUTF8. `hostName`: where `<Postmaster>` without a domain goes (RFC 5321 §4.5.1).
    static func read(
        _ argument: ArraySlice<UInt8>, isInternationalized: Bool, hostName: String
    ) -> Result<EnvelopeRecipient, Refusal> {
        let badAddress = EnhancedStatusCode(5, 1, 3)
        let path: SMTPPath
        switch SMTPPath.read(argument, keyword: "TO:") {
        case .success(let found): path = found
        case .failure(let problem): return .failure(problem.refusal(command: "RCPT TO", badAddress: badAddress))
        }
        guard let address = path.address ?? postmaster(path, hostName) else {
            return .failure(Refusal(501, badAddress, "The recipient address is not valid: write <name@example.org>"))
        }
        guard !address.isInternationalized || isInternationalized else {
            return .failure(Refusal(553, EnhancedStatusCode(5, 6, 7), "An address outside ASCII needs SMTPUTF8 with MAIL FROM"))
        }
        var recipient = EnvelopeRecipient(address)
        switch ESMTPParameter.read(path.rest) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let parameters):
            for parameter in parameters {
                if let refusal = take(parameter, into: &recipient, isInternationalized: isInternationalized) { return .failure(refusal) }
            }
        }
        return .success(recipient)
    }

    private static func postmaster(_ path: SMTPPath, _ hostName: String) -> EmailAddress? {
        guard path.mailbox.elementsEqual("postmaster".utf8, by: { ASCII.lowercased($0) == $1 }), let host = MailHost(hostName) else {
            return nil
        }
        return EmailAddress(localPart: "postmaster", host: host)
    }

    private static func take(_ parameter: ESMTPParameter, into recipient: inout EnvelopeRecipient, isInternationalized: Bool) -> Refusal? {
        switch parameter.keyword {
        case "NOTIFY":
            guard let notify = parameter.word.flatMap(notify) else {
                return .syntax("NOTIFY must be NEVER, or a list of SUCCESS, FAILURE and DELAY")
            }
            recipient.notify = notify
        case "ORCPT":
            guard let original = parameter.value.flatMap({ originalRecipient($0, isInternationalized) }) else {
                return .syntax("ORCPT must be an address type, a semicolon and an address in xtext, at most 500 characters")
            }
            recipient.originalRecipient = original
        default: return .unknown("The parameter \(parameter.keyword) of RCPT")
        }
        return nil
    }

    /// RFC 3461 §4.1: NEVER stands alone; no keyword twice.
    private static func notify(_ word: String) -> DSNNotify? {
        if word == "NEVER" { return [] }
        var notify: DSNNotify = []
        for name in word.split(separator: ",", omittingEmptySubsequences: false) {
            let option: DSNNotify
            switch name {
            case "SUCCESS": option = .success
            case "FAILURE": option = .failure
            case "DELAY": option = .delay
            default: return nil
            }
            guard notify.insert(option).inserted else { return nil }
        }
        return notify
    }

    /// RFC 3461 §4.2, and RFC 6533 §3 for the type `utf-8`.
    private static func originalRecipient(_ value: ArraySlice<UInt8>, _ isInternationalized: Bool) -> OriginalRecipient? {
        guard value.count <= 500, let semicolon = value.firstIndex(of: ASCII.semicolon) else { return nil }
        let name = value[..<semicolon]
        guard !name.isEmpty, name.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.hyphen }) else { return nil }
        let type = String(decoding: name.lazy.map(ASCII.lowercased), as: UTF8.self)
        let isUnicode = type == "utf-8"
        guard var decoded = XText.decode(value[(semicolon + 1)...], allowsUTF8: isUnicode && isInternationalized) else { return nil }
        if isUnicode {
            guard let unescaped = XText.decodeUnicodeEscapes(decoded) else { return nil }
            decoded = unescaped
        }
        guard !decoded.isEmpty, decoded.allSatisfy({ !ASCII.isControl($0) && (isUnicode || $0 < 0x80) }),
            let address = String(validating: decoded, as: UTF8.self)
        else { return nil }
        return OriginalRecipient(type: type, address: address)
    }
}
