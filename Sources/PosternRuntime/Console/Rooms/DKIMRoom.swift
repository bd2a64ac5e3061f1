import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var dkim: Room {
        Room(
            "/dkim", scopes(.dkimRead),
            acts: [
                "add": act({ request in
                    guard let domain = DomainName(request.form["domain"]) else {
                        throw Problem.invalid([FieldProblem(.body, "/domain", "is no domain, such as example.org")])
                    }
                    return AddDKIMKeys(domain: domain, selector: request.form["selector"].isEmpty ? nil : request.form["selector"])
                }) { _, request in .done("The keys are made; publish their records", to: Rooms.dkimPath(request.form["domain"])) },
                "rotate": act({ request in
                    guard let domain = DomainName(request.form["domain"]) else { throw Problem.invalid("That is no domain.") }
                    return RotateDKIM(domain: domain)
                }) { _, request in
                    .done("The new keys are made; they sign once DNS has their records", to: Rooms.dkimPath(request.form["domain"]))
                },
                "check": act({ _ in CheckDKIM() }) { _, _ in .done("DNS was asked", to: "/dkim") },
                "remove": act({ request in
                    guard let domain = DomainName(request.form["domain"]) else { throw Problem.invalid("That is no domain.") }
                    return RemoveDKIMKey(domain: domain, selector: request.form["selector"])
                }) { _, request in .done("The key \(request.form["selector"]) of \(request.form["domain"]) is gone", to: "/dkim") }
                .asking { request in
                    Room.Question(
                        "The private key \(request.form["selector"]) of \(request.form["domain"]) is destroyed. Mail that waits is signed without it.",
                        "Remove the key")
                },
            ]
        ) { request in
            let domain = request.query["domain"]
            let all = try await perform(ListDKIMKeys(domain: nil), request)
            let rows = domain.isEmpty ? all : all.filter { $0.domain == domain.lowercased() }
            var page = Page("DKIM", lead: "Signs what leaves, so that receivers know it is yours.")
            if !domain.isEmpty {
                page.blocks.append(
                    .links([
                        Link("All domains", "/dkim"), Link(domain, Rooms.dkimPath(domain), isCurrent: true),
                        Link("Health of the domain", PagePath.make("domain-health", domain)),
                    ]))
            }
            page.blocks.append(
                .table(
                    Table(
                        "Keys", ["Domain", "Selector", "Algorithm", "State", "In DNS", "Act"],
                        rows.map { row in
                            [
                                Table.Cell(row.domain, href: Rooms.dkimPath(row.domain)), Table.Cell(row.selector),
                                Table.Cell(row.algorithm),
                                Table.Cell(row.state, tone: Rooms.tone(dkim: row), note: row.next),
                                Table.Cell(row.dns.isEmpty ? "not looked at yet" : row.dns),
                                .acts(
                                    (row.state == "signing" && row.algorithm.hasPrefix("rsa")
                                        ? [
                                            .button(
                                                "Rotate", act: "rotate", hidden: ["domain": row.domain],
                                                label: "Make new keys for \(row.domain) that take over")
                                        ] : []) + [
                                            .button(
                                                "Remove", act: "remove", hidden: ["domain": row.domain, "selector": row.selector],
                                                tone: .bad,
                                                label: "Remove the key \(row.selector) of \(row.domain)")
                                        ]),
                            ]
                        }, empty: "Nothing is signed yet. Google and Yahoo want a signature on everything.")))
            if !rows.isEmpty {
                page.blocks.append(.form(.button("Look at DNS now", act: "check", label: "Look at the records in DNS now")))
            }
            page.blocks += Rooms.records(rows, isOfOne: !domain.isEmpty)
            page.blocks.append(
                .form(
                    Form(
                        act: "add", "Make keys", title: "Make keys for a domain",
                        intro: "One RSA and one Ed25519 key; publish both records.",
                        fields: [
                            Field("domain", "Domain", value: domain, isRequired: true),
                            Field("selector", "Selector", hint: "Empty: by date."),
                            .reason(isRequired: false),
                        ], isFolded: true)))
            return .page(page)
        }
    }

    static func dkimPath(_ domain: String) -> String { PagePath.make("dkim", query: ["domain": domain]) }

    private static let recordsMax = 20

    /// Name and value apart, each to be copied. Of one domain all of them, else those that DNS has not been seen to have.
    private static func records(_ rows: [DKIMKeyView], isOfOne: Bool) -> [Block] {
        let wanted = rows.filter { isOfOne || $0.dns != "published" && $0.state != "resting" }
        guard !wanted.isEmpty else { return [] }
        var blocks: [Block] = [.heading("Records to publish")]
        for row in wanted.prefix(recordsMax) {
            blocks += [
                .text("\(row.domain), \(row.algorithm): a TXT record with this name and this value."), .code(row.recordName),
                .code(row.record),
            ]
        }
        if wanted.count > recordsMax {
            blocks.append(.text("\((wanted.count - recordsMax).grouped) more: the page of each domain shows its own."))
        }
        return blocks
    }

    private static func tone(dkim row: DKIMKeyView) -> Tone {
        switch row.state {
        case "signing": row.dns == "missing" || row.dns == "different" ? .bad : .good
        case "waiting": .warning
        default: .neutral
        }
    }
}
