import Campaigns
import Foundation
import InternetMessage
import Logging
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

/// What campaigns say, and what the checklist says of it, on a real store.
@Suite(.ownThreads) struct CampaignContentTests {
    private func data() async throws -> TestData {
        let data = try await TestData()
        let file = URL(fileURLWithPath: data.directory.settingsFile)
        try String(contentsOf: file, encoding: .utf8)
            .replacing("\ncampaigns:\n", with: "\ncampaigns:\n  public-url: https://mail.example.org\n")
            .replacing("\nbulk:\n", with: "\nbulk:\n  return-path-domain: bounces.example.org\n  feedback-sender-id: Northwind1\n")
            .write(to: file, atomically: true, encoding: .utf8)
        _ = try await data.perform(AddDKIMKeys(domain: DomainName("example.org")!, selector: "s1"))
        _ = try await data.perform(AddList(list: "news", title: "News"))
        _ = try await data.perform(
            ImportList(
                list: "news", file: "p.csv",
                content: "email,first name,city\nada@one.example,Ada,Graz\nben@two.example,,\ncy@two.example,Cy,\n", source: .signUp))
        return data
    }

    private func draft(_ data: TestData, starter: String? = nil, body: String? = nil) async throws {
        var fields = CampaignFields()
        fields.from = "Northwind News <news@example.org>"
        fields.postalAddress = "1 Main Street\nTown"
        if let body { (fields.subject, fields.body, fields.format) = ("What is new", body, .html) }
        _ = try await data.perform(CreateCampaign(campaign: "spring", list: "news", starter: starter, fields: fields))
    }

    private func lines(_ data: TestData) async throws -> [String: ChecklistView.Line] {
        let view = try await data.perform(CheckCampaign(campaign: "spring", trial: true))
        return Dictionary(uniqueKeysWithValues: view.lines.map { ($0.code, $0) })
    }

    @Test(arguments: CampaignStarter.all.map(\.name))
    func aStarterHasNoRedLine(_ starter: String) async throws {
        let data = try await data()
        try await draft(data, starter: starter)
        let lines = try await lines(data)
        #expect(lines.values.filter { $0.level == .red }.map { "\($0.code): \($0.why)" } == [])
        for code in ["CONTRAST", "ALT", "GM-12", "US-2", "US-3", "CA-4", "5322", "8058-1", "8058-2", "2369-1", "2919-1", "MERGE"] {
            #expect(lines[code]?.level == .green, "\(code): \(lines[code]?.why ?? "missing")")
        }
        #expect(lines["EU-1"]?.level == .amber && lines["EU-8"]?.level == .green)
    }

    @Test func whatIsWrongWithATextIsSeen() async throws {
        let data = try await data()
        let body = """
            <style>.pale { color: #aaaaaa }</style><p class="pale">Pale words</p><img src="https://www.example.org/a.png">
            <p>{{unsubscribe}}</p>
            """
        try await draft(data, body: body)
        let lines = try await lines(data)
        #expect(lines["CONTRAST"]?.level == .amber && lines["CONTRAST"]?.why.contains("Pale words") == true)
        #expect(lines["ALT"]?.level == .amber && lines["CA-4"]?.level == .amber && lines["DNS"]?.level == .amber)
        #expect(lines["SAME"]?.why.contains("100 %") == true)
        let preview = try await data.perform(PreviewCampaign(campaign: "spring"))
        #expect(preview.html.contains("<p class=\"pale\" style=\"color: #aaaaaa\">"))
    }

    @Test func aFileHangsOnEachCopyAndIsKeptOnce() async throws {
        let data = try await data()
        try await draft(data, body: "<p>See <img src=\"cid:logo.png\" alt=\"Logo\"> and https://www.example.org/</p>")
        let bytes = Data((0..<3000).map { UInt8(truncatingIfNeeded: $0) })
        func attach(_ name: String, _ content: Data) async throws -> CampaignView {
            try await data.perform(AttachFile(campaign: "spring", filename: name, content: content.base64EncodedString()))
        }
        #expect(try await attach("logo.png", bytes).revision == 2)
        #expect(try await attach("plan.pdf", bytes).revision == 3)
        let campaign = try await data.administration().campaign("spring")
        let writer = try await data.administration().writer(of: campaign, settings: try data.directory.settings())
        let copy = String(
            decoding: try MessageBuilder.build(writer.fields(to: EmailAddress("ada@one.example")!, [:]), boundarySeed: "s"), as: UTF8.self)
        #expect(copy.contains("Content-ID: <logo.png>") && copy.contains("Content-Type: image/png"))
        #expect(copy.contains("filename=\"plan.pdf\"") && copy.contains("Content-Type: application/pdf"))
        #expect(try await data.perform(PreviewCampaign(campaign: "spring")).attachments == ["logo.png", "plan.pdf"])
        #expect(try await lines(data)["ATTACH"]?.level == .green)
        _ = try await attach("setup.exe", bytes)
        #expect(try await lines(data)["ATTACH"]?.level == .red)
        _ = try await data.perform(DetachFile(campaign: "spring", filename: "setup.exe"))
        #expect(try await lines(data)["ATTACH"]?.level == .green)
        await #expect(throws: AdministrationError.self) { try await data.perform(DetachFile(campaign: "spring", filename: "setup.exe")) }
        for (name, content) in [("a.pdf", Data(count: 700_001)), ("", bytes), ("a\r\nb.pdf", bytes), ("empty.pdf", Data())] {
            await #expect(throws: AdministrationError.self, "\(name)") { try await attach(name, content) }
        }
        for index in 0..<8 { _ = try await attach("f\(index).pdf", bytes) }
        await #expect(throws: AdministrationError.self) { try await attach("eleventh.pdf", bytes) }
    }

    @Test func theForecastKnowsWhatTheRestWaitsFor() async throws {
        let data = try await data()
        try await draft(data, starter: "letter")
        func look(_ change: (inout CampaignFields) -> Void) async throws -> ChecklistView {
            var fields = CampaignFields()
            change(&fields)
            _ = try await data.perform(EditCampaign(campaign: "spring", fields: fields))
            return try await data.perform(CheckCampaign(campaign: "spring", trial: true))
        }
        // All three are among the first.
        let whole = try await look { $0.canary = 50 }
        #expect(whole.canary == 3 && whole.restFrom.isEmpty)
        let parts = try await look { ($0.canary, $0.canaryWaitMinutes) = (1, 90) }
        #expect(parts.canary == 1 && parts.restFrom == (TestData.now + .seconds(5400)).rfc3339)
        #expect(parts.finish > parts.restFrom && parts.finish < (TestData.now + .seconds(7200)).rfc3339)
        // The rest waits for the better one of two subjects too.
        let tried = try await look { ($0.otherSubject, $0.testShare, $0.testHours) = ("Another", 40, 24) }
        #expect(tried.restFrom == parts.restFrom && tried.finish > (TestData.now + .seconds(5400 + 86_400)).rfc3339)
        // While the gate waits for them.
        var campaign = try await data.administration().campaign("spring")
        campaign.subjectTest = nil
        (campaign.state, campaign.startedAt, campaign.isPlanned, campaign.canarySize) = (.canary, TestData.now, true, 1)
        campaign.canaryHandedAt = TestData.now - .seconds(600)
        try await data.administration().put(campaign, seen: nil, entry: TestData.act.entry("t", target: "spring"))
        let people = try ["ada@one.example", "ben@two.example", "cy@two.example"].enumerated().map { place, text in
            var row = PlannedRecipient(phase: .list, address: try #require(EmailAddress(text)), place: Int64(place), attributes: [:])
            if place == 0 { row.state = .delivered }
            return row
        }
        _ = try await data.store.perform(.campaign(.plan(campaign: campaign.number, people, at: TestData.now)))
        let canary = try #require(try await data.perform(ReportCampaign(campaign: "spring")).canary)
        #expect(canary.size == 1 && canary.handed == 1 && canary.waitMinutes == 90)
        #expect(canary.restFrom == (TestData.now + .seconds(4800)).rfc3339 && canary.waitsFor.contains(canary.restFrom))
    }

    /// A campaign that was sent, with a tick for each warning.
    private func sent(_ data: TestData) async throws {
        try await draft(data, starter: "letter")
        let amber = try await lines(data).values.filter { $0.level == .amber }.map(\.code)
        var campaign = try await data.administration().campaign("spring")
        campaign.ticks = amber.map { Campaign.Tick(code: $0, by: "t", at: TestData.now) }
        (campaign.state, campaign.startedAt) = (.done, TestData.now)
        try await data.administration().put(campaign, seen: nil, entry: TestData.act.entry("t", target: "spring"))
    }

    private func round(_ data: TestData, after seconds: Int64) async throws {
        let repeats = CampaignRepeats(administration: data.administration(), logger: Logger(label: "t"))
        try await repeats.round(at: TestData.now + .seconds(seconds))
    }

    // It is 08:00 on 2027-01-15.
    @Test func aCampaignGoesOutAnewAsOneOfItsOwn() async throws {
        let data = try await data()
        try await draft(data, starter: "letter")
        await #expect(throws: AdministrationError.self) {
            try await data.perform(RepeatCampaign(campaign: "spring", every: "daily 09:00"))
        }
        let other = try await self.data()
        try await sent(other)
        for (every, trigger) in [("often", ""), ("daily 09:00", "someday"), ("weekly Mon 09:00", "subscribed 3")] {
            await #expect(throws: AdministrationError.self, "\(every) \(trigger)") {
                try await other.perform(RepeatCampaign(campaign: "spring", every: every, trigger: trigger))
            }
        }
        #expect(try await other.perform(RepeatCampaign(campaign: "spring", every: "daily 09:00")).repeats == "daily 09:00")
        try await round(other, after: 3599)
        #expect(try await other.perform(ListCampaigns()).map(\.campaign) == ["spring"])
        for seconds in [3600, 3700] as [Int64] { try await round(other, after: seconds) }
        let made = try #require(try await other.administration().directory().campaigns["spring-2027-01-15"])
        let first = try await other.administration().campaign("spring")
        #expect(made.state == .canary && made.number > first.number)
        #expect(try await other.administration().content(of: made).subject == "A word about the coming year")
        #expect(try await other.perform(ShowCampaign(campaign: "spring")).repeatProblem == "")
        // The checklist is looked at again: without its ticks it does not go.
        var origin = try await other.administration().campaign("spring")
        origin.ticks = []
        try await other.administration().put(origin, seen: nil, entry: TestData.act.entry("t", target: "spring"))
        try await round(other, after: 3700 + 86_400)
        #expect(try await other.perform(ShowCampaign(campaign: "spring-2027-01-16")).started == "")
        #expect(try await other.perform(ShowCampaign(campaign: "spring")).repeatProblem.contains("checklist"))
    }

    @Test func aTriggerMakesOneOnlyForPeopleOfTheDay() async throws {
        let data = try await data()
        try await sent(data)
        _ = try await data.perform(RepeatCampaign(campaign: "spring", every: "daily 09:00", trigger: "subscribed 1"))
        try await round(data, after: 3600)
        #expect(try await data.perform(ListCampaigns()).map(\.campaign) == ["spring"], "nobody came a day before")
        try await round(data, after: 3600 + 86_400)
        let made = try #require(try await data.administration().directory().campaigns["spring-2027-01-16"])
        #expect(made.triggerDay == (TestData.now + .seconds(86_400)).day && made.state == .canary)
        let audience = try await CampaignAudience(made, in: data.administration())
        #expect(try audience.page(data.store.store, after: "", at: TestData.now)?.people.count == 3)
        try await round(data, after: 3600 + 2 * 86_400)
        #expect(try await data.perform(ListCampaigns()).count == 2)
    }

    @Test func eachPersonTriesOneOfTwoSubjects() async throws {
        let data = try await data()
        try await draft(data, starter: "letter")
        var fields = CampaignFields()
        (fields.otherSubject, fields.testShare) = ("The other subject", 100)
        _ = try await data.perform(EditCampaign(campaign: "spring", fields: fields))
        var subjects: [String: Int] = [:]
        for index in 0..<40 {
            let preview = try await data.perform(
                PreviewCampaign(campaign: "spring", recipient: EmailAddress("p\(index)@one.example")!))
            subjects[preview.subject, default: 0] += 1
        }
        #expect(subjects.keys.sorted() == ["A word about the coming year", "The other subject"])
        #expect(subjects.values.allSatisfy { $0 > 5 }, "\(subjects)")
        var campaign = try await data.administration().campaign("spring")
        campaign.subjectTest?.share = 2
        campaign.subjectTest?.winner = .b
        try await data.administration().put(campaign, seen: nil, entry: TestData.act.entry("t", target: "spring"))
        var winners = 0
        for index in 0..<20 {
            let preview = try await data.perform(
                PreviewCampaign(campaign: "spring", recipient: EmailAddress("p\(index)@one.example")!))
            winners += preview.subject == "The other subject" ? 1 : 0
        }
        #expect(winners >= 17, "the rest gets the winner")
        fields.otherSubject = nil
        for (share, hours) in [(1, 24), (101, 24), (20, 0), (20, 169)] {
            (fields.testShare, fields.testHours) = (share, hours)
            let wrong = fields
            await #expect(throws: AdministrationError.self) { try await data.perform(EditCampaign(campaign: "spring", fields: wrong)) }
        }
    }

    @Test func samplesGoFromWhoIsKnownBestToWhoIsNot() async throws {
        let data = try await data()
        try await draft(data, starter: "event")
        let samples = try await data.perform(PreviewSamples(campaign: "spring", count: 3))
        #expect(samples.map(\.recipient) == ["ada@one.example", "cy@two.example", "ben@two.example"])
        #expect(samples[0].html.contains("Graz") && samples[2].html.contains("Dear reader"))
        #expect(try await data.perform(PreviewSamples(campaign: "spring", count: 1)).map(\.recipient) == ["ada@one.example"])
        await #expect(throws: AdministrationError.self) { try await data.perform(PreviewSamples(campaign: "spring", count: 0)) }
    }
}
