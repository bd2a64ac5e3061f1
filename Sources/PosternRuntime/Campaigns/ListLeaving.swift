import MailModel
import Synchronization

/// Takes people off lists who ask by mail. What does it is given once all of the gate is there.
package final class ListLeaving: Sendable {
    package struct NotReadyError: Error {}

    private let body = Mutex<(@Sendable (String) async throws -> Void)?>(nil)

    package init() {}

    func set(_ body: @escaping @Sendable (_ token: String) async throws -> Void) { self.body.withLock { $0 = body } }

    /// `subject`: holds the token; what is none changes nothing.
    func leave(by subject: String) async throws {
        guard let body = body.withLock({ $0 }) else { throw NotReadyError() }
        for word in subject.split(whereSeparator: \.isWhitespace) { try await body(String(word)) }
    }
}
