import Console
import Crypto
import Foundation
import MailModel
package import OutboundPolicy
import Storage

/// What came of a name and a password at the console.
package enum PasswordAnswer: Sendable {
    case right(Account)
    /// The answer waits for `after`.
    case wrong(after: Duration)
    case locked(String)
    case busy
}

/// Signs people in to the console, and knows them by their sessions.
struct ConsoleAccess: Sendable {
    let administration: Administration
    let gate: any HTTPGate
    let desk: SignInDesk
    let settings: @Sendable () -> HTTPSettings
    let now: @Sendable () -> Timestamp

    /// How exactly a session's last use is kept: one write in this time.
    private static let seenStep = Duration.seconds(60)
    /// Between the password and the code.
    private static let pendingLifetime = Duration.seconds(300)
    private static let pendingContext = "console sign-in"

    var ports: PagePorts {
        PagePorts(
            signIn: signIn, viewer: viewer, signOut: signOut, hasNoAdministrator: hasNoAdministrator,
            providers: ProviderPorts(offers: desk.offers, leave: leave, arrive: arrive, farewell: farewell), problem: APIRoutes.problem)
    }

    // MARK: - Signing in

    /// What stands between the two pages: who showed the right password, and when.
    private struct Pending: Codable {
        var account: String
        var credential: String
        /// Nil where it was a password.
        var given: Given?
        var expiresAt: Timestamp
    }

    /// What a provider gave to a session.
    private struct Given: Codable {
        var provider: String
        var roles: [Role]
    }

    private static let refusal = "The address or the password is wrong, or the account is disabled"

    private func signIn(_ attempt: ConsoleSignIn) async -> ConsoleSignInOutcome {
        let address = attempt.peer.address.flatMap { IPAddress($0) }
        if !attempt.pending.isEmpty { return await code(attempt, from: address) }
        guard attempt.name.utf8.count <= 320, attempt.password.utf8.count <= 1024, !attempt.password.isEmpty else {
            return .refused(ConsoleAccess.refusal, after: .zero)
        }
        switch await gate.checkPassword(name: attempt.name, password: attempt.password, from: address) {
        case .wrong(let delay): return .refused(ConsoleAccess.refusal, after: delay)
        case .locked(let text): return .locked(text)
        case .busy: return .locked("Too many sign-ins at this moment; please try again")
        case .right(let account):
            if let provider = await passwordless(account) {
                return .refused("\(account.address) signs in with \(provider.title) and no longer by password", after: .zero)
            }
            return await known(account, attempt.peer, attempt.agent, nil)
        }
    }

    /// The provider that has taken the place of the account's password here; nil where the password counts.
    private func passwordless(_ account: Account) async -> SignInProvider? {
        guard let links = account.signIns, let directory = try? await administration.directory() else { return nil }
        return links.compactMap { directory.signInProviders[$0.provider] }.first { $0.endsPasswords == true && !$0.isDisabled }
    }

    /// Who has proved to be this account gets a session, or is asked for the second factor.
    private func known(_ account: Account, _ peer: APIPeer, _ agent: String, _ given: Given?) async -> ConsoleSignInOutcome {
        guard account.secondFactor?.confirmedAt != nil else {
            return await begin(account, peer, agent, given, step: nil) ?? ConsoleAccess.failed
        }
        let pending = Pending(
            account: account.address.key, credential: ConsoleAccess.credential(account), given: given,
            expiresAt: now() + ConsoleAccess.pendingLifetime)
        guard let text = try? administration.vault?.seal(Array(JSONText.data(pending)), context: ConsoleAccess.pendingContext) else {
            return ConsoleAccess.failed
        }
        return .codeWanted(pending: text, wrong: false)
    }

    private static let failed = ConsoleSignInOutcome.locked("Signing in is not possible at this moment; please try again")

    private func code(_ attempt: ConsoleSignIn, from address: IPAddress?) async -> ConsoleSignInOutcome {
        guard let vault = administration.vault, let plain = try? vault.open(attempt.pending, context: ConsoleAccess.pendingContext),
            let pending = try? JSONText.decode(Pending.self, from: Data(plain)), now() < pending.expiresAt,
            let account = try? await administration.directory().accounts[pending.account], !account.isDisabled,
            ConsoleAccess.credential(account) == pending.credential, let factor = account.secondFactor
        else { return .refused("That took too long; please sign in again", after: .zero) }
        // Codes are guessed at no faster than passwords.
        let name = "code:\(pending.account)"
        if let text = gate.signInBegan(name: name, from: address) { return .locked(text) }
        if let secret = try? vault.open(factor.sealedSecret, context: SecondFactor.context(account)),
            let step = OneTimeCode(secret: secret).step(of: attempt.code, at: now()),
            let outcome = await begin(account, attempt.peer, attempt.agent, pending.given, step: step)
        {
            return outcome
        }
        if let index = factor.recoveryHashes.firstIndex(of: RecoveryCode.hash(attempt.code)) {
            return await recover(account, index, attempt, pending.given)
        }
        _ = gate.signInFailed(name: name, from: address)
        return .codeWanted(pending: attempt.pending, wrong: true)
    }

    /// A recovery code is used up before the session begins.
    private func recover(_ account: Account, _ index: Int, _ attempt: ConsoleSignIn, _ given: Given?) async -> ConsoleSignInOutcome {
        var account = account
        account.secondFactor?.recoveryHashes.remove(at: index)
        let act = Act(actor: "account:\(account.address.key)", reason: "", at: now())
        do {
            try await administration.save(account, entry: act.entry("account.recovery-code", target: account.address.description))
        } catch {
            return ConsoleAccess.failed
        }
        return await begin(account, attempt.peer, attempt.agent, given, step: nil) ?? ConsoleAccess.failed
    }

    /// Nil where the code was used before.
    private func begin(
        _ account: Account, _ peer: APIPeer, _ agent: String, _ given: Given?, step: Int64?
    ) async -> ConsoleSignInOutcome? {
        let token = SymmetricKey(size: .bits256).withUnsafeBytes { $0.hexadecimal }
        let began = now()
        var session = ConsoleSession(
            id: ConsoleAccess.hash(token), account: account.address.key, madeAt: began, seenAt: began,
            expiresAt: began + settings().sessionLifetime, address: peer.address ?? "", agent: agent,
            credential: ConsoleAccess.credential(account), hasSecondFactor: account.secondFactor?.confirmedAt != nil)
        session.provider = given?.provider
        session.grantedRoles = given?.roles.map(\.rawValue)
        let made = session
        do {
            guard case .session(.begun(let isNew)) = try await administration.store.perform(.session(.begin(made, step: step))) else {
                return ConsoleAccess.failed
            }
            guard isNew else { return nil }
            let act = Act(actor: "account:\(account.address.key)", reason: given.map { "by \($0.provider)" } ?? "", at: began)
            _ = try await administration.store.perform(.audit(act.entry("session.begin", target: peer.address ?? "")))
        } catch {
            return ConsoleAccess.failed
        }
        return .signedIn(token: token)
    }

    // MARK: - Elsewhere

    private func leave(_ departure: SignInDeparture) async -> SignInDepartureOutcome {
        do {
            let (location, sealed) = try await desk.leave(departure)
            return .away(location: location, sealed: sealed)
        } catch {
            return .refused(SignInRefusal(error.text, advice: error.advice))
        }
    }

    private func arrive(_ arrival: SignInArrival) async -> SignInArrivalOutcome {
        let address = arrival.peer.address.flatMap { IPAddress($0) }
        // Answers are guessed at no faster than passwords. Each place has a name of its own, so that none shuts the provider for others.
        let name = "sign-in:\(arrival.provider):\(arrival.peer.address ?? "")"
        if let text = gate.signInBegan(name: name, from: address) {
            return .refused(SignInRefusal(text, advice: "Others are not kept out by this."), after: .zero)
        }
        do {
            let person = try await desk.arrive(arrival)
            let given = Given(provider: person.provider, roles: person.roles)
            switch await known(person.account, arrival.peer, arrival.agent, given) {
            case .signedIn(let token): return .signedIn(token: token, next: person.next)
            case .codeWanted(let pending, _): return .codeWanted(pending: pending, next: person.next)
            case .refused(let text, let delay): return .refused(SignInRefusal(text, advice: ""), after: delay)
            case .locked(let text): return .refused(SignInRefusal(text, advice: ""), after: .zero)
            }
        } catch {
            let delay = error.isSuspicious ? gate.signInFailed(name: name, from: address) : .zero
            if desk.isExpected(arrival) { await note(error, arrival) }
            return .refused(SignInRefusal(error.text, advice: error.advice), after: delay)
        }
    }

    /// Only of those who left from here: strangers write nothing into the audit.
    private func note(_ fault: SignInFault, _ arrival: SignInArrival) async {
        let act = Act(actor: "sign-in:\(arrival.provider)", reason: "\(fault.code): \(fault.reason)", at: now())
        _ = try? await administration.store.perform(.audit(act.entry("sign-in.refused", target: arrival.peer.address ?? "")))
    }

    private func farewell(_ viewer: Viewer, origin: String) async -> Link? {
        guard let provider = viewer.provider else { return nil }
        return await desk.farewell(provider, origin: origin)
    }

    // MARK: - Sessions

    private func viewer(_ token: String, _ peer: APIPeer) async -> Viewer? {
        guard token.utf8.count == 64 else { return nil }
        let id = ConsoleAccess.hash(token)
        let at = now()
        guard let session = try? await administration.store.read({ try $0.session(id) }),
            session.isValid(at: at, idle: settings().sessionIdle),
            let directory = try? await administration.directory(), let account = directory.accounts[session.account],
            !account.isDisabled, ConsoleAccess.credential(account) == session.credential
        else { return nil }
        if at - session.seenAt > ConsoleAccess.seenStep { _ = try? await administration.store.perform(.session(.seen(id: id, at: at))) }
        var names = account.roles
        if let name = session.provider {
            // What the provider gives ends with the provider, and with the line of its table that gave it.
            guard let provider = directory.signInProviders[name], !provider.isDisabled else { return nil }
            let granted = (session.grantedRoles ?? []).filter(provider.grantable.contains)
            names = Role.allCases.map(\.rawValue).filter { names.contains($0) || granted.contains($0) }
        }
        let roles = names.compactMap(Role.init(rawValue:))
        let scopes = roles.reduce(into: Role.author.scopes) { $0.formUnion($1.scopes) }
        var viewer = Viewer(
            name: account.address.description, actor: "account:\(account.address.key)", account: account.address.description,
            roles: names, scopes: Set(scopes.map(\.rawValue)), session: session.id,
            formToken: ConsoleAccess.hash("form \(token)"))
        viewer.provider = session.provider
        if scopes.contains(.alertsRead) { viewer.openAlerts = await openAlerts() }
        return viewer
    }

    private func openAlerts() async -> Int {
        var query = AlertQuery()
        query.limit = 99
        let wanted = query
        return (try? await administration.store.read { try $0.alerts(wanted).filter { $0.incident.state == .new }.count }) ?? 0
    }

    private func signOut(_ viewer: Viewer) async {
        let act = Act(actor: viewer.actor, reason: "", at: now())
        let account = viewer.actor.split(separator: ":", maxSplits: 1).last.map(String.init) ?? ""
        let work = SessionWork.end(account: account, id: viewer.session, except: nil, act.entry("session.end", target: account))
        _ = try? await administration.store.perform(.session(work))
    }

    private func hasNoAdministrator() async -> Bool {
        guard let directory = try? await administration.directory() else { return false }
        return !directory.accounts.values.contains { $0.roles.contains(Role.administrator.rawValue) && !$0.isDisabled }
    }

    // MARK: - Digests

    /// Changes with the password and the second factor, and tells neither.
    static func credential(_ account: Account) -> String {
        hash("\(account.passwordHash ?? "") \(account.secondFactor?.confirmedAt == nil ? "" : account.secondFactor?.sealedSecret ?? "")")
    }

    private static func hash(_ text: String) -> String { SHA256.hash(data: Array(text.utf8)).hexadecimal }
}
