import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Storage
import Testing

/// A disk that is full, and a store that does not answer: 4xx, nothing lost.
@Suite("The store fails under the gate", .serialized, .ownThreads)
struct StoreFailureTests {
    private func submit(_ gate: InProcessGate, _ subject: String) throws -> Reply {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        return client.submit(from: "a@example.org", to: ["\(subject)@example.net"], message(subject))
    }

    @Test(arguments: [("452 4.3.1", StoreError.full("as the test asks")), ("451 4.3.0", .unavailable("as the test asks"))])
    func `what cannot be stored is answered 4xx, and taken when the store works again`(_ reply: String, _ error: StoreError) async throws {
        try await InProcessGate.run([]) { gate in
            #expect(try submit(gate, "before").code == 250)
            #expect(try await gate.ledger { $0.delivered == 1 }.delivered == 1)
            gate.faults.become(.fails(error))
            #expect(try submit(gate, "during").description.hasPrefix(reply))
            gate.faults.become(.sound)
            #expect(try submit(gate, "after").code == 250)
            let ledger = try await gate.ledger { $0.delivered == 2 }
            #expect(ledger.accepted == 2 && ledger.delivered == 2)
            #expect(try await gate.store.read { try $0.recount() } == ledger)
        }
    }

    @Test func `outcomes that could not be stored are stored later, and nothing is sent twice`() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try await InProcessGate.run([]) { gate in
            let faults = gate.faults
            // From the moment at which the other side has the message, nothing can be stored any more.
            server.follow { peer in
                peer.serve { step in
                    if case .content = step { faults.become(.fails(.unavailable("as the test asks"))) }
                    return nil
                }
            }
            try await gate.route(toPort: server.port)
            #expect(try submit(gate, "once").code == 250)
            #expect(eventually { server.mailCount == 1 })
            #expect(try await gate.ledger().queued == 1)
            gate.faults.become(.sound)
            let ledger = try await gate.ledger { $0.delivered == 1 }
            #expect(ledger.accepted == 1 && ledger.delivered == 1)
            #expect(server.mailCount == 1)
        }
    }

    @Test func `while the store does not answer nobody is kept waiting, and what it stores late is not sent`() async throws {
        try await InProcessGate.run(["storage.commit-timeout=1s"]) { gate in
            #expect(try submit(gate, "before").code == 250)
            _ = try await gate.ledger { $0.delivered == 1 }
            gate.faults.become(.hangs)
            #expect(try submit(gate, "during").description == "451 4.3.0 The store does not answer; try again later")
            #expect(try submit(gate, "next").description.hasPrefix("452 4.3.1 The store does not answer"))
            gate.faults.become(.sound)
            // The client comes again, and its message is sent once.
            var again = try submit(gate, "during")
            while again.code == 452 { again = try submit(gate, "during") }
            #expect(again.code == 250)
            let ledger = try await gate.ledger { $0.delivered == 2 && $0.cancelled == 1 }
            #expect(ledger.accepted == 3 && ledger.delivered == 2 && ledger.cancelled == 1)
            #expect(try await gate.store.read { try $0.recount() } == ledger)
        }
    }
}
