/// A division of the organisation with senders, limits and sources of its own. 1 is the default tenant.
package struct TenantID: Hashable, Comparable, Sendable, Codable {
    package var value: Int32
    package init(_ value: Int32) { self.value = value }
    package init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int32.self) }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
    package static let standard = TenantID(1)
    package static func < (left: TenantID, right: TenantID) -> Bool { left.value < right.value }
}

/// The number of an accepted (or refused) message: 41 bits of milliseconds since 2020, 8 bits of node, 14 bits of sequence.
///
/// It rises with time on a node, names the day it was made on (so a look-up by identifier needs no other key), and its
/// text form (13 characters of Crockford's base 32, lower case) is safe in a header, a path and a file name.
package struct MessageID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = MessageID(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a message identifier: \(text)"))
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// 2020-01-01T00:00:00Z, the zero of the time part.
    package static let epoch = Timestamp(milliseconds: 1_577_836_800_000)

    /// When the identifier was made, by the clock of its node.
    package var time: Timestamp { Timestamp(milliseconds: (value >> 22) + MessageID.epoch.milliseconds) }
    package var day: Int32 { time.day }

    package var description: String {
        String(capacity: 13) { text in
            let bits = UInt64(bitPattern: value)
            for shift in stride(from: 60, through: 0, by: -5) { text.put(crockfordAlphabet[Int(bits >> UInt64(shift) & 31)]) }
        }
    }

    /// Reads the text form; nil for anything that `description` does not write (case is ignored).
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 13 else { return nil }
        var value: UInt64 = 0
        for byte in text.utf8 {
            let lower = byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte
            guard let digit = crockfordAlphabet.firstIndex(of: lower), value >> 59 == 0 else { return nil }
            value = value << 5 | UInt64(digit)
        }
        guard value >> 63 == 0 else { return nil }
        self.value = Int64(value)
    }

    package static func < (left: MessageID, right: MessageID) -> Bool { left.value < right.value }
}

private let crockfordAlphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

/// Makes the identifiers of one node: never the same twice, also when the clock steps back.
package struct MessageIDSource: Sendable {
    private var node: UInt8
    private var lastMilliseconds: Int64 = 0
    private var sequence: Int64 = 0

    /// `node`: 0…255, unique among the nodes on one store. `notBefore`: the newest identifier in the store, so that a
    /// restart under a clock that was set back does not repeat one.
    package init(node: UInt8, notBefore: MessageID? = nil) {
        self.node = node
        if let notBefore {
            lastMilliseconds = (notBefore.value >> 22) + 1
        }
    }

    /// Goes on under another number, or under the same one after another node may have had it.
    package mutating func becomeNode(_ node: UInt8, notBefore: MessageID?) {
        self.node = node
        lastMilliseconds = max(lastMilliseconds, notBefore.map { $0.value >> 22 } ?? 0) + 1
        sequence = 0
    }

    package mutating func next(at now: Timestamp) -> MessageID {
        let milliseconds = max(now.milliseconds - MessageID.epoch.milliseconds, lastMilliseconds)
        if milliseconds > lastMilliseconds {
            lastMilliseconds = milliseconds
            sequence = 0
        } else {
            sequence += 1
            if sequence >= 1 << 14 {
                lastMilliseconds += 1
                sequence = 0
            }
        }
        return MessageID(lastMilliseconds << 22 | Int64(node) << 14 | sequence)
    }
}

/// One recipient of one message: the unit that is queued, delivered and accounted for.
package struct RecipientID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package var tenant: TenantID
    package var message: MessageID
    /// Position among the message's recipients, from 0.
    package var index: Int32

    package init(tenant: TenantID, message: MessageID, index: Int32) {
        self.tenant = tenant
        self.message = message
        self.index = index
    }

    /// `message/index`, as the trace and the command line write it.
    package var description: String { "\(message)/\(index)" }

    package static func < (left: RecipientID, right: RecipientID) -> Bool {
        (left.tenant, left.message, left.index) < (right.tenant, right.message, right.index)
    }
}
