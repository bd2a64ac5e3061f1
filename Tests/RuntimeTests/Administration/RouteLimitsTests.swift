import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct RouteLimitsTests {
    private func route(_ host: String) -> Route {
        Route(name: "office", kind: .smarthost(NextHop(host: host, port: 587)), createdAt: TestData.now)
    }

    private func directory(_ policies: ShapingPolicy...) -> Directory {
        var directory = Directory()
        for policy in policies { directory.shaping[policy.name] = policy }
        return directory
    }

    private func policy(_ name: String, _ scope: ShapingScope) -> ShapingPolicy {
        ShapingPolicy(name: name, scope: scope, limits: ShapingPreset.microsoft365Mailbox.limits, createdAt: TestData.now)
    }

    @Test(arguments: [
        ("smtp.office365.com", "microsoft-365-mailbox"), ("smtp.hve.mx.microsoft", "microsoft-365-hve"),
        ("email-smtp.eu-west-1.amazonaws.com", "amazon-ses"), ("smtp-relay.gmail.com", "google-workspace-relay"),
    ])
    func aRouteToAHostWithLimitsThatKeepsToNoneIsToldThePreset(host: String, preset: String) throws {
        let step = RouteLimits.step(route(host), directory(policy("elsewhere", ShapingScope(route: "other"))))
        #expect(!step.ok)
        #expect(try #require(step.advice).contains("postern shaping preset \(preset) office"))
    }

    @Test func theLimitsOfARouteAreNamed() {
        let step = RouteLimits.step(route("smtp.office365.com"), directory(policy("mine", ShapingScope(route: "office"))))
        #expect(step.ok && step.advice == nil)
        #expect(
            step.text
                == "mine: 3 connections, 500 recipients per message, 30 messages per minute, 500 recipients per hour, 10000 recipients per day"
        )
    }

    @Test func aHostThatNobodyKnowsMayHaveNone() {
        #expect(RouteLimits.step(route("relay.example.net"), directory()).text == "No limit is set")
    }
}
