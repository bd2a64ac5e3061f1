import Logging
import NIOCore
import NIOPosix
import OwnThreads
import Testing

@testable import Console

@Suite(.ownThreads) struct ConsoleServiceTests {
    private func answer(_ path: String, problems: [String] = []) async throws -> String {
        let ports = ConsolePorts(problems: { problems }, metrics: { "a 1\n" })
        let (running, signal) = AsyncStream.makeStream(of: Int.self)
        let service = ConsoleService(
            HTTPListenerSettings(address: "127.0.0.1", port: 0), ports: ports,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onRunning: { port in
                signal.yield(port)
                signal.finish()
            })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            var text = ""
            for await port in running { text = try await get(path, port) }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            return text
        }
    }

    private func get(_ path: String, _ port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
            var text = ""
            for try await part in inbound { text += String(buffer: part) }
            return text
        }
    }

    @Test func healthIsWellWhateverTheGateLacks() async throws {
        #expect(try await answer("/health", problems: ["the store does not answer"]).hasPrefix("HTTP/1.1 200"))
    }

    @Test func readinessNamesWhatIsMissing() async throws {
        #expect(try await answer("/ready").hasPrefix("HTTP/1.1 200"))
        let text = try await answer("/ready", problems: ["submission is not up yet", "the store does not answer"])
        #expect(text.hasPrefix("HTTP/1.1 503"))
        #expect(text.hasSuffix("submission is not up yet\nthe store does not answer\n"))
    }

    @Test func metricsAreText() async throws {
        let text = try await answer("/metrics")
        #expect(text.lowercased().contains("content-type: text/plain; version=0.0.4"))
        #expect(text.hasSuffix("\r\n\r\na 1\n"))
    }

    @Test func withoutPagesTheRootSaysWhatIsMissing() async throws {
        let text = try await answer("/", problems: ["the database does not answer"])
        #expect(text.hasPrefix("HTTP/1.1 503") && text.hasSuffix("Postern\nthe database does not answer\n"))
    }

    @Test func anUnknownPathIsNotFound() async throws {
        #expect(try await answer("/nothing").hasPrefix("HTTP/1.1 404"))
    }
}
