import MailModel
import OutboundPolicy
import Testing

struct CampaignStateTests {
    private func campaign(_ state: Campaign.State) -> Campaign {
        var campaign = Campaign(
            name: "spring", number: 1, list: "news", segment: "", from: "news@example.org", sender: EmailAddress("news@example.org")!,
            kind: .marketing, seed: 1, createdBy: "local:root", createdAt: Timestamp(milliseconds: 0))
        campaign.state = state
        if state == .paused { campaign.pausedFrom = .canary }
        return campaign
    }

    private func after(_ act: CampaignAct, _ state: Campaign.State, needsApproval: Bool = false) -> Campaign.State? {
        campaign(state).state(after: act, needsApproval: needsApproval)
    }

    @Test func `a campaign goes its way from draft to done`() {
        #expect(after(.check, .draft) == .checked && after(.pilot, .checked) == .pilot && after(.approvePilot, .pilot) == .pilotApproved)
        #expect(after(.start, .pilotApproved) == .canary && after(.goOn, .canary) == .rest && after(.finish, .rest) == .done)
        #expect(after(.pause, .rest) == .paused && after(.resume, .paused) == .canary)
    }

    @Test func `nothing leaves unchecked, or without its pilot`() {
        for state in Campaign.State.allCases where state != .pilotApproved { #expect(after(.start, state) == nil, "\(state)") }
        #expect(after(.pilot, .draft) == nil)
        for state in [Campaign.State.checked, .approved, .pilot, .pilotApproved] { #expect(after(.edit, state) == .draft) }
        for state in [Campaign.State.canary, .rest, .paused, .done, .cancelled] { #expect(after(.edit, state) == nil) }
    }

    @Test func `where a second person is needed, there is no pilot before that person`() {
        #expect(after(.pilot, .checked, needsApproval: true) == nil && after(.pilot, .approved, needsApproval: true) == .pilot)
    }

    @Test func `what is done cannot be cancelled, all else can`() {
        for state in Campaign.State.allCases { #expect(after(.cancel, state) == (state == .done ? nil : .cancelled)) }
    }

    @Test func `only one that is being sent is a submitter`() {
        #expect(Campaign.State.allCases.filter { campaign($0).isSending } == [.pilot, .canary, .rest])
        let submitter = Submitter(campaign(.rest))
        #expect(submitter.name == "campaign:spring" && submitter.trafficClass == .campaign)
        #expect(submitter.mayUse(EmailAddress("news@example.org")!) && !submitter.mayUse(EmailAddress("boss@example.org")!))
        #expect(campaign(.draft).listID == "news.example.org")
    }
}
