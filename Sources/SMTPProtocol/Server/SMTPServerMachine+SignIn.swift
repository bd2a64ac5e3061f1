import MailModel

extension SMTPServerMachine {
    /// Which answer of an AUTH exchange comes next (RFC 4954 §4).
    enum SignInStep: Sendable {
        case plain
        case loginName
        case loginPassword(name: String)
        case token
    }

    /// Octets of a name or a password (RFC 4616 §2).
    private static var credentialBytesMax: Int { 255 }

    mutating func auth(_ argument: ArraySlice<UInt8>) -> Progress {
        guard settings.offersAuth else {
            refuse(502, EnhancedStatusCode(5, 5, 1), "AUTH is not offered here")
            return .moved
        }
        guard isEncrypted else {
            refuse(538, EnhancedStatusCode(5, 7, 11), "Encryption is required to sign in: send STARTTLS first")
            return .moved
        }
        guard clientName != nil else { return outOfOrder("send EHLO first") }
        guard !isSignedIn else { return outOfOrder("you are signed in already") }
        guard transaction == nil else { return outOfOrder("AUTH may not come within a message") }
        let words = argument.split(separator: ASCII.space)
        guard let first = words.first, words.count <= 2 else {
            refuse(501, EnhancedStatusCode(5, 5, 4), "Syntax error: AUTH needs a mechanism, PLAIN or LOGIN")
            return .moved
        }
        // RFC 4954 §4: `=` is an initial response of no octets.
        let initial = words.count == 2 ? (words[1].elementsEqual([ASCII.equals]) ? [] : words[1]) : nil
        switch String(decoding: first.lazy.map(ASCII.uppercased), as: UTF8.self) {
        case "PLAIN": return begin(.plain, initial, prompt: "")
        case "LOGIN": return begin(.loginName, initial, prompt: "VXNlcm5hbWU6")
        case "XOAUTH2" where settings.takesTokens: return begin(.token, initial, prompt: "")
        default:
            refuse(504, EnhancedStatusCode(5, 5, 4), "That mechanism is not offered; use PLAIN or LOGIN")
            return .moved
        }
    }

    private mutating func begin(_ step: SignInStep, _ initial: ArraySlice<UInt8>?, prompt: String) -> Progress {
        phase = .signIn(step)
        if let initial { return continueSignIn(step, Array(initial)) }
        write(SMTPReply(334, nil, prompt))
        return .moved
    }

    /// One answer of the client, in base 64; `*` gives up.
    mutating func continueSignIn(_ step: SignInStep, _ line: [UInt8]) -> Progress {
        phase = .command
        guard line != [0x2A] else {
            refuse(501, EnhancedStatusCode(5, 7, 0), "Sign-in cancelled")
            return .moved
        }
        guard let decoded = Base64.decode(line) else {
            refuse(501, EnhancedStatusCode(5, 5, 2), "Syntax error: the answer is not base64")
            return .moved
        }
        switch step {
        case .plain: return plain(decoded)
        case .loginName:
            guard let name = credential(decoded[...]) else { return badCredentials() }
            phase = .signIn(.loginPassword(name: name))
            write(SMTPReply(334, nil, "UGFzc3dvcmQ6"))
            return .moved
        case .loginPassword(let name):
            guard let password = credential(decoded[...]) else { return badCredentials() }
            return .ask(.signIn, .signIn(SignIn(mechanism: .login, name: name, password: password)))
        case .token: return token(decoded)
        }
    }

    /// RFC 4616 §2: authorization identity, NUL, name, NUL, password.
    private mutating func plain(_ message: [UInt8]) -> Progress {
        let parts = message.split(separator: ASCII.null, omittingEmptySubsequences: false)
        guard parts.count == 3, let name = credential(parts[1]), let password = credential(parts[2]) else { return badCredentials() }
        guard parts[0].isEmpty || parts[0].elementsEqual(parts[1]) else {
            refuse(535, EnhancedStatusCode(5, 7, 8), "The authorization identity must be empty or the name that signs in")
            return .moved
        }
        return .ask(.signIn, .signIn(SignIn(mechanism: .plain, name: name, password: password)))
    }

    /// `user=` name ^A `auth=Bearer ` token ^A ^A, as Google and Microsoft describe it.
    private mutating func token(_ message: [UInt8]) -> Progress {
        let parts = message.split(separator: 0x01).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 2, parts[0].hasPrefix("user="), parts[1].lowercased().hasPrefix("auth=bearer ") else {
            return badCredentials()
        }
        let (name, token) = (String(parts[0].dropFirst(5)), String(parts[1].dropFirst(12)))
        guard (1...SMTPServerMachine.credentialBytesMax).contains(name.utf8.count), !token.isEmpty else { return badCredentials() }
        return .ask(.signIn, .signIn(SignIn(mechanism: .token, name: name, password: token)))
    }

    private func credential(_ bytes: ArraySlice<UInt8>) -> String? {
        guard (1...SMTPServerMachine.credentialBytesMax).contains(bytes.count), !bytes.contains(ASCII.null) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private mutating func badCredentials() -> Progress {
        refuse(501, EnhancedStatusCode(5, 5, 2), "Syntax error: name and password must be UTF-8 of 1 to 255 octets")
        return .moved
    }
}
