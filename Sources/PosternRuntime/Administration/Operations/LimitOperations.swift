import MailModel
package import OutboundPolicy
import Storage

/// A service limit as the command line and the HTTP interface show it.
package struct ServiceLimitView: Codable, Hashable, Sendable {
    package var name: String
    /// 0 of a limit: there is none.
    package var value: ServiceValue
    /// Nil for a setting that is no limit, and for a limit that is not set.
    package var action: LimitAction?
    package var window: UsageWindow?
    package var failsOpen: Bool
    package var text: String

    init(_ setting: ServiceSetting, _ limits: ServiceLimits) {
        let entry = setting.limit.flatMap { limits.entries[$0] }
        name = setting.name
        value = setting.read(limits)
        action = entry?.action
        window = setting.limit?.window
        failsOpen = entry?.failsOpen ?? false
        text = setting.text
    }

    static func all(_ limits: ServiceLimits) -> [ServiceLimitView] { ServiceSetting.all.map { ServiceLimitView($0, limits) } }
}

/// The service limits. Empty until a preset or a limit was put.
package struct ListServiceLimits: AdministrativeOperation {
    package static let name = "limits.list"
    package static let scope = AccessScope.limitsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [ServiceLimitView] {
        try await administration.directory().service.map(ServiceLimitView.all) ?? []
    }
}

/// Sets one of the service limits, or a setting beside them.
package struct SetServiceLimit: AdministrativeOperation {
    package static let name = "limits.set"
    package static let scope = AccessScope.limitsWrite
    /// `messages-per-minute`.
    package var limit: String
    package var value: ServiceValue
    /// Nil: as it was, or the usual one.
    package var action: LimitAction?
    package var failsOpen: Bool?

    package init(limit: String, value: ServiceValue, action: LimitAction? = nil, failsOpen: Bool? = nil) {
        self.limit = limit
        self.value = value
        self.action = action
        self.failsOpen = failsOpen
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ServiceLimitView {
        let setting = try ServiceSetting.named(limit)
        var limits = try await administration.directory().service ?? ServiceLimits()
        try setting.write(&limits, value)
        if let name = setting.limit {
            if let action { limits.entries[name]?.action = action }
            if let failsOpen { limits.entries[name]?.failsOpen = failsOpen }
        } else if action != nil || failsOpen != nil {
            throw AdministrationError(.invalid, "\(limit) has no action", "Leave --action and --fail-open out.")
        }
        try await administration.put(
            .serviceLimits, name: ServiceLimits.objectName, limits, entry: act.entry("limit.set", target: "\(limit) \(value)"))
        return ServiceLimitView(setting, limits)
    }
}

/// How a sender, a connector or the organisation stands against each of its limits.
package struct ShowLimits: AdministrativeOperation {
    package static let name = "limits.show"
    package static let scope = AccessScope.limitsRead
    /// `a@example.org`, `connector:scanner`, `api-key:shop`, `organisation`.
    package var subject: String

    package init(subject: String) { self.subject = subject }

    package func perform(in administration: Administration, _ act: Act) async throws -> SenderLimitsView {
        let directory = try await administration.directory()
        let table = PolicyTable(directory, zone: TimeZones.day)
        if subject == UsageHolder.organisation.name { return try await organisation(table, directory, administration, at: act.at) }
        var found = try LimitSubject.find(subject, in: directory)
        found.trafficClass = table.grants.trafficClass(found.trafficClass, of: found.name, at: act.at)
        let message = found.message(external: 1, internalCount: 1, octets: 1, directory: directory, at: act.at)
        let claims = table.claims(for: message, at: act.at).filter { $0.holder != .organisation }
        let used = try await administration.used(claims.map(\.holder))
        let restriction = directory.restrictions.inForce(for: found.name, found.submitter.principal, isExternal: true, at: act.at)
        let throttle = directory.throttles[found.submitter.principal.description].flatMap { $0.isInForce(at: act.at) ? $0 : nil }
        return SenderLimitsView(
            subject: found.name, trafficClass: found.trafficClass.name,
            policy: claims.isEmpty ? "" : table.policy(for: found.from)?.name ?? "",
            restricted: restriction?.reference ?? "", throttledUntil: throttle?.until.rfc3339 ?? "",
            limits: claims.flatMap { claim in
                claim.limits.map { limit in
                    LimitView(
                        (used[claim.holder] ?? SenderUsage()).standing(of: claim.holder, limit, wanted: 0, at: act.at), day: table.day,
                        at: act.at)
                }
            }, scans: claims.first.flatMap { used[$0.holder] }.flatMap { ScanShareView($0, at: act.at) })
    }

    private func organisation(
        _ table: PolicyTable, _ directory: Directory, _ administration: Administration, at now: Timestamp
    ) async throws -> SenderLimitsView {
        let usage = try await administration.used([.organisation])[.organisation] ?? SenderUsage()
        let restriction = directory.restrictions[.organisation].flatMap { $0.isInForce(at: now) ? $0 : nil }
        return SenderLimitsView(
            subject: subject, trafficClass: "", policy: "", restricted: restriction?.reference ?? "", throttledUntil: "",
            limits: (table.service?.ofOrganisation ?? []).map { limit in
                LimitView(usage.standing(of: .organisation, limit, wanted: 0, at: now), day: table.day, at: now)
            }, scans: ScanShareView(usage, at: now))
    }
}
