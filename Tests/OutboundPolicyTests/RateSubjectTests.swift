import OutboundPolicy
import Testing

@Suite struct RateSubjectTests {
    @Test(arguments: ["sender:a@example.org", "list:news.example.org", "provider:google", "all"])
    func aSubjectIsReadAsItIsWritten(_ text: String) throws {
        #expect(try #require(RateSubject(text)).description == text)
    }

    /// Copies of a campaign are counted for their sender.
    @Test func aCampaignIsASender() {
        #expect(RateSubject("campaign:spring") == .sender("campaign:spring"))
        #expect(RateSubject("sender:campaign:spring") == .sender("campaign:spring"))
    }

    @Test(arguments: ["", "sender", "sender:", ":x", "other:x"]) func whatIsNoneIsRefused(_ text: String) {
        #expect(RateSubject(text) == nil)
    }
}
