import MailModel

extension SMTPServerMachine {
    /// Acts on one command line without CRLF.
    mutating func perform(_ line: [UInt8]) -> Progress {
        guard !line.contains(where: ASCII.isControl) else {
            refuse(500, EnhancedStatusCode(5, 5, 2), "A command may not hold NUL or other control characters")
            return .moved
        }
        let command = SMTPCommandLine(line)
        guard let verb = command.verb else {
            guard !command.isHTTP else {
                stop(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "This is a mail server, not a web server. Closing"))
                return .moved
            }
            refuse(500, EnhancedStatusCode(5, 5, 1), "Unknown command \"\(command.name)\"")
            return .moved
        }
        guard !verb.takesNoArgument || command.argument.isEmpty else {
            refuse(501, EnhancedStatusCode(5, 5, 4), "\(verb.rawValue) takes no argument")
            return .moved
        }
        switch verb {
        case .mail: return mail(command.argument)
        case .rcpt: return recipient(command.argument)
        case .data: return data()
        case .bdat: return bdat(command.argument)
        case .auth: return auth(command.argument)
        case .ehlo, .helo: hello(command.argument, isExtended: verb == .ehlo)
        case .startTLS: startTLS()
        case .rset:
            transaction = nil
            write(settings.manner?.reset ?? SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Reset"))
        case .noop: write(SMTPReply(250, EnhancedStatusCode(2, 0, 0), "OK"))
        case .help:
            write(SMTPReply(214, EnhancedStatusCode(2, 0, 0), "EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP HELP VRFY QUIT"))
        case .vrfy: write(SMTPReply(252, EnhancedStatusCode(2, 5, 0), "Cannot verify; send a message to find out"))
        case .expn, .etrn, .turn, .burl: refuse(502, EnhancedStatusCode(5, 5, 1), "\(verb.rawValue) is not offered here")
        case .quit:
            hasQuit = true
            stop(settings.manner?.quit ?? SMTPReply(221, EnhancedStatusCode(2, 0, 0), "Goodbye"))
        }
        return .moved
    }

    private mutating func hello(_ argument: ArraySlice<UInt8>, isExtended: Bool) {
        guard !argument.isEmpty, argument.count <= 255, argument.allSatisfy(isHostNameByte) else {
            refuse(501, EnhancedStatusCode(5, 5, 4), "\(isExtended ? "EHLO" : "HELO") needs your host name or [address]")
            return
        }
        clientName = String(decoding: argument, as: UTF8.self)
        saysEHLO = isExtended
        transaction = nil
        let hello = settings.manner.map { $0.hello.isEmpty ? settings.hostName : "\(settings.hostName) \($0.hello)" } ?? settings.hostName
        write(SMTPReply(250, nil, isExtended ? [hello] + extensions : [hello]))
    }

    /// What EHLO announces; only what holds now.
    private var extensions: [String] {
        if let manner = settings.manner {
            return manner.extensions.filter { line in
                if line == "STARTTLS" { return settings.offersStartTLS && !isEncrypted }
                return !line.hasPrefix("AUTH ") || (settings.offersAuth && isEncrypted && !isSignedIn)
            }
        }
        var lines = [
            "PIPELINING", "SIZE \(limits.messageBytesMax)", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES", "DSN",
            "LIMITS RCPTMAX=\(limits.recipientsMax)",
        ]
        if settings.offersStartTLS, !isEncrypted { lines.append("STARTTLS") }
        // RFC 8689 §2: under TLS alone.
        if isEncrypted { lines.append("REQUIRETLS") }
        if settings.offersAuth, isEncrypted, !isSignedIn { lines.append("AUTH PLAIN LOGIN") }
        if let longest = settings.futureReleaseMax, let latest = holdUntilMax {
            lines.append("FUTURERELEASE \(longest.components.seconds) \(latest.rfc3339)")
        }
        return lines
    }

    private var holdUntilMax: Timestamp? {
        guard let openedAt, let longest = settings.futureReleaseMax else { return nil }
        return openedAt + longest
    }

    private mutating func startTLS() {
        guard !isEncrypted else { return refuse(503, EnhancedStatusCode(5, 5, 1), "The connection is under TLS already") }
        guard settings.offersStartTLS else { return refuse(502, EnhancedStatusCode(5, 5, 1), "STARTTLS is not offered here") }
        // What came with the command was sent in plaintext, by whoever could write into it (CVE-2011-0411).
        guard unreadBytes == 0 else { return refuseSmuggledPlaintext() }
        transaction = nil
        write(settings.manner?.startTLS ?? SMTPReply(220, EnhancedStatusCode(2, 0, 0), "Ready to start TLS"))
        phase = .startingTLS(isAnnounced: false)
    }

    private mutating func mail(_ argument: ArraySlice<UInt8>) -> Progress {
        guard clientName != nil else { return outOfOrder("send EHLO first") }
        guard transaction == nil else { return outOfOrder("a message is under way; send DATA, or RSET to drop it") }
        if !isEncrypted, let refusal = settings.manner?.plaintextRefusal {
            write(refusal)
            return .moved
        }
        let rules = MailCommand.Rules(
            messageBytesMax: limits.messageBytesMax, futureReleaseMax: holdUntilMax == nil ? nil : settings.futureReleaseMax,
            holdUntilMax: holdUntilMax, offersRequireTLS: isEncrypted)
        switch MailCommand.read(argument, rules: rules) {
        case .failure(let refusal): return refuse(refusal, .mail, argument)
        case .success(let command):
            return .ask(.mail(command.reversePath, command.parameters), .mail(command.reversePath, command.parameters))
        }
    }

    private mutating func recipient(_ argument: ArraySlice<UInt8>) -> Progress {
        guard let transaction else { return outOfOrder("send MAIL FROM first") }
        guard transaction.content == nil else { return outOfOrder("recipients must come before BDAT; send RSET to start again") }
        guard transaction.recipients.count < limits.recipientsMax else {
            let text = "Too many recipients: at most \(limits.recipientsMax) for each message; send the others in another one"
            return refuse(Refusal(452, EnhancedStatusCode(4, 5, 3), text), .recipient, argument)
        }
        switch RecipientCommand.read(
            argument, isInternationalized: transaction.parameters.isInternationalized, hostName: settings.hostName)
        {
        case .failure(let refusal): return refuse(refusal, .recipient, argument)
        case .success(let recipient): return .ask(.recipient(recipient), .recipient(recipient))
        }
    }

    /// Refuses MAIL or RCPT. Only a syntax error counts as a bad command: an address list may well have many wrong addresses.
    private mutating func refuse(_ refusal: Refusal, _ command: RefusedCommand.Command, _ argument: ArraySlice<UInt8>) -> Progress {
        write(refusal.reply, allowsUTF8: transaction?.parameters.isInternationalized ?? false)
        let reversePath = transaction?.reversePath
        if refusal.reply.enhancedCode?.subject == 5, refusal.reply.code >= 500 { countBadCommand() }
        return .tell(.refused(RefusedCommand(command, argument, reversePath: reversePath, reply: refusal.reply)))
    }

    mutating func outOfOrder(_ hint: String) -> Progress {
        refuse(503, EnhancedStatusCode(5, 5, 1), "Command out of order: \(hint)")
        return .moved
    }
}

/// What host names and address literals are made of; underscores and more are met in practice.
private func isHostNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, ASCII.hyphen, ASCII.dot, ASCII.colon, 0x5F, 0x5B, 0x5D, 0x25: true
    default: false
    }
}
