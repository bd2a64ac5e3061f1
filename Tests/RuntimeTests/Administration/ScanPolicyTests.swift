import ContentScan
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// The scan policy on a real store.
@Suite(.ownThreads) struct ScanPolicyTests {
    private func set(_ data: TestData, _ edit: (inout ScanPolicyChanges) -> Void) async throws -> ScanPolicyView {
        var changes = ScanPolicyChanges()
        edit(&changes)
        return try await data.perform(SetScanPolicy(changes: changes))
    }

    private func problem(_ data: TestData, _ edit: (inout ScanPolicyChanges) -> Void) async -> String {
        let error = await #expect(throws: AdministrationError.self) { _ = try await set(data, edit) }
        #expect(error?.kind == .invalid)
        return error?.problem ?? ""
    }

    @Test func whatIsNotChosenIsAsUsual() async throws {
        let data = try await TestData()
        let usual = try await data.perform(ShowScanPolicy())
        #expect(usual.suspiciousFrom == 5 && usual.spamFrom == 8 && usual.suspicious == .deliver && usual.spam == .highRisk)
        #expect(usual.rules.count == ScanRule.allCases.count && usual.rules.allSatisfy { $0.weight == $0.usual })
        #expect(ScanWeights(try await data.administration().directory().scanPolicy) == .standard)
    }

    @Test func changesAddUpAndCanBeTakenBack() async throws {
        let data = try await TestData()
        _ = try await set(data) {
            $0.weights = [ScanWeightChange(rule: "scan.links.shortener", weight: 4), ScanWeightChange(rule: "html.form", weight: -1)]
        }
        let both = try await set(data) {
            $0.spamFrom = 9
            $0.weights = [ScanWeightChange(rule: "html.form", weight: nil)]
        }
        #expect(both.spamFrom == 9)
        #expect(both.rules.first.map { [$0.weight, $0.usual] } == [4, 1.5])
        let weights = ScanWeights(try await data.administration().directory().scanPolicy)
        #expect(weights.weights == [.shortener: 4] && weights.spamFrom == 9 && weights.suspiciousFrom == 5)
        let anew = try await set(data) { $0.anew = true }
        #expect(anew.spamFrom == 8 && anew.rules.allSatisfy { $0.weight == $0.usual })
        let audit = try await data.perform(ListAudit(limit: 10)).filter { $0.action == "scan.policy" }
        #expect(audit.count == 3)
        #expect(
            audit.contains { $0.target == "html.form -1.0 -> \(ScanRule.form.standardWeight), spam from 8.0 -> 9.0" },
            "\(audit.map(\.target))")
    }

    @Test func whatMakesNoSenseIsRefused() async throws {
        let data = try await TestData()
        #expect(await problem(data) { $0.weights = [ScanWeightChange(rule: "links.moon", weight: 1)] }.contains("links.moon"))
        #expect(await problem(data) { $0.weights = [ScanWeightChange(rule: "html.form", weight: 21)] }.contains("out of range"))
        #expect(await problem(data) { $0.suspiciousFrom = 9 }.contains("above"))
        #expect(await problem(data) { $0.spamFrom = .infinity }.contains("out of range"))
        #expect(await problem(data) { $0.suspicious = .copy }.contains("nobody"))
        #expect(await problem(data) { $0.reviewer = "nobody" }.contains("no mail address"))
        #expect(await problem(data) { $0.secondOpinion = SecondOpinionChanges() }.contains("no other scanner"))
        for url in ["ftp://127.0.0.1", "http://8.8.8.8:11333/", "http://a@127.0.0.1/", "x"] {
            #expect(
                await problem(data) {
                    $0.secondOpinion = SecondOpinionChanges()
                    $0.secondOpinion?.url = url
                }.contains("the URL of rspamd"), "\(url)")
        }
        #expect(try await data.perform(ShowScanPolicy()) == ScanPolicyView(nil))
    }

    @Test func thePasswordIsSealedAndGoesWithItsPlace() async throws {
        let data = try await TestData()
        let first = try await set(data) {
            $0.secondOpinion = SecondOpinionChanges()
            $0.secondOpinion?.url = "http://127.0.0.1:11333"
            $0.secondOpinion?.password = "swordfish"
            $0.secondOpinion?.whenDown = .defer
        }
        #expect(first.secondOpinion?.hasPassword == true && first.secondOpinion?.whenDown == .defer)
        let stored = try #require(try await data.administration().directory().scanPolicy?.secondOpinion?.sealedPassword)
        #expect(!stored.contains("swordfish"))
        let moved = try await set(data) {
            $0.secondOpinion = SecondOpinionChanges()
            $0.secondOpinion?.url = "http://127.0.0.2:11333"
        }
        #expect(moved.secondOpinion?.hasPassword == false && moved.secondOpinion?.whenDown == .defer)
        let gone = try await set(data) {
            $0.secondOpinion = SecondOpinionChanges()
            $0.secondOpinion?.url = ""
        }
        #expect(gone.secondOpinion == nil)
    }
}
