import ArgumentParser
import Campaigns
import Foundation
import MailModel
import OutboundPolicy
import PosternRuntime

struct CampaignCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign", abstract: "Mailings to lists: checked, tried out, paced.",
        subcommands: [
            CampaignStarters.self, CampaignCreate.self, CampaignEdit.self, CampaignContentCommand.self, CampaignRepeatCommand.self,
            CampaignAttach.self, CampaignDetach.self, CampaignList.self,
            CampaignShow.self, CampaignPreviewCommand.self, CampaignSamples.self, CampaignCheck.self,
            CampaignApprove.self, CampaignPilot.self, CampaignStart.self, CampaignPause.self, CampaignResume.self, CampaignCancel.self,
            CampaignReportCommand.self, CampaignRecipients.self,
        ])

    static func show(_ view: CampaignView, json: Bool) throws {
        if json { return try Output.json([view]) }
        Output.line("\(view.campaign): \(view.state.rawValue), revision \(view.revision), to the list \(view.list)")
        let pace = [
            view.perHourMax.map { "\($0) an hour" }, view.perDayMax.map { "\($0) a day" }, view.days.map { "over \($0) days" },
            view.startAt.isEmpty ? nil : "not before \(Output.time(view.startAt))",
            view.hours.isEmpty ? nil : "\(view.hours.joined(separator: " or "))\(view.timeZone.isEmpty ? "" : " in \(view.timeZone)")",
            view.zoneAttribute.isEmpty ? nil : "by each person's clocks ({{\(view.zoneAttribute)}})",
            view.routes.isEmpty ? nil : "by \(view.routes.joined(separator: ", "))",
        ].compactMap { $0 }
        if !pace.isEmpty { Output.line("  pace: \(Output.printable(pace.joined(separator: "; ")))") }
        if !view.repeats.isEmpty {
            Output.line("  goes out \(view.repeats)\(view.trigger.isEmpty ? "" : ", to \(view.trigger)")")
        }
        if !view.repeatProblem.isEmpty { Output.line("  did not go out: \(Output.printable(view.repeatProblem))") }
        if !view.pauseReason.isEmpty { Output.line("  stands still: \(Output.printable(view.pauseReason))") }
    }
}

/// What a draft is made of.
struct CampaignOptions: ParsableArguments {
    @Option(help: "The sender, such as \"News <news@example.org>\".")
    var from: String?
    @Option(help: "Where answers go.")
    var replyTo: String?
    @Option(help: "May hold {{attributes}}.")
    var subject: String?
    @Option(help: "Another subject, to be tried against the first; \"\" for none.")
    var otherSubject: String?
    @Option(help: "Percent of the people who try one of two subjects; the rest gets what made fewer people leave.")
    var testShare: Int?
    @Option(help: "Hours that are waited for after them.")
    var testHours: Int?
    @Option(help: "A file with the text: .md, .html or .txt; - for standard input.")
    var content: String?
    @Option(help: "markdown, html or plain; by the file's name where it is missing.")
    var format: String?
    @Option(help: "The organisation's postal address; \\n begins a line.")
    var postal: String?
    @Option(help: "A part of the list, such as: city = London and consent is valid.")
    var segment: String?
    @Option(help: "marketing, or informing for what people must know.")
    var kind: String?
    @Option(help: "How many people get it before the rest; usually by the risk of the list.")
    var canary: Int?
    @Option(help: "Minutes that what comes back of them is waited for.")
    var canaryWait: Int?
    @Option(help: "Recipients an hour at most; 0 for no limit.")
    var perHour: Int?
    @Option(help: "Recipients a day at most; 0 for no limit.")
    var perDay: Int?
    @Option(help: "Spread it over so many days in equal parts; 0 for none.")
    var days: Int?
    @Option(help: "When copies may leave, such as \"Mon,Tue,Wed,Thu,Fri 09:00-17:00\"; may be repeated. \"any\" for any time.")
    var hours: [String] = []
    @Option(help: "By whose clocks, such as Europe/Berlin; usually the organisation's.")
    var timeZone: String?
    @Option(help: "The attribute that names a person's own time zone.")
    var zoneAttribute: String?
    @Option(help: "Nothing leaves before, such as 2026-12-31T09:00:00Z.")
    var startAt: String?
    @Option(
        name: .customLong("route"), help: "A route that carries it, or NAME=WEIGHT for a share; may be repeated. \"any\": the usual rules.")
    var routes: [String] = []
    @Option(help: "yes: links and opens are counted, of people who consented to that; no: nothing is.")
    var track: String?

    func fields() throws -> CampaignFields {
        var fields = CampaignFields()
        (fields.from, fields.replyTo, fields.subject, fields.segment) = (from, replyTo, subject, segment)
        (fields.canary, fields.canaryWaitMinutes, fields.perHour, fields.perDay) = (canary, canaryWait, perHour, perDay)
        (fields.days, fields.timeZone, fields.zoneAttribute, fields.startAt) = (days, timeZone, zoneAttribute, startAt)
        if !hours.isEmpty { fields.hours = hours == ["any"] ? [] : hours }
        if !routes.isEmpty { fields.routes = routes == ["any"] ? [] : routes }
        (fields.otherSubject, fields.testShare, fields.testHours) = (otherSubject, testShare, testHours)
        fields.postalAddress = postal?.replacing("\\n", with: "\n")
        if let track {
            guard ["yes", "no"].contains(track) else { throw ValidationError("--track is yes or no") }
            fields.track = track == "yes"
        }
        if let kind {
            guard let found = Campaign.Kind(rawValue: kind) else { throw ValidationError("--kind is marketing or informing") }
            fields.kind = found
        }
        if let format {
            guard let found = CampaignContent.Format(rawValue: format) else { throw ValidationError("--format is markdown, html or plain") }
            fields.format = found
        }
        if let content {
            fields.body = try CampaignOptions.read(content)
            fields.format = fields.format ?? CampaignOptions.format(content)
        }
        return fields
    }

    private static func read(_ file: String) throws -> String {
        let octets: Data
        if file == "-" {
            octets = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            guard let found = FileManager.default.contents(atPath: file) else { throw ValidationError("\(file) cannot be read") }
            octets = found
        }
        guard let text = String(data: octets, encoding: .utf8) else { throw ValidationError("\(file) is not UTF-8") }
        return text
    }

    private static func format(_ file: String) -> CampaignContent.Format {
        if file.hasSuffix(".html") || file.hasSuffix(".htm") { return .html }
        return file.hasSuffix(".txt") ? .plain : .markdown
    }
}

struct CampaignCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Begin a draft.")

    @Argument(help: "a to z, 0 to 9, - and _.")
    var name: String
    @Option(name: .customLong("list"), help: "Who gets it.")
    var list: String
    @Option(help: "A text to begin with: see `campaign starters`. Printed with --json, it can be written anew.")
    var starter: String?
    @OptionGroup var options: CampaignOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = CreateCampaign(campaign: name, list: list, starter: starter, fields: try options.fields())
        try CampaignCommands.show(try await data.perform(operation, reason: reason.reason), json: format.json)
    }
}

struct CampaignEdit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change a draft. What was checked and approved before counts no more.")

    @Argument var name: String
    @OptionGroup var options: CampaignOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = EditCampaign(campaign: name, fields: try options.fields())
        try CampaignCommands.show(try await data.perform(operation, reason: reason.reason), json: format.json)
    }
}

struct CampaignList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the campaigns.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let campaigns = try await data.perform(ListCampaigns())
        try format.print(campaigns, ["CAMPAIGN", "LIST", "STATE", "FROM", "STARTED"], empty: "No campaigns.") {
            [$0.campaign, $0.list, $0.state.rawValue, $0.from, $0.started.isEmpty ? "" : Output.time($0.started)]
        }
    }
}

struct CampaignShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a campaign.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        try CampaignCommands.show(try await data.perform(ShowCampaign(campaign: name)), json: format.json)
    }
}

struct CampaignPreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "preview", abstract: "Show one person's copy.")

    @Argument var name: String
    @Option(help: "Whose; else somebody without attributes.")
    var recipient: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let address = try recipient.map { text in
            guard let address = EmailAddress(text) else { throw ValidationError("\(text) is no address") }
            return address
        }
        let view = try await data.perform(PreviewCampaign(campaign: name, recipient: address))
        if format.json { return try Output.json([view]) }
        CampaignPreviewCommand.show(view)
    }

    static func show(_ view: CampaignPreview) {
        Output.line("To: \(view.recipient)\nSubject: \(Output.printable(view.subject))")
        for header in view.headers { Output.line(Output.printable(header)) }
        for name in view.attachments { Output.line("Attached: \(Output.printable(name))") }
        Output.line("")
        for line in view.text.split(separator: "\n", omittingEmptySubsequences: false) {
            Output.line(line.isEmpty ? "" : Output.printable(String(line)))
        }
    }
}
