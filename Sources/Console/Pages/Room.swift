/// A page with what can be done on it.
package struct Room: Sendable {
    package typealias Answer = @Sendable (PageRequest) async throws -> PageAnswer

    /// Something that a form of the room does. Where it throws a `Problem`, the page is shown again with it, and with what was filled in.
    package struct Act: Sendable {
        /// One of these is needed; empty: none beside those of the room.
        package var scopes: Set<String>
        package var perform: Answer

        package init(_ scopes: Set<String> = [], _ perform: @escaping Answer) {
            self.scopes = scopes
            self.perform = perform
        }
    }

    /// `/restricted/{entity}`.
    package var path: String
    /// One of these is needed to see it; empty: being signed in is enough.
    package var scopes: Set<String>
    package var page: Answer
    /// By name: what a form says in `do`.
    package var acts: [String: Act]
    /// True where it says other things to other people of the same rights; else many who follow it cost as much as one.
    package var isPersonal: Bool

    package init(
        _ path: String, _ scopes: Set<String>, isPersonal: Bool = false, acts: [String: Act] = [:], page: @escaping Answer
    ) {
        self.path = path
        self.scopes = scopes
        self.isPersonal = isPersonal
        self.page = page
        self.acts = acts
    }
}

/// Who looks at the pages.
package struct Viewer: Hashable, Sendable {
    /// As it is shown.
    package var name: String
    /// As the audit names it: `account:a@example.org`.
    package var actor: String
    /// The account's address.
    package var account: String
    package var roles: [String]
    package var scopes: Set<String>
    /// Of the session; not its token.
    package var session: String
    /// What every form of this session carries, so that no other site's form passes for one.
    package var formToken: String
    /// Of alerts, for the navigation.
    package var openAlerts = 0

    package init(
        name: String, actor: String, account: String, roles: [String], scopes: Set<String>, session: String, formToken: String
    ) {
        self.name = name
        self.actor = actor
        self.account = account
        self.roles = roles
        self.scopes = scopes
        self.session = session
        self.formToken = formToken
    }

    /// True where one of the scopes is among the viewer's, or none is wanted.
    package func may(_ wanted: Set<String>) -> Bool { wanted.isEmpty || !wanted.isDisjoint(with: scopes) }
}

/// A request that has passed the checks: it comes from one of our own pages, and the viewer may make it.
package struct PageRequest: Sendable {
    package var viewer: Viewer
    /// As it came, without the query.
    package var path: String
    /// Fields of the path, decoded.
    package var values: [String: String]
    package var query: FormValues
    /// What a form sent; empty where nothing was.
    package var form = FormValues()
    package var peer: APIPeer

    /// A field of the path that the room's path has.
    package subscript(name: String) -> String { values[name] ?? "" }
}

package enum PageAnswer: Sendable {
    case page(Page)
    /// On to another page, which shows what was done.
    case done(String, to: String)
    case redirect(String)
    /// To be saved under a name.
    case file(name: String, contentType: String, bytes: [UInt8])
}

/// Fields as forms and queries have them; a name may stand more than once.
package struct FormValues: Sendable, CustomStringConvertible {
    private var fields: [String: [String]] = [:]
    /// In an order of its own: the same for the same fields.
    package var description: String { fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&") }
    private static let fieldsMax = 5000

    package init() {}

    /// Nil for what is no `application/x-www-form-urlencoded` UTF-8.
    init?(_ text: some StringProtocol) {
        let pairs = text.split(separator: "&")
        guard pairs.count <= FormValues.fieldsMax else { return nil }
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(Substring(parts[0]), plusIsSpace: true),
                let value = PercentText.decode(parts.count > 1 ? Substring(parts[1]) : "", plusIsSpace: true)
            else { return nil }
            fields[name, default: []].append(value.replacing("\r\n", with: "\n"))
        }
    }

    /// Without white space around it; empty where it is not there.
    package subscript(name: String) -> String {
        var text = Substring(fields[name]?.first ?? "")
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// As it was typed: for passwords.
    package func exactly(_ name: String) -> String { fields[name]?.first ?? "" }
    package func all(_ name: String) -> [String] { fields[name] ?? [] }
    package func isOn(_ name: String) -> Bool { fields[name]?.first == "yes" }
    package func holds(_ name: String) -> Bool { fields[name] != nil }
    /// Pieces between commas, white space and line ends.
    package func list(_ name: String) -> [String] {
        (fields[name]?.first ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}

/// Makes addresses of pages.
package enum PagePath {
    /// `/restricted/sender%3Aa%40example.org?all=yes`: pieces of the path encoded, what is empty in the query left out.
    package static func make(_ pieces: String..., query: KeyValuePairs<String, String> = [:]) -> String {
        let path = pieces.map { "/\(encode($0))" }.joined()
        let fields = query.filter { !$0.value.isEmpty }.map { "\(encode($0.key))=\(encode($0.value))" }
        return (path.isEmpty ? "/" : path) + (fields.isEmpty ? "" : "?\(fields.joined(separator: "&"))")
    }

    /// Everything but the unreserved characters of RFC 3986 §2.3.
    package static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(Character(Unicode.Scalar(byte)))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
