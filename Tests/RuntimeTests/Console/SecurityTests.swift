import Console
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// What OWASP's testing guide would try at the console and the interface; `docs/security.md` tells of the rest.
@Suite(.ownThreads) struct SecurityTests {
    private static let evil = "<img src=x onerror=alert(1)>"

    /// In every text that somebody outside, a sender or a program can put there.
    private static func poison(_ server: APIServer) async throws {
        func post(_ method: String, _ path: String, _ fields: JSONValue) async throws {
            let answer = try await server.call(method, path, String(decoding: fields.json, as: UTF8.self))
            #expect(answer.status < 300, "\(path) \(answer.body)")
        }
        let mail: JSONValue = [
            "from": .string("\"\(evil)\" <b@example.org>"), "to": ["c@example.net"], "subject": .string(evil), "text": .string(evil),
            "html": .string(evil), "headers": [["name": "X-Odd", "value": .string(evil)]],
        ]
        for _ in 0..<2 { try await post("POST", "/v1/messages", mail) }
        try await post("POST", "/v1/restrictions", ["entity": "sender:b@example.org", "reason": .string(evil)])
        try await post("POST", "/v1/pauses", ["scope": "sender:b@example.org", "reason": .string(evil)])
        try await post("POST", "/v1/lists", ["list": "news", "title": .string(evil), "reason": .string(evil)])
        try await post("POST", "/v1/accounts/b@example.org/app-passwords", ["label": .string(evil)])
        try await post("POST", "/v1/suppressions", ["address": "c@example.net", "reason": .string(evil)])
        try await post(
            "POST", "/v1/requests", ["sender": "b@example.org", "limit": "recipients-per-day", "value": 9, "reason": .string(evil)])
        try await post(
            "POST", "/v1/sign-in-providers",
            [
                "provider": "idp", "label": .string(evil), "issuer": "https://idp.example", "clientID": .string(evil),
                "groupRoles": [.string("\(evil)=viewer")],
            ])
        try await post("POST", "/v1/webhooks", ["name": "hook", "url": "https://hooks.example.org/?a=<b>", "reason": .string(evil)])
    }

    @Test func whatPeersSayIsTextOnEveryPage() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator], "b@example.org": []]) { server in
            try await SecurityTests.poison(server)
            let visitor = Visitor(server)
            visitor.headers = ["User-Agent": SecurityTests.evil]
            #expect(try await visitor.signIn("a@example.org").status == 303)
            var seen: Set<String> = ["/sign-out"]
            var waiting = ["/", "/trace?q=\(Visitor.encode(SecurityTests.evil))", "/explain?text=\(Visitor.encode(SecurityTests.evil))"]
            waiting += [
                "/trace?hours=8760", "/restricted?all=yes", "/requests?all=yes", "/accounts/b@example.org", "/suppressions", "/sessions",
            ]
            var said = 0
            while let path = waiting.popLast(), seen.count < 250 {
                guard seen.insert(path).inserted else { continue }
                let answer = try await visitor.get(path)
                #expect(!answer.body.contains("<img") && !answer.body.contains("<IMG"), "\(path)")
                #expect(!answer.body.contains("href=\"javascript:"), "\(path)")
                if answer.body.contains("&lt;img src=x onerror") { said += 1 }
                for part in answer.body.components(separatedBy: "href=\"").dropFirst() {
                    let link = String(part.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
                    if link.hasPrefix("/"), !link.hasPrefix("/assets"), !link.hasPrefix("/sign-out") { waiting.append(link) }
                }
            }
            #expect(seen.count > 60 && said > 8, "\(seen.count) pages, \(said) with it")
            let guest = try await Visitor(server).get("/sign-in")
            #expect(guest.body.contains("&lt;img") && !guest.body.contains("<img"))
        }
    }

    @Test func everyAnswerTellsBrowsersToBeCareful() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let stranger = Visitor(server)
            let style = try await stranger.get("/sign-in").body.components(separatedBy: "/assets/")[1].prefix { $0 != "\"" }
            for path in [
                "/", "/nothing", "/accounts", "/trace/1", "/sign-in", "/assets/\(style)", "/v1/status", "/v1/nothing", "/health", "/u/x",
            ] {
                let head = try await visitor.get(path).head.lowercased()
                for field in [
                    "content-security-policy: default-src 'none'", "frame-ancestors 'none'", "x-frame-options: deny",
                    "x-content-type-options: nosniff", "referrer-policy:", "cross-origin-resource-policy: same-origin",
                ] {
                    #expect(head.contains(field), "\(path) lacks \(field)")
                }
                #expect(!head.contains("unsafe-inline") || !head.contains("script-src 'unsafe"), "\(path)")
                if !path.hasPrefix("/assets") { #expect(head.contains("cache-control: no-store"), "\(path)") }
                #expect(!head.contains("access-control-allow-origin"), "\(path)")
            }
        }
    }

    @Test func signingInLeadsNowhereElse() async throws {
        try await APIServer.run(people: ["a@example.org": []]) { server in
            for next in [
                "https://evil.example", "//evil.example", "/\\evil.example", "/\tevil.example", "\\\\evil.example", "javascript:alert(1)",
                "/%0d%0aSet-Cookie:x=1\r\nX: y", "@evil.example", "",
            ] {
                let visitor = Visitor(server)
                let answer = try await visitor.post(
                    "/sign-in", ["name": "a@example.org", "password": Visitor.password, "next": next])
                #expect(
                    answer.status == 303 && (answer.location == "/" || answer.location.hasPrefix("/%0d")), "\(next): \(answer.location)")
                #expect(visitor.cookies["x"] == nil)
            }
            // Whatever the Host field says.
            let text = try await server.exchange("GET /accounts HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 303") && !text.contains("evil.example"))
        }
    }

    @Test func methodsPathsAndBodiesAreTakenAsTheyAre() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let host = "Host: localhost\r\nConnection: close\r\n"
            let key = "Authorization: Bearer \(server.administrator)\r\n"
            for (head, statuses) in [
                ("TRACE / HTTP/1.1\r\n\(host)", ["405"]), ("CONNECT localhost:80 HTTP/1.1\r\n\(host)", ["405", "400", "303"]),
                ("OPTIONS /v1/status HTTP/1.1\r\n\(host)\(key)", ["405"]),
                ("GET /v1/webhooks/x HTTP/1.1\r\n\(host)\(key)X-HTTP-Method-Override: DELETE\r\n", ["405"]),
                ("GET /v1/status?_method=DELETE HTTP/1.1\r\n\(host)\(key)", ["400"]),
                ("GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\n\(host)", ["303", "404"]),
                ("GET /assets/../../../etc/passwd HTTP/1.1\r\n\(host)", ["303", "404"]),
                ("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n\(host)", ["303", "404"]),
                ("GET /v1/../../etc/passwd HTTP/1.1\r\n\(host)\(key)", ["404"]),
                ("GET /u/..%2f..%2fetc HTTP/1.1\r\n\(host)", ["404", "400"]),
                ("GET /%00 HTTP/1.1\r\n\(host)", ["303", "400", "404"]),
                // Two lengths: what comes after is nobody's second request.
                (
                    "POST /v1/pauses HTTP/1.1\r\n\(host)\(key)Content-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n",
                    ["400"]
                ),
            ] {
                let text = try await server.exchange(head + "\r\n")
                let status = String(text.dropFirst(9).prefix(3))
                #expect(statuses.contains(status), "\(head.prefix(60)): \(text.prefix(200))")
                #expect(!text.contains("root:") && text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(head.prefix(60))")
            }
            #expect(try await server.call("POST", "/v1/backups", #"{"name":"../../etc/x"}"#).status == 422)
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let token = try await visitor.get("/pauses").token
            let large = String(repeating: "x", count: (1 << 20) + 1)
            #expect(try await visitor.post("/pauses", ["do": "add", "scope": "all", "reason": large], token: token).status == 413)
            // What a link can do changes nothing.
            _ = try await visitor.get("/pauses?do=add&scope=all&reason=x&token=\(token)")
            #expect(try await server.call("GET", "/v1/pauses").items.isEmpty)
        }
    }
}
