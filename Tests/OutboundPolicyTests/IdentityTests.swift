import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// Mail whose From domain large receivers would refuse, by the latest look at it.
struct IdentityTests {
    private func verdict(
        _ action: IdentityAction, _ problems: [DomainStanding.Problem], from: String = "a@example.org", byRoute route: String? = nil,
        isExternal: Bool = true
    ) throws -> Verdict {
        let domain = try #require(DomainName("example.org"))
        var rules = SubmissionRules()
        rules.identity = action
        var facts = MessageFacts()
        facts.from = [try #require(EmailAddress(from))]
        let standings = problems.isEmpty ? [:] : [domain: DomainStanding(domain: domain, problems: problems)]
        return rules.identity(facts, standings: standings, byRoute: route, isExternal: isExternal)
    }

    private let bare = DomainStanding.Problem(
        rule: "identity.unauthenticated", text: "It has nothing.", publish: ["example.org. TXT \"v=spf1 mx -all\""])
    private let unaligned = DomainStanding.Problem(rule: "identity.dmarc", text: "Nothing is aligned.", routes: ["out"])

    @Test func aWarningSaysWhatToPublish() throws {
        guard case .accept(let findings) = try verdict(.warn, [bare]) else {
            Issue.record("refused")
            return
        }
        #expect(findings.map(\.rule) == ["identity.unauthenticated"] && findings.map(\.matched) == ["example.org"])
        #expect(findings[0].explanation == "It has nothing. Publish: example.org. TXT \"v=spf1 mx -all\"")
    }

    @Test func whereItIsSetSoTheMailIsRefused() throws {
        guard case .refuse(let reply, let findings) = try verdict(.refuse, [bare]) else {
            Issue.record("taken")
            return
        }
        #expect(reply.code == 550 && reply.enhancedCode == EnhancedStatusCode(5, 7, 26))
        #expect(reply.text.contains("postern domain check example.org"))
        #expect(findings.map(\.rule) == ["identity.unauthenticated"])
    }

    @Test func otherMailIsLeftAlone() throws {
        let taken = Verdict.accept([])
        #expect(try verdict(.off, [bare]) == taken)
        #expect(try verdict(.refuse, []) == taken)
        #expect(try verdict(.refuse, [bare], from: "a@example.net") == taken)
        #expect(try verdict(.refuse, [bare], isExternal: false) == taken)
    }

    @Test func whatHoldsForOneRouteHoldsForItsMailAlone() throws {
        #expect(try verdict(.refuse, [unaligned]) == .accept([]))
        #expect(try verdict(.refuse, [unaligned], byRoute: "partner") == .accept([]))
        guard case .refuse = try verdict(.refuse, [unaligned], byRoute: "out") else {
            Issue.record("taken")
            return
        }
    }
}
