import Foundation
import GateSupport
import Glibc
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// A directory server of the distribution on loopback, with a certificate of its own.
private final class DirectoryServer {
    static let slapd = "/usr/sbin/slapd"
    static let password = "a secret of the directory"
    static let admin = "cn=admin,dc=example,dc=org"

    let folder: URL
    let securePort = freePort()
    let plainPort = freePort()
    private var process: Process?

    init(_ folder: URL, entries: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("db"), withIntermediateDirectories: true)
        try DirectoryServer.makeCertificate(folder)
        let settings = """
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            TLSCertificateFile \(folder.path)/s.pem
            TLSCertificateKeyFile \(folder.path)/s.key
            database mdb
            suffix "dc=example,dc=org"
            rootdn "\(DirectoryServer.admin)"
            rootpw "\(DirectoryServer.password)"
            directory \(folder.path)/db

            """
        try Data(settings.utf8).write(to: folder.appendingPathComponent("slapd.conf"))
        let root = "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n"
        try Data((root + entries).utf8).write(to: folder.appendingPathComponent("entries.ldif"))
        try run("/usr/sbin/slapadd", ["-f", "slapd.conf", "-l", "entries.ldif"])
        try start()
    }

    /// Of a person.
    static func entry(_ name: String, _ unit: String = "staff") -> String {
        "dn: cn=\(name),dc=example,dc=org\nobjectClass: inetOrgPerson\ncn: \(name)\nsn: x\nou: \(unit)\nmail: \(name)@example.org\n\n"
    }

    /// `ca.pem`, and with it `s.pem` and `s.key` for 127.0.0.1.
    static func makeCertificate(_ folder: URL) throws {
        try run(
            Program.openSSL, ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca"],
            folder)
        try run(
            Program.openSSL, ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=ldap"], folder)
        try Data("subjectAltName=IP:127.0.0.1\n".utf8).write(to: folder.appendingPathComponent("ext"))
        try run(
            Program.openSSL,
            ["x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "s.pem", "-extfile", "ext"],
            folder)
    }

    private func run(_ path: String, _ arguments: [String]) throws { try DirectoryServer.run(path, arguments, folder) }

    private static func run(_ path: String, _ arguments: [String], _ folder: URL) throws {
        let process = Process()
        (process.executableURL, process.arguments, process.currentDirectoryURL) = (URL(fileURLWithPath: path), arguments, folder)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw GateProcess.Failure(description: "\(path) \(arguments) failed") }
    }

    func start() throws {
        let made = Process()
        made.executableURL = URL(fileURLWithPath: DirectoryServer.slapd)
        let places = "ldaps://127.0.0.1:\(securePort) ldaps://127.0.0.2:\(securePort) ldap://127.0.0.1:\(plainPort)"
        made.arguments = ["-d", "0", "-f", "slapd.conf", "-h", places]
        made.currentDirectoryURL = folder
        made.standardError = FileHandle.nullDevice
        try made.run()
        process = made
        guard eventually({ (try? LoopbackStream.connect(port: plainPort)) != nil }) else {
            throw GateProcess.Failure(description: "slapd does not start")
        }
    }

    func stop() {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func change(_ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent("change.ldif"))
        try run(
            "/usr/bin/ldapmodify",
            [
                "-x", "-H", "ldap://127.0.0.1:\(plainPort)", "-D", DirectoryServer.admin, "-w", DirectoryServer.password, "-f",
                "change.ldif",
            ])
    }
}

/// Members of groups out of a directory.
@Suite(
    "Groups from LDAP", .serialized, .ownThreads,
    .enabled(if: Program.isThere(DirectoryServer.slapd, Program.openSSL, "/usr/bin/ldapmodify"), "needs slapd, ldap-utils and openssl"))
struct GroupDirectoryTests {
    private func view(_ gate: GateProcess, _ words: String...) throws -> GroupSyncView {
        let text = try gate.tried(["groups"] + words + ["--json"])
        guard text.status == 0 else { throw GateProcess.Failure(description: "\(words): \(text)") }
        return try JSONDecoder().decode(GroupSyncView.self, from: Data(text.output.utf8))
    }

    private func with(_ people: [String], _ more: String = "", _ body: (DirectoryServer, GateProcess) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let server = try DirectoryServer(folder, entries: people.map { DirectoryServer.entry($0) }.joined() + more)
            defer { server.stop() }
            try GateProcess.run { gate in
                try gate.command(
                    "ldap-servers", "set", "corp", "ldaps://127.0.0.1:\(server.securePort)", "--bind-dn", DirectoryServer.admin,
                    "--password-stdin", "--roots", "\(folder.path)/ca.pem", input: DirectoryServer.password + "\n")
                try gate.command("domains", "add", "example.org")
                try gate.command("groups", "add", "staff@example.org", "--member", "kept@example.org")
                try body(server, gate)
            }
        }
    }

    @Test func `members come and go with the directory, and too many at once wait`() throws {
        let people = (1...10).map { "p\($0)" }
        try with(people, DirectoryServer.entry("boss", "board")) { server, gate in
            try gate.command(
                "groups", "source", "set", "staff@example.org", "--server", "corp", "--base", "dc=example,dc=org", "--filter",
                "(&(objectClass=inetOrgPerson)(ou={name}))", "--changes-max", "10", "--percent-max", "20")
            let dry = try view(gate, "sync", "staff@example.org", "--dry-run")
            #expect(dry.outcome == .wouldChange && dry.added.count == 10 && dry.removed == ["kept@example.org"])
            #expect(try gate.command("groups", "show", "staff@example.org").contains("kept@example.org"), "a dry run changes nothing")
            let first = try view(gate, "sync", "staff@example.org")
            #expect(first.outcome == .changed && first.members == 10)
            #expect(try view(gate, "sync", "staff@example.org").outcome == .same)

            // Two of ten may; three may not.
            try server.change("dn: cn=p1,dc=example,dc=org\nchangetype: delete\n\ndn: cn=p2,dc=example,dc=org\nchangetype: delete\n")
            #expect(try view(gate, "sync", "staff@example.org").removed == ["p1@example.org", "p2@example.org"])
            try server.change((3...5).map { "dn: cn=p\($0),dc=example,dc=org\nchangetype: delete\n" }.joined(separator: "\n"))
            let held = try view(gate, "sync", "staff@example.org")
            #expect(held.outcome == .held && held.members == 8 && held.reason.contains("20 %"), "\(held)")
            #expect(try view(gate, "source", "show", "staff@example.org").outcome == .held)
            #expect(try eventually { try gate.command("alerts", "list", "--json").contains("group-sync-held") })

            // What is agreed to is what was shown.
            try server.change("dn: cn=p6,dc=example,dc=org\nchangetype: delete\n")
            #expect(try view(gate, "sync", "staff@example.org", "--confirm").outcome == .held)
            let agreed = try view(gate, "sync", "staff@example.org", "--confirm")
            #expect(agreed.outcome == .changed && agreed.members == 4)
            #expect(agreed.entries.count == 3 && agreed.entries[0].by.hasPrefix("local:"))
            #expect(try gate.command("audit").contains("group.sync"))
            #expect(try !gate.command("ldap-servers", "list", "--json").contains("secret"))
        }
    }

    @Test func `a directory that does not answer, or is somebody else, changes nothing`() throws {
        try with(["p1"]) { server, gate in
            try gate.command(
                "groups", "source", "set", "staff@example.org", "--server", "corp", "--base", "dc=example,dc=org", "--filter",
                "(objectClass=inetOrgPerson)")
            server.stop()
            let down = try gate.tried(["groups", "sync", "staff@example.org"])
            #expect(down.status != 0 && down.errors.contains("staff@example.org is as it was"), "\(down)")
            #expect(try gate.command("groups", "show", "staff@example.org").contains("kept@example.org"))
            #expect(try !view(gate, "source", "show", "staff@example.org").problem.isEmpty)
            try server.start()
            // Without the root that signed its certificate, and by a name that does not stand in it.
            try gate.command(
                "ldap-servers", "set", "corp", "ldaps://127.0.0.1:\(server.securePort)", "--roots", "", input: "")
            #expect(try gate.tried(["groups", "sync", "staff@example.org"]).status != 0)
            let roots = "\(server.folder.path)/ca.pem"
            let password = DirectoryServer.password + "\n"
            try gate.command(
                "ldap-servers", "set", "corp", "ldaps://127.0.0.2:\(server.securePort)", "--roots", roots, "--password-stdin",
                input: password)
            #expect(try gate.tried(["groups", "sync", "staff@example.org"]).status != 0)
            try gate.command(
                "ldap-servers", "set", "corp", "ldaps://127.0.0.1:\(server.securePort)", "--roots", roots, "--password-stdin",
                input: "wrong\n")
            #expect(try gate.tried(["groups", "sync", "staff@example.org"]).status != 0)
            #expect(try gate.command("groups", "show", "staff@example.org").contains("kept@example.org"))
            // TLS that begins on the plain port.
            try gate.command(
                "ldap-servers", "set", "corp", "ldap://127.0.0.1:\(server.plainPort)", "--roots", roots, "--password-stdin", input: password
            )
            let good = try view(gate, "sync", "staff@example.org")
            #expect(good.outcome == .changed && good.added == ["p1@example.org"] && good.problem.isEmpty)
        }
    }

    @Test func `members that are named by an entry, many of them`() throws {
        let names = (1...1200).map { "q\($0)" }
        let members = names.map { "member: cn=\($0),dc=example,dc=org\n" }.joined() + "member: cn=gone,dc=example,dc=org\n"
        let group = "dn: cn=staff,dc=example,dc=org\nobjectClass: groupOfNames\ncn: staff\n\(members)\n"
        try with(names, group) { _, gate in
            try gate.command(
                "groups", "source", "set", "staff@example.org", "--server", "corp", "--base", "dc=example,dc=org", "--filter",
                "(&(objectClass=groupOfNames)(cn={name}))", "--member-attribute", "member", "--changes-max", "5000", "--percent-max", "100")
            #expect(try view(gate, "sync", "staff@example.org").members == 1200)
            // In pages, without it.
            try gate.command(
                "groups", "source", "set", "staff@example.org", "--server", "corp", "--base", "dc=example,dc=org", "--filter",
                "(objectClass=inetOrgPerson)", "--changes-max", "5000")
            #expect(try view(gate, "sync", "staff@example.org").outcome == .same)
        }
    }

    @Test(.enabled(if: Program.isThere(Program.python), "needs python3"))
    func `long lists of members come in ranges, as Active Directory gives them`() throws {
        try TemporaryDirectory.with { folder in
            try DirectoryServer.makeCertificate(folder)
            let server = try RangedDirectory(folder)
            defer { server.stop() }
            try GateProcess.run { gate in
                try gate.command("ldap-servers", "set", "corp", "ldaps://127.0.0.1:\(server.port)", "--roots", "\(folder.path)/ca.pem")
                try gate.command("domains", "add", "example.org")
                for (group, members) in [("all", 7), ("pair", 2), ("few", 1)] {
                    try gate.command("groups", "add", "\(group)@example.org")
                    try gate.command(
                        "groups", "source", "set", "\(group)@example.org", "--server", "corp", "--base", "cn=\(group),dc=example,dc=org",
                        "--filter", "(cn={name})", "--member-attribute", "member", "--changes-max", "100", "--percent-max", "100")
                    let found = try view(gate, "sync", "\(group)@example.org")
                    #expect(found.members == members, "\(group): \(found)")
                }
                #expect(try gate.command("groups", "show", "all@example.org").contains("m6@example.org"))
                // The same range again and again, a gap, an empty one, one that is none.
                for group in ["again", "gap", "empty", "odd"] {
                    try gate.command("groups", "add", "\(group)@example.org", "--member", "kept@example.org")
                    try gate.command(
                        "groups", "source", "set", "\(group)@example.org", "--server", "corp", "--base", "cn=\(group),dc=example,dc=org",
                        "--filter", "(cn={name})", "--member-attribute", "member", "--changes-max", "100", "--percent-max", "100")
                    let run = try gate.tried(["groups", "sync", "\(group)@example.org"])
                    #expect(run.status != 0 && run.errors.contains("is as it was"), "\(group): \(run)")
                    #expect(try gate.command("groups", "show", "\(group)@example.org").contains("kept@example.org"))
                }
            }
        }
    }
}

/// A directory server that gives two values of `member` at a time, in the way of Active Directory (MS-ADTS 3.1.1.3.1.3.3), or breaks it.
private final class RangedDirectory {
    let port = freePort()
    private let process = Process()

    init(_ folder: URL) throws {
        (process.executableURL, process.currentDirectoryURL) = (URL(fileURLWithPath: Program.python), folder)
        process.arguments = ["-c", RangedDirectory.program, "\(port)"]
        try process.run()
        guard eventually({ (try? LoopbackStream.connect(port: port)) != nil }) else {
            throw GateProcess.Failure(description: "the directory server does not start")
        }
    }

    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static let program = """
        import socket, ssl, sys, threading

        def ber(tag, content):
            size = len(content)
            if size < 128:
                return bytes([tag, size]) + content
            octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
            return bytes([tag, 0x80 + len(octets)]) + octets + content

        def read(data, at=0):
            size, start = data[at + 1], at + 2
            if size & 0x80:
                start += size & 0x7F
                size = int.from_bytes(data[at + 2:start], "big")
            return data[at], data[start:start + size], start + size

        def parts(data):
            at, found = 0, []
            while at < len(data):
                tag, content, at = read(data, at)
                found.append((tag, content))
            return found

        def entry(name, attribute, values):
            values = ber(0x31, b"".join(ber(0x04, value.encode()) for value in values))
            attributes = ber(0x30, ber(0x30, ber(0x04, attribute.encode()) + values))
            return ber(0x64, ber(0x04, name.encode()) + attributes)

        def members(group, asked):
            count = {"few": 1, "pair": 2}.get(group, 7)
            first = int(asked.split("=")[1].split("-")[0]) if "=" in asked else 0
            if group == "again": first = 0
            if group == "gap" and first: first += 1
            values = ["cn=m%d,dc=example,dc=org" % number for number in range(first, min(count, first + 2))]
            end = "*" if first + 2 >= count else str(first + 1)
            if group == "few": return "member", values
            if group == "empty" and first: values = []
            if group == "odd": return "member;range=much", values
            return "member;range=%d-%s" % (first, end), values

        def answer(number, operation):
            tag, content = operation
            done = ber(0x0A, b"\\0") + ber(0x04, b"") + ber(0x04, b"")
            if tag == 0x60:
                return ber(0x30, number + ber(0x61, done))
            fields = parts(content)
            name = fields[0][1].decode()
            asked = parts(fields[7][1])[0][1].decode()
            common = name.split(",")[0][3:]
            attribute, values = ("mail", [common + "@example.org"]) if asked == "mail" else members(common, asked)
            return ber(0x30, number + entry(name, attribute, values)) + ber(0x30, number + ber(0x65, done))

        def serve(plain, context):
            try:
                with context.wrap_socket(plain, server_side=True) as stream:
                    data = b""
                    while part := stream.recv(65536):
                        data += part
                        while len(data) > 6 and read(data)[2] <= len(data):
                            _, message, end = read(data)
                            data = data[end:]
                            found = parts(message)
                            if found[1][0] in (0x60, 0x63):
                                stream.sendall(answer(ber(0x02, found[0][1]), found[1]))
            except (OSError, IndexError):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("s.pem", "s.key")
        with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0], context), daemon=True).start()
        """
}
