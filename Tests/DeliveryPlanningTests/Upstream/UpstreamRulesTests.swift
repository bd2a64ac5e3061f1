import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct UpstreamRulesTests {
    private static let waits = UpstreamWaits()

    private func failure(_ text: String, _ stage: DeliveryStage, _ scope: FailureScope = .message) throws -> DeliveryFailure {
        let parts = text.split(separator: " ", maxSplits: 2)
        let reply = SMTPReply(try #require(Int(parts[0])), EnhancedStatusCode(parts[1]), String(parts[2]))
        return .peer(reply, scope: scope, stage: stage)
    }

    private func cause(_ text: String, _ stage: DeliveryStage = .dot) throws -> UpstreamCause? {
        UpstreamRules.judgement(of: try failure(text, stage), host: "smtp.office365.com")?.cause
    }

    @Test func refusalsOfTheAccountAreKnown() throws {
        #expect(try cause("550 5.1.8 Access denied, bad outbound sender. AS(45007)") == .restricted)
        #expect(try cause("550 5.7.711 Access denied, bad inbound connector. AS(2204)") == .restricted)
        #expect(try cause("550 5.7.705 Access denied, tenant has exceeded threshold", .mail) == .blocked)
        #expect(try cause("550 5.7.708 Access denied, traffic not accepted from this IP", .recipient) == .blocked)
        #expect(try cause("550 5.1.90 you've reached your daily limit for message recipients", .recipient) == .dailyLimit)
        #expect(try cause("550 5.7.30 Basic authentication is not supported for Client Submission.", .auth) == .signIn)
        #expect(try cause("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", .auth) == .signIn)
        #expect(try cause("432 4.3.2 Concurrent connections limit exceeded.", .auth) == .tooManyConnections)
        for detail in 251...255 {
            let error = ["mailbox full", "send as denied", "invalid license", "too many recipients", "invalid recipients"][detail - 251]
            #expect(try cause("550 5.2.\(detail) Sender throttled due to continuous \(error) errors.") == .errorThrottle)
        }
    }

    @Test func aRefusedSignInNeedsNoKnownWords() throws {
        #expect(try cause("554 5.7.1 Not you", .auth) == .signIn)
        #expect(try cause("454 4.7.0 Temporary authentication failure", .auth) == nil)
        #expect(try cause("554 5.7.1 Not you", .mail) == nil)
    }

    @Test func ourOwnWordsAndQuotedOnesSayNothing() throws {
        let local = DeliveryFailure.local(
            550, EnhancedStatusCode(5, 1, 8), "Access denied, bad outbound sender", scope: .host, stage: .auth)
        #expect(UpstreamRules.judgement(of: local, host: nil) == nil)
        #expect(try cause("550 5.0.350 Remote server returned an error -> 550 5.1.8 Access denied, bad outbound sender") == nil)
    }

    @Test func waitsDoubleUpToADay() throws {
        let reply = try failure("550 5.1.8 Access denied, bad outbound sender", .dot)
        let judgement = try #require(UpstreamRules.judgement(of: reply, host: nil))
        var now = Timestamp(seconds: 0)
        var stop = UpstreamRules.stop("office", judgement, reply.reply, at: now, UpstreamRulesTests.waits)
        var waits: [Int64] = []
        for _ in 0..<5 {
            waits.append((stop.probeAt - now).milliseconds / 3_600_000)
            now = stop.probeAt
            stop = UpstreamRules.probeFailed(stop, judgement, reply.reply, at: now, UpstreamRulesTests.waits)
        }
        #expect(waits == [6, 12, 24, 24, 24] && stop.failedProbes == 5 && stop.since == Timestamp(seconds: 0))
    }

    /// Mended halfway: the restriction is over, and the daily limit is not.
    @Test func anotherCauseBeginsItsOwnWait() throws {
        let now = Timestamp(seconds: 0)
        let first = try failure("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", .auth)
        let second = try failure("550 5.1.90 you've reached your daily limit for message recipients", .recipient)
        let stop = UpstreamRules.stop(
            "office", try #require(UpstreamRules.judgement(of: first, host: nil)), first.reply, at: now, UpstreamRulesTests.waits)
        let failed = UpstreamRules.probeFailed(
            stop, try #require(UpstreamRules.judgement(of: second, host: nil)), second.reply, at: stop.probeAt, UpstreamRulesTests.waits)
        #expect(failed.cause == .dailyLimit && failed.probeAt == stop.probeAt + .seconds(86_400) && failed.since == now)
        #expect(failed.finding.explanation.contains("10,000") && failed.probe == nil)
    }
}
