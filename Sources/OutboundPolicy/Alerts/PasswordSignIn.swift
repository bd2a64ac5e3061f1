package import MailModel

/// Routes that sign in by a password where the provider gives that up.
package enum PasswordSignIn {
    /// What has to be told: once for as long as there is such a route, whatever a person did with the alert. `known`: open and ended
    /// incidents, the newest first.
    package static func conditions(_ directory: Directory, known: [Incident], at now: Timestamp) -> [AlertCondition] {
        let known = known.filter { $0.kind == .passwordSignIn }
        var told = Set(known.filter { $0.ending != .over }.map(\.subject))
        var conditions: [AlertCondition] = []
        for route in routes(directory, at: now) where told.remove("route:\(route.name)") == nil {
            conditions.append(
                AlertCondition(
                    .passwordSignIn, subject: "route:\(route.name)", at: now,
                    text: "Route \(route.name) signs in by a password. \(route.hop.passwordNotice(at: now) ?? "")",
                    advice: NextHop.passwordAdvice))
        }
        for incident in known where incident.ending == nil && told.contains(incident.subject) {
            conditions.append(
                AlertCondition(
                    .passwordSignIn, subject: incident.subject, at: now, text: "It signs in by a password no more.", isOver: true))
        }
        return conditions
    }

    package static func isAny(_ directory: Directory, at now: Timestamp) -> Bool { !routes(directory, at: now).isEmpty }

    private static func routes(_ directory: Directory, at now: Timestamp) -> [(name: String, hop: NextHop)] {
        directory.routes.values.sorted { $0.name < $1.name }.compactMap { route in
            guard !route.isDisabled, case .smarthost(let hop) = route.kind, hop.passwordNotice(at: now) != nil else { return nil }
            return (route.name, hop)
        }
    }
}
