import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Limits by the HTTP interface of a gate that runs.
@Suite(.serialized, .ownThreads) struct PolicyAPITests {
    @Test func policiesAreManagedAndTried() async throws {
        try await APIServer.run { server in
            let preset = try await server.call("PUT", "/v1/policy-preset", #"{"preset":"standard","licences":1,"reason":"start"}"#)
            #expect(preset.status == 200, "\(preset.body)")
            let body = #"{"name":"sales","priority":0,"domains":["sales.test"],"externalPerHour":3,"action":"defer"}"#
            let added = try await server.call("POST", "/v1/policies", body)
            #expect(added.status == 201 && added.headers["location"] == "/v1/policies/sales", "\(added.body)")
            #expect(try await server.call("POST", "/v1/policies", body).status == 409)
            let changed = try await server.call("PATCH", "/v1/policies/sales", #"{"externalPerHour":4,"domains":[]}"#)
            #expect(changed.fields["externalPerHour"] as? Int == 4 && changed.fields["domains"] as? [String] == [])
            #expect(changed.fields["action"] as? String == "defer")
            let names = try await server.call("GET", "/v1/policies").items.map { $0["name"] as? String }
            #expect(names == ["sales", "default"])

            let test = try await server.call("POST", "/v1/policy-tests", #"{"sender":"api-key:all","from":"a@sales.test","external":5}"#)
            #expect(test.fields["decision"] as? String == "defer" && test.fields["policy"] as? String == "sales", "\(test.body)")
            #expect(try await server.call("PUT", "/v1/policies/sales/state", #"{"enabled":false}"#).fields["disabled"] as? Bool == true)
            let other = try await server.call("POST", "/v1/policy-tests", #"{"sender":"api-key:all","from":"a@sales.test","external":5}"#)
            #expect(other.fields["decision"] as? String == "accept" && other.fields["policy"] as? String == "default")
            #expect(try await server.call("DELETE", "/v1/policies/sales").status == 204)
            #expect(try await server.call("DELETE", "/v1/policies/default").status == 422)

            let set = try await server.call("PUT", "/v1/limits/messages-per-minute", #"{"value":2,"action":"refuse","reason":"test"}"#)
            #expect(set.fields["value"] as? Int == 2 && set.fields["action"] as? String == "refuse", "\(set.body)")
            #expect(try await server.call("PUT", "/v1/limits/nothing", #"{"value":2}"#).status == 404)
            #expect(try await server.call("PUT", "/v1/limits/time-zone", #"{"value":2}"#).status == 422)
            let act = try #require(try await server.call("GET", "/v1/audit?limit=1").items.first)
            #expect(act["action"] as? String == "limit.set" && act["reason"] as? String == "test")
        }
    }

    @Test func aRefusalByALimitCarriesItsFindings() async throws {
        try await APIServer.run { server in
            _ = try await server.call("PUT", "/v1/policy-preset", #"{"preset":"standard"}"#)
            _ = try await server.call("PATCH", "/v1/policies/default", #"{"externalPerHour":1,"action":"refuse"}"#)
            let message = #"{"from":"a@example.org","to":["b@example.net"],"text":"hi"}"#
            #expect(try await server.call("POST", "/v1/messages", message).status == 202)
            let refused = try await server.call("POST", "/v1/messages", message)
            #expect(refused.status == 422 && refused.headers["content-type"] == "application/problem+json")
            let finding = try #require((refused.fields["findings"] as? [[String: Any]])?.first)
            #expect(finding["rule"] as? String == "limit.external-per-hour" && finding["matched"] as? String == "1+1/1")
            _ = try await server.call("PATCH", "/v1/policies/default", #"{"action":"defer"}"#)
            let deferred = try await server.call("POST", "/v1/messages", message)
            #expect(deferred.status == 503 && deferred.headers["retry-after"] != nil)
            #expect((deferred.fields["findings"] as? [Any])?.count == 1)
            let usage = try await server.call("GET", "/v1/usage/api-key:all")
            let limits = try #require(usage.fields["limits"] as? [[String: Any]])
            #expect(limits.first { $0["name"] as? String == "external-per-hour" }?["used"] as? Int == 1)
            #expect((try await server.call("GET", "/v1/usage?limit=1").body).contains("api-key:all"))
        }
    }

    @Test func eachRoleSeesAndDoesItsPart() async throws {
        try await APIServer.run { server in
            _ = try await server.call("PUT", "/v1/policy-preset", #"{"preset":"standard"}"#)
            let helpDesk = try await server.key("desk", roles: [.helpDesk])
            let keeper = try await server.key("keeper", roles: [.operator])
            #expect(try await server.call("GET", "/v1/usage/api-key:all", key: helpDesk).status == 200)
            #expect(try await server.call("GET", "/v1/policies", key: helpDesk).status == 403)
            #expect(try await server.call("GET", "/v1/policies", key: keeper).status == 200)
            #expect(try await server.call("PUT", "/v1/policy-preset", #"{"preset":"none"}"#, key: keeper).status == 403)
            #expect(try await server.call("PUT", "/v1/limits/spam-per-hour", #"{"value":1}"#, key: keeper).status == 403)
        }
    }
}

/// Groups and known recipients by the HTTP interface.
@Suite(.serialized, .ownThreads) struct GroupAPITests {
    @Test func groupsAreManagedAndWrittenTo() async throws {
        try await APIServer.run { server in
            _ = try await server.call("POST", "/v1/domains", #"{"domain":"example.org"}"#)
            let body = #"{"group":"all@example.org","members":["a@example.net","b@example.net"],"reason":"test"}"#
            let added = try await server.call("POST", "/v1/groups", body)
            #expect(added.status == 201 && added.headers["location"] == "/v1/groups/all@example.org", "\(added.body)")
            let changed = try await server.call(
                "PATCH", "/v1/groups/all@example.org/members", #"{"add":["c@example.net"],"remove":["a@example.net"]}"#)
            #expect(changed.fields["people"] as? Int == 2)
            let loop = try await server.call("PATCH", "/v1/groups/all@example.org/members", #"{"add":["all@example.org"]}"#)
            #expect(loop.status == 422 && loop.detail.contains("all@example.org → all@example.org"))
            let sent = try await server.call("POST", "/v1/messages", #"{"from":"x@example.org","to":["all@example.org"],"text":"hi"}"#)
            #expect(sent.status == 202, "\(sent.body)")
            #expect(try await server.call("GET", "/v1/ledger").fields["accepted"] as? Int == 2)
            #expect(
                try await server.call("GET", "/v1/groups/all@example.org").fields["members"] as? [String] == [
                    "b@example.net", "c@example.net",
                ])
            #expect(try await server.call("GET", "/v1/groups").items.count == 1)
            #expect(try await server.call("DELETE", "/v1/groups/all@example.org").status == 204)
        }
    }

    @Test func aMessageToAnUnknownRecipientNamesItsField() async throws {
        try await APIServer.run { server in
            _ = try await server.call("POST", "/v1/domains", #"{"domain":"example.org"}"#)
            let known = try await server.call("PATCH", "/v1/domains/example.org/recipients", #"{"add":["kim@example.org"]}"#)
            #expect(known.fields["count"] as? Int == 1, "\(known.body)")
            #expect(try await server.call("PUT", "/v1/domains/example.org/recipient-check", #"{"enabled":true}"#).status == 200)
            func send(_ recipients: String) async throws -> APIServer.Answer {
                try await server.call("POST", "/v1/messages", #"{"from":"x@example.org",\#(recipients),"text":"hi"}"#)
            }
            #expect(try await send(#""to":["kim@example.org"]"#).status == 202)
            let refused = try await send(#""to":["kim@example.org","Pat <pat@example.org>"],"bcc":["sam@example.org"]"#)
            #expect(refused.status == 422, "\(refused.body)")
            let errors = try #require(refused.fields["errors"] as? [[String: Any]])
            #expect(errors.map { $0["pointer"] as? String } == ["/to/1", "/bcc/0"])
            #expect((refused.fields["reply"] as? String)?.hasPrefix("550 5.1.10") == true)
            #expect((refused.fields["findings"] as? [[String: Any]])?.first?["rule"] as? String == "recipient.unknown")
            let envelope = try await send(#""envelope":{"to":["pat@example.org"]}"#)
            #expect((envelope.fields["errors"] as? [[String: Any]])?.first?["pointer"] as? String == "/envelope/to/0")
            #expect(try await server.call("GET", "/v1/ledger").fields["accepted"] as? Int == 1, "nothing of it was kept")
            let listed = try await server.call("GET", "/v1/domains/example.org/recipients").items
            #expect(listed.map { $0["kind"] as? String } == ["listed"])
        }
    }
}
