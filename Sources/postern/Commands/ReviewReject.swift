import ArgumentParser
import PosternRuntime

struct ReviewReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Cancel held messages, and tell their senders why.")

    @OptionGroup var decision: ReviewDecision
    @Flag(help: "Tell the senders nothing.") var quiet = false

    func validate() throws {
        guard !decision.reason.reason.isEmpty else { throw ValidationError("give --reason: the sender and the audit log have it") }
    }

    func run() async throws { try await decision.perform(.reject, notifies: !quiet, "rejected") }
}
