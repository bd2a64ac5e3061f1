import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// The HTTP interface of a gate that runs.
@Suite(.serialized, .ownThreads) struct APITests {
    private let message =
        #"{"from":"Anna <a@example.org>","to":["b@example.net","B@example.net"],"bcc":["c@example.net"],"subject":"Grüße","text":"hi"}"#

    @Test func aMessageIsAcceptedAndFollowedToItsEnd() async throws {
        try await APIServer.run { server in
            let accepted = try await server.call("POST", "/v1/messages", message)
            #expect(accepted.status == 202, "\(accepted.body)")
            let id = try #require(accepted.fields["id"] as? String)
            #expect(accepted.headers["location"] == "/v1/messages/\(id)")
            let recipients = try #require(accepted.fields["recipients"] as? [[String: Any]])
            #expect(recipients.map { $0["address"] as? String } == ["b@example.net", "c@example.net"], "each once")
            let url = try #require(recipients[1]["url"] as? String)
            var state = ""
            for _ in 0..<200 where state != "delivered" {
                let answer = try await server.call("GET", url)
                state = (answer.fields["recipient"] as? [String: Any])?["state"] as? String ?? ""
            }
            #expect(state == "delivered")
            let view = try await server.call("GET", "/v1/messages/\(id)")
            #expect(view.fields["subject"] as? String == "Grüße")
            #expect(view.fields["principal"] as? String == "api-key:all")
            #expect(view.fields["from"] as? String == "Anna <a@example.org>")
            #expect(try await server.call("GET", "/v1/ledger").fields["balanced"] as? Bool == true)
        }
    }

    @Test func aRepeatedRequestMakesOneMessage() async throws {
        try await APIServer.run { server in
            let headers = ["Idempotency-Key": "order-1"]
            async let one = server.call("POST", "/v1/messages", message, headers: headers)
            async let two = server.call("POST", "/v1/messages", message, headers: headers)
            let answers = try await [one, two]
            #expect(answers.map(\.status) == [202, 202])
            #expect(answers[0].body == answers[1].body)
            let third = try await server.call("POST", "/v1/messages", message, headers: headers)
            #expect(third.body == answers[0].body)
            #expect(third.headers["idempotency-replayed"] == "true")
            let other = try await server.call("POST", "/v1/messages", message.replacing("hi", with: "ho"), headers: headers)
            #expect(other.status == 409)
            #expect(other.fields["type"] as? String == "urn:postern:problem:idempotency-key-reused")
            let mine = try await server.key("other", scopes: [.messagesSend], grants: [.any])
            #expect(try await server.call("POST", "/v1/messages", message, key: mine, headers: headers).status == 202)
            #expect(try await server.call("GET", "/v1/ledger").fields["accepted"] as? Int == 4)
        }
    }

    @Test func aWholeMessageIsTakenAsItIs() async throws {
        try await APIServer.run { server in
            let text = "From: a@example.org\nTo: b@example.net\nCc: c@example.net\nSubject: raw\n\nhi\n"
            let taken = try await server.call("POST", "/v1/messages", text, type: "message/rfc822")
            #expect(taken.status == 202, "\(taken.body)")
            #expect((taken.fields["recipients"] as? [Any])?.count == 2)
            let named = try await server.call(
                "POST", "/v1/messages?to=d@example.net&from=x@example.org&dsnNotify=never", text, type: "message/rfc822")
            #expect((named.fields["recipients"] as? [[String: Any]])?.map { $0["address"] as? String } == ["d@example.net"])
            let bare = try await server.call("POST", "/v1/messages", text.replacing("raw\n", with: "raw\r\n"), type: "message/rfc822")
            #expect(bare.status == 422)
            #expect((bare.fields["reply"] as? String)?.hasPrefix("550 5.6.11") == true)
        }
    }

    @Test func whatSMTPRefusesIsRefusedWithItsReason() async throws {
        try await APIServer.run(["submission.recipients-max=2", "submission.future-release-days-max=1"]) { server in
            let own = try await server.key("own", scopes: [.messagesSend], grants: [AddressGrant("own@example.org")!])
            func send(_ body: String) async throws -> APIServer.Answer { try await server.call("POST", "/v1/messages", body, key: own) }
            let other = try await send(#"{"from":"a@example.org","to":["b@example.net"]}"#)
            #expect(other.status == 403)
            #expect((other.fields["reply"] as? String)?.hasPrefix("550 5.7.60") == true)
            #expect(other.detail.contains("postern api-keys grant own a@example.org"))
            let header = try await send(#"{"from":"a@example.org","to":["b@example.net"],"envelope":{"from":"own@example.org"}}"#)
            #expect(header.status == 403, "the From field counts as well")
            #expect(try await send(#"{"from":"own@example.org"}"#).status == 422, "no recipient")
            #expect(try await send(#"{"from":"own@example.org","to":["b@x.net","c@x.net","d@x.net"]}"#).status == 422)
            let late = try await send(#"{"from":"own@example.org","to":["b@x.net"],"sendAt":"2099-01-01T00:00:00Z"}"#)
            #expect(late.status == 422)
            #expect(try await send(#"{"from":"own@example.org","to":["b@x.net"]}"#).status == 202)
            let trace = try await server.call("GET", "/v1/trace?status=refused")
            #expect(trace.items.contains { $0["sender"] as? String == "api-key:own" })
        }
    }

    @Test func aMessageCanWaitForItsTime() async throws {
        try await APIServer.run { server in
            let later = (Timestamp.now + .seconds(3600)).rfc3339
            let sent = try await server.call(
                "POST", "/v1/messages", message.replacing("\"text\"", with: "\"sendAt\":\"\(later)\",\"text\""))
            #expect(sent.status == 202)
            let id = try #require(sent.fields["id"] as? String)
            let queue = try await server.call("GET", "/v1/queue?message=\(id)")
            #expect(queue.items.map { $0["due"] as? String } == [later, later])
            let cancelled = try await server.call("POST", "/v1/queue/cancel", #"{"message":"\#(id)","reason":"a test"}"#)
            #expect(cancelled.fields["count"] as? Int == 2)
            let act = try #require(try await server.call("GET", "/v1/audit?limit=1").items.first)
            #expect(act["actor"] as? String == "api-key:all")
            #expect(act["action"] as? String == "queue.cancel")
            #expect(act["reason"] as? String == "a test")
        }
    }

    @Test func aFieldThatIsWrongIsNamed() async throws {
        try await APIServer.run { server in
            let cases = [
                (#"{"from":"a@example.org","to":["b@example.net"],"subject":"x\r\nBcc: c@example.net"}"#, "/subject"),
                (#"{"from":"a@example.org","to":["b@example.net"],"headers":[{"name":"X","value":"\u0000"}]}"#, "/headers/0/value"),
                (#"{"from":"a@example.org","to":"b@example.net"}"#, "/to"), (#"{"to":[]}"#, "/from"),
                (#"{"from":"a@example.org","too":[]}"#, "/too"),
                (
                    #"{"from":"a@example.org","to":["b@example.net"],"attachments":[{"filename":"x","content":"%"}]}"#,
                    "/attachments/0/content"
                ),
                (#"{"from":"a@example.org","envelope":{"to":["nobody"]}}"#, "/envelope/to/0"), ("{", ""),
            ]
            for (body, pointer) in cases {
                let answer = try await server.call("POST", "/v1/messages", body)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect((answer.fields["errors"] as? [[String: Any]])?.first?["pointer"] as? String == pointer, "\(answer.body)")
            }
        }
    }

    @Test func onlyWhoMayDoesAndWhoMayNotIsTold() async throws {
        try await APIServer.run { server in
            #expect(try await server.call("GET", "/v1/status", key: "").status == 401)
            #expect(try await server.call("GET", "/v1/status", key: "nonsense").headers["www-authenticate"] == #"Bearer realm="postern""#)
            let viewer = try await server.key("viewer", roles: [.viewer])
            #expect(try await server.call("GET", "/v1/status", key: viewer).status == 200)
            let denied = try await server.call("POST", "/v1/pauses", #"{"scope":"all","reason":"x"}"#, key: viewer)
            #expect(denied.status == 403)
            #expect(denied.detail.contains("pauses:write"))
            #expect(try await server.call("POST", "/v1/api-keys", #"{"name":"x","roles":["administrator"]}"#, key: viewer).status == 403)
            #expect(try await server.call("PATCH", "/v1/api-keys/viewer", #"{"enabled":false}"#).status == 200)
            #expect(try await server.call("GET", "/v1/status", key: viewer).status == 401, "at once")
            let secretless = try await server.call("GET", "/v1/api-keys")
            #expect(!secretless.body.contains("secret") && !secretless.body.contains("hash"))
        }
    }

    @Test func aSenderSeesItsOwnMessagesAlone() async throws {
        try await APIServer.run { server in
            let mine = try await server.key("mine", scopes: [.messagesSend, .messagesRead], grants: [.any])
            let sent = try await server.call("POST", "/v1/messages", message, key: mine)
            let foreign = try await server.call("POST", "/v1/messages", message)
            #expect(try await server.call("GET", try #require(sent.headers["location"]), key: mine).status == 200)
            #expect(try await server.call("GET", try #require(foreign.headers["location"]), key: mine).status == 404)
            #expect(try await server.call("GET", try #require(foreign.headers["location"]) + "/recipients/0", key: mine).status == 404)
            #expect(try await server.call("GET", "/v1/trace", key: mine).status == 403)
        }
    }

    @Test func guessingIsShutOutAndTheOwnerIsNot() async throws {
        try await APIServer.run { server in
            #expect(try await server.call("GET", "/v1/status").status == 200)
            let guess = APIToken.make(name: "nobody").description
            // The answers are held back, longer each time, so they are asked for at once.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 { group.addTask { try await server.call("GET", "/v1/status", key: guess).status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 401 }.count == 10)
            #expect(statuses.filter { $0 == 429 }.count == 2)
            #expect(try await server.call("GET", "/v1/status").status == 200, "from an address that the key has used before")
        }
    }

    @Test func aKeyThatIsTooFastWaits() async throws {
        try await APIServer.run { server in
            let made = try await server.call("POST", "/v1/api-keys", #"{"name":"slow","roles":["viewer"],"requestsPerSecondMax":1}"#)
            let key = try #require(made.fields["token"] as? String)
            let statuses = try await (0..<4).asyncMap { _ in try await server.call("GET", "/v1/ledger", key: key) }
            #expect(statuses.first?.status == 200)
            let refused = try #require(statuses.first { $0.status == 429 })
            #expect(Int(refused.headers["retry-after"] ?? "") == 1)
        }
    }

    @Test func requestsAreBounded() async throws {
        try await APIServer.run(["submission.message-bytes-max=65536"]) { server in
            let large = String(repeating: "x", count: 2 << 20)
            #expect(try await server.call("POST", "/v1/messages", "{\"text\":\"\(large)\"}").status == 413)
            let lines = String(repeating: "0123456789\r\n", count: 6000)
            let raw = try await server.call(
                "POST", "/v1/messages", "From: a@example.org\r\nTo: b@x.net\r\n\r\n" + lines, type: "message/rfc822")
            #expect(raw.status == 413)
            #expect((raw.fields["reply"] as? String)?.hasPrefix("552") == true)
            #expect(try await server.call("POST", "/v1/messages", "{}", type: "text/plain").status == 415)
            let head = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.administrator)\r\n"
            let chunked =
                head
                + "Connection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n\(large)\r\n0\r\n\r\n"
            #expect(try await server.exchange(chunked).hasPrefix("HTTP/1.1 413"))
            #expect(try await server.exchange(head + "X: \(String(repeating: "x", count: 40_000))\r\n\r\n").hasPrefix("HTTP/1.1 4"))
        }
    }

    @Test func pathsAndMethodsThatAreNotThereAreSaidSo() async throws {
        try await APIServer.run { server in
            #expect(try await server.call("GET", "/v1/nothing").status == 404)
            let method = try await server.call("DELETE", "/v1/messages")
            #expect(method.status == 405)
            #expect(method.headers["allow"] == "POST")
            #expect(try await server.call("GET", "/v1/messages/xyz").status == 404)
            #expect(try await server.call("GET", "/v1/queue?limit=0").status == 400)
            #expect(try await server.call("GET", "/v1/queue?cursor=x").status == 400)
            #expect(try await server.call("GET", "/v1/queue?colour=x").status == 400)
            let answer = try await server.call("GET", "/healthz", key: "")
            #expect(answer.body == "ok\n")
            for name in ["x-content-type-options", "x-frame-options", "content-security-policy", "referrer-policy"] {
                #expect(answer.headers[name] != nil, "\(name)")
            }
        }
    }

    @Test func listsAreReadInPages() async throws {
        try await APIServer.run { server in
            for name in ["a", "b", "c"] {
                let body = #"{"name":"\#(name)","networks":["192.0.2.0/24"],"grants":["@example.org"],"reason":"x"}"#
                #expect(try await server.call("POST", "/v1/connectors", body).status == 201)
                _ = try await server.call("POST", "/v1/messages", message)
            }
            for (path, field) in [("/v1/connectors", "name"), ("/v1/trace", "id"), ("/v1/audit", "number"), ("/v1/routes", "name")] {
                let whole = try await server.call("GET", path).items.map { "\($0[field] ?? "")" }
                var pages: [String] = []
                var cursor: String? = ""
                while let next = cursor {
                    let page = try await server.call("GET", "\(path)?limit=2" + (next.isEmpty ? "" : "&cursor=\(next)"))
                    pages += page.items.map { "\($0[field] ?? "")" }
                    cursor = page.fields["next"] as? String
                }
                #expect(pages == whole && !whole.isEmpty, "\(path)")
            }
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
