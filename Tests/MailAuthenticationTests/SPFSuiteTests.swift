import Foundation
import MailCorpus
import MailModel
import Testing
import Yams

@testable import MailAuthentication

/// The test suite of RFC 7208, where it lies beside the project: 203 cases, each part with a zone of its own.
@Suite struct SPFSuiteTests {
    private static let file = Corpus.directory.appendingPathComponent("spf/rfc7208-tests.yml")
    private static let isThere = FileManager.default.fileExists(atPath: file.path)

    /// One part's zone: by name in lower case, records of a type in their order, and whether DNS is silent about all else.
    private struct Zone {
        private struct Record {
            var type: String
            var values: [String]
            var isSilent: Bool
        }

        private var records: [String: [Record]] = [:]
        private var silent: Set<String> = []

        init(_ zone: [String: Any]) {
            for (name, entries) in zone {
                var found: [Record] = []
                for entry in entries as? [Any] ?? [] {
                    if entry as? String == "TIMEOUT" { silent.insert(name.lowercased()) }
                    for (type, value) in entry as? [String: Any] ?? [:] {
                        let values = (value as? [Any] ?? [value]).map { "\($0)" }
                        found.append(Record(type: type, values: values, isSilent: values == ["TIMEOUT"]))
                    }
                }
                // A text of type SPF stands for TXT too, unless there are such.
                if !found.contains(where: { $0.type == "TXT" }) {
                    found += found.filter { $0.type == "SPF" }.map { Record(type: "TXT", values: $0.values, isSilent: $0.isSilent) }
                }
                records[name.lowercased()] = found.filter { $0.values != ["NONE"] }
            }
        }

        func answer<Value>(_ name: DomainName, _ types: [String], hops: Int = 0, _ read: ([String]) -> Value?) -> DNSAnswer<Value> {
            let none = DNSAnswer<Value>.noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)
            guard hops < 10 else { return .failure(reason: "a loop", isBogus: false) }
            guard let found = records[name.text] else { return none }
            if let alias = found.first(where: { $0.type == "CNAME" }).flatMap({ DomainName($0.values[0]) }) {
                return answer(alias, types, hops: hops + 1, read)
            }
            let fitting = found.filter { types.contains($0.type) }
            if fitting.contains(where: \.isSilent) || fitting.isEmpty && silent.contains(name.text) {
                return .failure(reason: "silence", isBogus: false)
            }
            let values = fitting.compactMap { read($0.values) }
            return values.isEmpty ? none : .records(values, isSecure: false, ttlSeconds: 60)
        }

        func fill(_ answers: inout SPF.Answers, _ question: SPF.Question) {
            switch question {
            case .txt(let name): answers.txt[name] = answer(name, ["TXT"]) { $0.joined() }
            case .addresses(let name): answers.addresses[name] = answer(name, ["A", "AAAA"]) { IPAddress($0[0]) }
            case .mx(let name):
                answers.mx[name] = answer(name, ["MX"]) { MXRecord(preference: Int($0[0]) ?? 0, exchange: DomainName(asking: $0[1])) }
            case .pointers(let address): answers.pointers = answer(address.reverseName, ["PTR"]) { DomainName($0[0]) }
            }
        }
    }

    private struct Case {
        var name: String
        var zone: Zone
        var subject: SPF.Subject?
        var expected: [String]
        var explanation: String?
    }

    private static func cases() throws -> [Case] {
        var cases: [Case] = []
        let text = try String(contentsOf: file, encoding: .utf8)
        for part in try Yams.load_all(yaml: text).compactMap({ $0 as? [String: Any] }) {
            let zone = Zone(part["zonedata"] as? [String: Any] ?? [:])
            for (name, test) in (part["tests"] as? [String: [String: Any]] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let expected = (test["result"] as? [Any] ?? [test["result"] ?? ""]).map { "\($0)" }
                cases.append(
                    Case(
                        name: name, zone: zone, subject: subject(test), expected: expected, explanation: test["explanation"] as? String))
            }
        }
        return cases
    }

    private static func subject(_ test: [String: Any]) -> SPF.Subject? {
        let (hello, sender) = ("\(test["helo"] ?? "")", "\(test["mailfrom"] ?? "")")
        guard let client = IPAddress("\(test["host"] ?? "")") else { return nil }
        let at = sender.lastIndex(of: "@")
        let domain = at.map { String(sender[sender.index(after: $0)...]) } ?? (sender.isEmpty ? hello : sender)
        let local = at.map { String(sender[..<$0]) } ?? ""
        guard domain.contains("."), let name = DomainName(domain) else { return nil }
        return SPF.Subject(client: client, domain: name, localPart: local.isEmpty ? "postmaster" : local, helloName: hello)
    }

    @Test(.enabled(if: isThere, "needs the suite beside the project")) func everyCaseHoldsHere() throws {
        let cases = try SPFSuiteTests.cases()
        #expect(cases.count == 203)
        for test in cases {
            var answers = SPF.Answers()
            var result: SPF.Result?
            for _ in 0...SPF.questionsMax {
                guard let subject = test.subject else {
                    result = SPF.Result.none
                    break
                }
                switch SPF.step(subject, answers) {
                case .done(let found): result = found
                case .ask(let question): test.zone.fill(&answers, question)
                }
                if result != nil { break }
            }
            #expect(result.map { test.expected.contains($0.rawValue) } == true, "\(test.name): \(result.map(\.rawValue) ?? "no end")")
        }
    }
}
