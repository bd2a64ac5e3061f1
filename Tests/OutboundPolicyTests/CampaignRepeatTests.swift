import MailModel
import OutboundPolicy
import Testing

struct CampaignRepeatTests {
    private func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text)! }

    private func next(_ rule: String, _ after: String, in day: OrganisationDay = .utc) -> String {
        CampaignRepeat(rule)!.next(after: time(after), in: day).rfc3339
    }

    // 2026-11-23 is a Monday.
    @Test func `the next time follows from the last`() {
        #expect(next("daily 09:00", "2026-11-23T08:59:00Z").hasPrefix("2026-11-23T09:00"))
        #expect(next("daily 09:00", "2026-11-23T09:00:00Z").hasPrefix("2026-11-24T09:00"))
        #expect(next("weekly Mon,Thu 09:00", "2026-11-23T10:00:00Z").hasPrefix("2026-11-26T09:00"))
        #expect(next("weekly mon 09:00", "2026-11-23T10:00:00Z").hasPrefix("2026-11-30T09:00"))
        #expect(next("monthly 31 00:30", "2026-11-23T10:00:00Z").hasPrefix("2026-11-30T00:30"))
        #expect(next("monthly 31 00:30", "2026-11-30T00:30:00Z").hasPrefix("2026-12-31T00:30"))
        #expect(next("monthly 1 09:00", "2026-11-23T10:00:00Z").hasPrefix("2026-12-01T09:00"))
        #expect(next("monthly 30 09:00", "2027-02-01T10:00:00Z").hasPrefix("2027-02-28T09:00"))
    }

    @Test func `clocks are those of the zone`() {
        let tokyo = OrganisationDay(zoneName: "Tokyo", offsets: [.init(since: Timestamp(milliseconds: 0), seconds: 9 * 3600)])
        #expect(next("daily 09:00", "2026-11-23T08:59:00Z", in: tokyo).hasPrefix("2026-11-24T00:00"))
        #expect(next("weekly Mon 03:00", "2026-11-23T08:59:00Z", in: tokyo).hasPrefix("2026-11-29T18:00"))
    }

    @Test func `rules are read and written`() {
        for text in ["daily 09:05", "weekly Mon,Thu 23:59", "monthly 31 00:00"] { #expect(CampaignRepeat(text)?.description == text) }
        for text in [
            "", "daily", "daily 24:00", "weekly 09:00", "weekly Someday 09:00", "monthly 0 09:00", "monthly 32 09:00", "yearly 09:00",
            "daily 9",
        ] {
            #expect(CampaignRepeat(text) == nil, "\(text)")
        }
        for text in ["subscribed 3", "date birthday", "date day of renewal 14", "date birthday -1"] {
            #expect(CampaignTrigger(text)?.description == text)
        }
        for text in ["", "subscribed", "subscribed -1", "subscribed x", "date", "date 14 999", "opened 3"] {
            #expect(CampaignTrigger(text) == nil, "\(text)")
        }
    }

    @Test func `a trigger picks the people of the day`() {
        let today = time("2026-11-23T00:00:00Z").day
        let joined = CampaignTrigger("subscribed 3")!
        #expect(
            joined.matches(today: today, added: today - 3, attributes: [:])
                && !joined.matches(today: today, added: today - 2, attributes: [:]))
        let birthday = CampaignTrigger("date birthday")!
        func matches(_ trigger: CampaignTrigger, _ date: String, _ day: String) -> Bool {
            trigger.matches(today: time("\(day)T00:00:00Z").day, added: 0, attributes: ["birthday": date])
        }
        #expect(matches(birthday, "1980-11-23", "2026-11-23") && matches(birthday, "11-23", "2026-11-23"))
        #expect(
            !matches(birthday, "1980-11-24", "2026-11-23") && !matches(birthday, "soon", "2026-11-23")
                && !matches(birthday, "", "2026-11-23"))
        #expect(matches(CampaignTrigger("date birthday 14")!, "1980-01-01", "2026-12-18"))
        #expect(matches(birthday, "1980-02-29", "2027-02-28") && !matches(birthday, "1980-02-29", "2028-02-28"))
        #expect(matches(birthday, "1980-02-29", "2028-02-29"))
    }
}

struct SubjectTestTests {
    @Test func `people are split in halves, and come first in the order of sending`() {
        let test = SubjectTest(share: 20)
        // Places as the order of sending has them: spread over all numbers.
        let places = (0..<10_000).map { Int64($0) &* 922_337_203_685_477 }
        let variants = places.map(test.variant)
        #expect(abs(variants.count { $0 == .a } - 1000) < 120 && abs(variants.count { $0 == .b } - 1000) < 120)
        for (place, variant) in zip(places, variants) {
            let moved = test.place(place)
            #expect(moved >= 0 && (moved < SubjectTest.end) == (variant != nil))
            if let variant { #expect((moved & 1 == 1) == (variant == .b)) }
        }
        #expect(places.allSatisfy { SubjectTest(share: 100).variant($0) != nil })
    }
}
