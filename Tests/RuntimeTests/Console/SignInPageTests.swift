import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Signing in, sessions and forms, against a gate that serves.
@Suite(.ownThreads) struct SignInPageTests {
    @Test func nothingIsShownToStrangers() async throws {
        try await APIServer.run { server in
            let stranger = Visitor(server)
            for path in ["/", "/trace", "/accounts", "/nothing", "/live?page=/"] {
                let answer = try await stranger.get(path)
                #expect(answer.status == 303 && answer.location.hasPrefix("/sign-in"), "\(path)")
            }
            let page = try await stranger.get("/sign-in")
            #expect(page.status == 200 && page.body.contains("autocomplete=\"current-password\""))
            #expect(page.head.contains("script-src 'self'") && page.head.contains("frame-ancestors 'none'"))
            let style = try #require(
                page.body.range(of: "/assets/").map { "/" + page.body[$0.lowerBound...].dropFirst().prefix { $0 != "\"" } })
            #expect(try await stranger.get(style).head.contains("immutable"))
            #expect(try await stranger.get("/assets/../../etc/passwd").location.hasPrefix("/sign-in"))
        }
    }

    @Test func aWrongPasswordAndAnAppPasswordOpenNothing() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            _ = try await Visitor.signedIn(server, "a@example.org")
            let access = try await AdministrationAccess.open(server.directory)
            let made = try await access.perform(AddAppPassword(address: EmailAddress("a@example.org")!, label: "scanner"))
            let visitor = Visitor(server)
            for password in ["wrong", made.generatedPassword ?? ""] {
                let answer = try await visitor.signIn("a@example.org", password)
                #expect(answer.status == 422 && answer.body.contains("is wrong"))
            }
            #expect(try await visitor.get("/").location.hasPrefix("/sign-in"))
            // A form that another site made has no cookie that agrees with it.
            let forged = try await Visitor(server).post("/sign-in", ["name": "a@example.org", "password": "a long password"], token: "x")
            #expect(forged.body.contains("too old"))
            #expect(try await visitor.signIn("a@example.org").status == 303)
        }
    }

    @Test func strangersCannotFillTheMemoryAndGarbageIsAnswered() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let stranger = Visitor(server)
            let token = try await stranger.get("/sign-in").token
            let long = String(repeating: "x", count: 20_000)
            #expect(try await stranger.post("/sign-in", ["name": long, "password": "p"], token: token).status == 413)
            let host = "Host: localhost\r\nConnection: close\r\n"
            for (head, status) in [
                ("PUT / HTTP/1.1\r\n\(host)", "405"),
                ("POST /sign-in HTTP/1.1\r\n\(host)Content-Type: text/plain\r\nContent-Length: 0\r\n", "415"),
                ("POST /sign-in HTTP/1.1\r\n\(host)Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n%FF", "400"),
                ("HEAD /sign-in HTTP/1.1\r\n\(host)", "200"),
            ] {
                let text = try await server.exchange(head.contains("\r\n\r\n") ? head : head + "\r\n")
                #expect(text.hasPrefix("HTTP/1.1 \(status)"), "\(head) \(text.prefix(100))")
                if head.hasPrefix("HEAD") { #expect(text.hasSuffix("\r\n\r\n")) }
            }
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            #expect(try await visitor.get("/trace?q=%FF").status == 400)
            #expect(try await visitor.get("/queue?after=x").status == 400)
            #expect(try await visitor.get("/queue?domain=a..b").status == 400)
            #expect(try await visitor.post("/pauses", ["do": "nothing"]).status == 400)
            #expect(try await visitor.get("/live?page=%2Fnothing").status == 404)
            #expect(try await visitor.get("/live").status == 400)
        }
    }

    @Test func guessingIsShutOut() async throws {
        try await APIServer.run { server in
            let guesser = Visitor(server)
            let token = try await guesser.get("/sign-in").token
            var answers: [String] = []
            // The tenth failure of a block shuts it out. Pages that fail bring a new token.
            var next = token
            for _ in 0..<11 {
                let answer = try await guesser.post("/sign-in", ["name": "nobody@example.org", "password": "guess"], token: next)
                next = answer.token
                answers.append(answer.body)
                if answer.body.contains("Too many failed sign-ins") { break }
            }
            #expect(answers.last?.contains("Too many failed sign-ins") == true)
        }
    }

    @Test func formsWantTheSessionsTokenAndOurOwnOrigin() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let fields: KeyValuePairs<String, String> = ["do": "add", "scope": "all", "reason": "r"]
            #expect(try await visitor.post("/pauses", fields, token: "").status == 403)
            #expect(try await visitor.post("/pauses", fields, token: "0123").status == 403)
            for (name, value) in [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")] {
                visitor.headers = [name: value]
                let token = try await visitor.get("/pauses").token
                #expect(try await visitor.post("/pauses", fields, token: token).status == 403, "\(name)")
            }
            visitor.headers = ["Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"]
            #expect(try await visitor.post("/pauses", fields).location == "/pauses")
            let page = try await visitor.get("/pauses")
            #expect(page.body.contains("Paused: all. Mail is accepted and waits."))
            #expect(try await !visitor.get("/pauses").body.contains("Paused: all."))
        }
    }

    @Test func aSessionEndsWithSigningOutAndWithThePassword() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let kept = visitor.cookies
            #expect(kept.keys.sorted() == ["postern-session"])
            let other = Visitor(server)
            _ = try await other.signIn("a@example.org")
            #expect(try await visitor.get("/sessions").body.components(separatedBy: "second factor").count > 0)
            #expect(try await visitor.post("/sign-out", ["do": "sign-out"], token: visitor.get("/").token).location == "/sign-in")
            #expect(try await visitor.get("/").location.hasPrefix("/sign-in"))
            #expect(try await other.get("/").status == 200)
            let access = try await AdministrationAccess.open(server.directory)
            _ = try await access.perform(SetPassword(address: EmailAddress("a@example.org")!, password: "another password"))
            #expect(try await other.get("/").location.hasPrefix("/sign-in"))
        }
    }

    @Test func theSecondFactorIsAskedForAndACodeWorksOnce() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            #expect(try await visitor.post("/me/security", ["do": "factor", "password": "wrong"]).body.contains("is not right"))
            let begun = try await visitor.post("/me/security", ["do": "factor", "password": "a long password"])
            let secret = try #require(begun.body.range(of: "class=\"secret\">").map { begun.body[$0.upperBound...].prefix { $0 != "<" } })
            let items = begun.body.components(separatedBy: "<li>").compactMap { $0.components(separatedBy: "</li>").first }
            let recovery = try #require(items.first { $0.count == 19 && $0.filter { $0 == "-" }.count == 3 })
            let code = OneTimeCode(secret: Visitor.base32(String(secret)))
            #expect(try await visitor.post("/me/security", ["do": "confirm", "code": "000000x"]).status == 422)
            #expect(try await visitor.post("/me/security", ["do": "confirm", "code": code.code(at: .now)]).location == "/sign-in")
            // The sessions of before had no second factor.
            #expect(try await visitor.get("/").location.hasPrefix("/sign-in"))
            let asked = try await visitor.signIn("a@example.org")
            #expect(asked.status == 200 && asked.body.contains("Second factor"))
            let pending = asked.value(of: "pending")
            let wrong = try await visitor.post("/sign-in", ["pending": pending, "code": "12345", "next": "/trace"], token: asked.token)
            #expect(wrong.body.contains("not right"))
            let now = Timestamp.now
            let done = try await visitor.post(
                "/sign-in", ["pending": pending, "code": code.code(at: now), "next": "/trace"], token: asked.token)
            #expect(done.location == "/trace")
            // The same code again, within its time.
            let thief = Visitor(server)
            let again = try await thief.signIn("a@example.org")
            let refused = try await thief.post(
                "/sign-in", ["pending": again.value(of: "pending"), "code": code.code(at: now)], token: again.token)
            #expect(refused.body.contains("used before"))
            let saved = try await thief.post("/sign-in", ["pending": again.value(of: "pending"), "code": recovery], token: again.token)
            #expect(saved.location == "/")
            let twice = Visitor(server)
            let third = try await twice.signIn("a@example.org")
            let spent = try await twice.post("/sign-in", ["pending": third.value(of: "pending"), "code": recovery], token: third.token)
            #expect(spent.body.contains("used before"))
        }
    }
}

extension Visitor {
    static func base32(_ text: String) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bytes: [UInt8] = []
        var (value, bits) = (0, 0)
        for letter in text {
            value = (value << 5 | (alphabet.firstIndex(of: letter) ?? 0)) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(value >> bits & 0xFF))
            }
        }
        return bytes
    }
}
