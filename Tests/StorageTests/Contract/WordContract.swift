import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import Storage

/// What a search by words, domains and beginnings finds on every driver.
@Suite(.ownThreads) struct WordContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func digest(_ store: any Store) throws {
        while let digest = try store.traceDigest() { try store.commit(.digest(digest)) }
    }

    private func message(
        _ number: Int, _ subject: String, to recipients: [String] = ["reader@example.net"], day: Int = 0,
        from sender: String = "writer@example.org"
    ) -> NewMessage {
        var message = Sample.message(number, to: recipients, from: sender, at: Sample.start + .seconds(day * 86_400))
        message.record.fields.subject = subject
        message.record.fields.headerMessageID = "Mail.\(number)-x@example.org"
        return message
    }

    private func numbers(_ store: any Store, _ change: (inout TraceQuery) -> Void) throws -> [Int] {
        var query = TraceQuery()
        change(&query)
        return try store.trace(query).map { Int($0.id.message.value & 0x3FFF) }
    }

    @Test(arguments: StoreDriver.all)
    func allWordsMustBeThereAndTheLastMayGoOn(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let messages = [
            message(1, "Rechnung 2026-114 für März"), message(2, "RECHNUNG: offene Posten"), message(3, "Einladung"),
            message(4, "Rechnung 77", day: 1),
        ]
        for message in messages { try store.commit(.accept(message)) }
        let words = { (text: String) in try self.numbers(store) { $0.words = text } }
        #expect(try words("rechnung") == [], "not digested yet")
        try digest(store)
        #expect(try words("rechnung") == [4, 2, 1])
        #expect(try words("rechnung fur marz") == [1])
        #expect(try words("114 rech") == [1])
        #expect(try words("rech 114") == [], "only the last word may go on")
        #expect(try words("rech") == [4, 2, 1])
        #expect(try words("rech ") == [], "the word is over")
        #expect(try words("rechnung offene märz") == [])
        #expect(
            try numbers(store) {
                $0.words = "rechnung"
                $0.until = Sample.start + .seconds(600)
            } == [2, 1])
        #expect(
            try numbers(store) {
                $0.words = "rechnung"
                $0.limit = 1
                $0.before = RecipientID(tenant: .standard, message: messages[3].record.id, index: 0)
            } == [2])
    }

    @Test(arguments: StoreDriver.all)
    func wordsOfRepliesAndRefusalsAreFound(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let sent = message(1, "Hello", to: ["a@x.net", "b@x.net"])
        try store.commit(.accept(sent))
        try digest(store)
        var outcome = Sample.outcome(.bounced, index: 1)
        outcome.reply = SMTPReply(550, EnhancedStatusCode(5, 1, 1), "User unknown; see R06GW")
        try store.commit(.settle(Sample.settlement(sent, [Sample.outcome(.delivered), outcome])))
        _ = try store.commit([.accept(message(2, "Hello again")), .refuse(Sample.refusal(3))])
        try digest(store)
        var query = TraceQuery()
        query.words = "5.1.1"
        #expect(try store.trace(query).map(\.id.description) == ["\(sent.record.id)/1"])
        #expect(try numbers(store) { $0.words = "hello unknown" } == [1])
        #expect(try numbers(store) { $0.words = "r06gw" } == [1])
        #expect(try numbers(store) { $0.words = "5.7.60 yours" } == [3])
    }

    @Test(arguments: StoreDriver.all)
    func domainsAndBeginningsAreFound(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let messages = [
            message(1, "a", to: ["a@x.net", "b@y.net"]), message(2, "b", to: ["A@X.NET"], from: "w@y.net"),
            message(3, "c", to: ["c@z.net"], day: 1),
        ]
        for message in messages { try store.commit(.accept(message)) }
        try digest(store)
        #expect(try numbers(store) { $0.recipient = "x.net" } == [2, 1])
        #expect(try numbers(store) { $0.recipient = "@X.net" } == [2, 1])
        #expect(try numbers(store) { $0.sender = "@y.net" } == [2])
        #expect(try numbers(store) { $0.address = "y.net" } == [2, 1])
        #expect(try numbers(store) { $0.address = "a@x.net" } == [2, 1])
        #expect(try numbers(store) { $0.address = "W@y.net" } == [2])
        #expect(try numbers(store) { $0.address = "nobody@y.net" } == [])
        #expect(try numbers(store) { $0.headerMessageIDPrefix = "Mail.3" } == [3])
        #expect(try numbers(store) { $0.headerMessageIDPrefix = "Mail." } == [3, 2, 1, 1])
        #expect(try numbers(store) { $0.headerMessageIDPrefix = "mail." } == [], "it is compared as it is")
        #expect(
            try numbers(store) {
                $0.headerMessageIDPrefix = "Mail."
                $0.recipient = "c@z.net"
                $0.words = "nothing"
            } == [])
        #expect(
            try numbers(store) {
                $0.headerMessageIDPrefix = "Mail."
                $0.recipient = "c@z.net"
            } == [3])
    }

    @Test(arguments: StoreDriver.all)
    func aWordThatAllHaveIsFoundAllTheSame(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for start in stride(from: 0, to: 3000, by: 500) {
            _ = try store.commit(
                (start..<start + 500).map { .accept(message($0, "Newsletter \($0)", day: $0 % 3)) })
            try digest(store)
        }
        #expect(try numbers(store) { $0.words = "newsletter 2718" } == [2718])
        var query = TraceQuery()
        query.words = "newsletter"
        query.limit = 10_000
        #expect(try store.trace(query).count == 3000)
    }

    @Test(arguments: StoreDriver.all)
    func whatIsPurgedIsFoundNoMore(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let old = message(1, "Rechnung")
        try store.commit(.accept(old))
        try store.commit(.settle(Sample.settlement(old, [Sample.outcome(.delivered)])))
        try store.commit(.accept(message(2, "Rechnung", day: 2)))
        try digest(store)
        try store.commit(.purge(before: Sample.day + 1, limit: 100))
        #expect(try numbers(store) { $0.words = "rechnung" } == [2])
    }

    @Test(arguments: [
        ("Rechnung Nr. 2026/114 (März)", ["rechnung", "nr", "2026", "114", "marz"]),
        ("550 5.7.1 [192.0.2.7] no", ["550", "5.7.1", "192.0.2.7", "192", "no"]),
        ("a b c.d", []), ("10.20 é10.20.30", ["10", "20", "e10", "30"]), ("4.7.0", ["4.7.0"]),
        ("Ab.Cd 4.5.6.", ["ab", "cd"]), ("…", []), ("STRASSE", ["strasse"]), ("end. Next", ["end", "next"]),
    ])
    func wordsAreSplit(_ text: String, _ words: [String]) { #expect(TraceWords.split(text) == words) }

    @Test func longWordsAreCutAndManyLeftOut() {
        #expect(TraceWords.split(String(repeating: "x", count: 100)) == [String(repeating: "x", count: 40)])
        #expect(TraceWords.split((10..<100).map(String.init).joined(separator: " ")).count == TraceWords.wordsMax)
    }
}
