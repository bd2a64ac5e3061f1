import ArgumentParser
import DNSClient
import MailModel
import OutboundPolicy
import PosternRuntime
import Storage

/// Turns the text of an argument into a value, or says what it should look like.
enum Arguments {
    static func address(_ text: String) throws -> EmailAddress {
        try value(EmailAddress(text), text, "a mail address such as a@example.org")
    }

    /// Nil where the option is missing.
    static func yes(_ text: String?, _ option: String) throws -> Bool? {
        guard let text else { return nil }
        guard text == "yes" || text == "no" else { throw ValidationError("\(option) is yes or no") }
        return text == "yes"
    }

    static func domain(_ text: String) throws -> DomainName { try value(DomainName(text), text, "a domain such as example.org") }

    static func dnsServer(_ text: String) throws -> DNSServerAddress {
        let separator =
            text.hasPrefix("[") ? text.firstRange(of: "]:") : text.filter { $0 == ":" }.count == 1 ? text.firstRange(of: ":") : nil
        let bare = { (part: Substring) in part.filter { !"[]".contains($0) } }
        let form = separator.map { "\(bare(text[..<$0.lowerBound]))@\(text[$0.upperBound...])" } ?? bare(text[...])
        return try value(DNSServerAddress(form), text, "a DNS server such as 192.0.2.1:53 or [2001:db8::1]:53")
    }

    static func ipAddress(_ text: String) throws -> IPAddress {
        try value(IPAddress(text), text, "an IP address such as 192.0.2.1")
    }

    static func network(_ text: String) throws -> IPNetwork {
        try value(IPNetwork(text), text, "an IP address or range such as 192.0.2.0/24 (with no bits set right of the prefix)")
    }

    static func grant(_ text: String) throws -> AddressGrant {
        try value(AddressGrant(text), text, "an address, @domain, *.domain (its subdomains) or *")
    }

    static func pattern(_ text: String) throws -> AddressPattern {
        try value(AddressPattern(text), text, "a pattern such as root@*.local or *@example.org")
    }

    static func rewriteRule(_ text: String) throws -> AddressRewriteRule {
        try value(AddressRewriteRule(text), text, "a rule such as root@*.local=postern@example.org or *@old.example=*@new.example")
    }

    /// `links.shortener=2`, `links.shortener=usual`.
    static func scanWeight(_ text: String) throws -> ScanWeightChange {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        let form = "a rule with its weight, such as links.shortener=2 or links.shortener=usual"
        guard parts.count == 2 else { throw ValidationError("\"\(text)\" is not \(form)") }
        if parts[1] == "usual" { return ScanWeightChange(rule: String(parts[0]), weight: nil) }
        return ScanWeightChange(rule: String(parts[0]), weight: try value(Double(parts[1]), text, form))
    }

    static func rewritePart(_ text: String) throws -> AddressRewriting.Part {
        try value(AddressRewriting.Part(rawValue: text), text, "envelope, from or reply-to")
    }

    static func keptOriginal(_ text: String) throws -> AddressRewriting.Original {
        try value(AddressRewriting.Original(rawValue: text), text, "dropped, reply-to or field")
    }

    static func senderIdentity(_ text: String) throws -> SenderIdentity {
        try value(SenderIdentity(text), text, "connector, envelope, from or header:NAME")
    }

    static func trafficClass(_ text: String) throws -> TrafficClass {
        let found = TrafficClass(name: text)
        return try value(found == .notice ? nil : found, text, "personal, application or campaign")
    }

    static func tls(_ text: String) throws -> TLSRequirement {
        try value(TLSRequirement(rawValue: text), text, "none, opportunistic, encrypt or verify")
    }

    static func provider(_ text: String) throws -> MailProvider {
        try value(
            MailProvider(rawValue: text), text, "a provider: \(MailProvider.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func warmUpPlan(_ text: String) throws -> WarmUpPlan {
        try value(WarmUpPlan(rawValue: text), text, "a plan: \(WarmUpPlan.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func numbers(_ text: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { try value(Int($0), text, "numbers such as 50,100,200") }
    }

    static func preset(_ text: String) throws -> ShapingPreset {
        try value(ShapingPreset(rawValue: text), text, "a preset: \(ShapingPreset.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func rate(_ text: String, of unit: ShapingRate.Unit) throws -> ShapingRate {
        try value(ShapingRate(text, of: unit), text, "a rate such as 5/s, 30/min, 600/h or 10000/d, with a burst as in 600/h:20")
    }

    static func hours(_ text: String) throws -> SendingHours {
        try value(SendingHours(text), text, "hours such as 08:00-18:00 or \"Mon,Tue 22:00-04:00\"")
    }

    static func oauthProvider(_ text: String) throws -> OAuthCredential.Provider {
        try value(OAuthCredential.Provider(rawValue: text), text, "microsoft or google")
    }

    static func role(_ text: String) throws -> Role {
        try value(Role(rawValue: text), text, "a role: \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func scope(_ text: String) throws -> AccessScope {
        try value(AccessScope(rawValue: text), text, "a scope: \(AccessScope.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func alertKind(_ text: String) throws -> AlertKind {
        try value(AlertKind(rawValue: text), text, "a kind of alert: \(AlertKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func severity(_ text: String) throws -> AlertSeverity { try value(AlertSeverity(rawValue: text), text, "low, medium or high") }

    static func pauseScope(_ text: String) throws -> Pause.Scope {
        try value(Pause.Scope(text), text, "all, external, sender:ADDRESS or route:NAME")
    }

    /// A plain address is a sender.
    static func entity(_ text: String) throws -> RestrictedEntity {
        if let entity = RestrictedEntity(text) { return entity }
        return RestrictedEntity(senderNamed: try value(EmailAddress(text), text, "an address, connector:NAME or organisation").key)
    }

    static func onOrOff(_ text: String) throws -> Bool { try value(["on": true, "off": false][text], text, "on or off") }

    static func expiry(_ text: String) throws -> Expiry {
        if text == "never" { return Expiry(time: nil) }
        let isDate = text.utf8.count == 10
        let time = Timestamp(rfc3339: isDate ? "\(text)T00:00:00Z" : text)
        return Expiry(time: try value(time, text, "a time (2026-12-31T18:00:00Z), a date or never"))
    }

    static func preset(_ text: String) throws -> PresetChoice { try value(PresetChoice(rawValue: text), text, "standard, strict or none") }

    static func action(_ text: String) throws -> LimitAction {
        try value(LimitAction(rawValue: text), text, "an action: \(LimitAction.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func forwarding(_ text: String) throws -> ForwardingMode {
        try value(ForwardingMode(rawValue: text), text, "automatic, on or off")
    }

    static func message(_ text: String) throws -> MessageID { try value(MessageID(text), text, "a message identifier (13 characters)") }

    /// `message` or `message/recipient`.
    static func messageOrRecipient(_ text: String) throws -> MessageOrRecipient {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let id = parts.first.flatMap { MessageID($0) }
        let index = parts.count == 2 ? Int32(parts[1]) : nil
        guard let id, parts.count == 1 || (parts.count == 2 && index != nil) else {
            throw ValidationError("\"\(text)\" is no message (13 characters) and no recipient (message/number)")
        }
        return MessageOrRecipient(message: id, index: index)
    }

    /// A host with a port: `relay.example.org:587`, `192.0.2.1:25`, `[2001:db8::1]:25`. The port may be left out.
    static func hostAndPort(_ text: String) throws -> HostAndPort {
        let form = "a host and port such as relay.example.org:587"
        var host = text[...]
        var port: Int?
        if text.hasPrefix("[") {
            let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].isEmpty || parts[1].hasPrefix(":") else { throw ValidationError("\"\(text)\" is not \(form)") }
            host = parts[0]
            if !parts[1].isEmpty { port = try value(Int(parts[1].dropFirst()), text, form) }
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon]
            port = try value(Int(text[text.index(after: colon)...]), text, form)
        }
        guard IPAddress(host) != nil || DomainName(host) != nil, (1...65_535).contains(port ?? 25) else {
            throw ValidationError("\"\(text)\" is not \(form)")
        }
        return HostAndPort(host: String(host), port: port)
    }

    /// RFC 3339, a date, or a while ago (`2h`, `3d`).
    static func time(_ text: String) throws -> Timestamp {
        if let ago = SettingKind.duration(text) { return .now - ago }
        let isDate = text.utf8.count == 10
        return try value(
            Timestamp(rfc3339: isDate ? "\(text)T00:00:00Z" : text), text, "a time (2026-11-22T01:43:51Z), a date or a while ago (2h, 3d)")
    }

    static func step(_ text: String) throws -> TrafficQuery.Step {
        try value(TrafficQuery.Step(rawValue: text), text, "5m, hour or day")
    }

    static func suppressionScope(_ text: String) throws -> SuppressionScope {
        try value(SuppressionScope(text), text, "a scope: organisation, tenant, list:NAME or stream:NAME")
    }

    static func suppressionReason(_ text: String) throws -> SuppressionReason {
        try value(
            SuppressionReason(rawValue: text), text, "a reason: \(SuppressionReason.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    static func words(_ text: String) throws -> [String] {
        try value(text.isEmpty ? nil : text, text, "words such as personal,campaign").split(separator: ",").map(String.init)
    }

    static func percentages(_ text: String) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let number = try value(Double(part), text, "three numbers such as 2,4,8")
            return try value(number.isFinite ? number : nil, text, "three numbers such as 2,4,8")
        }
    }

    static func duration(_ text: String) throws -> Duration { try value(SettingKind.duration(text), text, "a duration such as 30s or 5m") }

    private static func value<Value>(_ value: Value?, _ text: String, _ form: String) throws -> Value {
        guard let value else { throw ValidationError("\"\(text)\" is not \(form)") }
        return value
    }
}

struct Expiry: Sendable {
    /// Nil: never.
    var time: Timestamp?
}

struct HostAndPort: Sendable {
    var host: String
    var port: Int?
}

struct MessageOrRecipient: Sendable {
    var message: MessageID
    /// Nil: all recipients of the message.
    var index: Int32?
}
