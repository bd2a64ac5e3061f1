import ArgumentParser
import MailModel
import PosternRuntime
import Storage

struct Statistics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What was accepted, delivered, deferred and bounced over time, and by destination. In recipients.",
        discussion: "The figures are some seconds behind. Days and hours are those of UTC.")

    @Option(help: "A time, a date, or a while ago (2h, 3d); a day ago unless given.", transform: Arguments.time)
    var since: Timestamp?
    @Option(help: "A time, a date, or a while ago (2h, 3d); now unless given.", transform: Arguments.time)
    var until: Timestamp?
    @Option(help: "5m, hour or day; what suits the range unless given.", transform: Arguments.step)
    var by: TrafficQuery.Step?
    @Option(help: "A domain of recipients.", transform: Arguments.domain)
    var destination: DomainName?
    @Option(help: "Destinations that are named, 0…1000.")
    var top = ShowStatistics.topStandard
    @Flag(help: "One JSON object instead of tables.")
    var json = false
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowStatistics(since: since, until: until, by: by, destination: destination, top: top))
        guard !json else { return try Output.json([view]) }
        let titles = ["ACCEPTED", "DELIVERED", "DEFERRED", "BOUNCED", "EXPIRED", "REFUSED", "HELD", "CANCELLED", "SUPPRESSED"]
        let total = ["total"] + Statistics.cells(view.total)
        Output.table(
            ["TIME"] + titles, view.steps.map { [Output.time($0.time)] + Statistics.cells($0.figures) } + [total], empty: "")
        guard !view.destinations.isEmpty else { return }
        Output.line()
        let others = view.others.map { [["others"] + Statistics.cells($0)] } ?? []
        Output.table(
            ["DESTINATION"] + titles, view.destinations.map { [$0.destination] + Statistics.cells($0.figures) } + others, empty: "")
    }

    private static func cells(_ figures: TrafficFigures) -> [String] {
        [
            figures.accepted, figures.delivered, figures.deferred, figures.bounced, figures.expired, figures.refused, figures.held,
            figures.cancelled, figures.suppressed,
        ].map(String.init)
    }
}
