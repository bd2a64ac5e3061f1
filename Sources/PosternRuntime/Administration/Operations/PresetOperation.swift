package import OutboundPolicy
import Storage

/// What a whole organisation can choose by name.
package enum PresetChoice: String, Hashable, Sendable, Codable, CaseIterable {
    case standard, strict
    /// Neither a default policy nor service limits.
    case none
}

/// Puts the default policy and the service limits of a preset. What the preset does not name stays: other policies, other service limits,
/// the time zone.
package struct ApplyPreset: AdministrativeOperation {
    package static let name = "policies.preset"
    package static let scope = AccessScope.policiesWrite
    package var preset: PresetChoice
    /// People who send: gives the organisation the quota that Exchange Online gives it. Nil: the quota stays as it is.
    package var licences: Int?
    /// The quota of an organisation that has not shown yet who it is.
    package var isTrial: Bool
    /// An IANA name; nil: as it is.
    package var timeZone: String?

    package init(preset: PresetChoice, licences: Int? = nil, isTrial: Bool = false, timeZone: String? = nil) {
        self.preset = preset
        self.licences = licences
        self.isTrial = isTrial
        self.timeZone = timeZone
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> PresetOutcome {
        guard licences == nil || !isTrial else {
            throw AdministrationError(.invalid, "a trial has no licences", "Give --licences or --trial.")
        }
        if let licences, !(1...10_000_000).contains(licences) {
            throw AdministrationError(.invalid, "\(licences) licences", "Give the number of people who send, 1…10000000.")
        }
        if let timeZone { try ServiceSetting.check(timeZone: timeZone) }
        let entry = act.entry("policy.preset", target: preset.rawValue)
        switch preset {
        case .none: try await clear(administration, entry)
        case .standard: try await put(.standard, administration, entry)
        case .strict: try await put(.strict, administration, entry)
        }
        let directory = try await administration.directory()
        return PresetOutcome(
            preset: preset, policies: PolicyView.all(directory), service: directory.service.map(ServiceLimitView.all) ?? [])
    }

    private func put(_ preset: PolicyPreset, _ administration: Administration, _ entry: AuditEntry) async throws {
        let wanted = preset.service(licences: licences)
        var limits = try await administration.directory().service ?? ServiceLimits()
        limits.entries.merge(wanted.entries) { _, new in new }
        if isTrial {
            limits.entries[.organisationExternal] = ServiceLimits.Entry(PolicyPreset.trialOrganisationExternal, .refuse)
        }
        limits.recipientsPerMessage = wanted.recipientsPerMessage
        limits.connectionsPerSender = wanted.connectionsPerSender
        if let timeZone { limits.timeZone = timeZone }
        try await administration.commit([
            try DirectoryChange(.serviceLimits, name: ServiceLimits.objectName, limits, entry: entry),
            try DirectoryChange(.policy, name: SendingPolicy.defaultName, preset.policy, entry: entry),
        ])
    }

    private func clear(_ administration: Administration, _ entry: AuditEntry) async throws {
        guard licences == nil, !isTrial, timeZone == nil else {
            throw AdministrationError(.invalid, "preset none takes no options")
        }
        let directory = try await administration.directory()
        var changes: [DirectoryChange] = []
        if directory.policies[SendingPolicy.defaultName] != nil {
            changes.append(DirectoryChange(kind: .policy, name: SendingPolicy.defaultName, value: nil, audit: entry))
        }
        if directory.service != nil {
            changes.append(DirectoryChange(kind: .serviceLimits, name: ServiceLimits.objectName, value: nil, audit: entry))
        }
        try await administration.commit(changes)
    }
}

/// The limits after a preset was chosen.
package struct PresetOutcome: Codable, Hashable, Sendable {
    package var preset: PresetChoice
    package var policies: [PolicyView]
    package var service: [ServiceLimitView]
}
