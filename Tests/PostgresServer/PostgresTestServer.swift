import CLibPQ
import Foundation
import Synchronization

/// A real PostgreSQL server for tests: made in a temporary directory, run as an ordinary user, reached over a Unix socket alone. It ends, and
/// its directory goes, when the process of the tests ends, however that ends.
package final class PostgresTestServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// The one that all tests of this process share.
    package static func shared() throws -> PostgresTestServer { try sharedResult.get() }
    private static let sharedResult = Result { try PostgresTestServer() }

    /// Where its socket lies.
    package let directory: String
    private let supervisor: Supervisor
    private let templates = Mutex<Set<String>>([])
    private let databases = Atomic(0)

    /// - Parameter isSynced: False lets the server lose its last commits with the machine's power, which no test takes away.
    package init(isSynced: Bool = false) throws {
        let programs = try PostgresTestServer.programs()
        var template = Array("/tmp/postern-pg-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure(description: "no temporary directory: error \(errno)") }
        directory = String(cString: made)
        supervisor = try Supervisor(programs: programs, directory: directory, isSynced: isSynced)
    }

    /// Of `initdb`, `postgres` and `pg_ctl`.
    private static func programs() throws -> String {
        var places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []).compactMap { Int($0) }.sorted()
        places += versions.reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        for place in places where ["initdb", "postgres", "pg_ctl"].allSatisfy({ access("\(place)/\($0)", X_OK) == 0 }) { return place }
        throw Failure(
            description: """
                PostgreSQL's server programs (initdb, postgres, pg_ctl) are not installed, and these tests need them. \
                Run: sudo apt-get install -y --no-install-recommends postgresql
                """)
    }

    /// A URL of one of its databases.
    package func url(_ database: String = "postgres") -> String { "postgresql://nobody@/\(database)?host=\(directory)" }

    /// The path of its socket.
    package var socketPath: String { "\(directory)/.s.PGSQL.5432" }

    // MARK: Databases

    /// A new database, as `prepare` left the first one of this template. It is dropped with the object.
    package func makeDatabase(template: String, prepare: (_ url: String) throws -> Void) throws -> PostgresTestDatabase {
        try templates.withLock { known in
            guard !known.contains(template) else { return }
            try run("CREATE DATABASE \"\(template)\"")
            try prepare(url(template))
            known.insert(template)
        }
        let name = "test\(databases.add(1, ordering: .relaxed).newValue)"
        try run("CREATE DATABASE \(name) TEMPLATE \"\(template)\"")
        return PostgresTestDatabase(server: self, name: name)
    }

    /// Runs one statement. Returns the first column of its rows.
    @discardableResult
    package func run(_ sql: String, in database: String = "postgres") throws -> [String] {
        let connection = PQconnectdb(url(database))
        defer { PQfinish(connection) }
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            return (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
        default: throw Failure(description: String(cString: PQerrorMessage(connection)))
        }
    }

    // MARK: Stopping and starting

    /// As an administrator restarts it: connections end, and others are taken when it returns.
    package func restart() throws {
        try supervisor.order("stop")
        try supervisor.order("start")
    }

    package func stop() throws { try supervisor.order("stop") }
    package func start() throws { try supervisor.order("start") }

    /// As a crash: nothing is finished; the next start recovers from the log.
    package func crash() throws { try supervisor.order("crash") }
}

/// A database of one test.
package final class PostgresTestDatabase: Sendable {
    package let server: PostgresTestServer
    package let name: String

    init(server: PostgresTestServer, name: String) {
        self.server = server
        self.name = name
    }

    package var url: String { server.url(name) }

    @discardableResult
    package func run(_ sql: String) throws -> [String] { try server.run(sql, in: name) }

    deinit { _ = try? server.run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
}

/// A shell that makes the server and stops it when the other end of its standard input is closed, which is when this process is no more.
private final class Supervisor: Sendable {
    private let process: Process
    private let orders: FileHandle
    private let answers: FileHandle
    private let isBusy = Mutex(())

    private static let script = """
        programs=$1 directory=$2 synced=$3
        # What ends the tests must not end the one who cleans up after them.
        trap '' HUP INT TERM
        export LC_ALL=C
        control() { "$programs/pg_ctl" -D "$directory/data" -w -s "$@" >>"$directory/control.log" 2>&1; }
        options="-k $directory -c listen_addresses= -c fsync=$synced -c full_page_writes=$synced -c max_connections=300"
        options="$options -c shared_buffers=64MB -c log_min_messages=error -c autovacuum=off -c max_locks_per_transaction=256"
        [ "$synced" = on ] && options="-k $directory -c listen_addresses= -c shared_buffers=512MB -c max_wal_size=4GB"
        answer() { if "$@"; then echo done; else echo failed; fi; }
        "$programs/initdb" -D "$directory/data" -U nobody -A trust -E UTF8 --no-locale --no-sync --no-instructions \\
            >"$directory/control.log" 2>&1
        answer control -l "$directory/server.log" -o "$options" start
        while read -r order; do
            case $order in
                start) answer control -l "$directory/server.log" -o "$options" start ;;
                stop) answer control -m fast stop ;;
                crash) answer control -m immediate stop ;;
            esac
        done
        control -m immediate stop
        rm -rf "$directory"
        """

    init(programs: String, directory: String, isSynced: Bool) throws {
        process = Process()
        var command = ["/bin/sh", "-c", Supervisor.script, "sh", programs, directory, isSynced ? "on" : "off"]
        if geteuid() == 0 {
            // The server refuses to run as root.
            guard let nobody = getpwnam("nobody") else { throw PostgresTestServer.Failure(description: "there is no user nobody") }
            guard chown(directory, nobody.pointee.pw_uid, nobody.pointee.pw_gid) == 0 else {
                throw PostgresTestServer.Failure(description: "\(directory) cannot be given to nobody")
            }
            let user = ["--reuid=\(nobody.pointee.pw_uid)", "--regid=\(nobody.pointee.pw_gid)", "--clear-groups"]
            command = ["setpriv"] + user + command
        }
        // In a session of its own: a signal to all processes of the tests does not reach it.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["setsid", "--wait"] + command
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        orders = input.fileHandleForWriting
        answers = output.fileHandleForReading
        try process.run()
        try expectDone("start", log: "\(directory)/control.log")
    }

    deinit {
        try? orders.close()
        process.waitUntilExit()
    }

    func order(_ order: String) throws {
        try isBusy.withLock { _ in
            try orders.write(contentsOf: Data("\(order)\n".utf8))
            try expectDone(order, log: "server.log")
        }
    }

    private func expectDone(_ order: String, log: String) throws {
        var line: [UInt8] = []
        while let byte = try answers.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
        guard String(decoding: line, as: UTF8.self) == "done" else {
            let told = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw PostgresTestServer.Failure(description: "PostgreSQL did not \(order): \(told.suffix(1000))")
        }
    }
}
