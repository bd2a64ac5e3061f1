import Dispatch

/// Runs slow, blocking work (a password hash, a key pair) beside the cooperative pool, one at a time: that bounds memory and processor.
package enum BlockingWork {
    private static let queue = DispatchQueue(label: "postern.blocking")

    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// As `run`, for what takes so long that nothing else should wait for it.
    package static func runLong<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(with: Result { try body() }) }
        }
    }
}
