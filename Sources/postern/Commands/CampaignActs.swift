import ArgumentParser
import Campaigns
import MailModel
import OutboundPolicy
import PosternRuntime

struct CampaignCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Hold a draft against the launch checklist.",
        discussion: "Errors (red) stop a campaign. Warnings (amber) want somebody's name: --accept CODE, kept with who gave it.")

    @Argument var name: String
    @Option(help: "A warning that you have seen and accept; may be repeated.")
    var accept: [String] = []
    @Flag(name: .customLong("look"), help: "Only look; nothing is changed.")
    var isTrial = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(CheckCampaign(campaign: name, accept: accept, trial: isTrial), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        for line in view.lines where line.level != .green {
            let head = "\(line.level.rawValue.uppercased().padding(5))  \(line.code.padding(9))"
            Output.line("\(head)  \(line.title): \(Output.printable(line.why))")
            if !line.fix.isEmpty { Output.line("                  → \(Output.printable(line.fix))") }
            if !line.acceptedBy.isEmpty { Output.line("                  accepted by \(line.acceptedBy)") }
        }
        Output.line(
            "\(view.campaign): \(view.state.rawValue); \(view.red) errors, \(view.open) open warnings, "
                + "\(view.lines.count - view.red - view.amber) in order")
        let by = view.finishBy.isEmpty ? "" : ", by \(Output.printable(view.finishBy))"
        if !view.restFrom.isEmpty {
            Output.line("started now, it goes to \(view.canary) people first, and to the rest from \(Output.time(view.restFrom)) on")
        }
        Output.line("\(view.recipients) people; started now, the last one has it by \(Output.time(view.finish))\(by)")
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { count >= width ? self : self + String(repeating: " ", count: width - count) }
}

struct CampaignApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "approve", abstract: "Agree to a campaign, or to its pilot.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        try CampaignCommands.show(try await data.perform(ApproveCampaign(campaign: name), reason: reason.reason), json: format.json)
    }
}

struct CampaignPilot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pilot", abstract: "Send it to named people first.")

    @Argument var name: String
    @Option(name: .customLong("to"), help: "One of them; may be repeated.")
    var recipients: [String]
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let addresses = try recipients.flatMap { $0.split(separator: ",") }.map { text in
            guard let address = EmailAddress(text.filter { !$0.isWhitespace }) else { throw ValidationError("\(text) is no address") }
            return address
        }
        let operation = PilotCampaign(campaign: name, recipients: addresses)
        try CampaignCommands.show(try await data.perform(operation, reason: reason.reason), json: format.json)
    }
}

struct CampaignStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Let it go: to a small share of all recipients first, then to the rest.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        try CampaignCommands.show(try await data.perform(StartCampaign(campaign: name), reason: reason.reason), json: format.json)
    }
}

struct CampaignPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pause", abstract: "Stop it at once, what is in the queue too.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        try CampaignCommands.show(try await data.perform(PauseCampaign(campaign: name), reason: reason.reason), json: format.json)
    }
}

struct CampaignResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Go on with a campaign that stands still.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        try CampaignCommands.show(try await data.perform(ResumeCampaign(campaign: name), reason: reason.reason), json: format.json)
    }
}

struct CampaignCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End it for good; what is in the queue is taken out. Broken off, it is done again.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        try CampaignCommands.show(try await data.perform(CancelCampaign(campaign: name), reason: reason.reason), json: format.json)
    }
}

struct CampaignReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "report", abstract: "What became of its recipients, and when it ends.")

    @Argument var name: String
    @Flag(name: .customLong("csv"), help: "What came of it at each receiver, as CSV.")
    var isCSV = false
    @Flag(help: "The links and who followed them, as CSV.")
    var linksCSV = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let report = try await data.perform(ReportCampaign(campaign: name))
        if isCSV { return Output.part(report.csv) }
        if format.json { return try Output.json([report]) }
        if linksCSV {
            Output.line(CSVText.line(["link", "people", "clicks", "machines"]))
            for link in report.responses.links {
                Output.line(CSVText.line([link.address, "\(link.people)", "\(link.total)", "\(link.machine)"]))
            }
            return
        }
        let reason = report.pauseReason.isEmpty ? "" : " — \(Output.printable(report.pauseReason))"
        Output.line("\(report.campaign): \(report.state.rawValue)\(reason)")
        Output.line("\(report.recipients) recipients: \(CampaignReportCommand.text(report.sums))")
        Output.line("pilot: \(CampaignReportCommand.text(report.pilot))")
        Output.line("\(report.left) left the list, \(report.complaints) complained, \(report.hardBounces) addresses do not exist")
        if let canary = report.canary, !canary.restFrom.isEmpty {
            Output.line("the rest from \(Output.time(canary.restFrom)) on, unless too many come back: \(canary.waitsFor)")
        }
        if !report.finish.isEmpty {
            let by = report.finishBy.isEmpty ? "" : ", by \(Output.printable(report.finishBy))"
            Output.line("last one by \(Output.time(report.finish)), \(report.perHour) an hour\(by)")
        }
        if let subjects = report.subjects {
            Output.line("two subjects: \(subjects.words)\(subjects.winner.isEmpty ? "" : " The rest gets \(subjects.winner).")")
            if let words = subjects.clickWords { Output.line("  \(words)") }
        }
        for row in report.providers {
            let reasons = row.reasons.map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
            Output.line(
                "  at \(row.provider): \(row.delivered) delivered, \(row.deferrals) put off, \(row.bounced) bounced"
                    + "\(reasons.isEmpty ? "" : " (\(reasons))"), \(row.complaints) complained")
        }
        let responses = report.responses
        if responses.counted {
            Output.line(
                "of those who consented: \(responses.opens) opened it, \(responses.proxyOpens) more by a proxy; links were followed by people "
                    + "\(responses.clicks) times, each once a link; machines: \(responses.machineOpens) opens, \(responses.machineClicks) clicks"
            )
            for link in responses.links {
                Output.line("  \(link.people) people, \(link.total) times: \(Output.printable(link.address))")
            }
        }
        for domain in report.domains {
            Output.line("  \(domain.domain): \(domain.recipients) recipients, \(CampaignReportCommand.text(domain.sums))")
        }
    }

    private static func text(_ sums: CampaignReport.Sums) -> String {
        let parts = [
            ("planned", sums.planned), ("queued", sums.queued), ("deferred", sums.deferred), ("held", sums.held),
            ("delivered", sums.delivered), ("bounced", sums.bounced), ("expired", sums.expired), ("suppressed", sums.suppressed),
            ("unsubscribed", sums.unsubscribed),
            ("cancelled", sums.cancelled), ("refused", sums.refused), ("skipped", sums.skipped),
        ].filter { $0.1 > 0 }
        return parts.isEmpty ? "none" : parts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}

struct CampaignRecipients: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "recipients", abstract: "List its recipients with the state of each.")

    @Argument var name: String
    @Option(help: "Only those in this state, such as bounced.")
    var status: String?
    @Flag(help: "Those of the pilot.")
    var pilot = false
    @Flag(name: .customLong("csv"), help: "As CSV.")
    var isCSV = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var after: String?
        repeat {
            let page = try await data.perform(
                ListCampaignRecipients(campaign: name, status: status, pilot: pilot, after: after, limit: 1000))
            if isCSV {
                let rows = page.items.map { [$0.address, $0.state, $0.reason, $0.message, $0.changed] }
                Output.part(CSVText.table(after == nil ? ["recipient", "state", "reason", "message", "changed"] : [], rows))
                after = page.next
                continue
            }
            try format.print(page.items, ["RECIPIENT", "STATE", "REASON"], empty: "No recipients.") {
                [$0.address, $0.state + ($0.complained ? ", complained" : ""), Output.printable($0.reason)]
            }
            after = page.next
        } while after != nil
    }
}
