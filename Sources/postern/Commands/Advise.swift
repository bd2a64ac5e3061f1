import ArgumentParser
import Campaigns
import PosternRuntime

struct Advise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which way mail to many people should take: a group, paced batches, a relay or a campaign, and why.")

    @Option(help: "How many people get it.")
    var recipients: Int
    @Flag(help: "Some of them are outside the organisation.")
    var external = false
    @Flag(help: "It goes out regularly.")
    var recurring = false
    @Flag(help: "It has to be there today.")
    var urgent = false
    @Option(help: ArgumentHelp("announcement, newsletter or operational (sent by a program).", valueName: "kind"))
    var kind: String = SendingNeed.Kind.announcement.rawValue
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        guard let kind = SendingNeed.Kind(rawValue: kind) else {
            throw ValidationError("\"\(kind)\" is not announcement, newsletter or operational")
        }
        let need = SendingNeed(recipients: recipients, isExternal: external, isRecurring: recurring, isUrgent: urgent, kind: kind)
        // Without a data directory nothing is set up, and the advice holds all the same.
        if data.isAbsent { return try show(try Advise.general(need)) }
        try show(try await data.perform(AdviseSending(need: need)))
    }

    private static func general(_ need: SendingNeed) throws -> WayAdvice {
        guard SendingNeed.recipientsRange.contains(need.recipients) else { throw ValidationError("--recipients is 1 to 10,000,000") }
        return Advisor().advice(for: need)
    }

    private func show(_ advice: WayAdvice) throws {
        if format.json { return try Output.json([advice]) }
        Output.line("Take \(advice.title). It takes \(Advise.duration(advice.seconds)).")
        for reason in advice.reasons { Output.line("  \(reason)") }
        for text in advice.before { Output.line("First: \(text)") }
        for (place, step) in advice.steps.enumerated() { Output.line("\(place + 1). \(step)") }
        Output.line()
        Output.table(
            ["LIMIT OF A MAILBOX", "VALUE", "IN A", "YOU NEED", "", "SOURCE"],
            advice.limits.map { [$0.name, "\($0.value)", $0.window, "\($0.needed)", $0.isExceeded ? "over" : "fits", $0.source] },
            empty: "No limits.")
        Output.line()
        Output.table(["NOT TAKEN", "WHY"], advice.alternatives.map { [$0.way.title, $0.reason] }, empty: "")
    }

    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "a minute or two"
        case ..<7200: "about \((seconds + 59) / 60) minutes"
        case ..<172_800: "about \((seconds + 1800) / 3600) hours"
        default: "about \((seconds + 43_200) / 86_400) days"
        }
    }
}
