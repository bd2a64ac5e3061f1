import Foundation
import MailModel

/// The text forms of values that are stored in one column.
enum RowText {
    /// `550 5.7.60 first line`, further lines after a line feed; `-` where there is no enhanced code. No line of a reply can hold a
    /// line feed, so this reads back.
    static func text(_ reply: SMTPReply) -> String {
        let code = reply.enhancedCode.map(\.description) ?? "-"
        return "\(reply.code) \(code) \(reply.lines.count == 1 ? reply.lines[0] : reply.lines.joined(separator: "\n"))"
    }

    static func reply(_ text: String) throws -> SMTPReply {
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let code = Int(parts[0]), (200...599).contains(code) else { throw damaged("reply", text) }
        var enhanced: EnhancedStatusCode?
        if parts[1] != "-" {
            enhanced = EnhancedStatusCode(parts[1])
            if enhanced == nil { throw damaged("reply", text) }
        }
        return SMTPReply(code, enhanced, parts[2].split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    /// The column knows the states of recipients alone, so what came back, or was interrupted, stands there as `bounced`; the rule of its
    /// first finding begins with the event's own name.
    private static let returnedKinds: Set<String> = ["returned", "complained", "answered", "interrupted"]

    static func storedKind(_ kind: String) -> String { returnedKinds.contains(kind) ? "bounced" : kind }

    static func eventKind(stored: String, _ findings: [Finding]) -> String {
        guard stored == "bounced", let name = findings.first?.rule.prefix(while: { $0 != "." }), returnedKinds.contains(String(name)) else {
            return stored
        }
        return String(name)
    }

    /// JSON; nil for none, which is most messages. Written by hand: each attempt of a campaign has one.
    static func text(_ findings: [Finding]) -> String? {
        guard !findings.isEmpty else { return nil }
        var text = "["
        for (index, finding) in findings.enumerated() {
            text += index == 0 ? #"{"rule":"# : #",{"rule":"#
            AttributeText.append(finding.rule, to: &text)
            text += #","matched":"#
            AttributeText.append(finding.matched, to: &text)
            text += #","explanation":"#
            AttributeText.append(finding.explanation, to: &text)
            text += "}"
        }
        return text + "]"
    }

    static func findings(_ text: String?) throws -> [Finding] {
        guard let text else { return [] }
        do {
            return try JSONDecoder().decode([Finding].self, from: Data(text.utf8))
        } catch {
            throw damaged("findings", text)
        }
    }

    /// JSON. Most messages have no findings: their text is written without an encoder.
    static func text(_ scan: ScanSummary) throws -> String {
        if scan.findings.isEmpty { return #"{"score":\#(scan.score),"kind":"\#(scan.kind.rawValue)","findings":[]}"# }
        return String(decoding: try JSONEncoder().encode(scan), as: UTF8.self)
    }

    static func json(_ value: some Encodable) throws -> String { String(decoding: try JSONEncoder().encode(value), as: UTF8.self) }

    static func json<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw damaged("\(type)", text)
        }
    }

    /// JSON.
    static func text(_ report: ReturnedReport) throws -> String { String(decoding: try JSONEncoder().encode(report), as: UTF8.self) }

    static func returnedReport(_ text: String) throws -> ReturnedReport {
        do {
            return try JSONDecoder().decode(ReturnedReport.self, from: Data(text.utf8))
        } catch {
            throw damaged("report", text)
        }
    }

    static func scan(_ text: String) throws -> ScanSummary {
        do {
            return try JSONDecoder().decode(ScanSummary.self, from: Data(text.utf8))
        } catch {
            throw damaged("scan", text)
        }
    }

    static func address(localPart: String, host: String) throws -> EmailAddress {
        guard let host = MailHost(host), let address = EmailAddress(localPart: localPart, host: host) else {
            throw damaged("address", "\(localPart)@\(host)")
        }
        return address
    }

    static func reversePath(_ text: String) throws -> ReversePath {
        if text.isEmpty { return .null }
        guard let address = EmailAddress(text) else { throw damaged("reverse-path", text) }
        return .address(address)
    }

    static func ipAddress(_ text: String?) throws -> IPAddress? {
        guard let text else { return nil }
        guard let address = IPAddress(text) else { throw damaged("IP address", text) }
        return address
    }

    static func state(_ number: Int) throws -> RecipientState {
        guard let state = RecipientState(rawValue: number) else { throw damaged("state", String(number)) }
        return state
    }

    /// What a column holds is not what this program writes there.
    static func damaged(_ what: String, _ text: String) -> StoreError { .corrupt("not a \(what): \(text.prefix(100))") }

    /// The trace's word for an outcome.
    static func eventKind(of state: RecipientState) -> String { state == .queued ? "deferred" : state.name }
}
