import Foundation
import Logging
import MailModel
import NIOCore
import NIOPosix
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct ControlTests {
    /// Runs `body` beside a control server on the data directory.
    private func withServer(_ gate: RecordingGate, _ data: TestData, _ body: @Sendable () async throws -> Void) async throws {
        let (ready, signal) = AsyncStream.makeStream(of: Void.self)
        let server = ControlServer(
            administration: data.administration(live: gate), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { TestData.now }, requestTimeout: .seconds(3600), onReady: { signal.finish() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for await _ in ready {}
            try await body()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    @Test func aCommandGoesThroughTheGateThatRuns() async throws {
        let data = try await TestData()
        let gate = RecordingGate()
        try await withServer(gate, data) {
            let access = try await AdministrationAccess.open(data.directory)
            guard case .gate = access else {
                Issue.record("the store was opened beside the gate")
                return
            }
            _ = try await access.perform(AddPause(scope: .external), reason: "a test")
            #expect(try await access.perform(ListPauses()).map(\.scope) == ["external"])
            let act = try #require(try await access.perform(ListAudit(limit: 1)).first)
            #expect(act.actor == LocalUser.actor)
            #expect(act.reason == "a test")
        }
        #expect(gate.recorded == ["directoryChanged"])
    }

    @Test func anErrorComesBackAsItIs() async throws {
        let data = try await TestData()
        try await withServer(RecordingGate(), data) {
            let access = try await AdministrationAccess.open(data.directory)
            let error = await #expect(throws: AdministrationError.self) {
                try await access.perform(RemoveConnector(connector: "nobody"))
            }
            #expect(error == AdministrationError.noSuch("connector", "nobody"))
        }
    }

    @Test func theSocketIsForItsOwnerAndGoesWithTheServer() async throws {
        let data = try await TestData()
        try await withServer(RecordingGate(), data) {
            let attributes = try FileManager.default.attributesOfItem(atPath: data.directory.controlSocket)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        #expect(!AtomicFile.exists(data.directory.controlSocket))
        #expect(await !ControlClient(data.directory).isReachable())
    }

    @Test(arguments: [
        "not json", "{}", "{\"operation\":\"x.y\",\"reason\":\"\",\"fields\":\"{}\"}",
        "{\"operation\":\"accounts.add\",\"reason\":\"\",\"fields\":\"{}\"}",
    ])
    func nonsenseIsAnsweredAndTheNextCommandIsServed(line: String) async throws {
        let data = try await TestData()
        try await withServer(RecordingGate(), data) {
            let answer = try await exchange(data.directory, Array(line.utf8) + [0x0A])
            #expect(answer.contains("\"error\""))
            let access = try await AdministrationAccess.open(data.directory)
            #expect(try await access.perform(ShowStatus()).node == 1)
        }
    }

    @Test func aLineOverTheLimitEndsTheConnectionAlone() async throws {
        let data = try await TestData()
        try await withServer(RecordingGate(), data) {
            let answer = try? await exchange(data.directory, [UInt8](repeating: 0x61, count: ControlLimits.requestBytesMax + 65_536))
            #expect(answer ?? "" == "")
            let access = try await AdministrationAccess.open(data.directory)
            #expect(try await access.perform(ShowStatus()).node == 1)
        }
    }

    /// Writes octets to the socket as they are, and returns what comes back until it closes.
    private func exchange(_ directory: DataDirectory, _ bytes: [UInt8]) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: directory.controlSocket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var text = ""
            for try await part in inbound { text += String(buffer: part) }
            return text
        }
    }
}
