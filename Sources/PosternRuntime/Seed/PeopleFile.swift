/// A CSV file of people as organisations really have them: the same for the same seed.
///
/// Of a hundred rows some ten have a flaw: no address, a slip in the address or its domain, two addresses, a function's address, a mailbox that
/// is thrown away, somebody twice, spaces and other forms, cells of several lines, missing or surplus cells, cells in another charset.
package struct PeopleFile {
    private var random: SeedRandom
    private var written: [String] = []
    private let isForTwins: Bool

    /// `isForTwins`: at the domains of the twins that receive, and some in whose name these answer (`AfterAcceptance`).
    package init(seed: UInt64 = 1, isForTwins: Bool = false) {
        self.isForTwins = isForTwins
        random = SeedRandom(seed: seed)
    }

    private static let firstNames = [
        "Ada", "Ben", "Chloé", "David", "Elif", "Félix", "Grace", "Hanna", "Igor", "Jürgen", "Kim", "Lena", "Marek", "Nadia", "Oskar",
        "Paula", "Quentin",
        "Rosa", "Søren", "Tomás", "Uma", "Vera", "Willem", "Xenia", "Yusuf", "Zoë",
    ]
    private static let lastNames = [
        "Adams", "Becker", "Costa", "Dubois", "Eriksson", "Fischer", "García", "Hansen", "Ivanova", "Jansen", "Kowalski", "López", "Müller",
        "Novák",
        "O'Brien", "Petrov", "Quinn", "Rossi", "Šimić", "Tanaka", "Ünal", "Vogel", "Weber", "Yilmaz", "Zimmer",
    ]
    private static let cities = ["Fort Collins", "Pueblo", "Spur", "Denver", "Graz", "Lyon", "\"The\" Hague", "San José", "Köln, Deutz"]
    private static let domains = [
        "gmail.com", "gmail.com", "gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "gmx.net", "web.de", "orange.fr",
        "northwind.test",
        "contoso.test", "fabrikam.test", "proton.me", "aol.com",
    ]
    /// Gmail has most of them.
    private static let twinDomains = [
        "gmail.com", "gmail.com", "gmail.com", "gmail.com", "yahoo.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com",
        "example.net",
    ]
    private static let slips = ["gmial.com", "gmail.con", "hotmial.com", "yaho.com", "outlok.com", "gamil.com"]
    private static let thrownAway = ["mailinator.com", "10minutemail.com", "trashmail.com"]
    private static let functions = ["info", "sales", "postmaster", "noreply", "webmaster"]

    /// The titles first, then so many rows, each a line (or two) with its end: octets, since some are no UTF-8.
    package mutating func write(rows: Int, _ body: ([UInt8]) throws -> Void) rethrows {
        try body(Array("Email,First name,Last name,City,Role,Signed up\r\n".utf8))
        for number in 0..<max(0, rows) { try body(row(number)) }
    }

    private mutating func row(_ number: Int) -> [UInt8] {
        let (first, last) = (random.one(of: PeopleFile.firstNames), random.one(of: PeopleFile.lastNames))
        let cells = [
            address(number, first, last), first, last, random.one(of: PeopleFile.cities),
            random.one(of: ["student", "staff", "alumni", ""]),
            random.isOne(in: 200) ? "in autumn\nby letter" : "202\(random.number(6))-0\(1 + random.number(9))-1\(random.number(10))",
        ]
        let line = cells.map(PeopleFile.cell).joined(separator: ",")
        switch random.number(2000) {
        case 0...9: return Array((cells[0].isEmpty ? line : PeopleFile.cell(cells[0])).utf8) + PeopleFile.end
        case 10...19: return PeopleFile.windows1252(line) + PeopleFile.end
        case 20: return Array((line + String(repeating: ",", count: 300)).utf8) + PeopleFile.end
        default: return Array(line.utf8) + PeopleFile.end
        }
    }

    private static let end: [UInt8] = [0x0D, 0x0A]

    /// What that charset has not becomes a question mark.
    private static func windows1252(_ text: String) -> [UInt8] { text.unicodeScalars.map { $0.value < 0x100 ? UInt8($0.value) : 0x3F } }

    private mutating func address(_ number: Int, _ first: String, _ last: String) -> String {
        let local = "\(PeopleFile.plain(first)).\(PeopleFile.plain(last))\(number)"
        let domain = random.one(of: isForTwins ? PeopleFile.twinDomains : PeopleFile.domains)
        let right = "\(isForTwins ? answering() : "")\(local)@\(domain)"
        switch random.number(200) {
        case 0: return ""
        case 1: return "\(local).\(domain)"
        case 2: return "\(local)@\(domain),"
        case 3: return "\(local) @\(domain)"
        case 4: return "\(local)..x@\(domain)"
        case 5, 6: return "\(local)@\(random.one(of: PeopleFile.slips))"
        case 7: return "\(random.one(of: PeopleFile.functions))@site\(number).\(isForTwins ? "example.net" : "test")"
        case 8: return "\(local)@\(random.one(of: PeopleFile.thrownAway))"
        case 9, 10, 11: return written.isEmpty ? right : random.one(of: written).uppercased()
        case 12: return "\(first) \(last) <\(right)>"
        case 13: return "mailto:\(right)"
        case 14: return "\(local)@[192.0.2.1]"
        case 15: return "\(right); \(last)@\(domain)"
        case 16: return "\(local)@bücher-\(number % 7).\(isForTwins ? "example.net" : "test")"
        default:
            if written.count < 1000 { written.append(right) }
            return right
        }
    }

    /// Fewer than make the gate stop a campaign.
    private mutating func answering() -> String {
        switch random.number(2000) {
        case 0...11: "unknown."
        case 12...19: "late-unknown."
        case 20...23: "late-full."
        case 24...27: "away."
        case 28, 29: "complains."
        default: ""
        }
    }

    /// In ASCII and lower case, letters alone.
    private static func plain(_ name: String) -> String {
        String(name.lowercased().unicodeScalars.compactMap { $0.value < 0x80 && $0.properties.isAlphabetic ? Character($0) : nil })
    }

    private static func cell(_ text: String) -> String {
        guard text.contains(where: { ",\"\n".contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
