import Campaigns
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Lists and imports on a real store.
@Suite(.ownThreads) struct ListImportTests {
    private func data() async throws -> TestData {
        let data = try await TestData()
        _ = try await data.perform(AddList(list: "news", title: "News"))
        return data
    }

    private func steps(
        _ data: TestData, stage: @escaping @Sendable (StageListImport) async throws -> StagedPart
    ) -> ListImporter.Steps {
        ListImporter.Steps(begin: { try await data.perform($0) }, stage: stage, end: { try await data.perform($0) })
    }

    private static func pieces(_ text: String, of size: Int = 4096) -> () -> [UInt8] { pieces(Array(text.utf8), of: size) }

    private static func pieces(_ octets: [UInt8], of size: Int = 4096) -> () -> [UInt8] {
        var rest = octets[...]
        return {
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }

    private static func people(_ rows: Int) -> [UInt8] {
        var octets: [UInt8] = []
        var file = PeopleFile()
        file.write(rows: rows) { octets += $0 }
        return octets
    }

    @Test func aFileOfRealFlawsComesOntoTheListOnce() async throws {
        let data = try await data()
        let text = ListImportTests.people(10_000)
        #expect(text == ListImportTests.people(10_000))
        let importer = ListImporter(
            list: "news", file: "people.csv", source: .customers,
            lists: AddressLists([], in: data.directory))
        let steps = steps(data) { try await data.perform($0) }
        #expect(String(validating: text, as: UTF8.self) == nil, "some cells are no UTF-8")
        let outcome = try await importer.run(steps, fingerprint: "one", next: ListImportTests.pieces(text))
        let report = outcome.report
        #expect(report.rows == 10_000)
        #expect(report.taken + report.errors + report.count(.duplicate) == report.rows)
        for rule in [ImportRule.noAddress, .badAddress, .literal, .typo, .role, .disposable, .duplicate] {
            #expect(report.count(rule) > 20, "\(rule)")
        }
        #expect(report.count(.brokenRow) > 0 && report.fieldsNotUTF8 > 0)
        #expect(outcome.added == report.taken && report.alreadyOnList == 0)
        #expect(outcome.risk.level == .medium && outcome.canary == min(1000, report.taken / 20))
        #expect(try await data.perform(ShowList(list: "news")).subscribed == report.taken)
        let again = try await importer.run(steps, fingerprint: "two", next: ListImportTests.pieces(text, of: 1000))
        #expect(again.added == 0 && again.report.alreadyOnList == report.taken)
        #expect(try await data.perform(ShowList(list: "news")).subscribed == report.taken)
    }

    @Test func whatIsBrokenOffIsOnNoListAndGoesOn() async throws {
        struct Stop: Error {}
        let data = try await data()
        let text = "email,name\n" + (0..<12_000).map { "p\($0)@example.org,P\n" }.joined()
        let importer = ListImporter(list: "news", file: "people.csv", source: .signUp, lists: AddressLists([], in: data.directory))
        await #expect(throws: Stop.self) {
            _ = try await importer.run(
                steps(data) { part in
                    guard part.line <= 5001 else { throw Stop() }
                    return try await data.perform(part)
                }, fingerprint: "f", next: ListImportTests.pieces(text))
        }
        let broken = try await data.perform(ShowList(list: "news"))
        #expect(broken.subscribed == 0 && broken.imports.map(\.state) == ["under way"] && broken.imports[0].line == 5001)
        let outcome = try await importer.run(
            steps(data) { try await data.perform($0) }, fingerprint: "f", next: ListImportTests.pieces(text))
        #expect(outcome.resumedAfter == 5001 && outcome.number == broken.imports[0].number)
        #expect(outcome.report.taken == 12_000 && outcome.added == 12_000 && outcome.report.alreadyOnList == 0)
        let done = try await data.perform(ShowList(list: "news"))
        #expect(done.subscribed == 12_000 && done.imports.map(\.state) == ["done"])
    }

    @Test func anotherFileDoesNotMixWithOneUnderWay() async throws {
        let data = try await data()
        let first = try await data.perform(BeginListImport(list: "news", file: "a.csv", fingerprint: "a", source: .signUp))
        _ = try await data.perform(
            StageListImport(list: "news", number: first.number, names: ["city"], people: "a@example.org\tGraz\nb@example.org\t\n", line: 3))
        let conflict = await #expect(throws: AdministrationError.self) {
            try await data.perform(BeginListImport(list: "news", file: "b.csv", fingerprint: "b", source: .signUp))
        }
        #expect(conflict?.kind == .conflict)
    }

    @Test func theLedgerSaysWhatAPersonAgreedTo() async throws {
        let data = try await data()
        let outcome = try await data.perform(
            ImportList(list: "news", file: "p.csv", content: "email,city\nada@example.org,Graz\nben@example.org,Wien\n", source: .signUp))
        #expect(outcome.added == 2)
        let ada = EmailAddress("ada@example.org")!
        let person = try await data.perform(ShowSubscriber(address: ada))
        #expect(person.lists.map(\.consent) == ["valid"] && person.lists[0].attributes == ["city": "Graz"])
        #expect(person.consent.map(\.basis) == ["express"] && person.consent[0].source.contains("p.csv"))
        #expect(try await data.perform(CountSegment(list: "news", segment: "city = graz and consent is valid")).matching == 1)
        #expect(try await data.perform(SetSubscription(list: "news", address: ada, subscribed: false)).count == 1)
        let left = try await data.perform(ShowSubscriber(address: ada))
        #expect(!left.lists[0].subscribed && left.lists[0].consent == "withdrawn" && left.consent.count == 2)
        #expect(try await data.perform(CountSegment(list: "news", segment: "has city")).matching == 1)
        // Who left comes back by no import.
        let again = try await data.perform(ImportList(list: "news", file: "q.csv", content: "email\nada@example.org\n", source: .customers))
        #expect(again.added == 0)
        #expect(try await data.perform(ShowSubscriber(address: ada)).lists.map(\.subscribed) == [false])
        #expect(try await data.perform(EraseSubscriber(address: ada)).count == 1)
        // A hash stays, so that an old file does not bring back who was forgotten.
        let old = try await data.perform(ImportList(list: "news", file: "r.csv", content: "email\nada@example.org\n", source: .customers))
        #expect(old.added == 0)
        await #expect(throws: AdministrationError.self) { try await data.perform(ShowSubscriber(address: ada)) }
        #expect(try await data.perform(RemoveList(list: "news")).count == 1)
        #expect(try await data.perform(ListLists()).isEmpty)
    }

    @Test func aLookKeepsNothing() async throws {
        let data = try await data()
        let outcome = try await data.perform(
            ImportList(list: "news", file: "p.csv", content: "email\nada@gmial.com\n", source: .unknown, isTrial: true))
        #expect(outcome.report.taken == 1 && outcome.added == 0 && outcome.risk.level == .high)
        #expect(try await data.perform(ShowList(list: "news")).imports.isEmpty)
        let error = await #expect(throws: AdministrationError.self) {
            try await data.perform(ImportList(list: "news", file: "p.csv", content: "name\nAda\n", source: .signUp))
        }
        #expect(error?.advice.contains("--map") == true)
    }

    @Test func theAdviceGoesByTheDirectory() async throws {
        let data = try await TestData()
        let without = try await data.perform(AdviseSending(need: SendingNeed(recipients: 5000, isExternal: true)))
        #expect(without.way == .campaign)
        _ = try await data.perform(AdviseSending(need: SendingNeed(recipients: 300, isExternal: true)))
        await #expect(throws: AdministrationError.self) { try await data.perform(AdviseSending(need: SendingNeed(recipients: 0))) }
    }
}
