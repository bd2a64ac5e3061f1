import Foundation
import GateSupport

/// Domains with policies on loopback: an authoritative server (NSD) with a zone that is really signed, a host with an MTA-STS policy over
/// HTTPS, and mail hosts with STARTTLS and certificates of all kinds, each at an address of its own (see `Fixtures/tls-world.py`).
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
final class TLSWorld: @unchecked Sendable {
    /// Whether the programs are there that it needs.
    static let isThere = ["nsd", "ldns-signzone", "ldns-keygen", "openssl"].allSatisfy { name in
        ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) }
    }

    /// Mail hosts by their names.
    static let sts = "127.0.83.1"
    static let dane = "127.0.83.3"
    static let authority = "127.0.83.4"
    static let odd = "127.0.83.5"
    static let plain = "127.0.83.6"
    static let alias = "127.0.83.7"

    private let directory: URL
    private let process: Process
    private let smtp: Int
    private let https: Int
    private let dns: Int

    init() throws {
        directory = try TemporaryDirectory.make()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/tls-world.py")
        process = try Program.start(
            Program.python, [script.path, directory.path], input: nil, output: nil, errors: directory.appendingPathComponent("errors"))
        var found: [Int] = []
        let folder = directory
        _ = eventually {
            let text = (try? String(contentsOf: folder.appendingPathComponent("ports"), encoding: .utf8)) ?? ""
            found = text.split(separator: " ").compactMap { Int($0) }
            return found.count == 3
        }
        guard found.count == 3 else {
            let errors = (try? String(contentsOf: directory.appendingPathComponent("errors"), encoding: .utf8)) ?? ""
            throw GateProcess.Failure(description: "the domains did not start\n\(errors)")
        }
        (smtp, https, dns) = (found[0], found[1], found[2])
    }

    var httpsPort: Int { https }

    /// What a gate needs to know of it.
    var settings: [String] {
        [
            "delivery.port=\(smtp)", "delivery.resolver=127.0.0.1@\(dns)", "delivery.dnssec-trust-anchor=\(path("anchor"))",
            "delivery.tls-roots=\(path("ca.pem"))", "delivery.mta-sts-port=\(https)", "delivery.allow-special-addresses=true",
            "delivery.retry=1h",
        ]
    }

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    /// Nil: as usual again. `tls-ADDRESS`: the certificate of a mail host, or `none`; `tls-policy`: that of the policy's host; `policy`,
    /// `policy-status`, `policy-type`; `requiretls`, `requiretls-ADDRESS`; `hang-up`: connections are closed after each message.
    func set(_ name: String, _ text: String?) throws {
        if let text {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        } else {
            try FileManager.default.removeItem(atPath: path(name))
        }
    }

    private func lines(_ name: String) -> [String] {
        ((try? String(contentsOfFile: path(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// `ADDRESS tls|plain PARAMETERS` of each message that was taken.
    var mails: [String] { lines("mails") }
    /// Path and type of each report that was posted; the last is in the file `posted`, that of the last mail in `mailed`.
    var posts: [String] { lines("posts") }
    /// Host and path of each request for a policy.
    var fetches: [String] { lines("fetches") }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }
}
