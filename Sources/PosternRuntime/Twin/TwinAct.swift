package import MailModel
import ProviderTwin

/// Something that people do to the twin of Exchange Online, from its page, the console or a program.
package struct TwinAct: Codable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Moves the clock on by `seconds`.
        case jump
        /// The mailbox is full, has a licence, is enabled: as `on` says.
        case full, licensed, enabled
        /// The right to send as `address`.
        case grant, revoke
        /// Takes the mailbox off the page of restricted entities; without a mailbox the tenant's ban is lifted.
        case release
        /// Limits of the outbound policy.
        case policy
        /// Forgets what arrived.
        case forget
    }

    package var act: Kind
    package var mailbox: EmailAddress?
    package var address: EmailAddress?
    package var on: Bool?
    package var seconds: Int?
    package var externalPerHour: Int?
    package var internalPerHour: Int?
    package var recipientsPerDay: Int?
    package var action: String?

    package init(_ act: Kind) { self.act = act }

    /// From a form of the twin's own page; nil for an act that there is not.
    init?(form: [String: String]) {
        guard let kind = Kind(rawValue: form["act"] ?? "") else { return nil }
        act = kind
        mailbox = form["mailbox"].flatMap { EmailAddress($0) }
        address = form["as"].flatMap { EmailAddress($0) }
        on = form["on"].map { $0 == "1" }
        seconds = form["seconds"].flatMap { Int($0) }
    }

    /// The problem, where there is one.
    func perform(in world: ExchangeWorld) -> String? {
        switch act {
        case .jump:
            guard let seconds, TwinJump.range.contains(seconds) else { return TwinJump.mistake }
            world.clock.jump(.seconds(seconds))
        case .forget: world.use { state, _ in state.mailbag.removeAll() }
        case .policy:
            let change = TwinPolicyChange(
                externalPerHour: externalPerHour, internalPerHour: internalPerHour, recipientsPerDay: recipientsPerDay, action: action)
            return world.use { state, _ in state.model.configure(change) } ? nil : TwinPolicyChange.mistake
        case .release:
            guard let mailbox else {
                world.use { state, _ in state.model.releaseTenant() }
                return nil
            }
            return world.use { state, now in state.model.release(mailbox, at: now) }.problem(of: mailbox)
        case .full, .licensed, .enabled, .grant, .revoke: return change(world)
        }
        return nil
    }

    private func change(_ world: ExchangeWorld) -> String? {
        guard let mailbox else { return "mailbox is wanted" }
        var change = TwinMailboxChange()
        switch act {
        case .full: change.full = on ?? true
        case .licensed: change.licensed = on ?? true
        case .enabled: change.enabled = on ?? true
        default:
            guard let address else { return "address is wanted" }
            if act == .grant { change.grantSendAs = address } else { change.revokeSendAs = address }
        }
        let made = change
        let isThere = world.use { state, _ in state.model.change(mailbox) { made.apply(to: &$0) } }
        return isThere ? nil : "There is no mailbox \(mailbox)."
    }
}

extension ExchangeOnline.Release {
    /// Nil where it is released.
    func problem(of address: EmailAddress) -> String? {
        switch self {
        case .from: nil
        case .notRestricted: "\(address) is not restricted."
        case .supportOnly: "\(address) was released too often; only Microsoft's support can."
        }
    }
}

extension ExchangeOnline {
    /// False where a number or the action is none.
    mutating func configure(_ change: TwinPolicyChange) -> Bool {
        var policy = tenant.defaultPolicy
        guard change.apply(to: &policy) else { return false }
        configure { $0.defaultPolicy = policy }
        return true
    }
}
