import Foundation
import MailModel
import NIOCore
import NIOPosix
import OutboundPolicy
import Testing

@testable import PosternRuntime

/// A gate with its HTTP listener, inside the test's process.
struct APIServer: Sendable {
    let port: Int
    let submissionPort: Int
    let directory: DataDirectory
    /// Of a key with the role administrator that may send as anyone.
    let administrator: String

    /// Runs `body` beside a gate that serves on free ports. `people`: accounts that it has, with their roles; see `Visitor.password`.
    static func run(
        _ overrides: [String] = [], people: [String: [Role]] = [:], _ body: @escaping @Sendable (APIServer) async throws -> Void
    ) async throws {
        let temporary = try TemporaryDirectory()
        let directory = DataDirectory(temporary.path)
        var initialization = Initialization(directory: directory, hostName: DomainName("gate.example.org"))
        initialization.passwordCost = TestData.passwordCost
        _ = try await initialization.perform(now: .now)
        try await add(people, directory)
        let (lines, signal) = AsyncStream.makeStream(of: String.self)
        let serve = Serve(
            directory: directory,
            overrides: [
                "http.port=0", "submission.port=0", "submission.tls-port=0", "log.level=critical", "http.requests-per-second=10000",
            ] + overrides,
            makeGate: GateFactory.make,
            announce: { line in
                signal.yield(line)
                signal.finish()
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve.run() }
            group.addTask {
                for await line in lines { try await body(try await server(line, directory)) }
            }
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// Straight into the store, with passwords that are quick to check.
    private static func add(_ people: [String: [Role]], _ directory: DataDirectory) async throws {
        guard !people.isEmpty else { return }
        let lock = try #require(try DirectoryLock.acquire(directory))
        let store = try OpenStore(directory, settings: try directory.settings(), lock: lock)
        var administration = store.administration
        administration.passwordCost = TestData.passwordCost
        for (address, roles) in people {
            let operation = AddAccount(
                address: try #require(EmailAddress(address)), password: Visitor.password, roles: roles.map(\.rawValue))
            _ = try await administration.perform(operation, TestData.act)
        }
        await store.close()
    }

    private static func server(_ line: String, _ directory: DataDirectory) async throws -> APIServer {
        func port(_ name: String) throws -> Int {
            let part = try #require(line.split(separator: " ").first { $0.hasPrefix("\(name)=") })
            return try #require(Int(part.split(separator: ":").last ?? ""))
        }
        let access = try await AdministrationAccess.open(directory)
        let key = try await access.perform(AddAPIKey(key: "all", roles: [.administrator], grants: [.any]))
        return APIServer(port: try port("http"), submissionPort: try port("submission"), directory: directory, administrator: key.token)
    }

    func key(_ name: String, roles: [Role] = [], scopes: [AccessScope] = [], grants: [AddressGrant] = []) async throws -> String {
        let access = try await AdministrationAccess.open(directory)
        return try await access.perform(AddAPIKey(key: name, roles: roles, scopes: scopes, grants: grants)).token
    }

    struct Answer {
        var status: Int
        /// By lower-case name.
        var headers: [String: String]
        var body: String

        /// The fields of an object; empty for anything else.
        var fields: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:] }
        var items: [[String: Any]] { fields["items"] as? [[String: Any]] ?? [] }
        var detail: String { fields["detail"] as? String ?? "" }
    }

    /// `key`: nil takes the administrator's, an empty one shows none.
    func call(
        _ method: String, _ path: String, _ body: String = "", key: String? = nil, type: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        let key = key ?? administrator
        if !key.isEmpty { head += "Authorization: Bearer \(key)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if method != "GET" { head += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
        let text = try await exchange(head + "\r\n" + body)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        let status = try #require(Int(lines.first?.split(separator: " ").dropFirst().first ?? ""), "\(text)")
        let fields = lines.dropFirst().map { $0.split(separator: ":", maxSplits: 1) }.filter { $0.count == 2 }
        return Answer(
            status: status,
            headers: Dictionary(fields.map { ($0[0].lowercased(), $0[1].trimmingCharacters(in: .whitespaces)) }) { $1 },
            body: parts.count > 1 ? String(parts[1]) : "")
    }

    /// Sends octets as they are, and reads no further than the status.
    func status(_ text: String) async throws -> Int {
        let answer = try await exchange(text) { $0.readableBytes >= 12 }
        return try #require(Int(answer.dropFirst(9).prefix(3)), "\(answer)")
    }

    /// Sends octets as they are, and reads to the end, or until it is enough.
    func exchange(_ text: String, until isEnough: @escaping @Sendable (ByteBuffer) -> Bool = { _ in false }) async throws -> String {
        try await APIServer.exchange(text, port: port, until: isEnough)
    }

    /// The same with whatever else listens on loopback.
    static func exchange(
        _ text: String, port: Int, until isEnough: @escaping @Sendable (ByteBuffer) -> Bool = { _ in false }
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var bytes = ByteBuffer()
            for try await var part in inbound {
                bytes.writeBuffer(&part)
                if isEnough(bytes) { break }
            }
            return String(buffer: bytes)
        }
    }
}
