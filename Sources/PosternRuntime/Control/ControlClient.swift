import Foundation
import NIOCore
import NIOPosix

/// Sends one operation to the gate that runs on a data directory.
struct ControlClient {
    private let path: String

    init(_ directory: DataDirectory) { path = ControlAddress.path(directory) }

    /// True where something listens.
    func isReachable() async -> Bool {
        guard
            let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(unixDomainSocketPath: path).get()
        else { return false }
        try? await channel.close()
        return true
    }

    func perform<Operation: AdministrativeOperation>(_ operation: Operation, reason: String) async throws -> Operation.Outcome {
        let request = ControlRequest(operation: Operation.name, reason: reason, fields: try JSONText.encode(operation))
        let response = try JSONText.decode(ControlResponse.self, from: try await exchange(try JSONText.data(request)))
        if let error = response.error { throw error }
        return try JSONText.decode(Operation.Outcome.self, from: Data((response.outcome ?? "").utf8))
    }

    private func exchange(_ line: Data) async throws -> Data {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: line + [0x0A]))
            var input = inbound.makeAsyncIterator()
            guard let answer = try await ControlLine.read(&input, bytesMax: ControlLimits.responseBytesMax) else {
                throw AdministrationError(.unavailable, "the gate closed the control socket without an answer", "Its log says why.")
            }
            return answer
        }
    }
}
