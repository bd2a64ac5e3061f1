import ArgumentParser

struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Where mail goes, by sender and recipient domain.",
        subcommands: [
            RoutesAdd.self, RoutesSet.self, RoutesList.self, RoutesSources.self, RoutesPool.self, RoutesRewrite.self, RoutesIdentity.self,
            RoutesIdentityRemove.self,
            RoutesTest.self, RoutesPreflight.self, RoutesProbe.self, RoutesRemove.self,
        ])
}
