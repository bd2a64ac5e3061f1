package import MailModel

extension [RestrictedEntity: Restriction] {
    /// The restriction that stops this sender's mail; nil where none is in force. `isExternal`: whether an external recipient is meant.
    package func inForce(for sender: String?, _ principal: Submitter.Principal, isExternal: Bool, at now: Timestamp) -> Restriction? {
        guard !isEmpty else { return nil }
        var entities: [RestrictedEntity] = [.organisation]
        if case .connector(let name) = principal { entities.append(.connector(name)) }
        if let sender { entities.append(.sender(sender.lowercased())) }
        return entities.lazy.compactMap { self[$0] }.first { $0.isInForce(at: now) && (isExternal || !$0.isExternalOnly) }
    }
}
