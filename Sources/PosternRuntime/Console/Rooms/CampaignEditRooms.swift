import Campaigns
import Console
import InternetMessage
import MailModel
import OutboundPolicy

/// Where a campaign is written, and looked at as its readers will see it.
extension Rooms {
    var campaignEditor: Room {
        Room(
            "/campaigns/{campaign}/edit", scopes(.campaignsWrite),
            acts: [
                "edit": act({ EditCampaign(campaign: $0["campaign"], fields: Rooms.campaignFields($0.form)) }) { view, _ in
                    .done(
                        "Revision \(view.revision) of \(view.campaign) is kept; check it again",
                        to: PagePath.make("campaigns", view.campaign, "preview"))
                },
                "attach": act(Rooms.attachedFile) { view, _ in
                    .done("The file hangs on \(view.campaign); check it again", to: PagePath.make("campaigns", view.campaign, "edit"))
                },
                "detach": act({ DetachFile(campaign: $0["campaign"], filename: $0.form["filename"]) }) { view, _ in
                    .done("The file is off \(view.campaign)", to: PagePath.make("campaigns", view.campaign, "edit"))
                },
            ]
        ) { request in
            let view = try await perform(ShowCampaign(campaign: request["campaign"]), request)
            let content = try await perform(ShowCampaignContent(campaign: view.campaign), request)
            let version = try await directoryVersion()
            var page = Page(
                "Edit \(view.campaign)", lead: "Each change is a new revision: what was checked and approved before counts no more.",
                back: Link(view.campaign, PagePath.make("campaigns", view.campaign)))
            page.blocks.append(.links([Link("Preview", PagePath.make("campaigns", view.campaign, "preview"))]))
            page.blocks.append(
                .form(
                    Form(
                        act: "edit", "Keep it", title: "What it says, and how it leaves", fields: Rooms.fields(of: view, content),
                        hidden: ["seen": "\(version)"])))
            page.blocks.append(.table(Rooms.files(content)))
            page.blocks.append(
                .form(
                    Form(
                        act: "attach", "Attach it", title: "Attach a file",
                        intro: "A link is better than a large file: receivers look at files closely, and each copy carries them.",
                        fields: [
                            Field(
                                "file", "File", .input("file"),
                                hint: "Up to 700,000 octets; 2,000,000 of all files. One of the same name is put in place of the first.",
                                isRequired: true),
                            .reason(isRequired: false),
                        ])))
            return .page(page)
        }
    }

    @Sendable private static func attachedFile(_ request: PageRequest) throws -> AttachFile {
        guard let file = request.form.file("file"), !file.octets.isEmpty else {
            throw Problem.invalid([FieldProblem(.body, "/file", "is missing or empty: choose one")])
        }
        // Some browsers send the whole path.
        let name = String(file.name.split { $0 == "/" || $0 == "\\" }.last ?? "")
        guard !name.isEmpty else { throw Problem.invalid([FieldProblem(.body, "/file", "has no name")]) }
        guard file.octets.count <= CampaignContent.Attachment.octetsMax else {
            throw Problem.invalid([
                FieldProblem(.body, "/file", "has \(file.octets.count.grouped) octets: 700,000 at most; put it on the web, and link to it")
            ])
        }
        return AttachFile(
            campaign: request["campaign"], filename: name, content: String(decoding: Base64.encode(file.octets), as: UTF8.self))
    }

    private static func files(_ content: CampaignContent) -> Table {
        let rows = (content.attachments ?? []).map { file in
            var act = Table.Cell("")
            act.forms = [
                .button("Take off", act: "detach", hidden: ["filename": file.name], tone: .bad, label: "Take \(file.name) off")
            ]
            return [Table.Cell(file.name), Table.Cell(file.type), Table.Cell("\((file.octets + 1023) / 1024) KiB"), act]
        }
        return Table(
            "Files on it", ["File", "Kind", "Size", ""], rows,
            empty: "None.")
    }

    private static func campaignFields(_ form: FormValues) -> CampaignFields {
        var fields = CampaignFields()
        (fields.from, fields.replyTo, fields.subject) = (form["from"], form["replyTo"], form["subject"])
        fields.otherSubject = form["otherSubject"]
        fields.body = form["body"].replacing("\r\n", with: "\n")
        fields.postalAddress = form["postal"].replacing("\r\n", with: "\n")
        fields.format = CampaignContent.Format(rawValue: form["format"])
        fields.kind = Campaign.Kind(rawValue: form["kind"])
        (fields.segment, fields.timeZone, fields.zoneAttribute) = (form["segment"], form["timeZone"], form["zoneAttribute"])
        (fields.startAt, fields.hours, fields.routes) = (form["startAt"], form.lines("hours"), form.list("routes"))
        fields.canary = Int(form["canary"])
        fields.canaryWaitMinutes = Int(form["wait"])
        (fields.perHour, fields.perDay) = (Int(form["perHour"]) ?? 0, Int(form["perDay"]) ?? 0)
        if let days = Int(form["days"]), days > 0 { fields.days = days }
        return fields
    }

    private static func fields(of view: CampaignView, _ content: CampaignContent) -> [Field] {
        func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }
        return [
            Field("subject", "Subject", value: content.subject, hint: "Tags such as {{first name|you}} are filled in.", isRequired: true),
            Field(
                "otherSubject", "Another subject", value: content.otherSubject ?? "",
                hint:
                    "Tried against the first on 20 % of the people; the rest gets what made fewer people leave or complain. Empty: one for all."
            ),
            Field(
                "body", "Text", .area(18), value: content.body, hint: "Style blocks of HTML are written into the elements.",
                isRequired: true),
            Field(
                "format", "Form",
                .select([Field.Option("markdown", "Markdown"), Field.Option("html", "HTML"), Field.Option("plain", "Plain")]),
                value: content.format.rawValue),
            Field("from", "From", value: view.from, hint: "Such as: Northwind News <news@example.org>.", isRequired: true),
            Field("replyTo", "Answers go to", value: content.replyTo, hint: "Empty: to From."),
            Field("postal", "Postal address", .area(3), value: content.postalAddress),
            Field(
                "kind", "Kind",
                .select([Field.Option("marketing", "Marketing, newsletters"), Field.Option("informing", "What people must know")]),
                value: view.kind.rawValue),
            Field("segment", "Part of the list", value: view.segment, hint: "Such as: city = London. Empty: all of it."),
            Field("canary", "First to so many people", .input("number"), hint: "Empty: stays as it is, usually by the risk of the list."),
            Field("wait", "Minutes to wait after them", .input("number"), value: "\(view.canaryWaitMinutes)"),
            Field("perHour", "Recipients an hour at most", .input("number"), value: number(view.perHourMax), hint: "Empty: no limit."),
            Field("perDay", "Recipients a day at most", .input("number"), value: number(view.perDayMax), hint: "Empty: no limit."),
            Field(
                "days", "Spread over so many days", .input("number"), value: number(view.days),
                hint: "In equal parts; in place of the line above."),
            Field(
                "hours", "When copies may leave", .area(2), value: view.hours.joined(separator: "\n"),
                hint: "One a line, such as Mon,Tue,Wed,Thu,Fri 09:00-17:00. Empty: at any time."),
            Field("timeZone", "By the clocks of", value: view.timeZone, hint: "Such as Europe/Berlin. Empty: the organisation's."),
            Field("zoneAttribute", "Attribute with a person's own time zone", value: view.zoneAttribute),
            Field("startAt", "Not before", value: view.startAt, hint: "Such as 2026-12-31T09:00:00Z."),
            Field(
                "routes", "Routes that carry it", value: view.routes.joined(separator: " "),
                hint: "Such as relay-a=3 relay-b. Empty: the usual rules choose."),
            .reason(isRequired: false),
        ]
    }

    // MARK: - Preview

    var campaignPreview: Room {
        Room("/campaigns/{campaign}/preview", scopes(.campaignsRead)) { request in
            let name = request["campaign"]
            let samples = try await ifAllowed(PreviewSamples(campaign: name, count: 5), request) ?? []
            let asked = EmailAddress(request.query["recipient"])
            let first = samples.first.flatMap { EmailAddress($0.recipient) }
            let shown = try await perform(PreviewCampaign(campaign: name, recipient: asked ?? first), request)
            func link(_ page: String, _ recipient: String) -> String {
                PagePath.make("campaigns", name, page, query: ["recipient": recipient])
            }
            var page = Page(
                "Preview of \(name)", lead: "As \(shown.recipient) gets it. Pictures from elsewhere are left out, as many programs do.",
                back: Link(name, PagePath.make("campaigns", name)))
            if !samples.isEmpty {
                page.blocks.append(
                    .links(samples.map { Link($0.recipient, link("preview", $0.recipient), isCurrent: $0.recipient == shown.recipient) }))
            }
            page.blocks.append(
                .form(
                    Form(
                        act: nil, "Show", look: .row,
                        fields: [Field("recipient", "Somebody else", .input("email"), value: request.query["recipient"])])))
            page.blocks.append(
                .facts(
                    [Fact("Subject", shown.subject)]
                        + (shown.attachments.isEmpty ? [] : [Fact("Files", shown.attachments.joined(separator: ", "))])))
            if !shown.html.isEmpty {
                page.blocks.append(
                    .mail(title: "The message as \(shown.recipient) sees it", href: link("copy", shown.recipient)))
            }
            page.blocks += [
                .heading("Text part"), .code(shown.text), .heading("Fields of ours in the header"),
                .code(shown.headers.joined(separator: "\n")),
            ]
            return .page(page)
        }
    }

    /// What the frame of the preview shows.
    var campaignCopy: Room {
        Room("/campaigns/{campaign}/copy", scopes(.campaignsRead)) { request in
            let recipient = EmailAddress(request.query["recipient"])
            return .mail(try await perform(PreviewCampaign(campaign: request["campaign"], recipient: recipient), request).html)
        }
    }

    var campaignReportFile: Room {
        Room("/campaigns/{campaign}/report.csv", scopes(.campaignsRead)) { request in
            let report = try await perform(ReportCampaign(campaign: request["campaign"]), request)
            return .file(name: "\(report.campaign).csv", contentType: "text/csv; charset=utf-8", bytes: Array(report.csv.utf8))
        }
    }
}
