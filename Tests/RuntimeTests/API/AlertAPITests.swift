import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Alerts, their policies and webhooks over HTTP.
@Suite(.serialized, .ownThreads) struct AlertAPITests {
    @Test func policiesAndWebhooksAreManagedAndAlertsEnded() async throws {
        // The disk is too small at once, so that there is an alert.
        try await APIServer.run(["storage.free-bytes-min=1024TiB"]) { server in
            var items: [[String: Any]] = []
            for _ in 0..<500 where items.isEmpty { items = try await server.call("GET", "/v1/alerts").items }
            let id = try #require(items.first?["id"] as? String)
            #expect(items.first?["kind"] as? String == "store-trouble")
            let view = try await server.call("GET", "/v1/alerts/\(id)")
            #expect((view.fields["alert"] as? [String: Any])?["id"] as? String == id)
            #expect(try await server.call("GET", "/v1/alerts/nothing").status == 404)
            #expect(try await server.call("POST", "/v1/alerts/\(id)/acknowledge", "{}").fields["state"] as? String == "acknowledged")
            #expect(try await server.call("POST", "/v1/alerts/\(id)/resolve", "{}").status == 422, "a reason is wanted")
            let resolved = try await server.call("POST", "/v1/alerts/\(id)/resolve", #"{"reason":"mended"}"#)
            #expect(resolved.fields["reason"] as? String == "mended", "\(resolved.body)")

            let policies = try await server.call("GET", "/v1/alert-policies").items
            #expect(policies.count == AlertKind.allCases.count)
            let patched = try await server.call("PATCH", "/v1/alert-policies/queue-stuck", #"{"severity":"low","addresses":[]}"#)
            #expect(patched.fields["severity"] as? String == "low" && patched.fields["builtIn"] as? Bool == false, "\(patched.body)")
            #expect(try await server.call("PATCH", "/v1/alert-policies/unheard-of", #"{"on":false}"#).status >= 400)

            let made = try await server.call("POST", "/v1/webhooks", #"{"name":"hook","url":"https://hooks.example.org/"}"#)
            #expect(made.status == 201 && (made.fields["secret"] as? String)?.hasPrefix("whsec_") == true, "\(made.body)")
            #expect(try await server.call("POST", "/v1/webhooks", #"{"name":"b","url":"https://10.0.0.1/"}"#).status == 422)
            #expect(try await server.call("GET", "/v1/webhooks").body.contains("whsec_") == false)
            let viewer = try await server.key("viewer", roles: [.viewer])
            #expect(try await server.call("GET", "/v1/alerts", key: viewer).status == 200)
            #expect(try await server.call("DELETE", "/v1/webhooks/hook", key: viewer).status == 403)
            #expect(try await server.call("POST", "/v1/alerts/\(id)/acknowledge", "{}", key: viewer).status == 403)
            #expect(try await server.call("DELETE", "/v1/webhooks/hook").status == 204)
            #expect(try await server.call("GET", "/metrics", key: "").body.contains("postern_alerts_open"))
        }
    }
}
