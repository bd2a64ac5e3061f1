import ArgumentParser
import OutboundPolicy
import PosternRuntime

/// How senders' addresses are to be written.
struct RewriteOptions: ParsableArguments {
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

    var parts: [AddressRewriting.Part]? { part.isEmpty ? nil : part }

    func words(of name: String) -> String {
        rules.isEmpty ? "\(name) leaves addresses as they come" : "\(name) rewrites \(rules.map(\.description).joined(separator: ", "))"
    }
}
