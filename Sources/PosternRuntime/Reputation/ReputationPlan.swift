import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Which of our addresses and domains are looked at, and where.
struct ReputationPlan: Sendable {
    var lists: [Blocklist]
    /// Each with the sources that leave from it.
    var addresses: [(address: IPAddress, sources: [DomainSurveyPlan.Source])]
    var domains: [DomainName]
    /// Sources whose address nobody knows: only what replies say of them is.
    var hidden: [String]

    private static let addressesMax = 500
    private static let domainsMax = 500

    init(_ directory: Directory, _ settings: Settings, lists: [Blocklist]) {
        self.lists = lists
        var found: [IPAddress: [DomainSurveyPlan.Source]] = [:]
        for source in DomainSurveyPlan.sources(directory, settings.delivery) where !source.address.isSpecialPurpose {
            found[source.address, default: []].append(source)
        }
        addresses = found.sorted { $0.key.description < $1.key.description }.prefix(ReputationPlan.addressesMax).map { ($0.key, $0.value) }
        let shown = Set(addresses.flatMap { $0.sources.map(\.name) })
        hidden = (directory.sources.values.filter { !$0.isDisabled }.map(\.name) + [EgressSource.standardName]).filter {
            !shown.contains($0)
        }
        .sorted()
        let names = Set(directory.domains.keys).union(directory.dkimKeys.keys).union(settings.bulk.returnPathDomain.map { [$0] } ?? [])
        // A name of one label is no domain that others could know.
        domains = Array(names.filter { $0.parent != nil }.sorted { $0.text < $1.text }.prefix(ReputationPlan.domainsMax))
    }

    var listsOn: [Blocklist] { lists.filter(\.isOn) }

    var subjects: [ReputationReview.Subject] {
        addresses.map { ReputationReview.Subject(name: $0.address.description, sources: $0.sources.map(\.name)) }
            + domains.map { ReputationReview.Subject(name: $0.text, sources: []) }
            + hidden.map { ReputationReview.Subject(name: ReputationPlan.subject(ofHidden: $0), sources: [$0]) }
    }

    private static func subject(ofHidden source: String) -> String { "source:\(source)" }

    /// Under which name a source is known: the address that a reply names, else its first one, else its own name.
    func subject(ofSource name: String, _ reply: SMTPReply) -> String? {
        let own = addresses.filter { $0.sources.contains { $0.name == name } }.map(\.address.description)
        let words = reply.description
        return own.first { words.contains($0) } ?? own.first ?? (hidden.contains(name) ? ReputationPlan.subject(ofHidden: name) : nil)
    }

    /// Every pair that is looked at.
    var keys: [ReputationCheck.Key] {
        addresses.flatMap { address, _ in
            [ReputationCheck.Key(subject: address.description, list: ReputationCheck.Key.identity)]
                + listsOn.filter { $0.question(address) != nil }.map { ReputationCheck.Key(subject: address.description, list: $0.name) }
        }
            + domains.flatMap { domain in
                listsOn.filter { $0.subject == .domain }.map { ReputationCheck.Key(subject: domain.text, list: $0.name) }
            }
    }
}
