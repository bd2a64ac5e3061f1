import CLDAP
import MailModel
import OutboundPolicy

/// What a directory server or the way to it does not let us do.
struct LDAPFault: Error, CustomStringConvertible {
    var description: String
}

/// Asks a directory server for addresses. Every call blocks: on a thread of its own.
struct LDAPQuery: Sendable {
    var server: LDAPServer
    /// Nil: nobody signs in.
    var password: [UInt8]?
    var source: GroupSource
    var group: EmailAddress

    /// Entries of one search, and octets of all values.
    private static let entriesMax = RecipientGroup.membersMax
    private static let bytesMax = 32 << 20
    private static let timeoutSeconds: Int32 = 20

    struct Answer: Sendable {
        /// Each once, in the order of the addresses.
        var addresses: [EmailAddress]
        /// Values that are no mail addresses, the first of them.
        var unusable: [String]
        /// Members that the directory names and does not have.
        var missing: Int
    }

    /// Throws `LDAPFault`: then nothing is known, and nothing may change.
    func run() throws -> Answer {
        let session = try LDAPConnection(server, password: password, timeoutSeconds: LDAPQuery.timeoutSeconds)
        var budget = LDAPQuery.bytesMax
        let filter = source.filter(of: group)
        var values: [String]
        var missing = 0
        if let memberAttribute = source.memberAttribute {
            let names = try session.searchAll(
                LDAPSearch(base: source.base, filter: filter, attribute: memberAttribute), entriesMax: LDAPQuery.entriesMax, &budget)
            guard let names else { throw LDAPFault(description: "\(source.base) does not exist on \(server.name)") }
            guard names.count <= LDAPQuery.entriesMax else { throw LDAPFault(description: "more than \(LDAPQuery.entriesMax) members") }
            values = []
            for name in names {
                let search = LDAPSearch(base: name, isBaseOnly: true, filter: "(objectClass=*)", attribute: source.attribute)
                guard let found = try session.search(search, entriesMax: 1, &budget)?.values else {
                    missing += 1
                    continue
                }
                values += found.prefix(1)
            }
        } else {
            let found = try session.searchAll(
                LDAPSearch(base: source.base, filter: filter, attribute: source.attribute), entriesMax: LDAPQuery.entriesMax, &budget)
            guard let found else { throw LDAPFault(description: "\(source.base) does not exist on \(server.name)") }
            values = found
        }
        var addresses: Set<EmailAddress> = []
        var unusable: [String] = []
        for value in values {
            if let address = EmailAddress(value), address.domain != nil {
                addresses.insert(address)
            } else if unusable.count < 10 {
                unusable.append(OwnMail.line(value))
            }
        }
        return Answer(addresses: addresses.sorted(), unusable: unusable, missing: missing)
    }
}

struct LDAPSearch {
    var base: String
    var isBaseOnly = false
    var filter: String
    var attribute: String
}

/// Which part of an attribute's values an answer holds, as Active Directory says behind the attribute's name (MS-ADTS 3.1.1.3.1.3.3).
struct LDAPRange: Hashable {
    var first: Int
    /// Nil: there are no more.
    var last: Int?

    /// `0-1499`, `1500-*`.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        func number(_ part: Substring) -> Int? { part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil }
        guard parts.count == 2, let first = number(parts[0]) else { return nil }
        self.first = first
        guard parts[1] != "*" else { return }
        guard let last = number(parts[1]), last >= first, last < Int.max else { return nil }
        self.last = last
    }

    /// The attribute by which the next part is asked for; nil after the last one.
    func next(of attribute: String) -> String? { last.map { "\(attribute.prefix { $0 != ";" });range=\($0 + 1)-*" } }
}

/// A signed-in session. Not for two threads at once.
private final class LDAPConnection {
    private let session: OpaquePointer

    init(_ server: LDAPServer, password: [UInt8]?, timeoutSeconds: Int32) throws {
        guard let isSecure = LDAPServer.beginsWithTLS(server.url) else {
            throw LDAPFault(description: "\(server.url) is no address of LDAP")
        }
        var opened: OpaquePointer?
        var error = [CChar](repeating: 0, count: Int(LDAP_SESSION_ERROR_BYTES))
        let secret = password ?? []
        let code = secret.withUnsafeBufferPointer { bytes in
            ldap_session_open(
                server.url, isSecure ? 0 : 1, server.roots, server.bindDN, password == nil ? nil : bytes.baseAddress, bytes.count,
                timeoutSeconds, &opened, &error)
        }
        guard code == 0, let opened else { throw LDAPFault(description: "\(server.url): \(LDAPConnection.text(error))") }
        session = opened
    }

    deinit { ldap_session_close(session) }

    /// Values as UTF-8, with what the server gives in further ranges; nil where the base does not exist. `budget`: octets that may still come.
    func searchAll(_ asked: LDAPSearch, entriesMax: Int, _ budget: inout Int) throws -> [String]? {
        guard let first = try search(asked, entriesMax: entriesMax, &budget) else { return nil }
        var values = first.values
        for (name, text) in first.ranges {
            var range = try LDAPConnection.range(text, of: name)
            while let next = range.next(of: asked.attribute) {
                let part = LDAPSearch(base: name, isBaseOnly: true, filter: "(objectClass=*)", attribute: next)
                let found = try search(part, entriesMax: 1, &budget)
                // Each answer brings more, and of the part that was asked for: else this would have no end, or gaps.
                guard let found, let after = try found.ranges.first.map({ try LDAPConnection.range($0.range, of: name) }),
                    after.first == (range.last ?? 0) + 1, !found.values.isEmpty
                else { throw LDAPFault(description: "\(name): the server did not give \(next)") }
                values += found.values
                guard values.count <= entriesMax else { throw LDAPFault(description: "\(name): more than \(entriesMax) values") }
                range = after
            }
        }
        return values
    }

    private static func range(_ text: String, of name: String) throws -> LDAPRange {
        guard let range = LDAPRange(text) else { throw LDAPFault(description: "\(name): \"\(OwnMail.line(text))\" is no range of values") }
        return range
    }

    /// Values as UTF-8; nil where the base does not exist. `budget`: octets that may still come.
    func search(_ search: LDAPSearch, entriesMax: Int, _ budget: inout Int) throws -> LDAPValues? {
        var error = [CChar](repeating: 0, count: Int(LDAP_SESSION_ERROR_BYTES))
        let box = LDAPValues(bytesMax: budget)
        let code = ldap_session_search(
            session, search.base, search.isBaseOnly ? 1 : 0, search.filter, search.attribute, Int32(entriesMax),
            { context, bytes, length in
                guard let context, let bytes else { return 1 }
                return Unmanaged<LDAPValues>.fromOpaque(context).takeUnretainedValue().take(
                    UnsafeBufferPointer(start: bytes, count: length))
            },
            { context, name, range in
                guard let context, let name, let range else { return 1 }
                return Unmanaged<LDAPValues>.fromOpaque(context).takeUnretainedValue().take(
                    range: String(cString: range), of: String(cString: name))
            }, Unmanaged.passUnretained(box).toOpaque(), &error)
        budget = box.bytesMax
        if code == 0 { return box }
        if ldap_session_is_missing(code) != 0 { return nil }
        throw LDAPFault(description: "\(search.base): \(LDAPConnection.text(error))")
    }

    private static func text(_ error: [CChar]) -> String {
        OwnMail.line(String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}

private final class LDAPValues {
    private(set) var values: [String] = []
    /// Of entries whose values come in parts: the entry's name, and which part this is.
    private(set) var ranges: [(name: String, range: String)] = []
    private(set) var bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Not zero: there is no room for more.
    func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard bytes.count <= bytesMax else { return 1 }
        bytesMax -= bytes.count + 16
        values.append(String(decoding: bytes, as: UTF8.self))
        return 0
    }

    func take(range: String, of name: String) -> Int32 {
        guard name.utf8.count + range.utf8.count <= bytesMax else { return 1 }
        bytesMax -= name.utf8.count + range.utf8.count + 32
        ranges.append((name, range))
        return 0
    }
}
