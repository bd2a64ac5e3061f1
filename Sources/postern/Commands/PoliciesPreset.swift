import ArgumentParser
import PosternRuntime

struct PoliciesPreset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preset", abstract: "Put the default policy and the service limits of a preset; a running gate uses them at once.")

    @Argument(help: "standard, strict or none.", transform: Arguments.preset)
    var preset: PresetChoice
    @Option(help: "People who send: the organisation gets the quota of Exchange Online for so many licences.")
    var licences: Int?
    @Flag(help: "The organisation's quota is that of a trial: 5,000 external recipients in any 24 hours.")
    var trial = false
    @Option(help: "Where the organisation's day begins: an IANA name such as Europe/Berlin.")
    var timeZone: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = ApplyPreset(preset: preset, licences: licences, isTrial: trial, timeZone: timeZone)
        let outcome = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([outcome]) }
        Output.line("preset \(preset.rawValue) is in force")
        Policies.show(outcome.policies, outcome.service)
    }
}
