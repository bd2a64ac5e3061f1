import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

/// The suppression list as people keep it, on a real store.
@Suite(.ownThreads) struct SuppressionOperationTests {
    private let kim = EmailAddress("Kim@example.net")!

    @Test func whatIsPutThereIsFoundTakenOffAndPutBack() async throws {
        let data = try await TestData()
        let added = try await data.perform(AddSuppression(address: kim, days: 10))
        #expect(added.scope == "organisation" && added.reason == .manual && added.note == "a test" && !added.until.isEmpty)
        await #expect(throws: AdministrationError.self) {
            try await data.perform(AddSuppression(address: EmailAddress("kim@EXAMPLE.net")!, days: 9))
        }
        #expect(try await data.perform(AddSuppression(address: kim)).until == "", "for longer than it stood there")
        let check = try await data.perform(CheckSuppression(address: kim))
        #expect(check.keeps == ["personal", "application", "campaign"] && check.entries.count == 1)
        #expect(try await data.perform(RemoveSuppression(address: kim)).changed == 1)
        #expect(try await data.perform(CheckSuppression(address: kim)).keeps == [])
        #expect(try await data.perform(ListSuppressions()) == [])
        await #expect(throws: AdministrationError.self) { _ = try await data.perform(RemoveSuppression(address: kim)) }
        #expect(try await data.perform(RestoreSuppression(address: kim)).changed == 1)
        #expect(try await data.perform(CheckSuppression(address: kim)).keeps.count == 3)
        let audit = try await data.store.read { try $0.audit(limit: 10) }
        #expect(audit.map(\.action).prefix(3) == ["suppression.restore", "suppression.remove", "suppression.add"])
        #expect(!audit.contains { $0.target.lowercased().contains("kim@") }, "the audit cannot be erased")
    }

    @Test func anAddressThatIsErasedIsStillNotWrittenTo() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddSuppression(address: kim, cause: .unsubscribe))
        #expect(try await data.perform(EraseSuppression(address: kim)).changed == 1)
        #expect(try await data.perform(ListSuppressions()).map(\.address) == [""])
        #expect(try await data.perform(CheckSuppression(address: kim)).keeps == ["campaign"])
    }

    private func read(_ text: String, part: Int) -> (rows: [ImportSuppressions.Row], problems: [String]) {
        var reader = SuppressionFile()
        let octets = Array(text.utf8)
        var rows: [ImportSuppressions.Row] = []
        var problems: [SuppressionFile.Problem] = []
        for start in stride(from: 0, to: octets.count, by: part) {
            let found = reader.take(octets[start..<min(start + part, octets.count)])
            rows += found.rows
            problems += found.problems
        }
        let last = reader.finish()
        return (rows + last.rows, (problems + last.problems).map(\.description))
    }

    @Test(arguments: [1, 7, 1000]) func aFileIsReadInPartsOfAnyLength(part: Int) {
        let text = """
            \u{FEFF}Email,Reason,note,since\r
            a@x.net,bounce,"said ""no"", twice",1790000000\r
            not an address,bounce,,\r
            "b@x.net",spam report,"two
            lines",2026-01-02
            c@x.net,nonsense,,

            d@x.net,,,2026-01-02T03:04:05Z
            """
        let (rows, problems) = read(text, part: part)
        #expect(rows.map { $0.address?.description } == ["a@x.net", "b@x.net", "d@x.net"])
        #expect(rows.map(\.cause) == [.addressDead, .complaint, nil])
        #expect(rows[0].note == "said \"no\", twice" && rows[0].since == Timestamp(seconds: 1_790_000_000))
        #expect(problems == ["line 3: \"not an address\" is no mail address", "line 6: \"nonsense\" is no reason"])
    }

    @Test func withoutNamesTheFirstColumnIsTheAddress() {
        #expect(read("a@x.net;Ann\nb@x.net;Bob\n", part: 5).rows.compactMap(\.address).count == 2)
        #expect(read("a@x.net\n\"b@x.net\n", part: 5).problems == ["line 2: a quote is not closed"])
        let long = read("a@x.net\n\(String(repeating: "x", count: 20_000))\nb@x.net\n", part: 100)
        #expect(long.rows.count == 2 && long.problems.count == 1)
    }

    @Test func whatIsExportedIsWhatAnImportReads() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddSuppression(address: kim, place: .list("news"), cause: .complaint, days: 5))
        _ = try await data.perform(AddSuppression(address: EmailAddress("gone@example.net")!, cause: .unsubscribe))
        _ = try await data.perform(EraseSuppression(address: EmailAddress("gone@example.net")!))
        let exported = try await data.perform(ExportSuppressions())
        #expect(exported.rows.count == 2 && exported.next == nil)
        let (rows, problems) = read(SuppressionFile.heading + exported.rows.map(SuppressionFile.line).joined(), part: 50)
        #expect(rows.count == 2 && problems == [])
        for place in [nil, SuppressionScope.list("news")] {
            for entry in try await data.perform(ListSuppressions()) where (entry.scope == "organisation") == (place == nil) {
                #expect(
                    rows.contains {
                        $0.hash == entry.hash && $0.cause == entry.reason && ($0.place ?? .organisation).description == entry.scope
                    })
            }
        }
        #expect(try await data.perform(ImportSuppressions(rows: rows, file: "x.csv", isFirst: true)).changed == 0, "they are there")
        _ = try await data.perform(RemoveSuppression(address: kim))
        #expect(try await data.perform(ImportSuppressions(rows: rows, file: "x.csv", isFirst: true)).changed == 1)
    }

    @Test func anExportHasEachOnceHoweverManyParts() async throws {
        let data = try await TestData()
        let rows = (0..<2500).map { number in
            var row = ImportSuppressions.Row()
            row.address = EmailAddress("r\(number)@example.net")
            return row
        }
        #expect(try await data.perform(ImportSuppressions(rows: rows, file: "x.csv", isFirst: true)).changed == 2500)
        var seen: Set<String> = []
        var after: String?
        repeat {
            let part = try await data.perform(ExportSuppressions(after: after))
            for row in part.rows { #expect(seen.insert(row.address).inserted) }
            after = part.next
        } while after != nil
        #expect(seen.count == 2500)
        await #expect(throws: AdministrationError.self) { _ = try await data.perform(ExportSuppressions(after: "nowhere")) }
    }

    @Test func thePolicyIsChangedInPartsAndRefusedWhereItIsWrong() async throws {
        let data = try await TestData()
        var change = SetSuppressionPolicy()
        change.complaint = ["campaign", "application"]
        change.hardBounces = [1, 2, 0]
        let view = try await data.perform(change)
        #expect(view.keeps["complaint"] == ["application", "campaign"] && view.rates.hardBounces.description == "1, 2, never %")
        #expect(view.keeps["dead"]?.count == 4 && view.rates.complaints.stop == 0.3)
        var disordered = SetSuppressionPolicy()
        disordered.hardBounces = [5, 4, 3]
        let wrong = disordered
        await #expect(throws: AdministrationError.self) { _ = try await data.perform(wrong) }
        _ = try await data.perform(AddSuppression(address: kim, cause: .complaint))
        #expect(try await data.perform(CheckSuppression(address: kim)).keeps == ["application", "campaign"])
    }
}
