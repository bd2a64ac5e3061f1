package import Console
package import Logging

/// The gate itself: the listeners, the queue and the deliveries.
package protocol GateRunner: LiveGate, HTTPGate {
    /// Takes mail when it returns; listener's name to `address:port`.
    func start() async throws -> [String: String]
    /// What goes on in tasks while it runs. To be called after `start`; returns some time after `stop`.
    func work() async
    /// Takes no more, ends the dialogues, gives back what it had leased.
    func stop() async
    /// Reads the certificate again; connections that are open keep theirs. Throws where it does not load, and the old one stays.
    func reloadCertificate() async throws
}

/// All that a gate is made from.
package struct GateContext: Sendable {
    package var settings: Settings
    package var directory: DataDirectory
    package var store: OpenStore
    package var vault: KeyVault
    package var metrics: MetricRegistry
    package var logger: Logger

    package init(
        settings: Settings, directory: DataDirectory, store: OpenStore, vault: KeyVault, metrics: MetricRegistry, logger: Logger
    ) {
        self.settings = settings
        self.directory = directory
        self.store = store
        self.vault = vault
        self.metrics = metrics
        self.logger = logger
    }
}
