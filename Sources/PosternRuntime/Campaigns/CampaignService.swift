import Logging
import MailModel
import ServiceLifecycle

/// Hands the copies of campaigns to the queue, a bounded number at a time: one of the nodes on a store does so.
struct CampaignService: Service {
    let sender: CampaignSender
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let interval = Duration.seconds(1)
    /// While the queue drains and is filled again.
    private static let shortInterval = Duration.milliseconds(100)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var isFeeding = false
                do {
                    if let owner = owner() {
                        try await sender.repeats(owner: owner, at: .now)
                        isFeeding = try await sender.round(owner: owner, at: .now)
                    }
                } catch {
                    logger.warning("campaigns could not be gone on with", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: isFeeding ? CampaignService.shortInterval : CampaignService.interval)
            }
        }
    }
}
