import Console

/// The twin beside the gate, and simulations.
extension APIRoutes {
    var tryingOutRoutes: [APIRoute] {
        [
            route(Way(.get, "/v1/twin", "Show the twin of Exchange Online that runs with this gate"), ShowTwin.self),
            route(
                Way(.post, "/v1/twin/acts", "Do something to the twin: fill a mailbox, take a licence, jump its clock"), TwinAct.self
            ) { act, _ in ControlTwin(act) },
            list(
                "/v1/simulations", "List simulations of this node, newest first", PageInput.self, operation: { _ in ListSimulations() },
                page: { try $0.page($1) { $0.id } }),
            route(Way(.post, "/v1/simulations", "Run a plan on a simulated clock in the background", status: 202), StartSimulation.self) {
                "/v1/simulations/\($0.id)"
            },
            route(Way(.get, "/v1/simulations/{id}", "Show a simulation with what it came to"), ShowSimulation.self),
            route(Way(.delete, "/v1/simulations/{id}", "End a simulation", status: 204), StopSimulation.self),
        ]
    }
}
