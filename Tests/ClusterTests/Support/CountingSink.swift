import Foundation
import GateSupport
import Synchronization

/// The outside world: takes mail from all nodes, and counts how often each recipient arrived, and from whom. Everyone has an address of
/// its own, so that a second arrival is a duplicate.
///
/// `no-…` is nobody here; `later-…` is asked to come again, once.
final class CountingSink: Sendable {
    struct Arrival: Sendable {
        /// The name in EHLO.
        var node: String
        var recipient: String
    }

    private struct State {
        var arrivals: [Arrival] = []
        var openConnections: [String: Int] = [:]
        var transactions: [String: Int] = [:]
        var askedAgain: Set<String> = []
        var isHolding: (@Sendable (Arrival) -> Bool)?
        var held: [Arrival] = []
    }

    private let state: Mutex<State>
    private let released = NSCondition()
    private let server: ScriptedServer

    init() {
        state = Mutex(State())
        server = ScriptedServer { $0.stream.shut() }
        server.follow { [unowned self] in converse($0) }
    }

    var port: Int { server.port }
    func stop() {
        hold(nil)
        server.stop()
    }

    /// In the order in which they came.
    var arrivals: [Arrival] { state.withLock { $0.arrivals } }
    var arrivalCount: Int { state.withLock { $0.arrivals.count } }
    func openConnectionCount(of node: String) -> Int { state.withLock { $0.openConnections[node, default: 0] } }

    /// Messages of a node that have begun and not come to their end.
    func transactionCount(of node: String) -> Int { state.withLock { $0.transactions[node, default: 0] } }

    // MARK: Holding back

    /// Who has arrived and waits for the reply.
    var held: [Arrival] { state.withLock { $0.held } }

    /// Whose messages are not answered until this is said again; nil: everyone's are.
    func hold(_ isHolding: (@Sendable (Arrival) -> Bool)?) {
        released.withLock {
            state.withLock { $0.isHolding = isHolding }
            released.broadcast()
        }
    }

    private func waitWhileHeld(_ arrivals: [Arrival]) {
        released.withLock {
            func isHeld() -> Bool { state.withLock { state in arrivals.contains { state.isHolding?($0) ?? false } } }
            guard isHeld() else { return }
            state.withLock { $0.held += arrivals }
            while isHeld() { released.wait() }
        }
    }

    // MARK: Conversation

    private func converse(_ conversation: ServerConversation) {
        var node = ""
        var isUnderWay = false
        func transaction(_ isOpen: Bool) {
            guard isOpen != isUnderWay else { return }
            isUnderWay = isOpen
            state.withLock { $0.transactions[node, default: 0] += isOpen ? 1 : -1 }
        }
        conversation.serve { step in
            switch step {
            case .command(let line) where line.hasPrefix("EHLO "):
                node = String(line.dropFirst(5))
                state.withLock { $0.openConnections[node, default: 0] += 1 }
                return nil
            case .command(let line):
                if line.hasPrefix("MAIL ") { transaction(true) }
                if line == "RSET" { transaction(false) }
                return refusal(line)
            case .content(let mail):
                let arrivals = mail.addresses.map { Arrival(node: node, recipient: $0) }
                state.withLock { $0.arrivals += arrivals }
                transaction(false)
                waitWhileHeld(arrivals)
                return nil
            }
        }
        transaction(false)
        state.withLock { $0.openConnections[node, default: 0] -= 1 }
    }

    private func refusal(_ line: String) -> ServerConversation.Reaction? {
        if line.hasPrefix("RCPT TO:<no-") { return .say("550 5.1.1 Nobody here by that name") }
        guard line.hasPrefix("RCPT TO:<later-"), state.withLock({ $0.askedAgain.insert(line).inserted }) else { return nil }
        return .say("450 4.2.1 Come again")
    }
}
