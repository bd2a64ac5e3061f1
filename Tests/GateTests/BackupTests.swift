import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Synchronization
import Testing

/// `postern backup` and `postern restore`.
@Suite("Backup and restore", .serialized, .ownThreads)
struct BackupTests {
    /// Says "later" to everyone until told otherwise, so that there is a queue to back up.
    private func deferring(_ step: ServerConversation.Step) -> ServerConversation.Reaction? {
        guard case .command(let line) = step, line.hasPrefix("RCPT TO:<later") else { return nil }
        return .say("451 4.7.1 Come again")
    }

    @Test func `a backup made under load holds what was accepted before it, and the restored gate delivers it`() throws {
        let server = ScriptedServer { $0.serve { deferring($0) } }
        defer { server.stop() }
        let backup = try TemporaryDirectory.make()
        defer { try? FileManager.default.removeItem(at: backup) }
        let restored = try TemporaryDirectory.make()
        try GateProcess.run { gate in
            try gate.route(to: server)
            let accepted = Mutex(Set<String>())
            let isOver = Mutex(false)
            let threads = DispatchGroup()
            let port = gate.port
            for client in 0..<3 {
                DispatchQueue.global().async(group: threads) {
                    guard let dialogue = try? SMTPDialogue(port: port), dialogue.open().code == 250 else { return }
                    var number = 0
                    while !isOver.withLock({ $0 }) {
                        number += 1
                        let recipient = "\(number % 2 == 0 ? "later" : "to")-\(client)-\(number)@example.net"
                        guard dialogue.submit(from: "a@example.org", to: [recipient], message(recipient)).code == 250 else { return }
                        accepted.withLock { _ = $0.insert(recipient) }
                    }
                }
            }
            #expect(eventually { accepted.withLock { $0.count } > 100 })
            let before = accepted.withLock { $0 }
            let output = try gate.command("backup", backup.appendingPathComponent("one").path, "--with-secrets", "--reason", "nightly")
            #expect(output.contains("files") && !output.contains("not in it"))
            isOver.withLock { $0 = true }
            threads.wait()
            #expect(gate.stop() == 0)

            let report = try Program.run(
                Program.postern, ["restore", backup.appendingPathComponent("one").path, "--data", restored.path])
            #expect(report.status == 0, "\(report)")
            #expect(report.output.contains("The counters agree with the rows."))
            try check(restored, before: before, delivered: Set(server.mails.flatMap(\.addresses)))
        }
    }

    private func check(_ directory: URL, before: Set<String>, delivered: Set<String>) throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run(on: directory) { gate in
            #expect(gate.log.contains("recipients.interrupted=0"))
            try gate.command("routes", "remove", "out")
            try gate.route(to: server)
            try gate.command("queue", "retry", "--all")
            let ledger = try gate.emptied()
            #expect(try gate.ledger(verified: true).verified == true)
            #expect(ledger.accepted >= before.count)
            let arrived = delivered.union(server.mails.flatMap(\.addresses))
            #expect(before.subtracting(arrived).isEmpty, "lost")
            #expect(before.contains { $0.hasPrefix("later") })
            #expect(try gate.command("audit").contains("backup"))
        }
    }

    @Test func `a backup is refused where something is, and a restore where it was changed or the place is taken`() throws {
        let folder = try TemporaryDirectory.make()
        defer { try? FileManager.default.removeItem(at: folder) }
        let backup = folder.appendingPathComponent("backup")
        let target = folder.appendingPathComponent("restored")
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            for number in 0..<3 {
                let reply = client.submit(from: "a@example.org", to: ["r\(number)@example.net"], message("n"), parameters: " HOLDFOR=9000")
                #expect(reply.code == 250)
            }
            let plain = try gate.command("backup", backup.path)
            #expect(plain.contains("not in it: tls/key.pem") && plain.contains("not in it: secrets/master.key"))
            #expect(try gate.tried(["backup", backup.path]).status == 4)
            #expect(!FileManager.default.fileExists(atPath: backup.appendingPathComponent("secrets").path))
        }
        func restore(_ more: String...) throws -> ProgramRun {
            try Program.run(Program.postern, ["restore", backup.path, "--data", target.path] + more)
        }
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try Data().write(to: target.appendingPathComponent("mine"))
        let taken = try restore()
        #expect(taken.status == 4 && taken.errors.contains("is not empty"))
        try FileManager.default.removeItem(at: target)

        let store = backup.appendingPathComponent("store.sqlite")
        let sound = try Data(contentsOf: store)
        var damaged = sound
        damaged[damaged.count / 2] ^= 1
        try damaged.write(to: store)
        let refused = try restore()
        #expect(refused.status == 2 && refused.errors.contains("checksum differs"))
        #expect(!FileManager.default.fileExists(atPath: target.path))
        try sound.write(to: store)

        let held = try restore("--hold")
        #expect(held.status == 0 && held.output.contains("3 recipients are on hold"), "\(held)")
        let ledger = try Program.run(Program.postern, ["ledger", "--verify", "--data", target.path])
        #expect(ledger.output.contains("held") && ledger.output.contains("The counters agree with the rows."))
    }
}
