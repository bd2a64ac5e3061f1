import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// Reports on own domains that come by mail, and looks that a gate keeps.
@Suite("Domain reports", .ownThreads)
struct DomainReportMailTests {
    private struct Listed: Decodable {
        var kind: String
        var domain: String
        var total: Int
        var passing: Int
    }

    private func report(_ id: String, of domain: String) -> String {
        let begin = Int(Date().timeIntervalSince1970) - 86_400
        let xml = """
            <feedback><report_metadata><org_name>Receiver</org_name><report_id>\(id)</report_id><date_range><begin>\(begin)</begin>\
            <end>\(begin + 3600)</end></date_range></report_metadata><policy_published><domain>\(domain)</domain><p>none</p>\
            </policy_published><record><row><source_ip>192.0.2.1</source_ip><count>5</count><policy_evaluated>\
            <disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers>\
            <header_from>\(domain)</header_from></identifiers></record></feedback>
            """
        let lines = Data(xml.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        return """
            From: reports@example.net\r
            To: dmarc@example.org\r
            Subject: Report Domain: \(domain)\r
            MIME-Version: 1.0\r
            Content-Type: application/xml\r
            Content-Transfer-Encoding: base64\r
            \r
            \(lines)\r

            """
    }

    @Test func reportsByMailAreKeptOnceAndOthersRefused() throws {
        try GateProcess.run(["reports.port=\(freePort())", "reports.domain-addresses=dmarc@example.org"]) { gate in
            try gate.command("dkim", "add", "example.org", "--selector", "ours")
            let client = try SMTPDialogue(port: try #require(gate.addresses["reports"]))
            client.open()
            func send(_ content: String, to recipient: String = "dmarc@example.org") -> Int {
                client.submit(from: "reports@example.net", to: [recipient], content).code
            }
            #expect(send(report("1", of: "example.org")) == 250)
            #expect(send(report("1", of: "example.org")) == 250)
            #expect(send(report("2", of: "example.com")) == 554)
            #expect(send("Subject: hello\r\n\r\nhello\r\n") == 554)
            #expect(send(report("3", of: "example.org"), to: "other@example.org") == 550)
            let listed = try gate.command("reports", "list", "--json").split(separator: "\n").map {
                try JSONDecoder().decode(Listed.self, from: Data($0.utf8))
            }
            #expect(listed.map(\.kind) == ["aggregate"] && listed.map(\.total) == [5] && listed.map(\.passing) == [5])
            #expect(try gate.command("reports", "sources", "example.org").contains("192.0.2.1"))
        }
    }

    @Test(.enabled(if: DomainWorld.isThere, "nsd is not installed"))
    func aLookIsKept() throws {
        let world = try DomainWorld()
        defer { world.stop() }
        try GateProcess.run(["delivery.resolver=127.0.0.1@\(world.port)"]) { gate in
            try gate.command("domains", "add", "good.example")
            #expect(try gate.command("domain", "list").contains("not yet"))
            let look = try Program.run(
                Program.postern, ["domain", "check", "good.example", "--keep", "--data", gate.directory.path])
            #expect(look.output.contains("good.example"), "\(look.errors)")
            #expect(try gate.command("domain", "list", "--json").contains("\"spf\":\"v=spf1 ip4:192.0.2.1"))
            #expect(try gate.command("domain", "history", "good.example").contains("First look"))
        }
    }
}
