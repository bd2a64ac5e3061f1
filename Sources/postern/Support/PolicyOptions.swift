import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

/// Whom a policy is for, and its values.
struct PolicyOptions: ParsableArguments {
    @Option(help: "Its place; 0 comes first, and those from there on move down.")
    var priority: Int?
    @Option(help: "Only for this From address; may be repeated.", transform: Arguments.address)
    var sender: [EmailAddress] = []
    @Option(help: "Only for members of this group; may be repeated.", transform: Arguments.address)
    var group: [EmailAddress] = []
    @Option(help: "Only for this domain with its subdomains; may be repeated.", transform: Arguments.domain)
    var domain: [DomainName] = []
    @Option(help: "Not for this From address; may be repeated.", transform: Arguments.address)
    var exceptSender: [EmailAddress] = []
    @Option(help: "Not for members of this group; may be repeated.", transform: Arguments.address)
    var exceptGroup: [EmailAddress] = []
    @Option(help: "Not for this domain with its subdomains; may be repeated.", transform: Arguments.domain)
    var exceptDomain: [DomainName] = []
    @Option(help: "External recipients in any hour; 0 leaves it to the service limits.")
    var externalPerHour: Int?
    @Option(help: "Internal recipients in any hour; 0 leaves it to the service limits.")
    var internalPerHour: Int?
    @Option(help: "Recipients in any 24 hours; 0 leaves it to the service limits.")
    var perDay: Int?
    @Option(
        help: ArgumentHelp("What happens past them: \(LimitAction.allCases.map(\.rawValue).joined(separator: ", "))."),
        transform: Arguments.action)
    var action: LimitAction?
    @Option(help: "Whether forwarded mail may go to external recipients: automatic, on or off.", transform: Arguments.forwarding)
    var forwarding: ForwardingMode?

    var changes: PolicyChanges {
        func given<Value>(_ values: [Value]) -> [Value]? { values.isEmpty ? nil : values }
        var changes = PolicyChanges()
        changes.priority = priority
        (changes.senders, changes.groups, changes.domains) = (given(sender), given(group), given(domain))
        (changes.exceptSenders, changes.exceptGroups, changes.exceptDomains) = (
            given(exceptSender), given(exceptGroup), given(exceptDomain)
        )
        (changes.externalPerHour, changes.internalPerHour, changes.recipientsPerDay) = (externalPerHour, internalPerHour, perDay)
        (changes.action, changes.forwarding) = (action, forwarding)
        return changes
    }
}
