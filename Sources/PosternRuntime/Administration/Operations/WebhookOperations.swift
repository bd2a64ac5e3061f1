import MailModel
package import OutboundPolicy

/// A webhook without its secret.
package struct WebhookView: Codable, Hashable, Sendable {
    package var name: String
    package var url: String
    package var allowsPrivateAddresses: Bool
    package var created: String
    package var disabled: Bool

    init(_ webhook: Webhook) {
        name = webhook.name
        url = webhook.url
        allowsPrivateAddresses = webhook.allowsPrivateAddresses
        created = webhook.createdAt.rfc3339
        disabled = webhook.isDisabled
    }
}

/// A new webhook with the one showing of its secret.
package struct WebhookOutcome: Codable, Hashable, Sendable {
    package var webhook: WebhookView
    /// `whsec_` and base 64, as libraries for Standard Webhooks take it.
    package var secret: String
}

/// How one call went.
package struct WebhookTestResult: Codable, Hashable, Sendable {
    package var ok: Bool
    /// The address that was called; empty where it did not come to that.
    package var address: String
    /// One sentence: the answer, or what failed.
    package var text: String
}

package struct AddWebhook: AdministrativeOperation {
    package static let name = "webhooks.add"
    package static let scope = AccessScope.webhooksWrite
    /// The new webhook's name.
    package var webhook: String
    package var url: String
    package var allowsPrivateAddresses: Bool

    package init(webhook: String, url: String, allowsPrivateAddresses: Bool = false) {
        self.webhook = webhook
        self.url = url
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> WebhookOutcome {
        try ObjectName.check(webhook, of: "webhook")
        if case .failure(let fault) = HTTPTarget.read(url, allowsPrivateAddresses: allowsPrivateAddresses) {
            throw AdministrationError(.invalid, "webhook \(webhook): \(fault.text)", "Write it as https://example.org/path.")
        }
        let directory = try await administration.directory()
        guard directory.webhooks[webhook] == nil else { throw AdministrationError.exists("webhook", webhook) }
        guard directory.webhooks.count < AlertRules.channelsMax else {
            throw AdministrationError(.invalid, "there are \(AlertRules.channelsMax) webhooks already", "Remove those that are not in use.")
        }
        guard let vault = administration.vault else {
            throw AdministrationError(
                .failed, "\(administration.dataDirectory.masterKey) is missing",
                "Run `postern init --data \(administration.dataDirectory)`.")
        }
        let secret = WebhookSecret.make()
        var made = Webhook(
            name: webhook, url: url, sealedSecret: try vault.seal(secret.bytes, context: KeyVault.context(webhook: webhook)),
            createdAt: act.at)
        made.allowsPrivateAddresses = allowsPrivateAddresses
        try await administration.put(.webhook, name: webhook, made, mustBeNew: true, entry: act.entry("webhook.add", target: webhook))
        return WebhookOutcome(webhook: WebhookView(made), secret: secret.description)
    }
}

package struct ListWebhooks: AdministrativeOperation {
    package static let name = "webhooks.list"
    package static let scope = AccessScope.webhooksRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [WebhookView] {
        try await administration.directory().webhooks.values.sorted { $0.name < $1.name }.map(WebhookView.init)
    }
}

package struct RemoveWebhook: AdministrativeOperation {
    package static let name = "webhooks.remove"
    package static let scope = AccessScope.webhooksWrite
    package var webhook: String

    package init(webhook: String) { self.webhook = webhook }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let directory = try await administration.directory()
        guard directory.webhooks[webhook] != nil else { throw AdministrationError.noSuch("webhook", webhook) }
        if let policy = directory.alertPolicies.values.first(where: { $0.webhooks?.contains(webhook) ?? false }) {
            throw AdministrationError(
                .conflict, "the alert policy \(policy.kind.rawValue) names webhook \(webhook)",
                "Change it first: postern alert-policies set \(policy.kind.rawValue) --usual.")
        }
        try await administration.remove(.webhook, name: webhook, entry: act.entry("webhook.remove", target: webhook))
        return Affected(count: 1)
    }
}

/// Calls it once from the running gate.
package struct TestWebhook: AdministrativeOperation {
    package static let name = "webhooks.test"
    package static let scope = AccessScope.webhooksWrite
    package var webhook: String

    package init(webhook: String) { self.webhook = webhook }

    package func perform(in administration: Administration, _ act: Act) async throws -> WebhookTestResult {
        guard try await administration.directory().webhooks[webhook] != nil else { throw AdministrationError.noSuch("webhook", webhook) }
        guard let live = administration.live else {
            throw AdministrationError(.unavailable, "no gate runs on \(administration.dataDirectory)", "Start it with `postern serve`.")
        }
        return try await live.testWebhook(webhook)
    }
}
