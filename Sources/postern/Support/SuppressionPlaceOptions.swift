import ArgumentParser
import MailModel

/// Where on the suppression list, and for what.
struct SuppressionPlaceOptions: ParsableArguments {
    @Option(help: "organisation, tenant, list:NAME or stream:NAME.", transform: Arguments.suppressionScope) var scope: SuppressionScope?
    @Option(
        name: .customLong("for"), help: "Why it is there: manual, complaint, unsubscribe, address-dead …",
        transform: Arguments.suppressionReason)
    var cause: SuppressionReason?
}
