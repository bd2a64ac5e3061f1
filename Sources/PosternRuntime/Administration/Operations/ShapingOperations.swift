import DeliveryPlanning
import MailModel
package import OutboundPolicy
import Storage

package struct ListShaping: AdministrativeOperation {
    package static let name = "shaping.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [ShapingView] {
        try await administration.directory().shaping.values.sorted { $0.name < $1.name }.map(ShapingView.init)
    }
}

/// Policies, and what limits, replies and rules hold back at this moment.
package struct ShowShaping: AdministrativeOperation {
    package static let name = "shaping.show"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> ShapingStatus {
        let slowed = await administration.live?.slowedDestinations() ?? []
        return ShapingStatus(try await administration.directory(), slowed: slowed, at: act.at)
    }
}

/// Puts a policy, in place of one of the same name.
package struct SetShaping: AdministrativeOperation {
    package static let name = "shaping.set"
    package static let scope = AccessScope.routesWrite
    /// `createdAt` is set where it is new.
    package var policy: ShapingPolicy

    package init(policy: ShapingPolicy) { self.policy = policy }

    private static let policiesMax = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> ShapingView {
        try ObjectName.check(policy.name, of: "shaping policy")
        let directory = try await administration.directory()
        if let mistake = policy.limits.mistake {
            throw AdministrationError(.invalid, "shaping policy \(policy.name): \(mistake)")
        }
        guard !policy.limits.isEmpty else {
            throw AdministrationError(.invalid, "shaping policy \(policy.name) limits nothing", "Give it a limit, or remove it.")
        }
        if let route = policy.scope.route, !directory.hasRoute(route) { throw AdministrationError.noSuch("route", route) }
        if let source = policy.scope.source, source != EgressSource.standardName, directory.sources[source] == nil {
            throw AdministrationError.noSuch("source", source)
        }
        guard directory.shaping[policy.name] != nil || directory.shaping.count < SetShaping.policiesMax else {
            throw AdministrationError(.conflict, "there are \(SetShaping.policiesMax) shaping policies already", "Remove one first.")
        }
        var policy = policy
        policy.createdAt = directory.shaping[policy.name]?.createdAt ?? act.at
        try await administration.put(.shaping, name: policy.name, policy, entry: act.entry("shaping.set", target: policy.name))
        return ShapingView(policy)
    }
}

/// Gives a route the limits that the provider of its account sets.
package struct ApplyShapingPreset: AdministrativeOperation {
    package static let name = "shaping.preset"
    package static let scope = AccessScope.routesWrite
    package var preset: ShapingPreset
    package var route: String

    package init(preset: ShapingPreset, route: String) {
        self.preset = preset
        self.route = route
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ShapingView {
        // What a provider allows an account, it allows each.
        let scope = ShapingScope(route: route, eachAccount: preset.isOfAccount ? true : nil)
        let policy = ShapingPolicy(name: route, scope: scope, limits: preset.limits, createdAt: act.at)
        return try await SetShaping(policy: policy).perform(in: administration, act)
    }
}

package struct RemoveShaping: AdministrativeOperation {
    package static let name = "shaping.remove"
    package static let scope = AccessScope.routesWrite
    package var name: String

    package init(name: String) { self.name = name }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        guard try await administration.directory().shaping[name] != nil else {
            throw AdministrationError.noSuch("shaping policy", name)
        }
        try await administration.remove(.shaping, name: name, entry: act.entry("shaping.remove", target: name))
        return Affected(count: 1)
    }
}
