/// One thing that a principal may be allowed to do with the gate. The raw value is what keys, tokens and the HTTP interface name it by.
package enum AccessScope: String, Hashable, Sendable, Codable, CaseIterable {
    /// Submit messages, as the addresses that the principal may use.
    case messagesSend = "messages:send"
    /// See what became of the messages that the principal itself submitted.
    case messagesRead = "messages:read"
    /// See what became of all messages.
    case traceRead = "trace:read"
    case tracePurge = "trace:purge"
    case queueRead = "queue:read"
    /// Hold, release, retry, cancel.
    case queueWrite = "queue:write"
    case accountsRead = "accounts:read"
    case accountsWrite = "accounts:write"
    case connectorsRead = "connectors:read"
    case connectorsWrite = "connectors:write"
    case domainsRead = "domains:read"
    case domainsWrite = "domains:write"
    case routesRead = "routes:read"
    case routesWrite = "routes:write"
    /// Connect to a route's next host, without sending mail.
    case routesTest = "routes:test"
    case pausesRead = "pauses:read"
    /// The stop button.
    case pausesWrite = "pauses:write"
    case dkimRead = "dkim:read"
    case dkimWrite = "dkim:write"
    case keysRead = "api-keys:read"
    /// Make keys, and so principals: as much as everything.
    case keysWrite = "api-keys:write"
    /// Alerts, and the policies that make them.
    case alertsRead = "alerts:read"
    /// Acknowledge and resolve alerts.
    case alertsWrite = "alerts:write"
    case alertPoliciesWrite = "alert-policies:write"
    case webhooksRead = "webhooks:read"
    case webhooksWrite = "webhooks:write"
    case policiesRead = "policies:read"
    /// Outbound policies and presets, how much people may send; what is done with suspicious mail; who is suppressed and for how long.
    case policiesWrite = "policies:write"
    /// How senders stand against their limits.
    case limitsRead = "limits:read"
    /// The service's own limits.
    case limitsWrite = "limits:write"
    case groupsRead = "groups:read"
    case groupsWrite = "groups:write"
    /// See and decide what waits for an owner, of one's own groups; of all of them together with `reviewDecide`.
    case groupsModerate = "groups:moderate"
    /// Lists, and how many people are on them.
    case listsRead = "lists:read"
    case listsWrite = "lists:write"
    /// Who is on lists, with what is known of each.
    case subscribersRead = "subscribers:read"
    case subscribersWrite = "subscribers:write"
    /// Campaigns, with what became of each recipient.
    case campaignsRead = "campaigns:read"
    /// Write, start, pause, cancel.
    case campaignsWrite = "campaigns:write"
    /// Agree to a campaign, or to its pilot.
    case campaignsApprove = "campaigns:approve"
    case ledgerRead = "ledger:read"
    case auditRead = "audit:read"
    case statusRead = "status:read"
    /// Who is restricted or throttled, with the evidence.
    case restrictionsRead = "restrictions:read"
    /// Restrict, approve, release.
    case restrictionsWrite = "restrictions:write"
    /// Who asks for more than it may, and what came of it.
    case requestsRead = "requests:read"
    /// Ask for more.
    case requestsWrite = "requests:write"
    /// Grant or refuse what others ask for.
    case requestsDecide = "requests:decide"
    /// See held mail, with what it says.
    case reviewRead = "review:read"
    /// Let held mail go, or reject it.
    case reviewDecide = "review:decide"
    /// Who is not written to, and what came back.
    case suppressionsRead = "suppressions:read"
    /// Put addresses on the suppression list, and take them off.
    case suppressionsWrite = "suppressions:write"
    /// Copy everything, secrets too where asked, to a place on the node.
    case backupWrite = "backup:write"

    /// True where using it changes something, so that the audit tells of it.
    package var isWrite: Bool {
        rawValue.hasSuffix(":write") || self == .campaignsApprove || self == .tracePurge || self == .requestsDecide || self == .reviewDecide
            || self == .groupsModerate
    }
}

/// What a person or program is to the gate. The one table of what each may do.
package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    /// Everything.
    case administrator
    /// Keeps mail flowing: queue, routes, the stop button; makes no principals.
    case `operator`
    /// Answers people who ask where their mail is, and takes their addresses off the suppression list.
    case helpDesk = "help-desk"
    /// Sends, and sees what became of own mail: what everybody may who signs in.
    case author
    /// Writes to many: lists, the people on them, and campaigns from the first draft to the report.
    case campaigns
    /// Lets go or refuses what was held for approval.
    case approver
    /// Sees everything that has no secrets in it, changes nothing.
    case viewer

    package var scopes: Set<AccessScope> {
        switch self {
        case .administrator: Set(AccessScope.allCases)
        case .operator:
            Role.viewer.scopes.union([
                .messagesSend, .queueWrite, .routesWrite, .routesTest, .pausesWrite, .restrictionsWrite, .alertsWrite,
                .requestsWrite, .reviewRead, .reviewDecide, .suppressionsWrite, .listsWrite, .subscribersRead,
                .subscribersWrite, .campaignsWrite, .campaignsApprove, .groupsModerate,
            ])
        case .helpDesk:
            [
                .messagesRead, .traceRead, .queueRead, .accountsRead, .groupsRead, .limitsRead, .statusRead, .restrictionsRead, .alertsRead,
                .requestsRead, .requestsWrite, .suppressionsRead, .suppressionsWrite, .listsRead, .subscribersRead,
            ]
        case .author: [.messagesSend, .messagesRead, .requestsWrite, .groupsModerate]
        case .campaigns:
            Role.author.scopes.union([
                .listsRead, .listsWrite, .subscribersRead, .subscribersWrite, .campaignsRead, .campaignsWrite, .campaignsApprove,
                .limitsRead, .groupsRead,
            ])
        case .approver:
            [
                .messagesRead, .traceRead, .queueRead, .queueWrite, .limitsRead, .restrictionsRead, .restrictionsWrite, .requestsRead,
                .requestsDecide, .reviewRead, .reviewDecide, .campaignsRead, .campaignsApprove, .groupsModerate,
            ]
        case .viewer:
            [
                .messagesRead, .traceRead, .queueRead, .accountsRead, .connectorsRead, .domainsRead, .routesRead, .pausesRead, .dkimRead,
                .groupsRead, .policiesRead, .limitsRead,
                .ledgerRead, .auditRead, .statusRead, .restrictionsRead, .alertsRead, .webhooksRead, .requestsRead,
                .suppressionsRead, .listsRead, .campaignsRead,
            ]
        }
    }
}
