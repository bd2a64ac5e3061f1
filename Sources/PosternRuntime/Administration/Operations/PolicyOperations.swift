import MailModel
package import OutboundPolicy
import Storage

enum PolicyRules {
    static let policiesMax = 1000
    /// Values of one kind in a scope.
    static let scopeMax = 10_000

    static func check(_ policy: SendingPolicy, in directory: Directory) throws {
        try ObjectName.check(policy.name, of: "policy")
        guard policy.isDefault || policy.name.lowercased() != SendingPolicy.defaultName else {
            throw AdministrationError(.invalid, "\(policy.name) reads like the default policy", "Take another name.")
        }
        if policy.isDefault, policy.isDisabled || policy.scope != PolicyScope() {
            throw AdministrationError(
                .invalid, "the default policy is for everybody", "Add a policy of its own for some, or leave the scope out.")
        }
        for value in [policy.externalPerHour, policy.internalPerHour, policy.recipientsPerDay]
        where !(0...ServiceSetting.valueMax).contains(value) {
            throw AdministrationError(.invalid, "\(value) is not 0…\(ServiceSetting.valueMax)", "0 leaves it to the service limits.")
        }
        let scope = policy.scope
        let counts = [
            scope.senders.count, scope.groups.count, scope.domains.count, scope.exceptSenders.count, scope.exceptGroups.count,
            scope.exceptDomains.count,
        ]
        guard counts.allSatisfy({ $0 <= scopeMax }) else {
            throw AdministrationError(.invalid, "a scope has at most \(scopeMax) values of a kind", "Put the senders into a group.")
        }
        for group in scope.groups.union(scope.exceptGroups).sorted() {
            guard let address = EmailAddress(group), directory.groups[address] != nil else {
                throw AdministrationError.noSuch("group", group)
            }
        }
    }
}

extension Administration {
    func policy(_ name: String) async throws -> SendingPolicy {
        guard let policy = try await directory().policies[name] else { throw AdministrationError.noPolicy(name) }
        return policy
    }

    /// Puts `policy` at `place` among the others, which move down, and writes whatever that changes at once. Nil: where it stands, or last
    /// of all.
    func arrange(_ policy: SendingPolicy, at place: Int?, mustBeNew: Bool, entry: AuditEntry) async throws -> SendingPolicy {
        let directory = try await directory()
        var policy = policy
        guard !policy.isDefault else {
            try await put(.policy, name: policy.name, policy, mustBeNew: mustBeNew, entry: entry)
            return policy
        }
        var others = directory.policies.values.filter { !$0.isDefault && $0.name != policy.name }
        others.sort { ($0.priority, $0.name) < ($1.priority, $1.name) }
        let own = directory.policies[policy.name].map { old in others.count { ($0.priority, $0.name) < (old.priority, old.name) } }
        others.insert(policy, at: min(max(0, place ?? own ?? others.count), others.count))
        policy.priority = others.firstIndex { $0.name == policy.name } ?? 0
        var changes: [DirectoryChange] = []
        for (priority, other) in others.enumerated() where other.name != policy.name && other.priority != priority {
            var moved = other
            moved.priority = priority
            var entry = entry
            entry.action = "policy.move"
            entry.target = "\(moved.name) to \(priority)"
            changes.append(try DirectoryChange(.policy, name: moved.name, moved, entry: entry))
        }
        changes.append(try DirectoryChange(.policy, name: policy.name, policy, mustBeNew: mustBeNew, entry: entry))
        try await commit(changes)
        return policy
    }
}

extension AdministrationError {
    static func noPolicy(_ name: String) -> AdministrationError {
        AdministrationError(.notFound, "there is no policy \(name)", "`postern policy show` shows those there are.")
    }
}

/// In the order in which they are tried.
package struct ListPolicies: AdministrativeOperation {
    package static let name = "policies.list"
    package static let scope = AccessScope.policiesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [PolicyView] {
        PolicyView.all(try await administration.directory())
    }
}

package struct AddPolicy: AdministrativeOperation {
    package static let name = "policies.add"
    package static let scope = AccessScope.policiesWrite
    /// Its priority is set by `place`.
    package var policy: SendingPolicy
    /// 0 comes first; those from there on move down. Nil: behind all others, before the default.
    package var place: Int?

    package init(policy: SendingPolicy, place: Int?) {
        self.policy = policy
        self.place = place
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> PolicyView {
        let directory = try await administration.directory()
        try PolicyRules.check(policy, in: directory)
        guard directory.policies[policy.name] == nil else {
            throw AdministrationError(
                .conflict, "there is a policy \(policy.name) already", "Change it with `postern policy set`, or take another name.")
        }
        guard directory.policies.count < PolicyRules.policiesMax else {
            throw AdministrationError(.invalid, "there are \(directory.policies.count) policies", "Use groups, and fewer policies.")
        }
        return PolicyView(
            try await administration.arrange(policy, at: place, mustBeNew: true, entry: act.entry("policy.add", target: policy.name)))
    }
}

/// Changes what is given, and leaves the rest.
package struct ChangePolicy: AdministrativeOperation {
    package static let name = "policies.change"
    package static let scope = AccessScope.policiesWrite
    package var policy: String
    package var changes: PolicyChanges

    package init(policy: String, changes: PolicyChanges) {
        self.policy = policy
        self.changes = changes
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> PolicyView {
        let directory = try await administration.directory()
        guard var changed = directory.policies[policy] else { throw AdministrationError.noPolicy(policy) }
        changes.apply(to: &changed)
        try PolicyRules.check(changed, in: directory)
        return PolicyView(
            try await administration.arrange(
                changed, at: changes.priority, mustBeNew: false, entry: act.entry("policy.change", target: policy)))
    }
}

package struct SetPolicyEnabled: AdministrativeOperation {
    package static let name = "policies.set-enabled"
    package static let scope = AccessScope.policiesWrite
    package var policy: String
    package var isEnabled: Bool

    package init(policy: String, isEnabled: Bool) {
        self.policy = policy
        self.isEnabled = isEnabled
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> PolicyView {
        var changed = try await administration.policy(policy)
        guard !changed.isDefault else {
            throw AdministrationError(
                .invalid, "the default policy cannot be disabled", "`postern policy preset none` ends the limits of all.")
        }
        changed.isDisabled = !isEnabled
        try await administration.put(
            .policy, name: policy, changed, entry: act.entry(isEnabled ? "policy.enable" : "policy.disable", target: policy))
        return PolicyView(changed)
    }
}

package struct RemovePolicy: AdministrativeOperation {
    package static let name = "policies.remove"
    package static let scope = AccessScope.policiesWrite
    package var policy: String

    package init(policy: String) { self.policy = policy }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let found = try await administration.policy(policy)
        guard !found.isDefault else {
            throw AdministrationError(
                .invalid, "the default policy cannot be removed", "`postern policy preset none` ends the limits of all.")
        }
        try await administration.remove(.policy, name: policy, entry: act.entry("policy.remove", target: policy))
        return Affected(count: 1)
    }
}
