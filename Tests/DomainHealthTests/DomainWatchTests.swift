import MailModel
import Testing

@testable import DomainHealth

struct DomainWatchTests {
    private func finding(_ rule: String, _ severity: HealthFinding.Severity = .error, _ subject: String = "") -> HealthFinding {
        HealthFinding(rule, severity, "\(rule) is wrong.", why: "", subject: subject)
    }

    private func report(_ findings: HealthFinding..., spf: String = "v=spf1 -all") -> DomainReport {
        DomainReport(
            domain: "example.org", checkedAt: "2026-11-23T00:00:00Z", state: findings.isEmpty ? .healthy : .failing,
            spf: DomainReport.SPFPart(record: spf, isValid: true, lookups: 0, voids: 0, tree: [], sources: []), dkim: [],
            dmarc: DomainReport.DMARCPart(
                record: "v=DMARC1; p=reject", at: "example.org", policy: "reject", subdomainPolicy: nil, absentPolicy: nil,
                effective: "reject", organization: "example.org", dkimAlignment: "r", spfAlignment: "r", isTest: false, reports: [],
                failureReports: []),
            alignment: [], mx: [], hasNullMX: false,
            transport: DomainReport.Transport(mtaSTS: nil, tlsReports: [], dane: "none", dnssec: "unsigned", bimi: "none"), addresses: [],
            findings: findings)
    }

    @Test func theFirstLookTellsOfErrorsAlone() {
        let step = DomainWatch.step(nil, report(finding("spf.missing"), finding("dmarc.useless", .warning)))
        #expect(step.worse.map(\.rule) == ["spf.missing"])
        #expect(step.changes.isEmpty && !step.isOver)
        #expect(step.memory.told == ["spf.missing "])
        #expect(DomainWatch.step(nil, report()).worse.isEmpty)
    }

    @Test func whatGetsWorseIsToldOnceAndSettlesWhenAllIsMended() {
        let first = DomainWatch.step(nil, report())
        let second = DomainWatch.step(first.memory, report(finding("spf.missing"), finding("ptr.missing", .warning, "192.0.2.1")))
        #expect(second.worse.count == 2 && second.changes.count == 2)
        let third = DomainWatch.step(second.memory, report(finding("spf.missing"), finding("ptr.missing", .warning, "192.0.2.1")))
        #expect(third.worse.isEmpty && third.changes.isEmpty && !third.isOver)
        let fourth = DomainWatch.step(third.memory, report(finding("ptr.missing", .warning, "192.0.2.1")))
        #expect(!fourth.isOver && fourth.changes == ["Mended: spf.missing is wrong."])
        let fifth = DomainWatch.step(fourth.memory, report())
        #expect(fifth.isOver && fifth.memory.told.isEmpty)
        #expect(!DomainWatch.step(fifth.memory, report()).isOver)
    }

    @Test func silenceNeitherTellsNorSettles() {
        let broken = DomainWatch.step(nil, report(finding("spf.missing"), spf: ""))
        let silent = DomainWatch.step(broken.memory, report(finding("spf.unanswered", .warning), finding("alignment.route"), spf: ""))
        #expect(silent.worse.isEmpty && silent.changes.isEmpty && !silent.isOver)
        #expect(silent.memory.told == ["spf.missing "])
        let again = DomainWatch.step(silent.memory, report(finding("spf.missing"), spf: ""))
        #expect(again.worse.isEmpty && again.changes.isEmpty && !again.isOver)
        // A record that changes while DNS is silent is seen afterwards.
        let well = DomainWatch.step(nil, report(spf: "v=spf1 a -all"))
        let quiet = DomainWatch.step(well.memory, report(finding("spf.unanswered", .warning), spf: ""))
        let changed = DomainWatch.step(quiet.memory, report(spf: "v=spf1 mx -all"))
        #expect(changed.changes == ["The SPF record is now v=spf1 mx -all (before: v=spf1 a -all)"])
    }

    @Test func ownKeysHaveAnAlertOfTheirOwn() {
        let step = DomainWatch.step(DomainMemory(report: report()), report(finding("dkim.missing", .error, "s._domainkey.example.org")))
        #expect(step.worse.isEmpty && step.changes.count == 1)
    }

    @Test func theDigestIsOfWhatWasFound() {
        let one = report(finding("spf.missing"))
        var later = one
        later.checkedAt = "2026-11-24T00:00:00Z"
        #expect(DomainWatch.digest(one) == DomainWatch.digest(later) && DomainWatch.digest(one).utf8.count == 16)
        #expect(DomainWatch.digest(one) != DomainWatch.digest(report()))
    }

    @Test func eachDomainIsLookedAtOnceInADayAndFewAtATime() throws {
        let domains = try (0..<300).map { try #require(DomainName("d\($0).example")) }
        var last: [DomainName: Timestamp] = [:]
        var looks: [DomainName: Int] = [:]
        let start = Timestamp(seconds: 1_790_000_000)
        for round in 0..<288 {
            let now = start + .seconds(600 * round)
            let due = DomainRound.due(domains, lastLooks: last, roundsPerDay: 144, at: now)
            #expect(due.count <= 5)
            for domain in due {
                last[domain] = now
                looks[domain, default: 0] += 1
            }
        }
        #expect(looks.count == 300 && looks.values.allSatisfy { $0 == 2 })
    }
}
