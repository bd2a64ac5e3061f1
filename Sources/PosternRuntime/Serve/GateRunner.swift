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
    /// The run that it is in the store; nil while it is none.
    var owner: Int64? { get }
    /// Goes on with these settings, and with the certificate as it is on disk now; dialogues that are open keep what they began with.
    /// Throws where the certificate does not load, and nothing has changed then.
    func reload(_ settings: Settings) async throws
}

/// All that a gate is made from.
package struct GateContext: Sendable {
    /// As they were at the start.
    package var settings: Settings
    /// As they are now.
    package var live: LiveSettings
    package var directory: DataDirectory
    package var store: OpenStore
    package var vault: KeyVault
    package var metrics: MetricRegistry
    /// Where everything in the process says what is wrong.
    package let alerts = AlertCenter()
    /// By which mail that asks to leave a list is obeyed.
    package let leaving = ListLeaving()
    /// By which a campaign is stopped whose copy may not leave.
    package let stops = CampaignStops()
    /// By which messages come to groups that send them on.
    package let groups = GroupDistribution()
    package var logger: Logger

    package init(
        settings: Settings, directory: DataDirectory, store: OpenStore, vault: KeyVault, metrics: MetricRegistry, logger: Logger
    ) {
        self.settings = settings
        live = LiveSettings(settings)
        self.directory = directory
        self.store = store
        self.vault = vault
        self.metrics = metrics
        self.logger = logger
    }
}
