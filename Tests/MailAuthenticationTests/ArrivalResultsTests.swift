import MailModel
import Testing

@testable import MailAuthentication

@Suite struct ArrivalResultsTests {
    private let sealer = DomainName("lists.example.org")!

    @Test func resultsAreWrittenForReadersAndKeptForTheSeal() {
        let spf = SPFOutcome(result: .softfail, domain: DomainName("a.test")!, isHello: false)
        let dkim = [
            DKIMVerification(domain: "a.test", selector: "s", outcome: .pass, isBodyPartial: false),
            DKIMVerification(domain: "b.test", selector: "s", outcome: .fail("the body has changed"), isBodyPartial: false),
        ]
        let chains: [ARCChain] = [.none, .pass(instances: 3, sealers: []), .fail(reason: "", instances: 2), .temporaryError(reason: "")]
        for chain in chains {
            let results = ArrivalResults(sealer: sealer, spf: spf, dkim: dkim, chain: chain)
            #expect(ArrivalResults(results.finding) == results && results.isProven)
            #expect(
                results.text.hasPrefix(
                    "spf=softfail smtp.mailfrom=a.test; dkim=pass header.d=a.test header.s=s; dkim=fail (the body has changed) header.d=b.test"
                ))
            #expect(results.text.hasSuffix("; arc=\(chain.result ?? "")") == (chain.result != nil))
        }
        #expect(ArrivalResults(Finding(rule: "other", matched: "arc=none d=a.test", explanation: "")) == nil)
    }

    @Test func whatASignatureSaysOfItselfCannotWriteResults() {
        let hostile = DKIMVerification(
            domain: "a.test; spf=pass", selector: "s\r\nX: y", outcome: .permanentError("x); arc=pass (\r\nX: y"), isBodyPartial: false)
        let text = ArrivalResults(sealer: sealer, spf: nil, dkim: [hostile], chain: .none).text
        #expect(text == "dkim=permerror (x arc=pass X: y) header.d=unreadable header.s=unreadable; arc=none")
        let none = ArrivalResults(sealer: sealer, spf: nil, dkim: [], chain: .none)
        #expect(none.text == "dkim=none; arc=none" && !none.isProven && ArrivalResults(none.finding) == none)
    }
}
