import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// Routes by Microsoft Graph and the Gmail API, against a scripted endpoint on loopback.
@Suite("Routes by providers' APIs", .serialized, .ownThreads, .enabled(if: HookServer.isThere))
struct ProviderAPITests {
    private func run(_ body: (GateProcess, ProviderAPIServer) throws -> Void) throws {
        try GateProcess.run { gate in
            let server = try ProviderAPIServer()
            defer { server.stop() }
            try gate.command(
                "routes", "add", "office", "--graph", "--smarthost", "127.0.0.1:\(server.port)", "--tls", "none", "--user",
                "all@example.org",
                "--oauth", "microsoft", "--tenant", "example.org", "--client-id", "c-1", "--token-url", server.tokenURL, "--secret-stdin",
                input: "s3cret\n")
            try body(gate, server)
        }
    }

    private func submit(_ gate: GateProcess, from sender: String = "a@example.org", to recipients: [String], _ content: String) throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        #expect(client.submit(from: sender, to: recipients, content).code == 250)
    }

    private let mail = "From: a@example.org\r\nTo: Bea <b@example.net>\r\nSubject: by Graph\r\n\r\nbody\r\n"

    @Test func `mail goes by sendMail as MIME, to exactly its envelope's recipients`() throws {
        try run { gate, server in
            try submit(gate, to: ["b@example.net", "hidden@example.net"], mail)
            #expect(eventually { server.taken.count == 1 })
            let call = try #require(server.taken.first)
            #expect(call.path == "/v1.0/users/all@example.org/sendMail" && call.type == "text/plain")
            #expect(call.content.contains("To: Bea <b@example.net>\nSubject: by Graph\n"))
            #expect(call.content.contains("\nBcc: hidden@example.net\n"))
            #expect(!call.content.contains("DKIM-Signature"))
            #expect(server.forms.first?.hasSuffix("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default") == true)
            #expect(try gate.emptied().delivered == 2)
            #expect(try gate.command("routes", "list", "--json").contains(#""kind":"graph""#))
            // The preflight's token makes the gate's stale: refused with 401, and fetched anew once.
            let steps = try preflight(gate)
            #expect(steps.map(\.stage) == ["resolve", "token", "ready", "limits"] && steps.allSatisfy(\.ok))
            try submit(gate, to: ["b@example.net"], mail)
            #expect(eventually { server.taken.count == 2 })
            #expect(server.refused == ["all@example.org"])
        }
    }

    @Test func `answers have the consequences that replies have`() throws {
        try run { gate, server in
            try gate.command("routes", "identity", "office", "*@example.org", "{sender}")
            // About one message: it bounces, and the mailbox goes on.
            try server.set("answer a@example.org", #"403 {"error":{"code":"ErrorSendAsDenied","message":"not allowed"}}"#)
            try submit(gate, to: ["b@example.net"], mail)
            #expect(eventually { (try? gate.ledger().bounced) == 1 })
            // For now: it waits, and goes later.
            try server.set("answer a@example.org", "429 {\"error\":{\"code\":\"ApplicationThrottled\",\"message\":\"slow\"}}\n30")
            try submit(gate, to: ["c@example.net"], mail)
            #expect(
                eventually {
                    (try? gate.command("trace", "list", "--json").contains("429 ApplicationThrottled (again after 30 s)")) == true
                })
            #expect(try gate.ledger().bounced == 1)
            // About the mailbox: its mail waits, others' goes on.
            try server.set("answer kim@example.org", #"403 {"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#)
            try submit(gate, from: "kim@example.org", to: ["d@example.net"], mail.replacing("a@example", with: "kim@example"))
            #expect(eventually { (try? gate.command("routes", "list", "--json").contains("office:kim@example.org")) == true })
            try submit(gate, from: "anna@example.org", to: ["e@example.net"], mail.replacing("a@example", with: "anna@example"))
            // Beside the report on what bounced, which has no sender and leaves as the route's own user.
            #expect(eventually { server.taken.map(\.mailbox).sorted() == ["all@example.org", "anna@example.org"] })
            let explained = try gate.command("explain", "535 5.7.8 Microsoft Graph: 403 ErrorAccessDenied: Access is denied.", "--json")
            #expect(explained.contains("graph.access") && explained.contains("Mail.Send"))
        }
    }

    @Test func `the Gmail API takes the message as it is`() throws {
        try run { gate, server in
            try gate.command(
                "routes", "add", "google", "--gmail-api", "--smarthost", "127.0.0.1:\(server.port)", "--tls", "none", "--user",
                "scan@example.org", "--oauth", "google", "--client-id", "c-2", "--token-url", server.tokenURL, "--secret-stdin",
                "--to-domain", "example.net", input: "s3cret\nr3fresh\n")
            try submit(gate, to: ["b@example.net"], mail)
            #expect(eventually { server.taken.count == 1 })
            #expect(server.taken.first?.path == "/upload/gmail/v1/users/scan@example.org/messages/send?uploadType=media")
            #expect(server.taken.first?.type == "message/rfc822")
            #expect(try gate.emptied().delivered == 1)
            #expect(try gate.tried(["routes", "add", "no", "--graph", "--user", "x@example.org"]).status != 0)
        }
    }

    private func preflight(_ gate: GateProcess) throws -> [RouteTestStep] {
        let run = try gate.tried(["routes", "preflight", "office", "--json"])
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(RouteTestStep.self, from: Data($0.utf8)) }
    }
}
