import Foundation
import GateSupport
import Synchronization

/// Clients that submit to all nodes as fast as they can, come again when a connection breaks, and note what became of each recipient.
final class Submissions: Sendable {
    struct Tally {
        /// By recipient: the node that said 250.
        var accepted: [String: String] = [:]
        /// Told 4xx, so that the client keeps the message.
        var turnedAway: Set<String> = []
        /// The connection broke before the reply.
        var unanswered: Set<String> = []
        /// Replies that a healthy client should never have got.
        var unexpected: [String] = []
    }

    private struct State {
        var tally = Tally()
        var counts: [String: Int] = [:]
        var ports: [String: Int] = [:]
        var running = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    var tally: Tally { state.withLock { $0.tally } }
    var acceptedCount: Int { state.withLock { $0.tally.accepted.count } }
    var turnedAwayCount: Int { state.withLock { $0.tally.turnedAway.count } }
    func acceptedCount(by node: String) -> Int { state.withLock { $0.counts[node, default: 0] } }

    /// Where a node takes mail; nil: nowhere now.
    func set(port: Int?, of node: String) { state.withLock { $0.ports[node] = port } }

    func begin(clients: Int, node: String) {
        state.withLock { $0.running += clients }
        for client in 1...clients {
            Thread.detachNewThread {
                self.run(node: node, names: "\(node.prefix { $0 != "." })-\(client)")
                self.state.withLock { $0.running -= 1 }
            }
        }
    }

    /// Returns once every client has had its last reply.
    func stop() -> Bool {
        state.withLock { $0.isStopped = true }
        return eventually { state.withLock { $0.running } == 0 }
    }

    // MARK: A client

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func run(node: String, names: String) {
        var number = 0
        while !isStopped {
            guard let port = state.withLock({ $0.ports[node] }), let client = try? SMTPDialogue(port: port), client.open().code == 250
            else {
                usleep(20_000)
                continue
            }
            while !isStopped {
                number += 1
                guard submit("\(names)-\(number)", to: node, by: client) else { break }
            }
            // A client that was told to come later does not ask all the time.
            usleep(20_000)
        }
    }

    /// One message to one to three recipients. False where the connection is of no more use.
    private func submit(_ name: String, to node: String, by client: SMTPDialogue) -> Bool {
        let number = Int(name.split(separator: "-").last ?? "") ?? 0
        let recipients = (0...(number % 5 == 0 ? 2 : 0)).map { "\(Submissions.kind(number + $0))-\(name)-\($0)@example.net" }
        let reply = client.submit(from: "from-\(name)@example.org", to: recipients, message(name))
        return state.withLock { state in
            switch reply.code {
            case 250:
                for recipient in recipients { state.tally.accepted[recipient] = node }
                state.counts[node, default: 0] += recipients.count
                return true
            case 400..<500:
                state.tally.turnedAway.formUnion(recipients)
                return false
            case 0:
                state.tally.unanswered.formUnion(recipients)
                return false
            default:
                state.tally.unexpected.append("\(reply)")
                return false
            }
        }
    }

    private static func kind(_ number: Int) -> String {
        switch number % 16 {
        case 3: "no"
        case 5, 11: "later"
        default: "to"
        }
    }
}
