import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Synchronization
import Testing

/// Promises 1 to 3: 250 only for what is on disk, one final state for each recipient, nobody lost by a crash.
@Suite("Kill -9 while it takes mail", .serialized, .ownThreads)
struct KillTests {
    private static let rounds = 3
    private static let clients = 6

    @Test func `whoever got 250 arrives or bounces, and only what was in flight arrives twice`() throws {
        let seed = ProcessInfo.processInfo.environment["POSTERN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        print("POSTERN_SEED=\(seed) repeats the moments of the kills")
        var random = SplitMix64(seed: seed)
        let server = ScriptedServer { $0.serve { KillTests.refusal(of: $0) } }
        defer { server.stop() }
        // Some ninety reports; they leave one after the other.
        try GateProcess.run(["delivery.reports-per-minute=6000"]) { gate in
            try gate.route(to: server)
            // One of eight is nobody; no rate of bounces is to hold or stop their sender.
            try gate.command("suppressions", "policy", "set", "--hard-bounces", "0,0,0")
            let submissions = Submissions()
            var inFlight = 0
            for round in 1...KillTests.rounds {
                let moment = submissions.accepted.count + Int.random(in: 50...400, using: &random)
                submissions.begin(clients: KillTests.clients, round: round, port: gate.port)
                #expect(eventually { submissions.accepted.count >= moment })
                gate.kill()
                #expect(eventually { submissions.runningCount == 0 && server.openConnectionCount == 0 })
                let ledger = try gate.ledger(verified: true)
                #expect(ledger.balanced && ledger.verified == true)
                // What the other side has taken and the gate did not come to put down.
                inFlight = server.mailCount - ledger.delivered
                try gate.start()
            }
            try check(gate, server, accepted: submissions.accepted, inFlight: inFlight)
        }
    }

    private static func refusal(of step: ServerConversation.Step) -> ServerConversation.Reaction? {
        guard case .command(let line) = step, line.hasPrefix("RCPT TO:<no-") else { return nil }
        return .say("550 5.1.1 Nobody here by that name")
    }

    private func check(_ gate: GateProcess, _ server: ScriptedServer, accepted: Set<String>, inFlight: Int) throws {
        let ledger = try gate.emptied()
        let counted = try gate.ledger(verified: true)
        #expect(counted.verified == true && counted.balanced && counted == ledger.with(verified: true))
        #expect(ledger.accepted == ledger.delivered + ledger.bounced, "\(ledger)")

        let mails = server.mails
        let arrived = Set(mails.flatMap(\.addresses))
        let bounced = Set(try gate.trace("--status", "bounced").map(\.recipient))
        let lost = accepted.subtracting(arrived).subtracting(bounced)
        #expect(lost.isEmpty, "lost: \(lost)")
        #expect(arrived.isDisjoint(with: bounced))
        #expect(accepted.contains { bounced.contains($0) }, "nobody bounced, so this shows nothing of bounces")

        // A recipient has one message here; reports to the sender are told apart by their Message-ID.
        let different = Set(mails.map { "\($0.addresses) \($0.field("Message-ID") ?? "")" })
        let duplicates = mails.count - different.count
        print("\(accepted.count) accepted with 250, \(mails.count) arrivals, \(duplicates) twice, \(inFlight) in flight at the kills")
        #expect(duplicates <= inFlight)
        #expect(mails.count == ledger.delivered + duplicates)
    }
}

extension LedgerView {
    fileprivate func with(verified: Bool) -> LedgerView {
        var ledger = self
        ledger.verified = verified
        return ledger
    }
}

/// Clients that submit as fast as they can until their connection breaks, and who was accepted with 250.
private final class Submissions: Sendable {
    private struct State {
        var accepted: Set<String> = []
        var running = 0
    }

    private let state = Mutex(State())

    var accepted: Set<String> { state.withLock { $0.accepted } }
    var runningCount: Int { state.withLock { $0.running } }

    func begin(clients: Int, round: Int, port: Int) {
        state.withLock { $0.running += clients }
        for client in 1...clients {
            Thread.detachNewThread {
                self.submit(names: "\(round)-\(client)", port: port)
                self.state.withLock { $0.running -= 1 }
            }
        }
    }

    private func submit(names: String, port: Int) {
        guard let client = try? SMTPDialogue(port: port), client.open().code == 250 else { return }
        var number = 0
        while true {
            number += 1
            let recipient = "\(number % 8 == 3 ? "no" : "to")-\(names)-\(number)@example.net"
            guard client.submit(from: "a@example.org", to: [recipient], message(recipient)).code == 250 else { return }
            state.withLock { _ = $0.accepted.insert(recipient) }
        }
    }
}
