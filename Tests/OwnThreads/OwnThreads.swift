package import Testing

/// Runs each test of a suite, and the gate that it starts inside the process, on threads that are not those of the cooperative pool.
///
/// The pool has a thread for each core, and all tests share it. A test that waits for a program or a socket keeps its thread; two of them
/// keep the whole pool of a small machine, and gates of other tests that need it miss their deadlines.
package struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await withTaskExecutorPreference(BlockingExecutor.shared) { try await function() }
    }
}

extension Trait where Self == OwnThreads {
    /// For tests that block, or that share the process with those that do.
    package static var ownThreads: Self { OwnThreads() }
}
