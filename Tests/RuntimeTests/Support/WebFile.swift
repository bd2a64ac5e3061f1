import Console
import Logging
import Synchronization
import Testing

@testable import PosternRuntime

/// A web server on loopback with one file, which a test changes.
final class WebFile: Sendable {
    private let answer = Mutex(SmallResponse(404, "text/plain", "no such file"))

    func become(_ status: Int, _ text: String) { answer.withLock { $0 = SmallResponse(status, "text/plain", text) } }

    /// `body`: given the file, and its address.
    static func run(_ body: @escaping @Sendable (WebFile, String) async throws -> Void) async throws {
        let file = WebFile()
        let (ports, signal) = AsyncStream.makeStream(of: Int.self)
        let service = SmallHTTPService(
            address: "127.0.0.1", port: 0, logger: Logger(label: "web") { _ in SwiftLogNoOpLogHandler() },
            onRunning: {
                signal.yield($0)
                signal.finish()
            }, answer: { _ in file.answer.withLock { $0 } })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask { for await port in ports { try await body(file, "http://127.0.0.1:\(port)/list.txt") } }
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }
}
