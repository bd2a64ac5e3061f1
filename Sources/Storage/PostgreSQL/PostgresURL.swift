/// Where a PostgreSQL store lies and how it is reached, as libpq's own URLs say it:
/// `postgresql://user:password@host:5432,second-host/database?sslmode=verify-full`.
///
/// Neither the text form nor an error ever holds the password.
package struct PostgresURL: Hashable, Sendable, CustomStringConvertible {
    /// libpq's keywords and their values.
    let parameters: [String: String]
    /// The URL without its password.
    package let description: String

    /// What is wrong with a URL, and what to do about it.
    package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        package var problem: String
        package var remedy: String
        package var description: String { "\(problem). \(remedy)" }
    }

    /// True where `text` says that it means PostgreSQL.
    package static func isMeant(by text: String) -> Bool { schemes.contains { text.lowercased().hasPrefix($0) } }

    package init(_ text: String) throws(Mistake) {
        guard let scheme = PostgresURL.schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
            throw Mistake(problem: "the URL does not begin with postgresql://", remedy: "Write it as \(PostgresURL.example).")
        }
        let parts = text.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var found: [String: String] = [:]
        let authority = place[0]
        let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        if hosts.startIndex != authority.startIndex { try PostgresURL.readUser(authority[..<hosts.startIndex].dropLast(), into: &found) }
        try PostgresURL.readHosts(hosts, into: &found)
        if place.count > 1 { found["dbname"] = try PostgresURL.decode(place[1], "database name") }
        if parts.count > 1 { try PostgresURL.readOptions(parts[1], into: &found) }
        guard let database = found["dbname"], !database.isEmpty, !database.contains("/") else {
            throw Mistake(problem: "the URL names no database", remedy: "Name it after the host, as in \(PostgresURL.example).")
        }
        parameters = found.filter { !$0.value.isEmpty }
        let options = (parts.count > 1 ? parts[1] : "").split(separator: "&").filter { !$0.lowercased().contains("password=") }
        description =
            scheme + PostgresURL.userText(authority) + hosts
            + (place.count > 1 ? "/" + place[1] : "") + (options.isEmpty ? "" : "?" + options.joined(separator: "&"))
    }

    private static let schemes = ["postgresql://", "postgres://"]
    private static let example = "postgresql://postern@db.example.org/postern?sslmode=verify-full"

    /// With the sign that ends it; empty where there is none.
    private static func userText(_ authority: Substring) -> String {
        guard let at = authority.lastIndex(of: "@") else { return "" }
        return authority[..<at].prefix { $0 != ":" } + "@"
    }

    private static func readUser(_ text: Substring, into found: inout [String: String]) throws(Mistake) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        found["user"] = try decode(parts[0], "user")
        if parts.count > 1 { found["password"] = try decode(parts[1], "password") }
    }

    /// Several hosts, by commas, are tried in order: a primary and those that may be promoted.
    private static func readHosts(_ text: Substring, into found: inout [String: String]) throws(Mistake) {
        guard !text.isEmpty else { return }
        var hosts: [String] = []
        var ports: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var host = part
            var port = Substring()
            if part.hasPrefix("["), let end = part.firstIndex(of: "]") {
                host = part[part.index(after: part.startIndex)..<end]
                let rest = part[part.index(after: end)...]
                guard rest.isEmpty || rest.hasPrefix(":") else {
                    throw Mistake(problem: "something follows the address in brackets", remedy: "Write [address]:port.")
                }
                port = rest.dropFirst()
            } else if let colon = part.firstIndex(of: ":") {
                host = part[..<colon]
                port = part[part.index(after: colon)...]
                guard !port.contains(":") else {
                    throw Mistake(problem: "an IPv6 address without brackets", remedy: "Write it as [2001:db8::1]:5432.")
                }
            }
            guard port.isEmpty || (1...65_535).contains(Int(port) ?? 0) else {
                throw Mistake(
                    problem: "the port is not a number from 1 to 65535",
                    remedy: "Write host:port; where the password holds one of @ : / ? % , write it as %40 %3A %2F %3F %25.")
            }
            hosts.append(try decode(host, "host"))
            ports.append(String(port))
        }
        found["host"] = hosts.joined(separator: ",")
        if ports.contains(where: { !$0.isEmpty }) { found["port"] = ports.map { $0.isEmpty ? "5432" : $0 }.joined(separator: ",") }
    }

    private static func readOptions(_ text: Substring, into found: inout [String: String]) throws(Mistake) {
        for part in text.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(sides[0])
            guard sides.count == 2, options.contains(name) else {
                throw Mistake(
                    problem: "the URL has an option that is not known here: \(name.prefix(40))",
                    remedy: "Options are \(options.sorted().joined(separator: ", ")).")
            }
            found[name] = try decode(sides[1], name)
        }
        if let mode = found["sslmode"], !modes.contains(mode) {
            throw Mistake(problem: "sslmode is none of \(modes.joined(separator: ", "))", remedy: "Over a network, take verify-full.")
        }
    }

    private static let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
    private static let options: Set<String> = [
        "host", "port", "user", "password", "dbname", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl",
        "ssl_min_protocol_version", "channel_binding", "gssencmode", "krbsrvname", "target_session_attrs", "application_name",
        "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    ]

    private static func decode(_ text: Substring, _ what: String) throws(Mistake) -> String {
        func mistake() -> Mistake {
            Mistake(
                problem: "the \(what) has a % without two hexadecimal digits after it, or is not UTF-8", remedy: "Write a % itself as %25.")
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit), high + low > 0 else {
                throw mistake()
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw mistake() }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? { Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) }
}
