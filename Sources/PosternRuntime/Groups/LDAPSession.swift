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
            let names = try session.search(
                LDAPSearch(base: source.base, filter: filter, attribute: memberAttribute), entriesMax: LDAPQuery.entriesMax, &budget)
            guard let names else { throw LDAPFault(description: "\(source.base) does not exist on \(server.name)") }
            guard names.count <= LDAPQuery.entriesMax else { throw LDAPFault(description: "more than \(LDAPQuery.entriesMax) members") }
            values = []
            for name in names {
                let search = LDAPSearch(base: name, isBaseOnly: true, filter: "(objectClass=*)", attribute: source.attribute)
                guard let found = try session.search(search, entriesMax: 1, &budget) else {
                    missing += 1
                    continue
                }
                values += found.prefix(1)
            }
        } else {
            let found = try session.search(
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

    /// Values as UTF-8; nil where the base does not exist. `budget`: octets that may still come.
    func search(_ search: LDAPSearch, entriesMax: Int, _ budget: inout Int) throws -> [String]? {
        var error = [CChar](repeating: 0, count: Int(LDAP_SESSION_ERROR_BYTES))
        let box = LDAPValues(bytesMax: budget)
        let code = ldap_session_search(
            session, search.base, search.isBaseOnly ? 1 : 0, search.filter, search.attribute, Int32(entriesMax),
            { context, bytes, length in
                guard let context, let bytes else { return 1 }
                return Unmanaged<LDAPValues>.fromOpaque(context).takeUnretainedValue().take(
                    UnsafeBufferPointer(start: bytes, count: length))
            }, Unmanaged.passUnretained(box).toOpaque(), &error)
        budget = box.bytesMax
        if code == 0 { return box.values }
        if ldap_session_is_missing(code) != 0 { return nil }
        throw LDAPFault(description: "\(search.base): \(LDAPConnection.text(error))")
    }

    private static func text(_ error: [CChar]) -> String {
        OwnMail.line(String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}

private final class LDAPValues {
    private(set) var values: [String] = []
    private(set) var bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Not zero: there is no room for more.
    func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard bytes.count <= bytesMax else { return 1 }
        bytesMax -= bytes.count + 16
        values.append(String(decoding: bytes, as: UTF8.self))
        return 0
    }
}
