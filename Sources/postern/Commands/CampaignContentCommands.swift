import ArgumentParser
import Campaigns
import Foundation
import InternetMessage
import PosternRuntime

struct CampaignStarters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "starters", abstract: "Texts to begin a campaign with.",
        discussion:
            "`campaign create NAME --starter STARTER` takes one; `campaign edit NAME --content FILE` puts your own text in its place.")

    @Argument(help: "The one whose text is printed; else all are listed.")
    var name: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let starters = try await data.perform(ListStarters())
        guard let name else {
            return try format.print(starters, ["STARTER", "FOR", "SUBJECT"], empty: "None.") { [$0.name, $0.purpose, $0.subject] }
        }
        guard let found = starters.first(where: { $0.name == name }) else {
            throw ValidationError("\(name) is no starter: \(starters.map(\.name).joined(separator: ", "))")
        }
        if format.json { return try Output.json([found]) }
        Output.line(found.body)
    }
}

struct CampaignAttach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Hang a file on the copies of a draft.",
        discussion: "An image that the HTML names as cid:NAME is shown within it. A link is better than a large file.")

    @Argument var name: String
    @Argument(help: "At most 700,000 octets.", completion: .file())
    var file: String
    @Option(help: "The name that people see; else the file's.")
    var filename: String?
    @Option(help: "Such as application/pdf; else by the name.")
    var type: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        guard let octets = FileManager.default.contents(atPath: file) else { throw ValidationError("\(file) cannot be read") }
        guard octets.count <= CampaignContent.Attachment.octetsMax else {
            throw ValidationError(
                "\(file) has \(octets.count) octets; a file on a campaign has \(CampaignContent.Attachment.octetsMax) at most: link to it")
        }
        let operation = AttachFile(
            campaign: name, filename: filename ?? URL(fileURLWithPath: file).lastPathComponent, contentType: type,
            content: octets.base64EncodedString())
        try CampaignCommands.show(try await data.perform(operation, reason: reason.reason), json: format.json)
    }
}

struct CampaignDetach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "detach", abstract: "Take a file off a draft.")

    @Argument var name: String
    @Argument var filename: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = DetachFile(campaign: name, filename: filename)
        try CampaignCommands.show(try await data.perform(operation, reason: reason.reason), json: format.json)
    }
}

struct CampaignSamples: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samples",
        abstract: "Show copies of several people: of who has most attributes, of who has fewest, of some in between.")

    @Argument var name: String
    @Option(help: "1 to 20.")
    var count = 3
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let views = try await data.perform(PreviewSamples(campaign: name, count: count))
        if format.json { return try Output.json(views) }
        for view in views {
            CampaignPreviewCommand.show(view)
            Output.line("========")
        }
    }
}

struct CampaignContentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "content", abstract: "Print what a campaign says, to be edited and given back with `campaign edit --content`.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let content = try await data.perform(ShowCampaignContent(campaign: name))
        if format.json { return try Output.json([content]) }
        Output.part(content.body)
    }
}

struct CampaignRepeatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repeat", abstract: "Send a campaign anew by itself, each time as a campaign of its own.",
        discussion:
            "It has been sent once. Each time the checklist is looked at again; where it is not clear, nothing goes out, and `show` says why."
    )

    @Argument var name: String
    @Option(help: "\"daily 09:00\", \"weekly Mon,Thu 09:00\" or \"monthly 1 09:00\"; \"never\" to stop.")
    var every: String
    @Option(help: "Only the people of the day: \"subscribed 3\" (days before), \"date birthday\", \"date renewal 14\" (days ahead).")
    var people: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = RepeatCampaign(campaign: name, every: every == "never" ? "" : every, trigger: people)
        try CampaignCommands.show(try await data.perform(operation, reason: reason.reason), json: format.json)
    }
}
