import InternetMessage
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Takes what comes back out of a mailbox, where it is not received here: one of the nodes that have it in their settings does so.
///
/// A message is marked or deleted only after it is kept. One that comes twice, since that failed, is kept once.
final class MailboxPoller: Sendable {
    private let context: GateContext
    private let desk: ReportDesk
    private let owner: @Sendable () -> Int64?
    /// Visits one after the other that failed.
    private let failures = Mutex(0)

    private static let untilThereIsARun = Duration.seconds(1)
    private static let lease = Duration.seconds(1800)
    /// Visits that fail before people are told: mail servers are restarted.
    private static let failuresMax = 3
    /// Addresses of one message that are looked at.
    private static let addressesMax = 20

    init(context: GateContext, desk: ReportDesk, owner: @escaping @Sendable () -> Int64?) {
        self.context = context
        self.desk = desk
        self.owner = owner
    }

    func run() async {
        while !Task.isCancelled {
            let settings = context.live.current.reports
            guard settings.mailbox != nil, let owner = owner() else {
                try? await Task.sleep(for: MailboxPoller.untilThereIsARun)
                continue
            }
            do {
                try await visit(settings, owner)
            } catch {
                guard !Task.isCancelled else { return }
                failed("\(error)", settings)
            }
            try? await Task.sleep(for: settings.mailboxEvery)
        }
    }

    private func visit(_ settings: ReportSettings, _ owner: Int64) async throws {
        let task = TaskHold(name: "mailbox", owner: owner, lease: MailboxPoller.lease, at: .now)
        guard case .task(isHeld: true) = try await context.store.perform(.holdTask(task)), let choices = try choices(settings) else {
            return
        }
        let session = try MailboxSession(choices)
        let count: Int
        do {
            count = try await withTaskCancellationHandler {
                try await takeAll(session)
            } onCancel: {
                session.stop()
            }
        } catch {
            await close(session)
            _ = try? await context.store.perform(.endTask(task, dueAfter: settings.mailboxEvery / 2))
            throw error
        }
        await close(session)
        if count > 0 { context.logger.info("reports taken from the mailbox", metadata: ["messages": "\(count)"]) }
        succeeded(settings)
        _ = try await context.store.perform(.endTask(task, dueAfter: settings.mailboxEvery / 2))
    }

    private func close(_ session: MailboxSession) async { try? await BlockingWork.runLong { session.close() } }

    /// Returns how many. What the desk cannot keep now ends the visit; the message waits where it is.
    private func takeAll(_ session: MailboxSession) async throws -> Int {
        var count = 0
        for number in try await BlockingWork.runLong({ try session.list() }) {
            try Task.checkCancellation()
            let content = try await BlockingWork.runLong { try session.content(number) }
            let reply = await desk.take(content, recipients: desk.known(Self.addresses(content)))
            guard reply.code == 250 else { break }
            try await BlockingWork.runLong { try session.taken(number) }
            count += 1
        }
        if count > 0 { try await BlockingWork.runLong { try session.expunge() } }
        return count
    }

    /// To whom the message came, as the host that delivered it, or its sender, wrote. A return path is known by its code, wherever it stands.
    static func addresses(_ content: [UInt8]) -> [EmailAddress] {
        guard case .success(let header) = HeaderSection.scan(content) else { return [] }
        var found: [EmailAddress] = []
        for field in header.fields {
            let isMeant = ["delivered-to", "x-original-to", "envelope-to", "to"].contains { field.isNamed($0, in: content) }
            guard isMeant, case .success(let addresses) = AddressList.parse(content, in: field.value) else { continue }
            for address in addresses where !found.contains(address) && found.count < addressesMax { found.append(address) }
        }
        return found
    }

    private func choices(_ settings: ReportSettings) throws -> MailboxSession.Choices? {
        guard let address = settings.mailbox else { return nil }
        guard !settings.mailboxPassword.isEmpty, !settings.mailboxPassword.contains("/") else {
            throw MailboxSession.Failure(description: "reports.mailbox-password names no file of the folder secrets")
        }
        let octets = try AtomicFile.read(context.directory.secret(settings.mailboxPassword), bytesMax: 4096)
        let password = String(decoding: octets.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed(), as: UTF8.self)
        guard !password.isEmpty, !password.utf8.contains(0), !settings.mailboxUser.utf8.contains(0) else {
            throw MailboxSession.Failure(description: "secrets/\(settings.mailboxPassword) holds no password")
        }
        return MailboxSession.Choices(
            address: address, user: settings.mailboxUser, password: password, roots: settings.mailboxRoots.map(context.directory.path),
            messageBytesMax: settings.messageBytesMax, keeps: settings.mailboxKeeps)
    }

    // MARK: - Who is told

    private func failed(_ why: String, _ settings: ReportSettings) {
        let count = failures.withLock { failures in
            failures += 1
            return failures
        }
        context.logger.warning("the mailbox of reports could not be read", metadata: ["error": "\(why)"])
        guard count >= MailboxPoller.failuresMax, let address = settings.mailbox else { return }
        context.alerts.raise(condition(address, "The mailbox \(address.description) could not be read \(count) times: \(why)"))
    }

    private func succeeded(_ settings: ReportSettings) {
        let before = failures.withLock { failures in
            defer { failures = 0 }
            return failures
        }
        guard before >= MailboxPoller.failuresMax, let address = settings.mailbox else { return }
        context.alerts.raise(condition(address, "").over(at: .now, text: "The mailbox \(address.description) is read again."))
    }

    private func condition(_ address: MailboxAddress, _ text: String) -> AlertCondition {
        AlertCondition(
            .reportMailbox, subject: "mailbox:\(address.host)", at: .now, text: text,
            advice: "Bounces and complaints pile up there. Look at reports.mailbox-url, its user and password, and at the server.")
    }
}
