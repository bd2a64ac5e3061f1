import Foundation
import GateSupport
import Glibc
import OwnThreads
import PosternRuntime
import Testing

@Suite("Ten thousand idle connections", .serialized, .ownThreads)
struct IdleConnectionTests {
    private static let count = 10_000
    private static let bytesEachMax = 32 << 10

    /// What the process may open; fewer connections than asked for are no proof.
    private static var hasFiles: Bool {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit.rlim_max >= 16_000
    }

    @Test(.enabled(if: hasFiles))
    func `are held in bounded memory, and the next client is served`() throws {
        let settings = ["submission.connections-max=12000", "submission.connections-per-address-max=12000"]
        try GateProcess.run(settings) { gate in
            let before = gate.residentBytes
            let began = ContinuousClock.now
            var idle: [LoopbackStream] = []
            idle.reserveCapacity(IdleConnectionTests.count)
            for _ in 0..<IdleConnectionTests.count { idle.append(try LoopbackStream.connect(port: gate.port)) }
            // Every second one has said EHLO: that is more to hold.
            for (number, stream) in idle.enumerated() {
                #expect(stream.readLine()?.hasPrefix("220") == true)
                if number % 2 == 0 { stream.write("EHLO idle.example.org\r\n") }
            }
            let grown = gate.residentBytes - before
            let client = try SMTPDialogue(port: gate.port)
            #expect(client.open().code == 250)
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("served")).code == 250)
            #expect(try gate.emptied().delivered == 1)
            #expect(grown < IdleConnectionTests.count * IdleConnectionTests.bytesEachMax)
            print(
                "\(idle.count) idle connections: \(grown >> 20) MiB more than the \(before >> 20) MiB before, \(ContinuousClock.now - began)"
            )
        }
    }
}
