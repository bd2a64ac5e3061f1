package import Console
import Foundation
package import MailModel
package import OutboundPolicy

// How the values of mail look in JSON. Patterns only help those who write requests; the types themselves do the checking.

private func sample<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a constant that is a valid \(Value.self)") }
    return value
}

extension EmailAddress: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "A mail address", format: "idn-email", lengths: 3...320, example: "anna@example.org")
    package static let schemaSample = sample(EmailAddress("anna@example.org"))
}

extension DomainName: SchemaDescribed {
    package static let schema = JSONSchema.text("A domain", format: "idn-hostname", lengths: 1...255, example: "example.org")
    package static let schemaSample = sample(DomainName("example.org"))
}

extension MessageID: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "A message's number", pattern: "^[0-9a-hjkmnp-tv-zA-HJKMNP-TV-Z]{13}$", lengths: 13...13, example: "06gw6xz0g0r00")
    package static let schemaSample = MessageID(0)
}

extension AddressGrant: SchemaDescribed {
    package static let schema = JSONSchema.text("An address, @domain, *.domain (its subdomains) or *", example: "@example.org")
    package static let schemaSample = AddressGrant.any
}

extension AddressPattern: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "Addresses by their look: a star stands for any text", pattern: "^(\\*|[^@\\s]+@[^@\\s]+)$", lengths: 1...320,
        example: "root@*.local")
    package static let schemaSample = sample(AddressPattern("*"))
}

extension AddressRewriteRule: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "PATTERN=ADDRESS; the address may be *@DOMAIN", pattern: "^.+=.+@.+$", lengths: 5...700,
        example: "root@*.local=postern@example.org")
    package static let schemaSample = sample(AddressRewriteRule("root@*=postern@example.org"))
}

extension IPAddress: SchemaDescribed {
    package static let schema = JSONSchema.text("An IP address", lengths: 2...45, example: "192.0.2.1")
    package static let schemaSample = sample(IPAddress("192.0.2.1"))
}

extension IPNetwork: SchemaDescribed {
    package static let schema = JSONSchema.text("An IP address or range", lengths: 2...50, example: "192.0.2.0/24")
    package static let schemaSample = sample(IPNetwork("192.0.2.0/24"))
}

extension Pause.Scope: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "What is not to leave: all, external, sender:ADDRESS or route:NAME", pattern: "^(all|external|sender:.+|route:.+)$",
        example: "external")
    package static let schemaSample = Pause.Scope.external
}

extension RestrictedEntity: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "Who may not send: sender:ADDRESS, connector:NAME or organisation", pattern: "^(sender:.+|connector:.+|organisation)$",
        lengths: 8...400, example: "sender:kim@example.org")
    package static let schemaSample = RestrictedEntity.organisation
}

extension SenderIdentity: SchemaDescribed {
    package static let schema = JSONSchema.text(
        "Whom limits act on: connector, envelope, from or header:NAME", pattern: "^(connector|envelope|from|header:[!-9;-~]+)$",
        lengths: 1...80, example: "from")
    package static let schemaSample = SenderIdentity.connector
}

/// A time as requests write it.
struct RFC3339Time: Hashable, Sendable, Codable, SchemaDescribed {
    var time: Timestamp

    static let schema = JSONSchema.text("A time (RFC 3339)", format: "date-time", lengths: 20...40, example: "2026-11-22T12:00:00Z")
    static let schemaSample = RFC3339Time(time: Timestamp(seconds: 0))

    init(time: Timestamp) { self.time = time }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "is no time such as 2026-11-22T12:00:00Z"))
        }
        self.time = time
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(time.rfc3339)
    }
}
