import DeliveryPlanning
import Logging
import MailModel
import OutboundPolicy
import Synchronization

/// The tokens of this node's routes, in memory only: does what `TokenSupply` decides, one supply for each route, and for each mailbox where
/// tokens are for one.
final class TokenKeeper: Sendable {
    typealias Answer = @Sendable (Result<AccessToken, TokenFault>) -> Void

    private struct Entry {
        var order: TokenOrder
        /// Of the order: what is fetched for an earlier one is not kept.
        var generation: Int
        var supply = TokenSupply()
        var waiting: [Answer] = []
    }

    private struct Fetch: Sendable {
        var order: TokenOrder
        var generation: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var lastGeneration = 0
    }

    private let state = Mutex(State())
    private let fetches: (stream: AsyncStream<Fetch>, continuation: AsyncStream<Fetch>.Continuation)
    private let fetcher: TokenFetcher
    private let logger: Logger

    /// Connections of one route that may wait for one fetch; those over it fail for now.
    private static let waitingMax = 10_000
    /// Routes, and mailboxes that service accounts act for.
    private static let suppliesMax = 10_000

    init(_ fetcher: TokenFetcher, logger: Logger) {
        self.fetcher = fetcher
        self.logger = logger
        // One fetch for each supply at a time, so as many as there are supplies.
        fetches = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// `answer` is called once, on any thread: at once where a token is there. `refused`: one that the host has just refused.
    func ask(_ asked: TokenOrder, refused: String?, at now: Timestamp = .now, answer: @escaping Answer) {
        let order = asked.shared
        let result: Result<AccessToken, TokenFault>? = state.withLock { state in
            let index = order.key
            if state.entries[index] == nil { TokenKeeper.makeRoom(&state) }
            if state.entries[index]?.order != order {
                state.lastGeneration += 1
                // Those who wait for the old one get the new one.
                let waiting = state.entries[index]?.waiting ?? []
                state.entries[index] = Entry(order: order, generation: state.lastGeneration, waiting: waiting)
            }
            guard var entry = state.entries[index] else { return .failure(.missingSecret) }
            defer { state.entries[index] = entry }
            let decision = entry.supply.ask(refused: refused, at: now)
            switch decision {
            case .fetch, .useAndFetch: fetches.continuation.yield(Fetch(order: order, generation: entry.generation))
            case .use, .wait, .fail: break
            }
            switch decision {
            case .use(let token), .useAndFetch(let token): return .success(token)
            case .fail(let fault): return .failure(fault)
            case .fetch, .wait:
                guard entry.waiting.count < TokenKeeper.waitingMax else {
                    return .failure(TokenFault(code: "answer", text: "too many connections wait for a token"))
                }
                entry.waiting.append(answer)
                return nil
            }
        }
        if let result { answer(result) }
    }

    /// Forgets tokens that nobody waits for, where there are too many.
    private static func makeRoom(_ state: inout State) {
        guard state.entries.count >= suppliesMax else { return }
        state.entries = state.entries.filter { $0.value.supply.isFetching || !$0.value.waiting.isEmpty }
    }

    /// A token that is fetched now, whatever is in memory: for a person who tries a route.
    func fetchNow(_ order: TokenOrder) async -> Result<AccessToken, TokenFault> { await fetcher.fetch(order) }

    /// Fetches until `finish`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await fetch in fetches.stream {
                group.addTask { self.ended(fetch, await self.fetcher.fetch(fetch.order)) }
            }
        }
    }

    func finish() { fetches.continuation.finish() }

    private func ended(_ fetch: Fetch, _ result: Result<AccessToken, TokenFault>) {
        let waiting = state.withLock { state -> [Answer] in
            guard var entry = state.entries[fetch.order.key], entry.generation == fetch.generation else { return [] }
            entry.supply.fetched(result, at: .now)
            let waiting = entry.waiting
            entry.waiting = []
            state.entries[fetch.order.key] = entry
            return waiting
        }
        if case .failure(let fault) = result {
            logger.warning(
                "no token for a route",
                metadata: [
                    "route": "\(fetch.order.route)", "code": "\(fault.code)", "text": "\(fault.text)", "advice": "\(fault.advice ?? "")",
                ])
        }
        for answer in waiting { answer(result) }
    }
}
