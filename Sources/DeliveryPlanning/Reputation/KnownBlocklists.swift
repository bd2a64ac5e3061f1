import MailModel

extension Blocklist {
    /// The lists that many receivers ask, with their owners' rules as they were known in 2026. A settings file may change each and add others.
    package static let known: [Blocklist] = [
        list(
            "spamhaus-zen", "zen.spamhaus.org", .address,
            [
                ("127.0.0.2", .listed, "SBL: a source of spam"), ("127.0.0.3", .listed, "CSS: low reputation, snowshoe spam"),
                ("127.0.0.4-7", .listed, "XBL: a machine that was taken over"), ("127.0.0.9", .listed, "DROP: a hijacked network"),
                ("127.0.0.10-11", .listed, "PBL: an address that should not send by itself"),
            ] + spamhausRefusals, takesIPv6: true,
            terms: "Free for small, non-commercial use, and not by public resolvers; larger users subscribe.",
            page: "https://check.spamhaus.org/",
            steps: [
                "Open https://check.spamhaus.org/ and look the address up: the page says which part of the list it is on, and why.",
                "CSS and XBL: find what sent the spam (`postern trace find`, `postern returned`), stop it, then ask for removal on that page.",
                "SBL: the page names the case; your provider's abuse desk asks for its removal.",
                "PBL: if this is a mail server with a static address, take the address out yourself on that page.",
            ]),
        list(
            "spamhaus-dbl", "dbl.spamhaus.org", .domain,
            [
                ("127.0.1.2-99", .listed, "a domain seen in spam"), ("127.0.1.102-106", .listed, "a good domain that is abused"),
                ("127.0.1.255", .refused, "it was asked for an address"),
            ] + spamhausRefusals, testName: "dbltest.com",
            terms: "Free for small, non-commercial use, and not by public resolvers.", page: "https://check.spamhaus.org/",
            steps: [
                "Open https://check.spamhaus.org/ and look the domain up.",
                "Look for a web server or a form of that domain that others misuse, and for mail that others sent in its name (DMARC reports).",
                "Ask for removal on that page when it is mended.",
            ]),
        list(
            "spamcop", "bl.spamcop.net", .address, [("127.0.0.2", .listed, "reported by users, or seen by spam traps")],
            terms: "Free to ask.", page: "https://www.spamcop.net/bl.shtml",
            steps: [
                "Look the address up on https://www.spamcop.net/bl.shtml: it says when the last report came.",
                "Stop the mail that was reported. The address leaves the list by itself about a day after the last report; there is no request.",
            ]),
        list(
            "barracuda", "b.barracudacentral.org", .address, [("127.0.0.2", .listed, "poor reputation at Barracuda")], isOn: false,
            terms: "Free, once the resolver's address is registered at barracudacentral.org; others are not answered.",
            page: "https://www.barracudacentral.org/rbl/removal-request",
            steps: [
                "Stop what sent the spam, then ask for removal at https://www.barracudacentral.org/rbl/removal-request, once, with a reason."
            ]),
        list(
            "psbl", "psbl.surriel.com", .address, [("127.0.0.2", .listed, "sent mail to a spam trap")], moves: false, terms: "Free to ask.",
            page: "https://psbl.org/",
            steps: ["Look at https://psbl.org/ which mail it was. Take the trap's list out of use, then remove the address there yourself."]
        ),
        list(
            "uceprotect-1", "dnsbl-1.uceprotect.net", .address, [("127.0.0.2", .listed, "sent spam within seven days")], moves: false,
            terms: "Free to ask.", page: "https://www.uceprotect.net/en/rblcheck.php",
            steps: [
                "Look the address up at https://www.uceprotect.net/en/rblcheck.php and stop what sent the spam.",
                "It leaves the list by itself seven days after the last spam. Nobody has to pay for a faster removal: few receivers ask this list.",
            ]),
        list(
            "surbl", "multi.surbl.org", .domain,
            [("127.0.0.1", .refused, "this resolver is blocked"), ("127.0.0.2-254", .listed, "a domain seen in links of spam")],
            testName: "test.surbl.org", terms: "Free for small use, and not by public resolvers.",
            page: "https://surbl.org/surbl-analysis",
            steps: [
                "Look the domain up at https://surbl.org/surbl-analysis.",
                "Clean the web site if it was taken over; stop mail that links to it; ask for removal on that page.",
            ]),
        list(
            "uribl", "multi.uribl.com", .domain,
            [
                ("127.0.0.1", .refused, "this resolver asks too much"), ("127.0.0.2", .listed, "black: seen in spam"),
                ("127.0.0.4", .noted, "grey: seen in bulk mail"), ("127.0.0.6", .listed, "black and grey"),
                ("127.0.0.8", .noted, "red: young or watched"), ("127.0.0.10", .listed, "black and red"),
                ("127.0.0.14", .listed, "its test entry"),
            ], testName: "test.uribl.com", terms: "Free for small use; public resolvers are blocked.", page: "https://lookup.uribl.com/",
            steps: ["Look the domain up at https://lookup.uribl.com/, and ask for removal there when the cause is mended."]),
    ]

    private static let spamhausRefusals: [(String, Meaning, String)] = [
        ("127.255.255.252", .refused, "the zone's name is written wrongly"), ("127.255.255.254", .refused, "asked by a public resolver"),
        ("127.255.255.255", .refused, "asked too often"),
    ]

    private static func list(
        _ name: String, _ zone: String, _ subject: Subject, _ codes: [(String, Meaning, String)], testName: String = "2.0.0.127",
        takesIPv6: Bool = false, moves: Bool = true, isOn: Bool = true, terms: String, page: String, steps: [String]
    ) -> Blocklist {
        guard let zone = DomainName(zone) else { preconditionFailure("\(zone) is a name") }
        var list = Blocklist(
            name: name, zone: zone, subject: subject,
            codes: codes.map { range, meaning, text in
                guard let code = Code(range, meaning, text) else { preconditionFailure("\(range) is a range of answers") }
                return code
            }, testName: testName, terms: terms, page: page, steps: steps)
        (list.takesIPv6, list.moves, list.isOn) = (takesIPv6, moves, isOn)
        return list
    }
}
