package import MailModel

/// The client's side of one SMTP connection (RFC 5321): events in, actions out.
///
/// The shell connects, calls `connected`, hands over what it reads with `received`, and pulls `next` until nil after each event.
/// After `ready`, and after each `finished` that says so, `begin` starts a transaction.
///
/// Not copyable: a connection has one, and a copy made to ask it something would cost more than the answer.
package struct SMTPClientMachine: ~Copyable, Sendable {
    /// What the shell is to do.
    package enum Action: Hashable, Sendable {
        /// Write to the connection.
        case send([UInt8])
        /// Do the handshake now, then call `tlsEstablished` or `tlsFailed`.
        case startTLS
        /// The session is open and signed in; `begin` may be called.
        case ready(SMTPCapabilities)
        /// The transaction is over: one result for each of its recipients, in their order. `isReusable`: `begin` may be called again.
        case finished([RecipientResult], isReusable: Bool)
        /// The session failed with no transaction under way. A failure of stage `startTLS` under `.opportunistic` means: connect
        /// again and use `.none`.
        case failed(DeliveryFailure)
        /// Close the connection, after what was sent is written. Nothing follows. It comes alone where an idle session ends.
        case close
    }

    enum State: Sendable {
        case unconnected
        case greeting
        case ehlo
        case helo
        case startTLS
        case handshake
        case signIn(SignInState)
        case ready
        case transaction
        case quitting
        case closed
    }

    enum SignInState: Sendable {
        case plain, loginStart, loginName, loginPassword
        /// The token went out with AUTH; after an empty challenge it goes out once more, on a line of its own.
        case token, tokenAgain
        /// The challenge that explains a refusal was answered; the refusal itself follows.
        case tokenRefused
    }

    let settings: SMTPClientSettings
    var state = State.unconnected
    /// Not nil exactly in `.transaction`.
    var transaction: ClientTransactionState?
    var parser = SMTPReplyParser()
    var output: [UInt8] = []
    var actions: [Action] = []

    /// True under TLS, from the start or after STARTTLS.
    package private(set) var isEncrypted: Bool
    /// From the last EHLO.
    package private(set) var capabilities = SMTPCapabilities()

    package init(settings: SMTPClientSettings) {
        self.settings = settings
        isEncrypted = settings.tls == .implicit
    }

    /// True where `begin` may be called.
    package var isReady: Bool {
        if case .ready = state { actions.isEmpty } else { false }
    }

    /// How long the present stage may take; call `timedOut` when it passes without a byte from the server.
    package var timeout: Duration {
        let timeouts = settings.timeouts
        switch state {
        case .unconnected, .greeting: return timeouts.greeting
        case .ehlo, .helo: return timeouts.hello
        case .startTLS, .handshake: return timeouts.startTLS
        case .signIn: return timeouts.auth
        case .ready: return timeouts.idle
        case .quitting, .closed: return timeouts.quit
        case .transaction: return transaction?.timeout(timeouts) ?? timeouts.mail
        }
    }

    /// The stage that a failure would name now.
    package var stage: DeliveryStage {
        switch state {
        case .unconnected: .connect
        case .greeting: .greeting
        case .ehlo, .helo: .ehlo
        case .startTLS, .handshake: .startTLS
        case .signIn: .auth
        case .ready, .quitting, .closed: .mail
        case .transaction: transaction?.stage ?? .mail
        }
    }

    /// The connection stands; with `.implicit`, under TLS.
    package mutating func connected() {
        guard case .unconnected = state else { return }
        state = .greeting
    }

    /// Bytes from the server, in any portions. After the end they are ignored.
    package mutating func received(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        switch state {
        case .closed, .unconnected: return
        case .handshake: failForInjection()
        default: parser.append(bytes)
        }
    }

    /// The handshake after `.startTLS` is done. What the server said before it is forgotten (RFC 3207 §4.2).
    package mutating func tlsEstablished() {
        guard case .handshake = state else { return }
        isEncrypted = true
        capabilities = SMTPCapabilities()
        sayHello()
    }

    /// The handshake did not succeed, for a reason in plain words.
    package mutating func tlsFailed(_ reason: String) {
        guard case .handshake = state else { return }
        fail(local(454, EnhancedStatusCode(4, 7, 5), "TLS with \(settings.serverName) failed: \(reason)"))
    }

    /// Starts a transaction. Call only where `isReady`.
    package mutating func begin(_ transaction: ClientTransaction) {
        precondition(isReady && !transaction.recipients.isEmpty, "no session is ready, or no recipient is named")
        beginTransaction(transaction)
    }

    /// `timeout` has passed.
    package mutating func timedOut() {
        endSession("no answer from \(settings.serverName) in time")
    }

    /// The connection is gone.
    package mutating func closedByPeer() {
        endSession("\(settings.serverName) closed the connection")
    }

    /// Says QUIT where the session is idle, and ends it in any case.
    package mutating func quit() {
        guard case .ready = state else { return endSession("the session was given up") }
        state = .quitting
        output += Array("QUIT\r\n".utf8)
    }

    /// The next thing to do; nil when nothing is left until the next event.
    package mutating func next() -> Action? {
        while true {
            if !output.isEmpty {
                let bytes = output
                output = []
                return .send(bytes)
            }
            if !actions.isEmpty { return actions.removeFirst() }
            if case .closed = state { return nil }
            switch parser.next() {
            case .incomplete: return nil
            case .malformed(let reason): endSession("\(settings.serverName) sent \(reason)", EnhancedStatusCode(4, 5, 0))
            case .reply(let reply): handle(reply)
            }
        }
    }

    private mutating func handle(_ reply: SMTPReply) {
        switch state {
        case .unconnected, .handshake, .closed: return
        case .greeting: reply.isCompletion ? sayHello() : fail(reply)
        case .ehlo: handleEHLO(reply)
        case .helo:
            guard reply.isCompletion else { return fail(reply) }
            capabilities = SMTPCapabilities()
            afterHello()
        case .startTLS: handleStartTLS(reply)
        case .signIn(let step): handleSignIn(step, reply)
        case .transaction: handleInTransaction(reply)
        // Whatever an idle server says, 421 most often, the session is over.
        case .ready, .quitting: close()
        }
    }
}

extension SMTPReply {
    /// 2xx.
    var isCompletion: Bool { code < 300 }
}

extension SMTPClientMachine {
    private mutating func sayHello() {
        state = .ehlo
        send("EHLO \(settings.helloName)")
    }

    private mutating func handleEHLO(_ reply: SMTPReply) {
        if reply.isCompletion {
            capabilities = SMTPCapabilities(ehlo: reply)
            afterHello()
        } else if reply.isPermanentFailure {
            state = .helo
            send("HELO \(settings.helloName)")
        } else {
            fail(reply)
        }
    }

    private mutating func afterHello() {
        switch settings.tls {
        case .opportunistic where !isEncrypted && capabilities.startTLS, .required where !isEncrypted && capabilities.startTLS:
            state = .startTLS
            send("STARTTLS")
        case .required where !isEncrypted:
            fail(tlsRequired("\(settings.serverName) does not offer STARTTLS"))
        case .none, .opportunistic, .required, .implicit: signIn()
        }
    }

    private func tlsRequired(_ what: String) -> DeliveryFailure {
        .local(451, EnhancedStatusCode(4, 7, 4), "TLS is required, but \(what)", scope: .host, stage: .startTLS)
    }

    private mutating func handleStartTLS(_ reply: SMTPReply) {
        if reply.isCompletion {
            guard !parser.hasUnread else { return failForInjection() }
            state = .handshake
            actions.append(.startTLS)
        } else if reply.code == 421 {
            fail(reply)
        } else if settings.tls == .required {
            fail(tlsRequired("\(settings.serverName) refused STARTTLS: \(reply)"))
        } else {
            signIn()
        }
    }

    /// Plaintext between the 220 and the handshake was not written by the party that the certificate will name (CVE-2021-33515).
    private mutating func failForInjection() {
        state = .startTLS
        fail(local(454, EnhancedStatusCode(4, 7, 5), "\(settings.serverName) sent bytes after STARTTLS and before the handshake"))
    }

    private mutating func signIn() {
        guard let credentials = settings.credentials else { return becomeReady() }
        state = .signIn(.plain)
        guard isEncrypted else {
            return fail(local(451, EnhancedStatusCode(4, 7, 11), "No sign-in at \(settings.serverName): the connection is not under TLS"))
        }
        guard case .password(let password) = credentials.secret else { return signInByToken(credentials) }
        if capabilities.authMechanisms.contains("PLAIN") {
            send("AUTH PLAIN \(base64("\0\(credentials.name)\0\(password)"))")
        } else if capabilities.authMechanisms.contains("LOGIN") {
            state = .signIn(.loginStart)
            send("AUTH LOGIN")
        } else {
            fail(local(451, EnhancedStatusCode(4, 7, 4), "\(settings.serverName) offers neither AUTH PLAIN nor LOGIN"))
        }
    }

    private mutating func signInByToken(_ credentials: SMTPCredentials) {
        guard capabilities.authMechanisms.contains("XOAUTH2") else {
            return fail(local(451, EnhancedStatusCode(4, 7, 4), "\(settings.serverName) does not offer AUTH XOAUTH2"))
        }
        state = .signIn(.token)
        send("AUTH XOAUTH2 \(bearer(credentials))")
    }

    /// The one message of XOAUTH2, as Google and Microsoft describe it.
    private func bearer(_ credentials: SMTPCredentials) -> String {
        base64("user=\(credentials.name)\u{1}auth=Bearer \(credentials.token ?? "")\u{1}\u{1}")
    }

    private mutating func handleSignIn(_ step: SignInState, _ reply: SMTPReply) {
        guard let credentials = settings.credentials else { return becomeReady() }
        switch step {
        case .loginStart where reply.code == 334:
            state = .signIn(.loginName)
            send(base64(credentials.name))
        case .loginName where reply.code == 334:
            state = .signIn(.loginPassword)
            guard case .password(let password) = credentials.secret else { return fail(reply) }
            send(base64(password))
        case .token where reply.code == 334 && reply.lines.allSatisfy(\.isEmpty):
            state = .signIn(.tokenAgain)
            send(bearer(credentials))
        case .token where reply.code == 334, .tokenAgain where reply.code == 334:
            // It says why in base 64, and waits for an empty line before the reply that counts.
            state = .signIn(.tokenRefused)
            send("")
        case .plain where reply.isCompletion, .loginPassword where reply.isCompletion: becomeReady()
        case .token where reply.isCompletion, .tokenAgain where reply.isCompletion: becomeReady()
        case .plain, .loginStart, .loginName, .loginPassword, .token, .tokenAgain, .tokenRefused: fail(reply)
        }
    }

    private func base64(_ text: String) -> String { String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self) }

    private mutating func becomeReady() {
        state = .ready
        actions.append(.ready(capabilities))
    }

    /// Writes one command whose reply is the next one. A reply that is there already answers something else: the two sides are out
    /// of step, and a later reply could be taken for the wrong one. (A 421 may come at any time.)
    mutating func send(_ command: String) {
        guard isInStep else { return endOutOfStep() }
        output += Array(command.utf8) + [ASCII.carriageReturn, ASCII.lineFeed]
    }

    var isInStep: Bool { !parser.hasUnread || parser.unreadBegins(with: "421") }

    func local(_ code: Int, _ enhanced: EnhancedStatusCode, _ text: String) -> DeliveryFailure {
        .local(code, enhanced, text, scope: .host, stage: stage)
    }

    private mutating func fail(_ reply: SMTPReply) {
        guard reply.code >= 400 else { return endForUnexpected(reply) }
        fail(.peer(reply, scope: .host, stage: stage))
    }

    private mutating func fail(_ failure: DeliveryFailure) {
        actions.append(.failed(failure))
        close()
    }

    /// The session cannot go on: whoever was not answered for gets a transient failure that says why and how far it had come.
    mutating func endSession(_ reason: String, _ enhanced: EnhancedStatusCode = EnhancedStatusCode(4, 4, 2)) {
        switch state {
        case .closed: return
        case .ready, .quitting: close()
        case .transaction:
            let note = stage == .dot ? " after the message was sent; whether it was taken is not known" : ""
            finish(unresolved: local(451, enhanced, reason + note), isReusable: false)
        default: fail(local(451, enhanced, reason))
        }
    }

    mutating func endOutOfStep() {
        endSession("\(settings.serverName) sent a reply too many", EnhancedStatusCode(4, 5, 0))
    }

    mutating func endForUnexpected(_ reply: SMTPReply) {
        endSession("\(settings.serverName) sent an unexpected reply: \(reply)", EnhancedStatusCode(4, 5, 0))
    }

    mutating func close() {
        state = .closed
        actions.append(.close)
    }
}
