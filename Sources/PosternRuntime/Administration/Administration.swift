package import DeliveryPlanning
package import MailModel
package import OutboundPolicy
package import Storage
import Submission

/// The store as administration needs it: changes through the one writer, reads beside it.
package protocol StoreAccess: Sendable {
    func perform(_ work: StoreWork) async throws -> StoreWorkResult
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Store) throws -> Value) async throws -> Value
    /// Writes the store as one moment saw it into a new file.
    func copy(to path: String) async throws
}

/// A gate that runs in this process. An act goes through it, so that what it holds in memory changes with the store.
package protocol LiveGate: Sendable {
    /// Loads the directory again before it returns: the next decision is made by the new one.
    func directoryChanged() async
    /// The directory as the gate has it; nil while it starts or stops.
    func directory() -> Directory?
    /// Acts on the store's rows and on what is leased in memory; returns how many recipients it changed.
    func act(_ act: QueueAct) async throws -> Int
    /// Tries the way to a route's next host, stage by stage, without sending a message.
    func testRoute(_ name: String, recipient: EmailAddress?) async throws -> [RouteTestStep]
    /// The same, and asks the host for sender and recipient. Nil: the name as which the route signs in.
    func preflightRoute(_ name: String, sender: EmailAddress?, recipient: EmailAddress?) async throws -> [RouteTestStep]
    /// Changes the suppression list, in the store and in what decisions ask; returns how many entries changed.
    func suppress(_ work: SuppressionWork) async throws -> Int
    /// Calls a webhook once, at once, and says how it went.
    func testWebhook(_ name: String) async throws -> WebhookTestResult
    /// Sends once more what a webhook was sent, at once, and says how it went.
    func replayWebhook(_ record: WebhookCallRecord) async throws -> WebhookTestResult
    /// Tells the people responsible, as far as policies say so.
    func raise(_ condition: AlertCondition)
    func status() async -> GateStatus
    /// What it goes by now; nil where it does not say.
    func settings() async -> Settings?
    /// What this node has learnt of destinations that take less.
    func slowedDestinations() async -> [SlowedDestination]
    /// What keeps queued recipients back, in plain words; nil where nothing but its turn does. One answer for each row.
    func waits(for rows: [QueueRow]) async -> [String?]
    /// Which TLS policy holds for a domain, and whether its mail hosts keep it.
    func checkTLS(_ domain: DomainName) async throws -> TLSCheck
    func txt(_ name: DomainName) async -> DNSAnswer<String>
    /// The gate's own resolver; nil while it starts or stops.
    func dns() -> (any DNSResolver)?
    /// Why mail providers cannot unsubscribe anybody by the public address; nil where they can, or none is set. `fresh`: asked now, not
    /// remembered.
    func unsubscribeProblem(fresh: Bool) async -> String?
    func dkimPolicy() async -> DKIMRotation.Policy
    /// Puts a notice into the queue.
    func send(_ notice: ReviewNotice) async throws
    /// Puts a mail about a group into the queue.
    func send(_ notice: GroupNotice) async throws
    /// Groups of near-duplicates that this node has seen, most recipients first.
    func duplicates(_ count: Int) async -> [DuplicateGroupView]
}

extension LiveGate {
    package func settings() async -> Settings? { nil }
    package func slowedDestinations() async -> [SlowedDestination] { [] }
    package func checkTLS(_ domain: DomainName) async throws -> TLSCheck {
        throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
    }
    package func waits(for rows: [QueueRow]) async -> [String?] { rows.map { _ in nil } }
    package func txt(_ name: DomainName) async -> DNSAnswer<String> { .failure(reason: "no resolver", isBogus: false) }
    package func dns() -> (any DNSResolver)? { nil }
    package func unsubscribeProblem(fresh: Bool) async -> String? { nil }
    package func dkimPolicy() async -> DKIMRotation.Policy { DKIMRotation.Policy() }
    package func send(_ notice: ReviewNotice) async throws {
        throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
    }
    package func send(_ notice: GroupNotice) async throws {
        throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
    }
    package func duplicates(_ count: Int) async -> [DuplicateGroupView] { [] }
    package func replayWebhook(_ record: WebhookCallRecord) async throws -> WebhookTestResult {
        throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
    }
}

/// Who does something, why and when.
package struct Act: Hashable, Sendable {
    /// `local:root` for the command line on the machine itself, `account:a@example.org` for a person who signed in.
    package var actor: String
    package var reason: String
    package var at: Timestamp

    package init(actor: String, reason: String, at: Timestamp) {
        self.actor = actor
        self.reason = reason
        self.at = at
    }

    func entry(_ action: String, target: String) -> AuditEntry {
        AuditEntry(at: at, actor: actor, action: action, target: target, reason: reason)
    }
}

/// One thing that an administrator can do. The command line, the control socket and the HTTP interface all go through these.
package protocol AdministrativeOperation: Codable, Sendable {
    associatedtype Outcome: Codable & Sendable
    /// `accounts.add`.
    static var name: String { get }
    /// What a principal needs to perform it. The command line on the machine itself may do everything.
    static var scope: AccessScope { get }
    func perform(in administration: Administration, _ act: Act) async throws -> Outcome
}

/// Performs operations on a store, through the gate where one runs.
package struct Administration: Sendable {
    package let store: any StoreAccess
    package let dataDirectory: DataDirectory
    package let vault: KeyVault?
    /// Nil where no gate runs on the data directory.
    package let live: (any LiveGate)?
    /// What the hash of a chosen password costs; tests take less.
    var passwordCost = PasswordHash.Cost.standard
    /// Objects that were changed after this version of the directory are left as they are; nil: whoever comes last is right.
    private var notAfter: Int64?

    package init(store: any StoreAccess, dataDirectory: DataDirectory, vault: KeyVault?, live: (any LiveGate)?) {
        self.store = store
        self.dataDirectory = dataDirectory
        self.vault = vault
        self.live = live
    }

    /// For a change by somebody who has seen the directory as of this version, where that is known.
    func expecting(notAfter version: Int64?) -> Administration {
        var administration = self
        administration.notAfter = version
        return administration
    }

    /// Throws `AdministrationError` for what the caller can do something about.
    package func perform<Operation: AdministrativeOperation>(_ operation: Operation, _ act: Act) async throws -> Operation.Outcome {
        try await operation.perform(in: self, act)
    }

    /// As the store has it now; from the gate's memory where that has the same version.
    func directory() async throws -> Directory {
        let known = live?.directory()
        return try await store.read { store in
            if let known, try store.directoryVersion() == known.version { return known }
            return try store.directory()
        }
    }

    /// Writes a new version of an object and has the gate load it. `mustBeNew`: a conflict where the name is taken. `expecting`: a conflict
    /// where another version stands.
    func put(
        _ kind: DirectoryKind, name: String, _ value: some Encodable, mustBeNew: Bool = false, expecting: Int64? = nil, entry: AuditEntry
    ) async throws {
        try await commit([try DirectoryChange(kind, name: name, value, mustBeNew: mustBeNew, expecting: expecting, entry: entry)])
    }

    func remove(_ kind: DirectoryKind, name: String, entry: AuditEntry) async throws {
        try await commit([DirectoryChange(kind: kind, name: name, value: nil, audit: entry)])
    }

    /// All of them at once, or none.
    func commit(_ changes: [DirectoryChange]) async throws {
        guard !changes.isEmpty else { return }
        let changes = changes.map { change in
            var change = change
            change.notAfter = notAfter
            return change
        }
        switch try await store.perform(.changeAll(changes)) {
        case .conflict:
            let names = changes.map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: ", ")
            throw AdministrationError(
                .conflict, "\(names) was changed by someone else meanwhile", "Look at it again, then repeat.")
        default:
            await live?.directoryChanged()
        }
    }

    /// Changes the suppression list; returns how many entries changed.
    func suppress(_ work: SuppressionWork) async throws -> Int {
        if let live { return try await live.suppress(work) }
        guard case .affected(let count) = try await store.perform(.suppress(work)) else { return 0 }
        return count
    }

    /// Those that the gate goes by, or those of the file where none runs.
    func settings() async throws -> Settings {
        if let settings = await live?.settings() { return settings }
        let directory = dataDirectory
        return try await BlockingWork.run { try directory.settings() }
    }

    /// Under which addresses of the suppression list are hashed.
    func addressKey() throws -> AddressKey {
        guard let vault else {
            throw AdministrationError(.failed, "addresses cannot be hashed without this node's secrets/master.key")
        }
        return vault.addressKey
    }

    /// Performs a queue act and returns how many recipients it changed.
    func act(_ act: QueueAct) async throws -> Int {
        if let live { return try await live.act(act) }
        var act = act
        var count = 0
        repeat {
            guard case .acted(let affected, let next) = try await store.perform(.act(act)) else { break }
            count += affected
            act.place = next
        } while act.place != nil
        return count
    }
}

extension DirectoryChange {
    /// `mustBeNew`: a conflict where the name is taken. `expecting`: a conflict where another version stands.
    init(
        _ kind: DirectoryKind, name: String, _ value: some Encodable, mustBeNew: Bool = false, expecting: Int64? = nil, entry: AuditEntry
    ) throws {
        self.init(
            kind: kind, name: name, value: try DirectoryCoding.text(value), expectedVersion: mustBeNew ? 0 : expecting, audit: entry)
    }
}
