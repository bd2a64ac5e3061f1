package import OutboundPolicy

/// Runs a plan in the background, beside the gate.
package struct StartSimulation: AdministrativeOperation {
    package static let name = "simulations.start"
    package static let scope = AccessScope.policiesRead
    /// YAML; docs/simulate.md has its fields.
    package var plan: String

    package init(plan: String) { self.plan = plan }

    private static let planBytesMax = 65_536

    package func perform(in administration: Administration, _ act: Act) async throws -> SimulationJobView {
        guard plan.utf8.count <= StartSimulation.planBytesMax else { throw AdministrationError(.invalid, "the plan is longer than 64 KiB") }
        guard administration.live != nil else {
            throw AdministrationError(
                .unavailable, "no gate runs on \(administration.dataDirectory)", "Without one: `postern simulate PLAN`.")
        }
        return try SimulationDesk.shared.start(plan, actor: act.actor, at: act.at)
    }
}

package struct ListSimulations: AdministrativeOperation {
    package static let name = "simulations.list"
    package static let scope = AccessScope.policiesRead

    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [SimulationJobView] { SimulationDesk.shared.list }
}

package struct ShowSimulation: AdministrativeOperation {
    package static let name = "simulations.show"
    package static let scope = AccessScope.policiesRead
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> SimulationJobView {
        guard let job = SimulationDesk.shared.show(id) else { throw SimulationDesk.gone(id) }
        return job
    }
}

package struct StopSimulation: AdministrativeOperation {
    package static let name = "simulations.stop"
    package static let scope = AccessScope.policiesRead
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> SimulationJobView {
        guard SimulationDesk.shared.stop(id), let job = SimulationDesk.shared.show(id) else { throw SimulationDesk.gone(id) }
        return job
    }
}

extension SimulationDesk {
    static func gone(_ id: String) -> AdministrationError {
        AdministrationError(.notFound, "there is no simulation \(id.prefix(50))", "The newest are kept while the gate runs.")
    }
}
