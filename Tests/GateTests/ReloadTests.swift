import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// SIGHUP, and the clean stop.
@Suite("Settings that change while it runs, and a clean stop", .serialized, .ownThreads)
struct ReloadTests {
    private func write(_ section: String, _ lines: String..., to gate: GateProcess) throws {
        let file = gate.directory.appendingPathComponent("postern.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let changed = text.replacingOccurrences(of: "\n\(section):\n", with: "\n\(section):\n" + lines.map { "  \($0)\n" }.joined())
        #expect(changed != text)
        try changed.write(to: file, atomically: true, encoding: .utf8)
    }

    @Test func `a reload changes what new dialogues are told and drops none that stands`() throws {
        try GateProcess.run { gate in
            let open = try SMTPDialogue(port: gate.port)
            open.open()
            #expect(open.say("MAIL FROM:<a@example.org>").code == 250)
            try write("submission", "recipients-max: 2", "message-bytes-max: 100KiB", to: gate)
            try write("receiver", "keep-messages: 7", to: gate)
            try gate.reload()
            #expect(gate.log.contains("settings.changed=submission.message-bytes-max submission.recipients-max"))
            #expect(gate.log.contains("settings.waiting=receiver.keep-messages"))

            for number in 0..<3 { #expect(open.say("RCPT TO:<r\(number)@example.net>").code == 250) }
            #expect(open.say("DATA").code == 354)
            open.stream.write(stuffed(Array(message("over a reload").utf8)))
            #expect(open.reply().code == 250)

            let new = try SMTPDialogue(port: gate.port)
            #expect(new.open().text.contains("SIZE 102400"))
            #expect(new.say("MAIL FROM:<a@example.org>").code == 250)
            for number in 0..<2 { #expect(new.say("RCPT TO:<r\(number)@example.net>").code == 250) }
            #expect(new.say("RCPT TO:<r2@example.net>").description.hasPrefix("452 4.5.3"))
            #expect(open.say("NOOP").code == 250)
            #expect(try gate.emptied().delivered == 3)
        }
    }

    @Test func `the times of retries change for what is queued already`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard case .command(let line) = step, line.hasPrefix("RCPT") else { return nil }
                return .say("451 4.7.1 Come again")
            }
        }
        defer { server.stop() }
        try GateProcess.run(["delivery.expire=1h"]) { gate in
            try gate.route(to: server)
            try write("delivery", "retry: [1s]", to: gate)
            try gate.reload()
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("often")).code == 250)
            #expect(try eventually { try gate.queue().first.map { $0.attempts >= 3 } ?? false })
        }
    }

    @Test func `settings that do not load, or a certificate that is none, change nothing`() throws {
        try GateProcess.run { gate in
            try write("submission", "recipients-max: many", to: gate)
            try gate.reload()
            #expect(gate.log.contains("reload failed"))
            let client = try SMTPDialogue(port: gate.port)
            #expect(client.open().text.contains("RCPTMAX=1000"))
        }
    }

    @Test func `a stop answers what is under way, gives all back, and the next start finds nothing interrupted`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard case .command(let line) = step, line.hasPrefix("RCPT TO:<later") else { return nil }
                return .say("451 4.7.1 Come again")
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let idle = try SMTPDialogue(port: gate.port)
            idle.open()
            let under = try SMTPDialogue(port: gate.port)
            under.open()
            for number in 0..<40 {
                let recipient = "\(number % 2 == 0 ? "later" : "to")-\(number)@example.net"
                #expect(under.submit(from: "a@example.org", to: [recipient], message(recipient)).code == 250)
            }
            #expect(under.say("MAIL FROM:<a@example.org>").code == 250)
            #expect(gate.stop() == 0)
            // Every part ended by itself; one that did not is cut off half a minute later, with those beside it.
            #expect(!gate.log.contains(" error "), "\(gate.log)")
            #expect(idle.reply().description.hasPrefix("421 4.3.2"))
            #expect(under.reply().description.hasPrefix("421 4.3.2"))
            #expect(try gate.queue().allSatisfy { !$0.leased })
            try gate.start()
            #expect(gate.log.contains("recipients.interrupted=0"))
            #expect(try eventually { try gate.ledger().delivered == 20 })
            let ledger = try gate.ledger(verified: true)
            #expect(ledger.queued == 20 && ledger.verified == true)
            #expect(server.mailCount == 20)
        }
    }
}
