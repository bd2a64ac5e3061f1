import ArgumentParser
import PosternRuntime

struct SuppressionsPolicySet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change what is given.")

    @Option(help: "Mail that goes to no dead address: personal,application,campaign,notice, or none.", transform: Arguments.words)
    var dead: [String]?
    @Option(help: "The same for addresses whose mail came back again and again.", transform: Arguments.words) var soft: [String]?
    @Option(help: "For those who complained.", transform: Arguments.words) var complaint: [String]?
    @Option(help: "For those who unsubscribed.", transform: Arguments.words) var unsubscribe: [String]?
    @Option(help: "For those whom a person or an import put there.", transform: Arguments.words) var manual: [String]?
    @Option(help: "on: suppressed recipients are refused at RCPT; off: taken, and ended as suppressed.", transform: Arguments.onOrOff)
    var refuseAtSubmission: Bool?
    @Option(help: "Days on which mail came back before an address is suppressed; 0 for never.") var softBounces: Int?
    @Option(help: "In how many days.") var softDays: Int?
    @Option(help: "For how many days then.") var softLastsDays: Int?
    @Option(help: "For how many days dead addresses are suppressed; 0 for ever.") var deadLastsDays: Int?
    @Option(help: "Hours over which rates are taken.") var rateHours: Int?
    @Option(help: "Messages from which on a rate counts.") var rateMessagesMin: Int?
    @Option(help: "Bounces, complaints or deferrals from which on their rate counts.") var rateEventsMin: Int?
    @Option(help: "Percent of hard bounces to warn, hold and stop at: 2,4,8; 0 for never.", transform: Arguments.percentages)
    var hardBounces: [Double]?
    @Option(help: "The same of complaints: 0.08,0.2,0.3.", transform: Arguments.percentages) var complaints: [Double]?
    @Option(help: "The same of deferred attempts: 30,0,0.", transform: Arguments.percentages) var deferrals: [Double]?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var operation = SetSuppressionPolicy()
        (operation.dead, operation.soft, operation.complaint) = (dead, soft, complaint)
        (operation.unsubscribe, operation.manual, operation.refusesAtSubmission) = (unsubscribe, manual, refuseAtSubmission)
        (operation.softBounces, operation.softDays, operation.softLastsDays) = (softBounces, softDays, softLastsDays)
        (operation.deadLastsDays, operation.rateHours) = (deadLastsDays, rateHours)
        (operation.rateMessagesMin, operation.rateEventsMin) = (rateMessagesMin, rateEventsMin)
        (operation.hardBounces, operation.complaints, operation.deferrals) = (hardBounces, complaints, deferrals)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        SuppressionsPolicy.print(view)
    }
}
