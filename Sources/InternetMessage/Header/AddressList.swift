package import MailModel

/// Address lists of RFC 5322 §3.4: mailboxes and groups, with comments, quoted names, routes (dropped) and the UTF-8 of RFC 6532.
///
/// The rule that everything here serves: no other reader of the same bytes may find an address that this one did not report. What it
/// cannot read fails as a whole, and its text is named.
package enum AddressList {
    /// Addresses in one field. More than any message has recipients.
    package static let addressesMax = 10_000

    /// Every address in the range of the content, in order; group members included. An empty list is a success (an empty group).
    package static func parse(_ content: [UInt8], in range: Range<Int>) -> Result<[EmailAddress], AddressListFailure> {
        var parser = AddressListParser(bytes: content, position: range.lowerBound, end: range.upperBound)
        do throws(AddressListFailure.Reason) {
            try parser.list()
            return .success(parser.addresses)
        } catch {
            return .failure(AddressListFailure(reason: error, text: FieldText.readable(content, range, charactersMax: 100)))
        }
    }

    /// As `parse`, with where each address stands. An address that stands there twice, as in `a@b <a@b>`, comes twice.
    package static func places(
        _ content: [UInt8], in range: Range<Int>
    ) -> Result<[(address: EmailAddress, place: Range<Int>)], AddressListFailure> {
        var parser = AddressListParser(bytes: content, position: range.lowerBound, end: range.upperBound)
        parser.keepsPlaces = true
        do throws(AddressListFailure.Reason) {
            try parser.list()
            return .success(parser.places)
        } catch {
            return .failure(AddressListFailure(reason: error, text: FieldText.readable(content, range, charactersMax: 100)))
        }
    }

    /// The mailboxes and groups of a list, each as it stands with its name and comments.
    package static func elements(
        _ content: [UInt8], in range: Range<Int>
    ) -> Result<[(addresses: [EmailAddress], place: Range<Int>)], AddressListFailure> {
        var parser = AddressListParser(bytes: content, position: range.lowerBound, end: range.upperBound)
        parser.keepsPlaces = true
        do throws(AddressListFailure.Reason) {
            try parser.list()
            return .success(parser.elements)
        } catch {
            return .failure(AddressListFailure(reason: error, text: FieldText.readable(content, range, charactersMax: 100)))
        }
    }

    package static func parse(_ text: String) -> Result<[EmailAddress], AddressListFailure> {
        let bytes = Array(text.utf8)
        return parse(bytes, in: bytes.indices)
    }
}

package struct AddressListFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Error, Hashable, Sendable {
        case empty = "it is empty"
        case noAddress = "a name without an address"
        case badAddress = "not an address"
        case textAfterAddress = "text after an address"
        case badCharacter = "a character that must be quoted"
        case unclosedQuote = "a quote that is not closed"
        case unclosedComment = "a comment that is not closed"
        case unclosedGroup = "a group that is not closed"
        case tooMany = "too many addresses"
    }

    package var reason: Reason
    /// The field's readable value, at most 100 characters.
    package var text: String

    package var description: String { "\(reason.rawValue): \(text)" }
}

private struct AddressListParser {
    typealias Failure = AddressListFailure.Reason

    let bytes: [UInt8]
    var position: Int
    let end: Int
    var addresses: [EmailAddress] = []
    var keepsPlaces = false
    var places: [(address: EmailAddress, place: Range<Int>)] = []
    var elements: [(addresses: [EmailAddress], place: Range<Int>)] = []

    private var next: UInt8? { position < end ? bytes[position] : nil }

    /// `address *("," [address])`, empty elements allowed (RFC 5322 §4.4).
    mutating func list() throws(Failure) {
        var isEmpty = true
        while true {
            try skipComments()
            guard let byte = next else { break }
            if byte == 0x2C {
                position += 1
                continue
            }
            isEmpty = false
            let (start, known) = (position, addresses.count)
            try address(isInGroup: false)
            if keepsPlaces { elements.append((Array(addresses[known...]), start..<position)) }
            guard next == nil || next == 0x2C else { throw .textAfterAddress }
        }
        if isEmpty { throw .empty }
    }

    /// One mailbox or group, and the comments after it.
    private mutating func address(isInGroup: Bool) throws(Failure) {
        let start = position
        if let plain = try addrSpec() {
            try skipComments()
            // `a@b <a@b>` reads the same whichever of the two is taken; any other pair does not.
            if next == 0x3C {
                guard try angleAddress() == plain else { throw .textAfterAddress }
            }
            try add(plain)
        } else {
            position = start
            let hasName = try phrase()
            switch next {
            case 0x3C: try add(angleAddress())
            case 0x3A where hasName && !isInGroup: try group()
            case nil, 0x2C, 0x3B: throw .noAddress
            default: throw .badCharacter
            }
        }
        try skipComments()
    }

    private mutating func add(_ address: EmailAddress) throws(Failure) {
        guard addresses.count < AddressList.addressesMax else { throw .tooMany }
        addresses.append(address)
    }

    private mutating func group() throws(Failure) {
        position += 1
        while true {
            try skipComments()
            switch next {
            case nil: throw .unclosedGroup
            case 0x2C: position += 1
            case 0x3B:
                position += 1
                return
            default:
                try address(isInGroup: true)
                guard next == 0x2C || next == 0x3B else { throw next == nil ? .unclosedGroup : .textAfterAddress }
            }
        }
    }

    /// `"<" ["@" domain *("," "@" domain) ":"] addr-spec ">"`; the route has no meaning any more (RFC 5322 §4.4).
    private mutating func angleAddress() throws(Failure) -> EmailAddress {
        position += 1
        try skipComments()
        if next == 0x40 {
            while let byte = next, byte != 0x3A {
                guard byte == 0x40 || byte == 0x2C || byte == 0x2E || isAtomByte(byte) else { throw .badAddress }
                position += 1
            }
            position = min(position + 1, end)
        }
        guard let address = try addrSpec() else { throw .badAddress }
        try skipComments()
        guard next == 0x3E else { throw .badAddress }
        position += 1
        return address
    }

    /// `local "@" host` without space inside; nil where no such thing begins here. Throws where one begins and is broken.
    private mutating func addrSpec() throws(Failure) -> EmailAddress? {
        let start = position
        let local: [UInt8]
        if next == 0x22 {
            local = try quotedString()
        } else {
            guard let atom = dotAtom() else { return nil }
            local = Array(bytes[atom])
        }
        guard next == 0x40 else { return nil }
        position += 1
        guard let host = host(), let localPart = String(validating: local, as: UTF8.self),
            let address = EmailAddress(localPart: localPart, host: host)
        else { throw .badAddress }
        if keepsPlaces { places.append((address, start..<position)) }
        return address
    }

    private mutating func host() -> MailHost? {
        let start = position
        if next == 0x5B {
            while let byte = next, byte != 0x5D, !byte.isFoldingWhitespace { position += 1 }
            guard next == 0x5D else { return nil }
            position += 1
        } else {
            while let byte = next, byte == 0x2E || isAtomByte(byte) { position += 1 }
        }
        return String(validating: bytes[start..<position], as: UTF8.self).flatMap { MailHost($0) }
    }

    /// Atoms with single dots between them; nil, with the position anywhere, for anything else.
    private mutating func dotAtom() -> Range<Int>? {
        let start = position
        var previous: UInt8 = 0x2E
        while let byte = next, byte == 0x2E || isAtomByte(byte) {
            if byte == 0x2E, previous == 0x2E { return nil }
            previous = byte
            position += 1
        }
        return previous == 0x2E ? nil : start..<position
    }

    /// The words of a name, dots between them allowed (RFC 5322 §4.1); true where there was one.
    private mutating func phrase() throws(Failure) -> Bool {
        var hasWord = false
        while true {
            try skipComments()
            guard let byte = next else { return hasWord }
            if byte == 0x22 {
                _ = try quotedString()
            } else if byte == 0x2E || isAtomByte(byte) {
                position += 1
            } else {
                return hasWord
            }
            hasWord = true
        }
    }

    /// The content of a quoted string, unescaped; folding goes.
    private mutating func quotedString() throws(Failure) -> [UInt8] {
        var content: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            switch byte {
            case 0x22: return content
            case 0x5C:
                guard let escaped = next else { throw .unclosedQuote }
                guard !escaped.isControl || escaped == 0x09 else { throw .badCharacter }
                content.append(escaped)
                position += 1
            case 0x0D, 0x0A: break
            case 0x09: content.append(0x20)
            default:
                guard !byte.isControl else { throw .badCharacter }
                content.append(byte)
            }
        }
        throw .unclosedQuote
    }

    /// White space and comments; these nest, and hold quoted pairs.
    private mutating func skipComments() throws(Failure) {
        var depth = 0
        while let byte = next, depth > 0 || byte == 0x28 || byte.isFoldingWhitespace {
            switch byte {
            case 0x28: depth += 1
            case 0x29: depth -= 1
            case 0x5C: position += 1
            default: break
            }
            position += 1
        }
        position = min(position, end)
        if depth > 0 { throw .unclosedComment }
    }
}

/// atext of RFC 5322 §3.2.3, and any octet of 0x80 or more: validity as UTF-8 is checked where an address is made.
private func isAtomByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2F, 0x3D, 0x3F, 0x5E, 0x5F, 0x60, 0x7B, 0x7C, 0x7D, 0x7E: true
    default: false
    }
}
