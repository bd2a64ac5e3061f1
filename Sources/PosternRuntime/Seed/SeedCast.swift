import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Who and what a made-up history is about. All domains lie below .test, which leads nowhere (RFC 6761).
enum SeedCast {
    static let organisation = domain("northwind.test")
    static let branch = domain("werk.northwind.test")
    /// Its host takes nothing for a day: a queue of all ages.
    static let overloaded = "overloaded.test"
    /// Its mail goes by the route whose account the next host refuses.
    static let partner = "partner.test"
    static let stoppedRoute = "partner-relay"

    /// Two of them are restricted in the end.
    static let people = [
        "anna.berg", "ben.schulz", "carla.neumann", "david.koch", "elif.aydin", "felix.wagner", "greta.lang", "hanna.vogel", "ivan.petrov",
        "jana.hoffmann", "kim.mueller", "lars.becker", "maria.santos", "nora.klein", "oskar.wolf", "paula.richter", "quentin.roux",
        "rosa.fischer", "stefan.braun", "tina.kraus", "uwe.frank", "vera.simon", "willi.horn", "xenia.popova", "yusuf.demir", "zoe.martin",
        "vertrieb", "einkauf", "support", "personal",
    ]
    static let newsletter = "newsletter"
    static let connectors = ["erp", "shop", "monitoring", "scanner"]
    static let restricted = ["kim.mueller", "uwe.frank"]

    struct Destination: Sendable {
        var domain: String
        var host: String
        var address: IPAddress
        var provider: ReplyProvider
    }

    static let destinations: [Destination] = {
        let large: [(String, String, ReplyProvider)] = [
            ("gmail.test", "gmail-smtp-in.l.google.test", .gmail), ("outlook.test", "outlook-com.olc.protection.outlook.test", .outlook),
            ("gmx.test", "mx00.emig.gmx.test", .gmx), ("web.test", "mx-ha02.web.test", .gmx),
            ("yahoo.test", "mta5.am0.yahoodns.test", .yahoo),
            ("icloud.test", "mx01.mail.icloud.test", .icloud), ("hotmail.test", "hotmail-com.olc.protection.outlook.test", .outlook),
            ("contoso.test", "contoso-test.mail.protection.outlook.test", .exchangeOnlineInbound),
            ("orange.test", "smtp-in.orange.test", .orange),
            (partner, "smtp.partner-cloud.test", .exchangeOnline), (overloaded, "mx.overloaded.test", .generic),
        ]
        let branches = ["bau", "metall", "druck", "logistik", "medien", "praxis", "schule", "stadtwerke", "hotel", "verlag"]
        let small = (0..<300).map { number in
            let name = "\(branches[number % branches.count])-\(number / branches.count + 1).test"
            return (name, "mail.\(name)", ReplyProvider.generic)
        }
        return (large + small).enumerated().map { index, entry in
            Destination(domain: entry.0, host: entry.1, address: .v4(0xCB00_7100 + UInt32(index % 250) + 1), provider: entry.2)
        }
    }()

    private static let places = Dictionary(uniqueKeysWithValues: destinations.enumerated().map { ($0.element.domain, $0.offset) })
    static func place(of domain: String) -> Int { places[domain] ?? 0 }

    static let firstNames = ["alex", "maria", "jonas", "sofia", "peter", "laura", "tom", "eva", "max", "lena", "paul", "mia", "jan", "ida"]
    static let lastNames = [
        "huber", "weiss", "dubois", "rossi", "novak", "jensen", "smith", "garcia", "kowalski", "meyer", "olsen", "bauer",
    ]

    static func subject(of sender: String, _ random: inout SeedRandom) -> String {
        let number = 10_000 + random.number(90_000)
        let topics: [String] =
            switch sender {
            case "erp":
                [
                    "Rechnung RE-\(number)", "Auftragsbestätigung AB-\(number)", "Lieferschein LS-\(number)",
                    "Zahlungserinnerung RE-\(number)",
                ]
            case "shop":
                ["Your order \(number) is on its way", "Ihre Bestellung \(number)", "Reset your password", "Retoure \(number) eingegangen"]
            case "monitoring":
                ["[WARN] disk usage on srv-\(number % 40)", "[OK] backup of srv-\(number % 40)", "[CRIT] ups-\(number % 4) on battery"]
            case "scanner": ["Scan from floor \(number % 6)", "Fax von +49 30 \(number)"]
            case newsletter: ["Northwind im November: Neues aus der Werkstatt", "Winter catalogue: 20 % on boots and gloves"]
            default:
                [
                    "Angebot \(number)", "Re: Termin am Donnerstag", "Fwd: Unterlagen für die Prüfung",
                    "Meeting notes, week \(number % 52)",
                    "Frage zu Rechnung RE-\(number)", "Re: Re: Müllabfuhr und Schlüssel", "Project Aurora: next steps",
                    "Vertrag zur Unterschrift",
                    "Lunch?", "Bewerbung als Schlosser", "Re: Delivery dates for order \(number)", "Urlaubsantrag",
                ]
            }
        return random.one(of: topics)
    }

    // MARK: Replies, in the words of the rules that know them

    static let deferrals: [ReplyProvider: [SMTPReply]] = replies(4, [.rateLimit, .recipientFull, .recipientRate, .unreachable, .policy])
    static let bounces: [ReplyProvider: [SMTPReply]] = replies(5, [.noSuchRecipient, .recipientFull, .recipientClosed, .policy])
    static let stop =
        reply("550 5.1.8 Access denied, bad outbound sender AS(42004)") ?? SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied")
    static let noAnswer = SMTPReply(451, EnhancedStatusCode(4, 4, 1), "mx.overloaded.test did not answer within 30 seconds")

    private static func replies(_ kind: Int, _ classes: Set<ReplyClass>) -> [ReplyProvider: [SMTPReply]] {
        var found: [ReplyProvider: [SMTPReply]] = [:]
        for rule in ReplyRules.all where classes.contains(rule.replyClass) {
            guard let reply = reply(rule.example), reply.code / 100 == kind else { continue }
            found[rule.provider, default: []].append(reply)
        }
        return found
    }

    static func reply(_ text: String) -> SMTPReply? {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let code = Int(parts[0].prefix(3)), (400...599).contains(code), parts[0].utf8.count == 3 else { return nil }
        let rest = parts[1].split(separator: " ", maxSplits: 1)
        if rest.count == 2, let enhanced = EnhancedStatusCode(rest[0]) { return SMTPReply(code, enhanced, String(rest[1])) }
        return SMTPReply(code, nil, String(parts[1]))
    }

    static func domain(_ text: String) -> DomainName {
        guard let domain = DomainName(text) else { preconditionFailure("a seeded domain does not hold up") }
        return domain
    }

    static func address(_ localPart: String, _ domain: String = organisation.text) -> EmailAddress {
        guard let address = EmailAddress("\(localPart)@\(domain)") else { preconditionFailure("a seeded address does not hold up") }
        return address
    }
}
