import DeliveryPlanning
import Foundation
import MailModel
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite("TLS reports", .ownThreads)
struct TLSReportTests {
    private let domain = DomainName("b.example")!
    /// 2026-11-21.
    private let day: Int32 = 20_778

    private func counts() -> [TLSSessionCount] {
        let good = TLSSessionKind(policy: .sts, policyLines: ["version: STSv1", "mode: enforce"])
        var bad = good
        bad.fault = .certificateExpired
        bad.host = "mx.b.example"
        bad.address = IPAddress("192.0.2.1")
        let plain = TLSSessionKind(policy: .none)
        return [
            TLSSessionCount(day: day, domain: domain, kind: good, total: 7), TLSSessionCount(day: day, domain: domain, kind: bad, total: 2),
            TLSSessionCount(day: day, domain: DomainName("a.example")!, kind: plain, total: 1),
        ]
    }

    @Test func `a domain's report has its policies, sums and failures as RFC 8460 writes them`() throws {
        let reports = TLSReport.reports(counts(), day: day, organization: "gate.example.org", contact: "postmaster@gate.example.org")
        #expect(reports.map(\.domain.text) == ["a.example", "b.example"])
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(try #require(reports.last).report)) as? [String: Any]
        #expect(json?["organization-name"] as? String == "gate.example.org")
        #expect(
            json?["date-range"] as? [String: String] == ["start-datetime": "2026-11-21T00:00:00Z", "end-datetime": "2026-11-21T23:59:59Z"])
        let policies = try #require(json?["policies"] as? [[String: Any]])
        #expect(policies.count == 1)
        let policy = try #require(policies.first?["policy"] as? [String: Any])
        #expect(policy["policy-type"] as? String == "sts" && policy["policy-domain"] as? String == "b.example")
        #expect(policy["policy-string"] as? [String] == ["version: STSv1", "mode: enforce"])
        let summary = policies.first?["summary"] as? [String: Int]
        #expect(summary == ["total-successful-session-count": 7, "total-failure-session-count": 2])
        let failure = try #require((policies.first?["failure-details"] as? [[String: Any]])?.first)
        #expect(failure["result-type"] as? String == "certificate-expired" && failure["failed-session-count"] as? Int == 2)
        #expect(failure["receiving-mx-hostname"] as? String == "mx.b.example" && failure["receiving-ip"] as? String == "192.0.2.1")
    }

    @Test func `addresses are read from one record, and only mail and https`() {
        func read(_ texts: String...) -> [TLSReportAddress] {
            TLSReportAddress.read(.records(texts, isSecure: false, ttlSeconds: 60))
        }
        let mail = TLSReportAddress.mail(EmailAddress("tls@b.example")!)
        #expect(read("v=TLSRPTv1; rua=mailto:tls@b.example, https://b.example/v1/tlsrpt") == [mail, .web("https://b.example/v1/tlsrpt")])
        #expect(read("v=TLSRPTv1;rua=mailto:tls@b.example?subject=x", "other") == [mail])
        #expect(read("v=TLSRPTv1; rua=http://b.example/").isEmpty)
        #expect(read("v=TLSRPTv1; rua=mailto:tls@b.example", "v=TLSRPTv1; rua=mailto:x@b.example").isEmpty)
        #expect(read("v=TLSRPTv12; rua=mailto:tls@b.example").isEmpty)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/gzip")), arguments: [0, 1, 65_535, 65_536, 200_000])
    func `what is wrapped, gzip unwraps`(count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("wrapped-\(UUID().uuidString).gz")
        try Data(GzipContainer.wrap(content)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let gzip = Process()
        let output = Pipe()
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["-dc", file.path]
        gzip.standardOutput = output
        try gzip.run()
        let unwrapped = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        #expect(gzip.terminationStatus == 0 && Array(unwrapped) == content)
    }

    @Test func `the mail is what RFC 8460 asks for`() throws {
        let report = try #require(
            TLSReport.reports(counts(), day: day, organization: "gate.example.org", contact: "c@gate.example.org").last?.report)
        let mail = TLSReportMail(
            report: report, domain: domain, sender: EmailAddress("postmaster@gate.example.org")!, recipient: EmailAddress("tls@b.example")!)
        let gzip = GzipContainer.wrap(Array("{}".utf8))
        let text = String(
            decoding: mail.content(gzip: gzip, messageID: "1@gate.example.org", at: Timestamp(seconds: 1_800_000_000), boundarySeed: "abc"),
            as: UTF8.self)
        for line in [
            "TLS-Report-Domain: b.example", "TLS-Report-Submitter: gate.example.org", "TLS-Required: No",
            "Content-Type: multipart/report; report-type=\"tlsrpt\";", "Content-Type: application/tlsrpt+gzip",
            Data(gzip).base64EncodedString(),
        ] {
            #expect(text.contains("\r\n\(line)\r\n"), "\(line)")
        }
        #expect(text.utf8.allSatisfy { $0 < 0x80 } && text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 200 })
    }
}
