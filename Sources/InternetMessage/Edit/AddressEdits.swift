package import MailModel

/// Exchanges addresses in a header, and nothing else: names, encoded words, comments and folding stay as they stand.
package enum AddressEdits {
    /// Where the first From field as it was is kept, where From changes.
    package enum Original: Hashable, Sendable {
        case dropped
        /// In Reply-To, where the message has none.
        case replyTo
        /// In X-Original-From.
        case field
    }

    /// Nil where nothing changes. `header`: of this content. `fields`: names in lower case; one that cannot be read stays as it is.
    /// `replacement`: nil for an address that stays.
    package static func apply(
        to content: [UInt8], header: HeaderSection, fields: Set<String>, original: Original = .dropped,
        replacement: (EmailAddress) -> EmailAddress?
    ) -> [UInt8]? {
        var changes: [(place: Range<Int>, new: EmailAddress)] = []
        var changedFrom: HeaderField?
        for field in header.fields where fields.contains(where: { field.isNamed($0, in: content) }) {
            guard case .success(let found) = AddressList.places(content, in: field.value) else { continue }
            let new = found.compactMap { found in replacement(found.address).map { (found.place, $0) } }
            if !new.isEmpty, field.isNamed("from", in: content) { changedFrom = changedFrom ?? field }
            changes += new
        }
        guard !changes.isEmpty else { return nil }
        var edited: [UInt8] = []
        edited.reserveCapacity(content.count + 64 * changes.count + 1024)
        var copied = 0
        for change in changes {
            edited += content[copied..<change.place.lowerBound]
            put(change.new, &edited)
            copied = change.place.upperBound
        }
        guard let from = changedFrom, let name = kept(original, header, content) else { return edited + content[copied...] }
        // Behind the last changed field: what is added stands below what was there.
        let place = header.fields.first { $0.end >= copied }?.end ?? copied
        edited += content[copied..<place]
        if edited.last != 0x0A { edited += "\r\n".utf8 }
        edited += "\(name):".utf8
        edited += content[from.value]
        edited += "\r\n".utf8
        return edited + content[place...]
    }

    private static func kept(_ original: Original, _ header: HeaderSection, _ content: [UInt8]) -> String? {
        switch original {
        case .dropped: nil
        case .replyTo: header.first("reply-to", in: content) == nil ? "Reply-To" : nil
        case .field: "X-Original-From"
        }
    }

    /// A line that would become too long is folded before the address (RFC 5322 §3.2.3 has white space there).
    private static func put(_ address: EmailAddress, _ edited: inout [UInt8]) {
        let text = Array(address.description.utf8)
        let line = edited.lastIndex(of: 0x0A).map { edited.count - $0 - 1 } ?? edited.count
        if line + text.count > lineBytesMax, line > 1 { edited += "\r\n ".utf8 }
        edited += text
    }

    /// Leaves room for what follows the address (RFC 5322 §2.1.1: 998).
    private static let lineBytesMax = 900
}
