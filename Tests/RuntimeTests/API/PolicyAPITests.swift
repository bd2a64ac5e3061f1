import Foundation
import MailModel
import OutboundPolicy
import Testing

@testable import PosternRuntime

/// Limits by the HTTP interface of a gate that runs.
@Suite(.serialized) struct PolicyAPITests {
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
