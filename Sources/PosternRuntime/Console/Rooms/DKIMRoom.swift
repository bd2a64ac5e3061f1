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
                }) { _, _ in .done("The keys are made; publish their records", to: "/dkim") },
                "rotate": act({ request in
                    guard let domain = DomainName(request.form["domain"]) else { throw Problem.invalid("That is no domain.") }
                    return RotateDKIM(domain: domain)
                }) { _, _ in .done("The new keys are made; they sign once DNS has their records", to: "/dkim") },
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
            let rows = try await perform(ListDKIMKeys(domain: nil), request)
            var page = Page("DKIM", lead: "Signs what leaves, so that receivers know it is yours.")
            page.blocks.append(
                .table(
                    Table(
                        "Keys", ["Domain", "Selector", "Algorithm", "State", "In DNS", "DNS record", "Act"],
                        rows.map { row in
                            [
                                Table.Cell(row.domain), Table.Cell(row.selector), Table.Cell(row.algorithm),
                                Table.Cell(row.state, tone: Rooms.tone(dkim: row), note: row.next),
                                Table.Cell(row.dns.isEmpty ? "not looked at yet" : row.dns),
                                Table.Cell("\(row.recordName) TXT \(row.record)", isCode: true),
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
            page.blocks.append(
                .form(
                    Form(
                        act: "add", "Make keys", title: "Make keys for a domain",
                        intro: "One RSA and one Ed25519 key; publish both records.",
                        fields: [
                            Field("domain", "Domain", isRequired: true), Field("selector", "Selector", hint: "Empty: by date."),
                            .reason(isRequired: false),
                        ], isFolded: true)))
            return .page(page)
        }
    }

    private static func tone(dkim row: DKIMKeyView) -> Tone {
        switch row.state {
        case "signing": row.dns == "missing" || row.dns == "different" ? .bad : .good
        case "waiting": .warning
        default: .neutral
        }
    }
}
