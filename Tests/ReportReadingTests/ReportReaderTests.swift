import Foundation
import MailCorpus
import MailModel
import Testing

@testable import ReportReading

/// Reports of every form, good and bad ones, from files as they come.
struct ReportReaderTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Reports")

    private func read(_ name: String) throws -> Result<ReceivedReport, ReportFault> {
        ReportReader.read([UInt8](try Data(contentsOf: ReportReaderTests.folder.appendingPathComponent(name))))
    }

    private func aggregate(_ name: String) throws -> AggregateReport {
        guard case .success(.aggregate(let report)) = try read(name) else {
            throw ReportFault("\(name): \(try read(name))")
        }
        return report
    }

    private func fault(_ octets: [UInt8]) -> String {
        if case .failure(let fault) = ReportReader.read(octets) { fault.text } else { "" }
    }

    @Test(arguments: ["rfc9990.xml", "rfc9990.xml.gz", "aggregate.eml"]) func theFormOfRFC9990(_ name: String) throws {
        let report = try aggregate(name)
        #expect(report.isNewForm)
        #expect(report.organization == "Receiver & Sons")
        #expect(report.published.absentPolicy == "reject")
        #expect(report.published.discovery == "treewalk")
        #expect(report.begin.rfc3339.hasPrefix("2026-11-30T00:00:00"))
        #expect(report.records.map(\.count) == [120, 7, 3])
        #expect(report.records.map(\.passes) == [true, true, false])
        #expect(report.records[1].address == IPAddress("2001:db8::25"))
        #expect(report.records[1].reasons == ["forwarded"])
        #expect(report.records[0].dkimResults.map(\.selector) == ["p202611r"])
        #expect(report.records[0].spfResults.map(\.domain) == ["bounce.example.org"])
        #expect(report.messages == 130)
        #expect(report.passing == 127)
    }

    @Test(arguments: ["rfc7489.xml", "rfc7489.zip"]) func theFormBeforeIt(_ name: String) throws {
        let report = try aggregate(name)
        #expect(!report.isNewForm)
        #expect(report.published.spfAlignment == "s")
        #expect(report.published.percent == "100")
        #expect(report.records.count == 1, "one has no address that can be read")
        #expect(report.skipped == 1)
        #expect(report.records[0].passes)
        #expect(report.records[0].headerFrom == "example.org")
    }

    @Test func entitiesAreRefused() throws {
        guard case .failure(let fault) = try read("entities.xml") else { throw ReportFault("it was read") }
        #expect(fault.text == "it has a document type")
    }

    @Test func brokenXMLIsRefusedWithItsLine() throws {
        guard case .failure(let fault) = try read("unclosed.xml") else { throw ReportFault("it was read") }
        #expect(fault.text.hasPrefix("it is no well-formed XML, line "))
    }

    @Test func otherXMLIsRefused() throws {
        #expect(try read("other.xml") == .failure(ReportFault("its XML is \"html\" and no report of DMARC")))
    }

    @Test(arguments: ["tls.json", "tls.eml"]) func reportsOnTLS(_ name: String) throws {
        guard case .success(.tls(let report)) = try read(name) else { throw ReportFault("\(try read(name))") }
        let policy = try #require(report.policies.first)
        #expect(policy.domain == "example.org")
        #expect(policy.good == 90)
        #expect(policy.failed == 10)
        #expect(policy.failures.map(\.type) == ["certificate-expired"])
    }

    @Test func failureReportsWithoutThePeople() throws {
        guard case .success(.failure(let report)) = try read("failure.eml") else { throw ReportFault("\(try read("failure.eml"))") }
        #expect(report.domain == "example.org")
        #expect(report.address == IPAddress("203.0.113.9"))
        #expect(report.failure == "dmarc")
        #expect(report.delivery == "reject")
        #expect(report.incidents == 3)
        let kept = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        #expect(!kept.contains("somebody"))
    }

    /// 80 MB of nothing, which gzip makes 80 KB of.
    @Test func aBombIsLeftAlone() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("reports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let bomb = directory.appendingPathComponent("bomb.gz").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "head -c 80000000 /dev/zero | gzip > '\(bomb)'"]
        try process.run()
        process.waitUntilExit()
        let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bomb)))
        #expect(octets.count < 200_000)
        #expect(fault(octets) == "the archive holds more than \(ReportLimits.expandedBytesMax) octets")
    }

    @Test func depthAndTextAreBounded() {
        let deep = "<feedback>" + String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40) + "</feedback>"
        #expect(fault(Array(deep.utf8)) == "its elements are nested too deep")
        let long = String(repeating: "x", count: 100_000)
        let text = """
            <feedback><report_metadata><org_name>\(long)</org_name></report_metadata>\
            <policy_published><domain>example.org</domain></policy_published></feedback>
            """
        guard case .success(.aggregate(let report)) = ReportReader.read(Array(text.utf8)) else {
            Issue.record("not read")
            return
        }
        #expect(report.organization.utf8.count == ReportLimits.textBytesMax)
    }

    @Test func anythingElseIsRefusedWithAReason() {
        #expect(fault([]) == "it is neither XML, JSON, gzip, zip nor a message")
        #expect(fault(Array("hello".utf8)) == "it is neither XML, JSON, gzip, zip nor a message")
        #expect(fault([0x1F, 0x8B, 1, 2, 3]).isEmpty == false)
        #expect(fault(Array("{\"a\": 1}".utf8)) == "its JSON is no report on TLS")
        #expect(fault(Array("Subject: x\r\n\r\nhello\r\n".utf8)) == "no report is in it")
        #expect(fault(Array("<feedback/>".utf8)) == "it names no domain")
    }

    /// Reports of real receivers, where they lie beside the project.
    @Test(.enabled(if: Corpus.isThere, "needs the collections of mail in ../shared/data"))
    func realReportsAreReadOrRefusedWithAReason() throws {
        let root = Corpus.directory.appendingPathComponent("reports")
        let refused: Set = ["invalid_utf_8.xml", "invalid_xml.xml"]
        var count = 0
        for folder in ["dmarc", "tls"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path) {
                let octets = [UInt8](try Data(contentsOf: root.appendingPathComponent("\(folder)/\(name)")))
                let view = ReportView(file: name, ReportReader.read(octets))
                #expect((view.kind == "refused") == refused.contains(name), "\(name): \(view.reason)")
                #expect((view.kind == "refused") == !view.reason.isEmpty)
                #expect(view.kind == "refused" || view.count > 0, "\(name)")
                count += 1
            }
        }
        #expect(count == 11)
    }

    /// Each prefix of each file: none may trap, and none is read for more than it says.
    @Test(arguments: ["rfc9990.xml", "rfc9990.xml.gz", "rfc7489.zip", "aggregate.eml", "tls.json", "failure.eml"])
    func cutFilesDoNotTrap(_ name: String) throws {
        let octets = [UInt8](try Data(contentsOf: ReportReaderTests.folder.appendingPathComponent(name)))
        for end in stride(from: 0, to: octets.count, by: 13) {
            if case .success(.aggregate(let report)) = ReportReader.read(Array(octets[..<end])) {
                #expect(report.messages <= 130)
            }
        }
    }
}
