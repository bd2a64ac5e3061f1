import Campaigns
import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var advice: Room {
        Room(
            "/advise", scopes(.limitsRead),
            acts: [
                "draft": Room.Act([CreateCampaign.scope.rawValue]) { request in
                    var fields = CampaignFields()
                    (fields.from, fields.canary) = (request.form["from"], Int(request.form["canary"]))
                    (fields.perDay, fields.perHour) = (Int(request.form["perDay"]), Int(request.form["perHour"]))
                    if !request.form["route"].isEmpty { fields.routes = [request.form["route"]] }
                    return try await begin(fields, starter: request.form["starter"], request)
                }
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
            page.blocks.append(contentsOf: Rooms.blocks(of: advice, request.viewer))
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
                    fields: Rooms.beginning(lists, FormValues()) + [.reason(isRequired: false)], hidden: hidden))
        ]
    }

    /// Where the page is that does what a command would; nil where the viewer may not see it, or there is none.
    private static func page(for text: String, _ viewer: Viewer) -> Link? {
        let pages: [(command: String, link: Link, scope: AccessScope)] = [
            ("postern routes ", Link("Routes", "/routes"), .routesRead),
            ("postern domains ", Link("Domains", "/domains"), .domainsRead),
            ("postern connectors ", Link("Connectors", "/connectors"), .connectorsRead),
            ("postern groups ", Link("Groups", "/groups"), .groupsRead),
            ("postern lists ", Link("Lists", "/lists"), .listsRead),
            ("postern trace", Link("Trace", "/trace"), .traceRead),
        ]
        return pages.first { text.contains($0.command) && viewer.scopes.contains($0.scope.rawValue) }?.link
    }

    /// A sentence without the command that it ends with: the page stands beside it.
    private static func sentence(_ text: String) -> String {
        guard let start = text.firstRange(of: ": `") else { return text }
        return "\(text[..<start.lowerBound])."
    }

    private static func blocks(of advice: WayAdvice, _ viewer: Viewer) -> [Block] {
        var blocks: [Block] = [
            .notice(Notice(.good, "Take \(advice.title)", items: advice.reasons)),
            .tiles([Tile("Until the last one has it", duration(advice.seconds))] + tiles(of: advice.draft)),
        ]
        if !advice.before.isEmpty {
            blocks.append(
                .notice(
                    Notice(
                        .warning, "To set up first", items: advice.before.map(sentence),
                        link: advice.before.lazy.compactMap { page(for: $0, viewer) }.first)))
        }
        blocks.append(
            .table(
                Table(
                    "What to do", ["Step", "", "Where"],
                    advice.steps.enumerated().map { place, step in
                        let link = page(for: step, viewer)
                        return [
                            Table.Cell("\(place + 1)"), Table.Cell(sentence(step)), Table.Cell(link?.text ?? "", href: link?.href),
                        ]
                    },
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
