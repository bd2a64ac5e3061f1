import InternetMessage
import MailModel
import OutboundPolicy

// Whether large receivers would refuse mail for the domain in From.
extension GateCore {
    func identityVerdict(_ facts: MessageFacts, _ envelope: Envelope, _ submitter: Submitter) -> Verdict {
        guard !directory.domainStandings.isEmpty, settings.rules.identity != .off else { return .accept([]) }
        return settings.rules.identity(
            facts, standings: directory.domainStandings, byRoute: submitter.onlyRoute,
            isExternal: envelope.recipients.contains { directory.acceptedDomain(of: $0.address) == nil })
    }
}
