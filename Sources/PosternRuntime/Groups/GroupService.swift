import Logging
import MailModel
import OutboundPolicy
import ServiceLifecycle
import Storage

/// Sends on what has come to groups, and looks at the sources of their members when it is time: one of the nodes on a store does that.
struct GroupService: Service {
    let desk: GroupDesk
    let distribution: GroupDistribution
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let look = Duration.seconds(20)
    /// How long other nodes leave sources alone without a word: longer than a look takes.
    private static let lease = Duration.seconds(300)

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await distribution.run { await desk.distribute($0) } }
            await cancelWhenGracefulShutdown {
                var asked: [EmailAddress: Timestamp] = [:]
                while !Task.isCancelled {
                    do {
                        if let owner = owner() { try await round(owner, &asked, at: .now) }
                    } catch {
                        logger.warning("sources of groups could not be looked at", metadata: ["error": "\(error)"])
                    }
                    try? await Task.sleep(for: GroupService.look)
                }
            }
            distribution.finish()
        }
    }

    /// `asked`: when this node asked each source last. One that it has not seen before has an hour at most in which a person can look at what
    /// would change.
    private func round(_ owner: Int64, _ asked: inout [EmailAddress: Timestamp], at now: Timestamp) async throws {
        let groups = try await desk.administration.directory().groups.values.filter { $0.source != nil }
        guard !groups.isEmpty else { return }
        let task = TaskHold(name: "group-sources", owner: owner, lease: GroupService.lease, at: now)
        guard case .task(isHeld: true) = try await desk.administration.store.perform(.holdTask(task)) else { return }
        for group in groups.sorted(by: { $0.address < $1.address }) where !Task.isCancelled {
            guard let source = group.source else { continue }
            guard let last = asked[group.address] else {
                asked[group.address] = now - .seconds(Int64(max(0, source.minutes - 60)) * 60)
                continue
            }
            guard now >= last + .seconds(Int64(source.minutes) * 60) else { continue }
            asked[group.address] = now
            do {
                let act = Act(actor: "ldap:\(source.server)", reason: "", at: now)
                _ = try await desk.administration.perform(SyncGroup(group: group.address), act)
            } catch {
                logger.warning("a group's source was not taken over", metadata: ["group": "\(group.address)", "error": "\(error)"])
            }
        }
    }
}
