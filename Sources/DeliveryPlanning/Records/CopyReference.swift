/// What the queue and the store keep of a campaign's copy in place of its octets: what it is written from when its attempt comes.
///
/// Its first octet is NUL, which no message that is taken can hold, so that content says of itself which of both it is.
package struct CopyReference: Hashable, Sendable {
    /// The campaign's number.
    package var campaign: Int64
    /// Of what all copies of a part of the campaign share: never changed once it is kept.
    package var frame: Int64
    /// The recipient's, by name in lower case.
    package var attributes: [String: String]

    package init(campaign: Int64, frame: Int64, attributes: [String: String]) {
        self.campaign = campaign
        self.frame = frame
        self.attributes = attributes
    }

    package static func isOne(_ content: [UInt8]) -> Bool { content.first == 0 }

    private static let form: UInt8 = 1

    /// NUL, the form, two numbers of eight octets, and names and values in order, each after its length in four; the highest octet first.
    package var octets: [UInt8] {
        var octets: [UInt8] = [0, CopyReference.form]
        octets.reserveCapacity(18 + attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 8 })
        CopyReference.append(UInt64(bitPattern: campaign), 8, to: &octets)
        CopyReference.append(UInt64(bitPattern: frame), 8, to: &octets)
        for name in attributes.keys.sorted() {
            for text in [name, attributes[name] ?? ""] {
                CopyReference.append(UInt64(text.utf8.count), 4, to: &octets)
                octets += text.utf8
            }
        }
        return octets
    }

    /// Nil for what is no reference, or a damaged one.
    package init?(_ octets: [UInt8]) {
        var rest = octets[...]
        guard rest.popFirst() == 0, rest.popFirst() == CopyReference.form, let campaign = CopyReference.number(8, from: &rest),
            let frame = CopyReference.number(8, from: &rest)
        else { return nil }
        var attributes: [String: String] = [:]
        while !rest.isEmpty {
            guard let name = CopyReference.text(from: &rest), let value = CopyReference.text(from: &rest) else { return nil }
            attributes[name] = value
        }
        self.init(campaign: Int64(bitPattern: campaign), frame: Int64(bitPattern: frame), attributes: attributes)
    }

    private static func append(_ value: UInt64, _ count: Int, to octets: inout [UInt8]) {
        for place in (0..<count).reversed() { octets.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(place)))) }
    }

    private static func number(_ count: Int, from rest: inout ArraySlice<UInt8>) -> UInt64? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func text(from rest: inout ArraySlice<UInt8>) -> String? {
        guard let count = number(4, from: &rest), count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return String(decoding: rest.prefix(Int(count)), as: UTF8.self)
    }
}
