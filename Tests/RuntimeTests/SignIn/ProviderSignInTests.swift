import Console
import Crypto
import Foundation
import MailModel
import NIOCore
import NIOPosix
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Signing in to the console by a provider, against a gate that serves.
@Suite(.ownThreads) struct ProviderSignInTests {
    private func add(_ provider: ScriptedProvider, _ server: APIServer, _ fields: [String: JSONValue] = [:]) async throws {
        let all: [String: JSONValue] = [
            "provider": "idp", "label": "Work & more", "issuer": .string(provider.issuer), "clientID": .string(ScriptedProvider.clientID),
            "secret": .string(ScriptedProvider.secret), "allowsPrivateAddresses": true,
        ]
        let body = String(decoding: JSONValue.object(all.merging(fields) { $1 }).json, as: UTF8.self)
        let made = try await server.call("POST", "/v1/sign-in-providers", body)
        #expect(made.status == 201 && !made.body.contains("a secret") && !made.body.contains("sealed"), "\(made.body)")
    }

    /// All the way: to the provider, and back with its code.
    private func signIn(_ visitor: Visitor, _ provider: ScriptedProvider, next: String = "/") async throws -> Visitor.Answer {
        let away = try await visitor.get("/sign-in/with/idp?next=\(Visitor.encode(next))")
        #expect(away.status == 303, "\(away.body)")
        return try await visitor.get(try provider.authorize(away.location))
    }

    @Test func anAccountSignsInAndOutAndBelongsToOnePerson() async throws {
        try await ScriptedProvider.run { provider in
            try await APIServer.run(people: ["b@example.org": [], "a@example.org": [.administrator]]) { server in
                try await add(provider, server)
                let visitor = Visitor(server)
                #expect(try await visitor.get("/sign-in").body.contains("Sign in with Work &amp; more"))
                let back = try await signIn(visitor, provider, next: "/me/security")
                #expect(back.status == 303 && back.location == "/me/security", "\(back.body)")
                #expect(back.head.contains("HttpOnly; SameSite=Lax"))
                #expect(visitor.cookies["postern-session"] != nil)
                #expect(try await visitor.get("/me").status == 200)
                let audit = try await server.call("GET", "/v1/audit?limit=10").items
                #expect(audit.contains { $0["action"] as? String == "session.begin" && $0["reason"] as? String == "by idp" })
                #expect(audit.contains { $0["action"] as? String == "sign-in.link" && $0["actor"] as? String == "sign-in:idp" })
                let out = try await visitor.post("/sign-out", ["do": "sign-out"], token: visitor.get("/me").token)
                #expect(out.status == 200 && out.body.contains("\(provider.issuer)/end?client_id=postern"))
                #expect(try await visitor.get("/me").location.hasPrefix("/sign-in"))
                // The same person with another address there is still the same here; another person with this address is not.
                provider.set { $0.claims = ["email": "elsewhere@example.net"] }
                #expect(try await signIn(Visitor(server), provider).status == 303)
                provider.set { $0.claims = ["sub": "person-2"] }
                let thief = try await signIn(Visitor(server), provider)
                #expect(thief.status == 422 && thief.body.contains("belongs to somebody else"))
                #expect(try await server.call("POST", "/v1/accounts/b@example.org/sign-in/unlink", #"{"reason":"left"}"#).status == 200)
                #expect(try await signIn(Visitor(server), provider).status == 303)
            }
        }
    }

    @Test func groupsGiveRolesForTheSessionAndPasswordsEndUntilTheCommandLineSaysOtherwise() async throws {
        try await ScriptedProvider.run { provider in
            try await APIServer.run(people: ["b@example.org": []]) { server in
                try await add(
                    provider, server,
                    ["groupsClaim": "realm.groups", "groupRoles": ["mail desk=help-desk", "root=administrator"], "endsPasswords": true])
                provider.set { $0.claims = ["realm": ["groups": ["staff", "mail desk"]]] }
                let visitor = Visitor(server)
                #expect(try await signIn(visitor, provider).status == 303)
                #expect(try await visitor.get("/accounts").status == 200)
                #expect(try await visitor.get("/keys").status == 403, "no more than the group gives")
                let accounts = try await server.call("GET", "/v1/accounts")
                #expect(!accounts.body.contains("help-desk"), "the account itself stays without roles")
                let refused = try await Visitor(server).signIn("b@example.org")
                #expect(refused.status == 422 && refused.body.contains("no longer by password"))
                #expect(try await server.call("PATCH", "/v1/sign-in-providers/idp", #"{"groupRoles":[]}"#).status == 200)
                #expect(try await visitor.get("/accounts").status == 403, "what the table gives no more is gone at once")
                let access = try await AdministrationAccess.open(server.directory)
                var off = SignInProviderChange()
                off.enabled = false
                _ = try await access.perform(ChangeSignInProvider(provider: "idp", change: off))
                #expect(try await visitor.get("/me").location.hasPrefix("/sign-in"), "its sessions are over")
                #expect(try await Visitor(server).signIn("b@example.org").status == 303)
                let gone = try await Visitor(server).get("/sign-in/with/idp")
                #expect(gone.status == 422 && gone.body.contains("no such way"))
            }
        }
    }

    @Test func accountsAreMadeOnlyWhereThatIsWantedAndForOwnDomains() async throws {
        try await ScriptedProvider.run { provider in
            try await APIServer.run { server in
                try await add(provider, server)
                let unknown = try await signIn(Visitor(server), provider)
                #expect(unknown.status == 422 && unknown.body.contains("b@example.org has no account here"))
                #expect(try await server.call("PATCH", "/v1/sign-in-providers/idp", #"{"createsAccounts":true}"#).status == 200)
                #expect(try await signIn(Visitor(server), provider).status == 422, "the domain is not ours")
                #expect(try await server.call("POST", "/v1/domains", #"{"domain":"example.org"}"#).status < 300)
                provider.set { $0.claims = ["email_verified": false] }
                let unverified = try await signIn(Visitor(server), provider)
                #expect(unverified.status == 422 && unverified.body.contains("has not verified"))
                provider.set { $0.claims = ["email": "Chief <b@example.org>"] }
                #expect(try await signIn(Visitor(server), provider).body.contains("did not say which address"))
                provider.set { $0.claims = [:] }
                let visitor = Visitor(server)
                #expect(try await signIn(visitor, provider).status == 303)
                #expect(try await visitor.get("/me").status == 200)
                #expect(try await visitor.get("/accounts").status == 403)
                #expect(try await server.call("PATCH", "/v1/accounts/b@example.org", #"{"enabled":false}"#).status == 200)
                #expect(try await signIn(Visitor(server), provider).body.contains("is disabled"))
            }
        }
    }

    @Test func whatIsNotTrueIsRefusedSaidAndWrittenDown() async throws {
        try await ScriptedProvider.run { provider in
            try await APIServer.run(people: ["b@example.org": []]) { server in
                try await add(provider, server)
                for (code, lie) in [("nonce", ["nonce": "old"]), ("issuer", ["iss": "https://evil.example"])]
                    as [(String, [String: JSONValue])]
                {
                    provider.set { $0.claims = lie }
                    let visitor = Visitor(server)
                    let answer = try await signIn(visitor, provider)
                    #expect(answer.status == 422 && answer.body.contains("cannot be trusted (\(code))"), "\(answer.body)")
                    #expect(visitor.cookies["postern-session"] == nil && visitor.cookies["postern-away"] == nil)
                }
                provider.set {
                    $0.claims = [:]
                    $0.header = ["alg": "none"]
                }
                #expect(try await signIn(Visitor(server), provider).body.contains("(algorithm)"))
                let written = try await server.call("GET", "/v1/audit?limit=20").items.filter {
                    $0["action"] as? String == "sign-in.refused"
                }
                #expect(written.count == 3 && written.allSatisfy { $0["actor"] as? String == "sign-in:idp" })
                #expect(written.contains { ($0["reason"] as? String)?.contains("https://evil.example") ?? false })
            }
        }
    }

    @Test func whoDidNotLeaveFromHereCostsNobodyAnything() async throws {
        try await ScriptedProvider.run { provider in
            try await APIServer.run(people: ["b@example.org": []]) { server in
                try await add(provider, server)
                let visitor = Visitor(server)
                let away = try await visitor.get("/sign-in/with/idp")
                let back = try provider.authorize(away.location)
                // Another browser, a state of one's own, and somebody else's cookie.
                #expect(try await Visitor(server).get(back).body.contains("was not begun in this browser"))
                #expect(try await visitor.get("/sign-in/with/idp/back?code=x&state=mine").body.contains("was not begun"))
                _ = try await visitor.get("/sign-in/with/idp")
                #expect(try await visitor.get(back).body.contains("was not begun"), "the state is of the sign-in before")
                #expect(provider.tokenCalls == 0)
                #expect(try await !server.call("GET", "/v1/audit?limit=50").body.contains("sign-in.refused"))
                // What the provider says of an error is not printed as it comes.
                let again = try await visitor.get("/sign-in/with/idp?next=https%3A%2F%2Fevil.example")
                _ = try provider.authorize(again.location)
                let state = try #require(URLComponents(string: again.location)?.queryItems?.first { $0.name == "state" }?.value)
                let denied = try await visitor.get("/sign-in/with/idp/back?error=access_denied%3Cscript%3E&state=\(state)")
                #expect(denied.body.contains("(access_deniedscript)") && !denied.body.contains("<script>a"))
                let good = try await signIn(visitor, provider, next: "https://evil.example/")
                #expect(good.location == "/", "nowhere but on this site")
            }
        }
    }

    @Test func aProviderThatIsDownOrSomebodyElseIsSaidSo() async throws {
        try await ScriptedProvider.run { provider in
            try await APIServer.run(people: ["b@example.org": []]) { server in
                try await add(provider, server)
                #expect(try await server.call("POST", "/v1/sign-in-providers/idp/check", "{}").fields["ok"] as? Bool == true)
                provider.set { $0.document = ["issuer": "https://evil.example"] }
                let check = try await server.call("POST", "/v1/sign-in-providers/idp/check", "{}")
                #expect(check.fields["ok"] as? Bool == false && check.body.contains("discovery-issuer"), "\(check.body)")
                let page = try await Visitor(server).get("/sign-in/with/idp")
                #expect(page.status == 422 && page.body.contains("cannot be asked at this moment") && !page.body.contains("evil"))
                // Nothing of the network inside is reached by a provider that is not allowed to be there.
                let inside = #"{"provider":"in","issuer":"https://127.0.0.1:1","clientID":"x"}"#
                #expect(try await server.call("POST", "/v1/sign-in-providers", inside).status == 422)
                #expect(
                    try await server.call(
                        "POST", "/v1/sign-in-providers", #"{"provider":"in","issuer":"http://idp.example","clientID":"x"}"#
                    ).status == 422)
                let roles = #"{"provider":"in","issuer":"https://idp.example","clientID":"x","groupRoles":["a=king"]}"#
                #expect(try await server.call("POST", "/v1/sign-in-providers", roles).body.contains("is not GROUP=ROLE"))
            }
        }
    }

    @Test func keysAreRememberedAndChangedOnesFound() async throws {
        try await ScriptedProvider.run { provider in
            let knowledge = ProviderKnowledge(client: try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton)) { _ in
                .failure(reason: "none", isBogus: false)
            }
            var known = SignInProvider(name: "idp", issuer: provider.issuer, clientID: "x", createdAt: .now)
            known.allowsPrivateAddresses = true
            let start = Timestamp.now
            #expect(try await knowledge.keys(of: known, at: start).key(.es256, id: "k1") != nil)
            provider.set {
                $0.key = P256.Signing.PrivateKey()
                $0.keyID = "k2"
            }
            #expect(try await knowledge.keys(of: known, at: start + .seconds(1)).key(.es256, id: "k2") == nil)
            // Made-up key numbers do not have it asked each time.
            #expect(try await knowledge.keys(of: known, isFresh: true, at: start + .seconds(2)).key(.es256, id: "k2") == nil)
            #expect(provider.keyCalls == 1)
            #expect(try await knowledge.keys(of: known, isFresh: true, at: start + .seconds(31)).key(.es256, id: "k2") != nil)
            #expect(provider.keyCalls == 2)
        }
    }

    private static let program = "\(SourceTree.root)/.build/oidc-provider/bin/oidc-provider-mock"

    /// A provider that others wrote, with its own keys (RS256), pages and errors.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: program), "oidc-provider-mock is not installed; ./test does so"))
    func aProviderThatOthersWroteLetsPeopleIn() async throws {
        let port = try LoopbackPort.free()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProviderSignInTests.program)
        process.arguments = [
            "-p", "\(port)", "-n", "true", "--user-claims",
            #"{"sub":"anna","email":"b@example.org","email_verified":true,"groups":["desk"]}"#,
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        try await APIServer.run(people: ["b@example.org": []]) { server in
            let made = try await server.call(
                "POST", "/v1/sign-in-providers",
                #"{"provider":"idp","issuer":"http://127.0.0.1:\#(port)","clientID":"postern","secret":"s","allowsPrivateAddresses":true,"groupsClaim":"groups","groupRoles":["desk=help-desk"]}"#
            )
            #expect(made.status == 201, "\(made.body)")
            var check = try await server.call("POST", "/v1/sign-in-providers/idp/check", "{}")
            for _ in 0..<300 where check.fields["ok"] as? Bool != true {
                try await Task.sleep(for: .milliseconds(100))
                check = try await server.call("POST", "/v1/sign-in-providers/idp/check", "{}")
            }
            #expect(check.fields["ok"] as? Bool == true && check.fields["offersSignOut"] as? Bool == true, "\(check.body)")
            let visitor = Visitor(server)
            let away = try await visitor.get("/sign-in/with/idp?next=%2Faccounts")
            let path = try #require(away.location.split(separator: "\(port)", maxSplits: 1).last)
            let form = "sub=anna"
            let text = try await APIServer.exchange(
                "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)", port: port)
            let location = try #require(
                text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("location:") }?.dropFirst(9).trimmingCharacters(
                    in: .whitespaces),
                "\(text.prefix(500))")
            let parts = try #require(URLComponents(string: location))
            let back = try await visitor.get("\(parts.path)?\(parts.percentEncodedQuery ?? "")")
            #expect(back.status == 303 && back.location == "/accounts", "\(back.body)")
            #expect(try await visitor.get("/accounts").status == 200)
            // The code was used up, and so was the way back.
            #expect(try await visitor.get("\(parts.path)?\(parts.percentEncodedQuery ?? "")").status == 422)
        }
    }
}

/// A port that nothing listens at, this moment.
enum LoopbackPort {
    static func free() throws -> Int {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).wait()
        defer { try? channel.close().wait() }
        return try #require(channel.localAddress?.port)
    }
}
