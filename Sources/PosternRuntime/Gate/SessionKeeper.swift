import GateCore
import MailModel
import OutboundPolicy
import Storage

/// Asks the store for the connections that an account may have on this node, out of those that it may have on all.
struct SessionKeeper: Sendable {
    let engine: GateEngine
    let committer: Committer

    private static let unknown = SMTPReply(
        451, EnhancedStatusCode(4, 3, 0), "Your connections could not be counted at this moment; try again in a minute")

    /// Nil: the session has begun, and `sessionEnded` must follow. `completion` is called at once or on the writer thread.
    func begin(_ account: EmailAddress, completion: @escaping @Sendable (SMTPReply?) -> Void) {
        let (engine, committer) = (engine, committer)
        let start = engine.decide { core, _ in
            let start = core.sessionBegan(as: account)
            guard case .ask(let wish) = start else { return start }
            let listener = ShareListener { granted in
                completion(engine.decide { core, _ in core.sessionAnswered(wish, granted: granted, unknown: SessionKeeper.unknown) })
            }
            // Under the lock: wishes must come to the store in the order in which they were made.
            guard !committer.enqueue(SessionKeeper.call(wish, core), ticket: 0, listener: listener) else { return start }
            return .refused(core.sessionAnswered(wish, granted: nil, unknown: SessionKeeper.unknown) ?? SessionKeeper.unknown)
        }
        switch start {
        case .began: completion(nil)
        case .refused(let reply): completion(reply)
        case .ask: break
        }
    }

    /// To be called a few times a second.
    func tick() {
        let (engine, committer) = (engine, committer)
        engine.decide { core, _ in
            for wish in core.sessionWishes() {
                let listener = ShareListener { granted in
                    engine.decide { core, _ in _ = core.sessionAnswered(wish, granted: granted, unknown: SessionKeeper.unknown) }
                }
                if !committer.enqueue(SessionKeeper.call(wish, core), ticket: 0, listener: listener) {
                    _ = core.sessionAnswered(wish, granted: nil, unknown: SessionKeeper.unknown)
                }
            }
        }
    }

    private static func call(_ wish: SessionShares.Wish, _ core: GateCore) -> StoreWork {
        .share(ShareCall(scope: "account/\(wish.account.key)", owner: core.run.owner, wanted: wish.wanted, limit: wish.limit))
    }
}

/// Nil where the store did not say.
private final class ShareListener: CommitListener {
    private let body: @Sendable (Int?) -> Void
    init(_ body: @escaping @Sendable (Int?) -> Void) { self.body = body }

    func committed(_ results: [CommitResult]) {
        for result in results {
            if case .success(.shared(let share)) = result.result { body(share.granted) } else { body(nil) }
        }
    }
}
