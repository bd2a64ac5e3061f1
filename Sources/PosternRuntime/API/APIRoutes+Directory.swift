import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var accountRoutes: [APIRoute] {
        [
            list(
                "/v1/accounts", "List accounts", PageInput.self, operation: { _ in ListAccounts() },
                page: { try $0.page($1) { $0.address } }),
            route(
                Way(.post, "/v1/accounts", "Add an account; without a password one is made and shown once", status: 201),
                AccountInput.self, location: { "/v1/accounts/\(PercentText.encode($0.account.address, plain: "@:"))" },
                operation: { input, _ in input.operation }),
            route(Way(.patch, "/v1/accounts/{address}", "Disable or enable an account"), AccountStateInput.self) { input, _ in
                SetAccountEnabled(address: input.address, isEnabled: input.enabled)
            },
            route(
                Way(.put, "/v1/accounts/{address}/expiry", "Let an account submit until a time; without one, for ever"),
                AccountExpiryInput.self
            ) { input, _ in SetAccountExpiry(address: input.address, expiresAt: input.expires?.time) },
            route(Way(.put, "/v1/accounts/{address}/password", "Set a password; without one, it is made and shown once"), SetPassword.self),
            route(
                Way(.post, "/v1/accounts/{address}/app-passwords", "Make a password for one device; it is shown once", status: 201),
                AddAppPassword.self, location: { "/v1/accounts/\(PercentText.encode($0.account.address, plain: "@:"))" }),
            route(
                Way(.delete, "/v1/accounts/{address}/app-passwords/{label}", "Withdraw a device's password", status: 204),
                RemoveAppPassword.self),
            route(Way(.patch, "/v1/accounts/{address}/grants", "Grant and withdraw addresses"), GrantsInput.self) { input, _ in
                ChangeGrants(address: input.address, add: input.add ?? [], remove: input.remove ?? [])
            },
            route(Way(.put, "/v1/accounts/{address}/roles", "Say what an account may do"), SetAccountRoles.self),
            route(
                Way(.post, "/v1/accounts/{address}/second-factor", "Make a secret and recovery codes; shown once", status: 201),
                BeginSecondFactor.self),
            route(Way(.post, "/v1/accounts/{address}/second-factor/confirm", "Take the first code of it"), ConfirmSecondFactor.self),
            route(
                Way(.delete, "/v1/accounts/{address}/second-factor", "Remove it, for a lost device", status: 204), RemoveSecondFactor.self),
            list(
                "/v1/sessions", "List who is signed in to the console", SessionListInput.self,
                operation: { ListSessions(account: $0.account) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.id } }),
            route(Way(.post, "/v1/sessions/end", "End a session of the console, or all of an account"), EndSessions.self),
        ]
    }

    var directoryRoutes: [APIRoute] {
        [
            list(
                "/v1/connectors", "List connectors", PageInput.self, operation: { _ in ListConnectors() },
                page: { try $0.page($1) { $0.name } }),
            route(
                Way(.post, "/v1/connectors", "Add a connector", status: 201), ConnectorInput.self,
                location: { "/v1/connectors/\(PercentText.encode($0.name, plain: "@:"))" },
                operation: { input, _ in input.operation }),
            route(Way(.delete, "/v1/connectors/{connector}", "Remove a connector", status: 204), RemoveConnector.self),
            route(
                Way(.patch, "/v1/connectors/{connector}/grants", "Grant and withdraw addresses"), ConnectorGrantsInput.self,
                operation: { input, _ in
                    ChangeConnectorGrants(connector: input.connector, add: input.add ?? [], remove: input.remove ?? [])
                }),
            route(
                Way(.put, "/v1/connectors/{name}/rewriting", "Say how senders' addresses are written in what comes by a connector"),
                SetRewriting<ConnectorRewriting>.self),
            route(Way(.get, "/v1/rewriting-test", "Say what a sender's address becomes by a connector and a route"), TestRewriting.self),
            route(
                Way(
                    .put, "/v1/connectors/{connector}/relaying",
                    "Say whether a connector passes on mail of others, to be checked and sealed"),
                SetConnectorRelaying.self),
            list(
                "/v1/domains", "List accepted domains", PageInput.self, operation: { _ in ListDomains() },
                page: {
                    try $0.page($1) { $0.domain }
                }),
            route(
                Way(.post, "/v1/domains", "Add an accepted domain", status: 201), DomainInput.self,
                location: { "/v1/domains/\(PercentText.encode($0.domain, plain: "@:"))" },
                operation: { input, _ in try input.operation() }),
            route(Way(.delete, "/v1/domains/{domain}", "Remove an accepted domain", status: 204), RemoveDomain.self),
            route(
                Way(.get, "/v1/domains/{domain}/health", "Look at all that receivers ask of a domain, and say what to publish"),
                DomainHealthInput.self
            ) { input, _ in CheckDomain(domain: input.domain) },
            list(
                "/v1/routes", "List routes in the order in which they are tried", PageInput.self, operation: { _ in ListRoutes() },
                page: {
                    try $0.page($1) { $0.name }
                }),
            route(
                Way(.post, "/v1/routes", "Add a route", status: 201), RouteInput.self,
                location: { "/v1/routes/\(PercentText.encode($0.name, plain: "@:"))" },
                operation: { input, now in try input.operation(at: now) }),
            route(Way(.patch, "/v1/routes/{route}", "Change what is given of a route; switch it on or off"), ChangeRoute.self),
            route(Way(.delete, "/v1/routes/{route}", "Remove a route", status: 204), RemoveRoute.self),
            route(
                Way(.post, "/v1/routes/{route}/preflight", "Try a route's way up to a recipient, and say which step is missing"),
                PreflightRoute.self),
            route(Way(.post, "/v1/routes/{route}/test", "Try the way to a route's next host, without sending mail"), TestRoute.self),
            route(
                Way(.post, "/v1/routes/{route}/probe", "Let one message through on a route whose next host refuses our account"),
                ProbeRoute.self),
            route(Way(.put, "/v1/routes/{route}/sources", "Say which egress sources a route's mail may leave from"), SetRouteSources.self),
            route(
                Way(.put, "/v1/routes/{route}/pool", "Keep a route for the mail of one egress pool, or of those of its sources"),
                SetRoutePool.self),
            route(Way(.put, "/v1/sources/{source}/pool", "Say which pool's mail leaves from a source, and its share"), SetSourcePool.self),
            list(
                "/v1/pools", "List the egress pools: what leaves by each, and from which sources", PageInput.self,
                operation: { _ in ListPools() },
                page: {
                    try $0.page($1) { $0.pool }
                }),
            route(
                Way(.put, "/v1/routes/{name}/rewriting", "Say how senders' addresses are written in what leaves by a route"),
                SetRewriting<RouteRewriting>.self),
            route(
                Way(.put, "/v1/routes/{route}/identities/{pattern}", "Hand on the mail of some senders as another mailbox"),
                SetRouteIdentity.self),
            route(
                Way(.delete, "/v1/routes/{route}/identities/{pattern}", "Hand it on as the route's own user again", status: 204),
                RemoveRouteIdentity.self),
            list(
                "/v1/sources", "List egress sources, which nodes have them, and what waits for them", PageInput.self,
                operation: { _ in ListSources() },
                page: {
                    try $0.page($1) { $0.name }
                }),
            route(
                Way(.post, "/v1/sources", "Add an egress source", status: 201), SourceInput.self,
                location: { "/v1/sources/\(PercentText.encode($0.name, plain: "@:"))" },
                operation: { input, now in input.operation(at: now) }),
            route(Way(.patch, "/v1/sources/{source}", "Disable or enable an egress source"), SourceStateInput.self) { input, _ in
                SetSourceEnabled(source: input.source, isEnabled: input.enabled)
            },
            route(Way(.delete, "/v1/sources/{source}", "Remove an egress source that no route names", status: 204), RemoveSource.self),
            list(
                "/v1/pauses", "List what is paused", PageInput.self, operation: { _ in ListPauses() },
                page: { try $0.page($1) { $0.scope } }),
            route(
                Way(.post, "/v1/pauses", "Press the stop button: mail is accepted and waits. Wants a reason", status: 201), AddPause.self,
                location: { "/v1/pauses/\(PercentText.encode($0.scope, plain: "@:"))" }),
            route(Way(.delete, "/v1/pauses/{scope}", "Let mail go again", status: 204), RemovePause.self),
            list(
                "/v1/dkim-keys", "List DKIM keys with the records to publish", DKIMListInput.self,
                operation: { input in
                    ListDKIMKeys(domain: input.domain)
                },
                page: {
                    try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.recordName }
                }),
            route(
                Way(.post, "/v1/dkim-keys", "Make a pair of DKIM keys for a domain", status: 201), AddDKIMKeys.self,
                location: { "/v1/dkim-keys?domain=\(PercentText.encode($0.first?.domain ?? "", plain: "@:"))" }),
            route(
                Way(
                    .post, "/v1/dkim-rotations",
                    "Make a pair of DKIM keys that signs in place of the old one once DNS has its records", status: 201),
                RotateDKIM.self, location: { "/v1/dkim-keys?domain=\(PercentText.encode($0.first?.domain ?? "", plain: "@:"))" }),
            route(Way(.post, "/v1/dkim-checks", "Look at the records in DNS now, and take rotations on"), CheckDKIM.self),
            route(Way(.delete, "/v1/dkim-keys/{domain}/{selector}", "Remove a DKIM key", status: 204), RemoveDKIMKey.self),
        ]
    }

    var keyRoutes: [APIRoute] {
        [
            list(
                "/v1/api-keys", "List keys, without their secrets", PageInput.self, operation: { _ in ListAPIKeys() },
                page: {
                    try $0.page($1) { $0.name }
                }),
            route(
                Way(.post, "/v1/api-keys", "Make a key; it is shown once", status: 201), APIKeyInput.self,
                location: { "/v1/api-keys/\(PercentText.encode($0.key.name, plain: "@:"))" },
                operation: { input, _ in input.operation }),
            route(Way(.patch, "/v1/api-keys/{key}", "Disable or enable a key"), APIKeyStateInput.self) { input, _ in
                SetAPIKeyEnabled(key: input.key, isEnabled: input.enabled)
            },
            route(Way(.patch, "/v1/api-keys/{key}/grants", "Grant and withdraw addresses"), APIKeyGrantsInput.self) { input, _ in
                ChangeAPIKeyGrants(key: input.key, add: input.add ?? [], remove: input.remove ?? [])
            },
            route(Way(.delete, "/v1/api-keys/{key}", "Remove a key", status: 204), RemoveAPIKey.self),
        ]
    }

    var mailRoutes: [APIRoute] {
        [
            list(
                "/v1/queue", "List queued and held recipients in order of due time", QueueInput.self, operation: { try $0.operation() },
                page: {
                    QueueInput.page($1, limit: $0.limit?.count ?? PageInputs.limitStandard)
                }),
            route(
                Way(.post, "/v1/queue/{verb}", "Hold, release, retry or cancel recipients"), QueueActInput.self
            ) { input, _ in try input.operation() },
            list(
                "/v1/trace", "What became of messages, newest first", TraceInput.self, operation: { try $0.operation() },
                page: {
                    TraceInput.page($1, limit: $0.limit?.count ?? PageInputs.limitStandard)
                }),
            route(Way(.post, "/v1/trace/purge", "Drop the trace of old days whose recipients are all final"), PurgeInput.self) { input, _ in
                PurgeTrace(before: input.before.time)
            },
            list(
                "/v1/audit", "Administrative acts, newest first", AuditInput.self, operation: { try $0.operation() },
                page: {
                    AuditInput.page($1, limit: $0.limit?.count ?? PageInputs.limitStandard)
                }),
            route(Way(.get, "/v1/ledger", "The count of recipients by state"), LedgerInput.self) { input, _ in
                ShowLedger(verifies: input.verify ?? false)
            },
            route(Way(.get, "/v1/explain", "What a reply means, or what became of a message, in plain words"), Explain.self),
            route(Way(.get, "/v1/status", "How the gate is"), ShowStatus.self),
            list(
                "/v1/ahead", "What will want somebody soon, the gravest first", PageInput.self, operation: { _ in ShowDayAhead() },
                page: {
                    try $0.page($1) { "\($0.kind.rawValue)/\($0.subject)/\($0.text)" }
                }),
            list(
                "/v1/nodes", "The nodes on the store, those that ended lately among them", PageInput.self, operation: { _ in ListNodes() },
                page: {
                    try $0.page($1) { $0.run }
                }),
        ]
    }
}

struct DKIMListInput: Decodable, Sendable {
    var domain: DomainName?
    var cursor: CursorText?
    var limit: PageSize?
}
