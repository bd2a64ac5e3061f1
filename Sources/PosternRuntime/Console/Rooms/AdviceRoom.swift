import Campaigns
import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var advice: Room {
        Room(
            "/advise", scopes(.limitsRead),
            acts: [
                "draft": act({ request in
                    var fields = CampaignFields()
                    (fields.from, fields.canary) = (request.form["from"], Int(request.form["canary"]))
                    (fields.perDay, fields.perHour) = (Int(request.form["perDay"]), Int(request.form["perHour"]))
                    if !request.form["route"].isEmpty { fields.routes = [request.form["route"]] }
                    return CreateCampaign(
                        campaign: request.form["name"], list: request.form["list"], starter: request.form["starter"], fields: fields)
                }) { view, _ in .done("The draft \(view.campaign) is there", to: PagePath.make("campaigns", view.campaign, "edit")) }
            ]
        ) { request in
            var page = Page("Which way should I take?", lead: "Say what you want to send; the answer goes by what is set up here.")
            let query = request.query
            page.blocks.append(
                .form(
                    Form(
                        act: nil, "Advise me", title: "Your mail",
                        fields: [
                            Field("recipients", "How many people", .input("number"), value: query["recipients"], isRequired: true),
                            Field("external", "Some of them are outside the organisation", .flag, value: query["external"]),
                            Field("recurring", "It goes out regularly", .flag, value: query["recurring"]),
                            Field("urgent", "It has to be there today", .flag, value: query["urgent"]),
                            Field(
                                "kind", "What it is",
                                .select([
                                    Field.Option("announcement", "An announcement"), Field.Option("newsletter", "A newsletter"),
                                    Field.Option("operational", "Mail that a program sends"),
                                ]), value: query["kind"]),
                        ])))
            guard !query["recipients"].isEmpty else { return .page(page) }
            guard let recipients = Int(query["recipients"]), SendingNeed.recipientsRange.contains(recipients) else {
                page.blocks.append(.notice(Notice(.warning, "That is no number of people", text: "Give 1 to 10,000,000.")))
                return .page(page)
            }
            let need = SendingNeed(
                recipients: recipients, isExternal: query.isOn("external"), isRecurring: query.isOn("recurring"),
                isUrgent: query.isOn("urgent"),
                kind: SendingNeed.Kind(rawValue: query["kind"]) ?? .announcement)
            let advice = try await perform(AdviseSending(need: need), request)
            page.blocks.append(contentsOf: Rooms.blocks(of: advice))
            page.blocks.append(contentsOf: Rooms.next(advice, need, lists: try await ifAllowed(ListLists(), request) ?? []))
            return .page(page)
        }
    }

    /// Where the chosen way begins: the draft of a campaign, paced as advised, or the page that it is set up on.
    private static func next(_ advice: WayAdvice, _ need: SendingNeed, lists: [ListView]) -> [Block] {
        switch advice.way {
        case .group: return [.links([Link("Make the group", "/groups")])]
        case .relay: return [.links([Link("Set up the program's connector", "/connectors")])]
        case .mailbox: return []
        case .batches, .campaign: break
        }
        guard !lists.isEmpty else { return [.links([Link("Import the people first", "/lists")])] }
        var hidden = ["starter": need.kind == .newsletter ? "newsletter" : need.isUrgent ? "alert" : "announcement"]
        let draft = advice.draft
        hidden["canary"] = draft.canary.map { "\($0)" }
        hidden["perDay"] = draft.recipientsPerBatch.map { "\($0)" }
        hidden["perHour"] = draft.messagesPerHour.map { "\($0)" }
        if advice.way == .batches { hidden["route"] = draft.route }
        return [
            .form(
                Form(
                    act: "draft", "Make the draft", title: "Begin it",
                    intro: "A campaign with the pace that is advised, to be written next.",
                    fields: [
                        Field("name", "Name", hint: "a to z, 0 to 9, - and _.", isRequired: true),
                        Field("list", "List", .select(lists.map { Field.Option($0.list, $0.list) }), isRequired: true),
                        Field("from", "From", hint: "Such as: Northwind News <news@example.org>.", isRequired: true),
                        .reason(isRequired: false),
                    ], hidden: hidden))
        ]
    }

    private static func blocks(of advice: WayAdvice) -> [Block] {
        var blocks: [Block] = [
            .notice(Notice(.good, "Take \(advice.title)", items: advice.reasons)),
            .tiles([Tile("Until the last one has it", duration(advice.seconds))] + tiles(of: advice.draft)),
        ]
        if !advice.before.isEmpty { blocks.append(.notice(Notice(.warning, "To set up first", items: advice.before))) }
        blocks.append(
            .table(
                Table(
                    "What to do", ["Step", ""], advice.steps.enumerated().map { [Table.Cell("\($0.offset + 1)"), Table.Cell($0.element)] },
                    empty: "Nothing.")))
        blocks.append(
            .table(
                Table(
                    "All at once from one mailbox", ["Limit", "Value", "In a", "You need", "", "Source"],
                    advice.limits.map { limit in
                        [
                            Table.Cell(limit.name), .number(limit.value), Table.Cell(limit.window), .number(limit.needed),
                            Table.Cell(limit.isExceeded ? "over" : "fits", tone: limit.isExceeded ? .bad : .good), Table.Cell(limit.source),
                        ]
                    }, empty: "No limits.")))
        blocks.append(
            .table(
                Table(
                    "Not taken", ["Way", "Why"], advice.alternatives.map { [Table.Cell($0.way.title), Table.Cell($0.reason)] },
                    empty: "None.")))
        return blocks
    }

    private static func tiles(of draft: WayAdvice.Draft) -> [Tile] {
        var tiles: [Tile] = []
        if let batch = draft.recipientsPerBatch, let batches = draft.batches {
            tiles.append(Tile("Batches", batches.grouped, note: "of \(batch.grouped)"))
        }
        if let canary = draft.canary { tiles.append(Tile("First to", canary.grouped, note: "people")) }
        if let pace = draft.messagesPerHour { tiles.append(Tile("Pace", pace.grouped, note: "an hour")) }
        if let route = draft.route { tiles.append(Tile("Route", route)) }
        return tiles
    }

    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<7200: "\((seconds + 59) / 60) min"
        case ..<172_800: "\((seconds + 1800) / 3600) h"
        default: "\((seconds + 43_200) / 86_400) days"
        }
    }
}
