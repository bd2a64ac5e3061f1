import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// What campaigns carry of ours on their way out.
@Suite("Bulk", .serialized, .ownThreads)
struct BulkTests {
    private static let settings = [
        "bulk.return-path-domain=bounces.example.org", "bulk.feedback-sender-id=Northwind1", "bulk.feedback-parts=class:tenant",
    ]

    private func makeServer() -> ScriptedServer {
        ScriptedServer { $0.serve(extensions: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"]) { _ in nil } }
    }

    private func submit(_ gate: GateProcess, _ subject: String, from sender: String, parameters: String, to recipients: [String]) throws {
        let client = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
        client.open()
        #expect(client.say("MAIL FROM:<\(sender)>\(parameters)").code == 250)
        for recipient in recipients { #expect(client.say("RCPT TO:\(recipient)").code == 250) }
        #expect(client.say("DATA").code == 354)
        client.stream.write(stuffed(Array(message(subject).utf8)))
        #expect(client.reply().code == 250)
    }

    @Test func `each recipient of a campaign has a return path of its own, and a signed Feedback-ID`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(BulkTests.settings) { gate in
            try gate.route(to: server)
            try gate.command("dkim", "add", "example.org", "--selector", "s1")
            try gate.command(
                "connectors", "add", "news", "--ip", "127.0.0.9", "--plaintext", "--any-sender", "--class", "campaign")
            try submit(
                gate, "bulk", from: "news@example.org", parameters: " ENVID=QQ314",
                to: ["<a@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old@example.net", "<b@example.net> NOTIFY=NEVER"])
            #expect(eventually { server.mails.count { $0.field("Subject") == "bulk" } == 2 })
            let mails = server.mails.filter { $0.field("Subject") == "bulk" }.sorted { $0.recipients[0] < $1.recipients[0] }
            #expect(mails.map(\.recipients.count) == [1, 1])
            let (first, second) = (try #require(mails.first), try #require(mails.last))
            #expect(first.from.hasPrefix("<b-") && first.from.contains("@bounces.example.org>") && first.from != second.from)
            #expect(first.from.contains("RET=HDRS") && first.from.contains("ENVID=QQ314"))
            #expect(first.recipients[0].contains("NOTIFY=FAILURE,DELAY") && first.recipients[0].contains("ORCPT=rfc822;old@example.net"))
            #expect(second.recipients[0].contains("NOTIFY=FAILURE") && !second.recipients[0].contains("NEVER"))
            #expect(first.field("Feedback-ID") == "campaign:1::Northwind1")
            let unfolded = first.text.replacing("\r\n\t", with: "").replacing("\r\n ", with: "")
            #expect(unfolded.contains("feedback-id"), "\(unfolded)")
            // The success that the next host no longer tells the sender of is told by the gate.
            #expect(eventually { server.mails.contains { $0.from.hasPrefix("<>") && $0.text.contains("Action: relayed") } })
        }
    }

    @Test func `other mail and reports keep their reverse-path`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(BulkTests.settings) { gate in
            try gate.route(to: server)
            try gate.command(
                "connectors", "add", "news", "--ip", "127.0.0.9", "--plaintext", "--any-sender", "--class", "campaign")
            try submit(gate, "report", from: "", parameters: "", to: ["<a@example.net>"])
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["b@example.net", "c@example.net"], message("receipt")).code == 250)
            #expect(try eventually { try gate.ledger().delivered == 3 })
            #expect(server.mail(subject: "report")?.from.hasPrefix("<>") == true)
            let receipt = try #require(server.mail(subject: "receipt"))
            #expect(receipt.from.hasPrefix("<a@example.org>") && receipt.recipients.count == 2 && receipt.field("Feedback-ID") == nil)
        }
    }
}
