import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// A route that signs in with tokens, against a token endpoint and a submission host on loopback.
@Suite("Routes with OAuth", .serialized, .ownThreads, .enabled(if: HookServer.isThere))
struct OAuthTests {
    private func run(_ body: (GateProcess, ExchangeServer) throws -> Void) throws {
        try GateProcess.run { gate in
            let folder = gate.directory.path
            let server = try ExchangeServer(certificate: "\(folder)/tls/certificate.pem", key: "\(folder)/tls/key.pem")
            defer { server.stop() }
            try body(gate, server)
        }
    }

    private func addRoute(_ gate: GateProcess, _ server: ExchangeServer) throws {
        try gate.command(
            "routes", "add", "office", "--smarthost", "127.0.0.1:\(server.port)", "--implicit-tls", "--tls", "encrypt", "--user",
            "scanner@example.org", "--oauth", "microsoft", "--tenant", "example.org", "--client-id", "c-1", "--token-url",
            server.tokenURL, "--secret-stdin", "--connections", "1", input: "s3cret+&=\n")
    }

    private func submit(_ gate: GateProcess) throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("by token")).code == 250)
    }

    private func preflight(_ gate: GateProcess) throws -> [RouteTestStep] {
        let run = try gate.tried(["routes", "preflight", "office", "--json"])
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(RouteTestStep.self, from: Data($0.utf8)) }
    }

    @Test func `mail leaves with a token, and a refused token is fetched anew once`() throws {
        try run { gate, server in
            try addRoute(gate, server)
            #expect(try !gate.command("routes", "list", "--json").contains("s3cret"))
            try submit(gate)
            #expect(eventually { server.mails.count == 1 })
            #expect(server.forms.count == 1)
            #expect(
                server.forms.first
                    == "grant_type=client_credentials&client_id=c-1&client_secret=s3cret%2B%26%3D&scope=https%3A%2F%2Foutlook.office365.com%2F.default"
            )
            // The preflight fetches a token of its own, so that the host refuses the gate's from then on.
            #expect(try preflight(gate).map(\.stage) == ["resolve", "token", "tls", "ready", "mail", "recipient", "limits"])
            try submit(gate)
            #expect(eventually { server.mails.count == 2 })
            #expect(server.signIns.map { $0.prefix(2) } == ["ok", "ok", "re", "ok"])
            #expect(server.forms.count == 3)
            #expect(try gate.emptied().delivered == 2)
            #expect(!gate.log.contains("s3cret"))
        }
    }

    @Test func `each refusal comes with the missing step`() throws {
        try run { gate, server in
            try addRoute(gate, server)
            func last(_ name: String, _ text: String) throws -> RouteTestStep? {
                try server.set(name, text)
                defer { try? server.set(name, nil) }
                return try preflight(gate).last
            }
            let consent = try last("roles", " ")
            #expect(consent?.ok == true, "the token is taken, so the role was given in Exchange")
            let wrong = try last("token-error", #"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret."}"#)
            #expect(wrong?.stage == "token" && wrong?.ok == false && wrong?.advice?.contains("Secret ID") == true)
            let principal = try last("auth-reply", "535 5.7.3 Authentication unsuccessful")
            #expect(principal?.stage == "auth" && principal?.advice?.contains("New-ServicePrincipal -AppId c-1 -ObjectId 0b7ec7") == true)
            let off = try last(
                "auth-reply", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.")
            #expect(off?.advice == "Set-CASMailbox -Identity scanner@example.org -SmtpClientAuthenticationDisabled $false")
            let logon = try last("auth-reply", "430 4.2.0 STOREDRV; mailbox logon failure")
            #expect(logon?.advice?.contains("Add-MailboxPermission -Identity scanner@example.org -User 0b7ec7") == true)
            let retired = try last("auth-reply", "550 5.7.30 Basic authentication is not supported for Client Submission.")
            #expect(retired?.advice?.contains("--oauth microsoft") == true)
            let sendAs = try last("mail-reply", "550 5.7.60 SMTP; Client does not have permissions to send as this sender")
            #expect(sendAs?.stage == "mail" && sendAs?.advice?.contains("-AccessRights SendAs") == true)
            try server.set("roles", " ")
            let missing = try last("auth-reply", "535 5.7.3 Authentication unsuccessful")
            #expect(missing?.advice?.contains("Grant admin consent") == true)
        }
    }
}
