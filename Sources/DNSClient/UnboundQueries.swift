import CUnbound
import Foundation
import MailModel
import Synchronization

/// Why a query came to no answer of a DNS server.
enum QueryFailure: Error, CustomStringConvertible {
    case timedOut(Duration)
    case tooManyInFlight(Int)
    case closed
    case cancelled
    case library(String)

    var description: String {
        switch self {
        case .timedOut(let limit): "no answer within \(limit)"
        case .tooManyInFlight(let limit): "more than \(limit) DNS queries are under way"
        case .closed: "the resolver is closed"
        case .cancelled: "the look-up was cancelled"
        case .library(let text): "libunbound: \(text)"
        }
    }
}

/// The one libunbound context of a resolver, with the queries that wait for it.
///
/// libunbound works in a thread of its own; a second thread, ours, waits at its descriptor, calls `ub_process`, and ends what takes too
/// long. Callbacks, cancels and the deletion of the context all happen on that thread, so a query handed to libunbound by address
/// lives until the one or the other took it out of `waiting`.
final class UnboundQueries: Sendable {
    private let state: Mutex<State>
    private let settings: DNSSettings
    /// An eventfd that wakes our thread from its wait.
    private let wakeDescriptor: CInt

    private struct State {
        let context: UnboundContext
        var isClosing = false
        var waiting: [ObjectIdentifier: Query] = [:]
    }

    init(_ settings: DNSSettings) throws {
        precondition(settings.queriesInFlightMax >= 1 && settings.queryTimeout > .zero)
        self.settings = settings
        let context = try UnboundContext(settings)
        wakeDescriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        guard wakeDescriptor >= 0 else {
            ub_ctx_delete(context.pointer)
            throw DNSSettingsError(description: "no eventfd: errno \(errno)")
        }
        state = Mutex(State(context: context))
        // The thread holds this object until `close`.
        let thread = Thread { self.run(context) }
        thread.name = "dns"
        thread.start()
    }

    deinit { _ = Glibc.close(wakeDescriptor) }

    var inFlight: Int { state.withLock { $0.waiting.count } }

    /// Asks for the records of `type` (a DNS type number) of an ASCII name. A cancelled task gets `.cancelled` soon after.
    func ask(_ name: String, _ type: CInt) async -> Result<RawAnswer, QueryFailure> {
        let query = Query(owner: self)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { begin(query, name, type, $0) }
        } onCancel: {
            query.isCancelled.store(true, ordering: .releasing)
            wake()
        }
    }

    private func begin(
        _ query: Query, _ name: String, _ type: CInt, _ continuation: CheckedContinuation<Result<RawAnswer, QueryFailure>, Never>
    ) {
        let refusal: QueryFailure? = state.withLock { state in
            guard !state.isClosing else { return .closed }
            guard state.waiting.count < settings.queriesInFlightMax else { return .tooManyInFlight(settings.queriesInFlightMax) }
            // libunbound holds no lock of its own while it calls back, so calling it under ours cannot deadlock.
            let address = Unmanaged.passUnretained(query).toOpaque()
            let code = ub_resolve_async(state.context.pointer, name, type, 1, address, unboundAnswered, &query.libraryNumber)
            guard code == 0 else { return .library(String(cString: ub_strerror(code))) }
            query.deadline = ContinuousClock.now + settings.queryTimeout
            query.continuation = continuation
            state.waiting[ObjectIdentifier(query)] = query
            return nil
        }
        if let refusal {
            continuation.resume(returning: .failure(refusal))
        } else {
            wake()
        }
    }

    /// Our thread takes the query out and answers it.
    fileprivate func answered(_ query: Query, _ answer: RawAnswer?, code: CInt) {
        let isWaiting = state.withLock { $0.waiting.removeValue(forKey: ObjectIdentifier(query)) != nil }
        guard isWaiting else { return }
        query.finish(answer.map { .success($0) } ?? .failure(.library(String(cString: ub_strerror(code)))))
    }

    func close() {
        state.withLock { $0.isClosing = true }
        wake()
    }

    private func wake() { _ = eventfd_write(wakeDescriptor, 1) }

    private func run(_ context: UnboundContext) {
        var descriptors = [
            pollfd(fd: ub_fd(context.pointer), events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            _ = poll(&descriptors, 2, inFlight == 0 ? -1 : DNSLimits.sweepMilliseconds)
            var count: eventfd_t = 0
            if descriptors[1].revents != 0 { _ = eventfd_read(wakeDescriptor, &count) }
            if descriptors[0].revents != 0 { _ = ub_process(context.pointer) }
            guard sweep(context) else { break }
        }
        ub_ctx_delete(context.pointer)
    }

    /// Ends the queries that are cancelled or took too long, all of them where the resolver closes. False: nothing more will come.
    private func sweep(_ context: UnboundContext) -> Bool {
        let now = ContinuousClock.now
        let (ended, isClosing) = state.withLock { state in
            let isClosing = state.isClosing
            let ended = state.waiting.values.filter { isClosing || $0.deadline <= now || $0.isCancelled.load(ordering: .acquiring) }
            for query in ended { state.waiting[ObjectIdentifier(query)] = nil }
            return (ended, isClosing)
        }
        for query in ended {
            _ = ub_cancel(context.pointer, query.libraryNumber)
            let isCancelled = query.isCancelled.load(ordering: .acquiring)
            query.finish(.failure(isClosing ? .closed : isCancelled ? .cancelled : .timedOut(settings.queryTimeout)))
        }
        return !isClosing
    }
}

/// One question under way.
///
/// `@unchecked`: the plain fields are written under the lock of `UnboundQueries` before the query is in `waiting`, and after that
/// touched only by the one that took it out.
private final class Query: @unchecked Sendable {
    unowned let owner: UnboundQueries
    let isCancelled = Atomic(false)
    var libraryNumber: CInt = 0
    var deadline = ContinuousClock.now
    var continuation: CheckedContinuation<Result<RawAnswer, QueryFailure>, Never>?

    init(owner: UnboundQueries) { self.owner = owner }

    func finish(_ result: Result<RawAnswer, QueryFailure>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}

/// What libunbound calls, on our thread, from within `ub_process`.
private func unboundAnswered(_ address: UnsafeMutableRawPointer?, _ code: CInt, _ result: UnsafeMutablePointer<ub_result>?) {
    defer { ub_resolve_free(result) }
    guard let address else { return }
    let query = Unmanaged<Query>.fromOpaque(address).takeUnretainedValue()
    query.owner.answered(query, code == 0 ? result.map { RawAnswer($0.pointee) } : nil, code: code)
}
