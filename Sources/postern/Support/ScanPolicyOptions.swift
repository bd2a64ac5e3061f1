import ArgumentParser
import OutboundPolicy
import PosternRuntime

/// Changes of the scan policy.
struct ScanPolicyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What a rule weighs, -20 to 20; usual for its usual weight. May stand more than once.", valueName: "rule=weight"))
    var weight: [String] = []
    @Option(help: "The score from which mail is suspicious.") var suspiciousFrom: Double?
    @Option(help: "The score from which mail is spam.") var spamFrom: Double?
    @Flag(help: "Begin with what is usual, not with what was chosen before.") var anew = false

    func changes() throws -> ScanPolicyChanges {
        var changes = ScanPolicyChanges()
        changes.anew = anew ? true : nil
        changes.weights = weight.isEmpty ? nil : try weight.map(Arguments.scanWeight)
        changes.suspiciousFrom = suspiciousFrom
        changes.spamFrom = spamFrom
        return changes
    }
}

extension SuspiciousAction: ExpressibleByArgument {}
extension SpamAction: ExpressibleByArgument {}
extension SecondOpinion.WhenDown: ExpressibleByArgument {}
