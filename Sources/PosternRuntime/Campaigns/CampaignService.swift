import Logging
import MailModel
import ServiceLifecycle

/// Hands the copies of campaigns to the queue, a bounded number at a time: one of the nodes on a store does so. Each stops those whose copies
/// it finds not fit to leave.
struct CampaignService: Service {
    let sender: CampaignSender
    let stops: CampaignStops
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let interval = Duration.seconds(1)
    /// While the queue drains and is filled again: a look at where the campaign is costs as much as tens of copies.
    private static let shortInterval = Duration.milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await goOn() }
                group.addTask { await stopOthers() }
            }
        }
    }

    private func stopOthers() async {
        for await order in stops.orders { order.done(await sender.stop(order.campaign, order.message, reason: order.reason)) }
    }

    private func goOn() async {
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
