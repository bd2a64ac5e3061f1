import ContentReading
import ContentScan
import MailCorpus
import MailModel

/// The verdict on a message written with LF.
func scan(
    _ text: String, envelope: ScanEnvelope? = nil, knowledge: ScanKnowledge = ScanKnowledge(), weights: ScanWeights = .standard
) -> Verdict {
    ContentScan.scan(facts(text, envelope: envelope), weights: weights, knowledge: knowledge, at: Timestamp(seconds: 0))
}

func facts(_ text: String, envelope: ScanEnvelope? = nil) -> ScanFacts { ContentReader().facts(wire(text), envelope: envelope) }

extension Verdict {
    var rules: Set<String> { Set(findings.map { String($0.finding.rule.dropFirst("scan.".count)) }) }
}

/// A message of one HTML part.
func html(_ body: String, subject: String = "News", fields: String = "") -> String {
    "From: Anna <anna@example.org>\nSubject: \(subject)\n\(fields)MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n\(body)\n"
}

func plain(_ body: String, subject: String = "News", from: String = "Anna <anna@example.org>", fields: String = "") -> String {
    "From: \(from)\nSubject: \(subject)\n\(fields)\n\(body)\n"
}
