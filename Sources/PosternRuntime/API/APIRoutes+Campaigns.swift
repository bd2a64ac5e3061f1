import Campaigns
import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var campaignRoutes: [APIRoute] {
        [
            list(
                "/v1/campaigns", "List the campaigns", PageInput.self, operation: { _ in ListCampaigns() },
                page: { try $0.page($1) { $0.campaign } }),
            route(Way(.post, "/v1/campaigns", "Begin the draft of a campaign", status: 201), CreateCampaign.self) {
                "/v1/campaigns/\($0.campaign)"
            },
            route(Way(.get, "/v1/campaigns/{campaign}", "A campaign with its state"), ShowCampaign.self),
            route(Way(.patch, "/v1/campaigns/{campaign}", "Change the draft; what was approved counts no more"), EditCampaign.self),
            route(Way(.get, "/v1/campaigns/{campaign}/content", "What it says, in its revision"), ShowCampaignContent.self),
            route(Way(.get, "/v1/campaign-starters", "Texts to begin a campaign with"), ListStarters.self),
            route(
                Way(.post, "/v1/campaigns/{campaign}/attachments", "Hang a file on the copies, in base 64", status: 201), AttachFile.self),
            route(Way(.delete, "/v1/campaigns/{campaign}/attachments/{filename}", "Take a file off the copies"), DetachFile.self),
            route(
                Way(.post, "/v1/campaigns/{campaign}/samples", "Copies of several people, from who has most attributes to who has fewest"),
                PreviewSamples.self),
            route(Way(.post, "/v1/campaigns/{campaign}/preview", "One person's copy, as it would leave"), PreviewCampaign.self),
            route(
                Way(.post, "/v1/campaigns/{campaign}/check", "Hold the draft against the launch checklist, and accept warnings"),
                CheckCampaign.self),
            route(Way(.post, "/v1/campaigns/{campaign}/approve", "Agree to the campaign, or to its pilot"), ApproveCampaign.self),
            route(Way(.post, "/v1/campaigns/{campaign}/pilot", "Send it to named people first"), PilotCampaign.self),
            route(Way(.post, "/v1/campaigns/{campaign}/start", "Let it go: a small share first, then the rest"), StartCampaign.self),
            route(Way(.post, "/v1/campaigns/{campaign}/pause", "Stop it, what is in the queue too"), PauseCampaign.self),
            route(Way(.post, "/v1/campaigns/{campaign}/resume", "Go on with it"), ResumeCampaign.self),
            route(
                Way(.post, "/v1/campaigns/{campaign}/repeat", "Send it anew by itself, to everybody or to the people of a day"),
                RepeatCampaign.self),
            route(Way(.post, "/v1/campaigns/{campaign}/cancel", "End it, what is in the queue too"), CancelCampaign.self),
            route(Way(.get, "/v1/campaigns/{campaign}/report", "What became of its recipients, and when it ends"), ReportCampaign.self),
            route(
                Way(.post, "/v1/campaigns/{campaign}/recipients", "Its recipients with the state of each, page by page"),
                ListCampaignRecipients.self),
        ]
    }
}
