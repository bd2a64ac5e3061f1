import InternetMessage
import MailModel
import Testing

@Suite struct FeedbackIDTests {
    private func field(_ parts: String, sender: String = "news@example.org") -> String? {
        FeedbackID(senderID: "Northwind1", parts: parts).map { feedback in
            String(
                decoding: feedback.field(
                    tenant: .standard, sender: sender, trafficClass: .campaign, receivedAt: Timestamp(milliseconds: 1_763_800_000_000)),
                as: UTF8.self)
        }
    }

    @Test func itHasGooglesForm() throws {
        #expect(field("class:tenant:day") == "Feedback-ID: campaign:1:2025-11-22:Northwind1\r\n")
        #expect(field("autumn-2026") == "Feedback-ID: autumn-2026:::Northwind1\r\n")
        #expect(field("") == "Feedback-ID: :::Northwind1\r\n")
        let one = try #require(field("sender"))
        #expect(
            !one.contains("news") && one == field("sender", sender: "NEWS@example.org")
                && one != field("sender", sender: "shop@example.org"))
    }

    @Test func whatIsNotOfTheFormIsNotTaken() {
        for sender in ["", "four", "sixteenletters16", "with space", "a:b:cd", "ümlaut", "line\r\nfeed"] {
            #expect(FeedbackID(senderID: sender, parts: "") == nil, "\(sender)")
        }
        for parts in ["a:b:c:d", "a b", "sender:ü", "x\r\nBcc", String(repeating: "x", count: 41)] {
            #expect(field(parts) == nil, "\(parts)")
        }
    }
}
