package import MailModel

extension [RestrictedEntity: Restriction] {
    /// The restriction that stops this sender's mail; nil where none is in force. `isExternal`: whether an external recipient is meant.
    package func inForce(for sender: String?, _ principal: Submitter.Principal, isExternal: Bool, at now: Timestamp) -> Restriction? {
        guard !isEmpty else { return nil }
        var entities: [RestrictedEntity] = [.organisation]
        if case .connector(let name) = principal { entities.append(.connector(name)) }
        if let sender { entities.append(RestrictedEntity(senderNamed: sender)) }
        return entities.lazy.compactMap { self[$0] }.first { $0.isInForce(at: now) && (isExternal || !$0.isExternalOnly) }
    }
}

extension RestrictedEntity {
    /// Whoever the trace names as the sender. A connector that is the sender of its own mail is restricted as the connector.
    package init(senderNamed name: String) {
        self = name.hasPrefix("connector:") ? .connector(String(name.dropFirst(10))) : .sender(name.lowercased())
    }

    /// Whose use it is.
    package init(_ holder: UsageHolder) {
        guard let entity = RestrictedEntity(holder.name) else {
            preconditionFailure("a holder that is neither sender, connector nor organisation: \(holder)")
        }
        self = entity
    }

    /// As the trace names it; of a connector, only the mail whose sender is the connector itself. Nil for the organisation.
    package var senderName: String? {
        switch self {
        case .sender(let name): name
        case .connector(let name): "connector:\(name)"
        case .organisation: nil
        }
    }
}
