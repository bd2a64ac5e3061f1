import ArgumentParser
import OutboundPolicy
import PosternRuntime

/// What `connectors rewrite` and `routes rewrite` have in common.
struct RewriteOptions: ParsableArguments {
    @Argument(help: "Its name.") var name: String
    @Argument(
        help: "PATTERN=ADDRESS, tried in their order; a star stands for any text, and *@DOMAIN keeps the local part. None: as they come.",
        transform: Arguments.rewriteRule)
    var rules: [AddressRewriteRule] = []
    @Option(
        help: "envelope, from (with Sender) or reply-to; may be repeated. Envelope and from where it is left out.",
        transform: Arguments.rewritePart)
    var part: [AddressRewriting.Part] = []
    @Option(
        help: "Keep From as it was: reply-to (where the message has no Reply-To) or field (X-Original-From).",
        transform: Arguments.keptOriginal)
    var keepOriginal: AddressRewriting.Original?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    var parts: [AddressRewriting.Part]? { part.isEmpty ? nil : part }

    func perform(_ operation: some AdministrativeOperation) async throws {
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line(
            rules.isEmpty ? "\(name) leaves addresses as they come" : "\(name) rewrites \(rules.map(\.description).joined(separator: ", "))"
        )
    }
}
