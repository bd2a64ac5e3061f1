import MailModel
import PosternRuntime
import Synchronization

/// The bar that grows while messages are submitted, and the sum at its end.
final class DemoProgress: Sendable {
    private struct State {
        var messages = 0
        var accepted = 0
        var refusals: [String: Int] = [:]
        var lastDrawn: ContinuousClock.Instant
    }

    private static let barWidth = 30
    private static let drawInterval = Duration.milliseconds(100)
    private static let refusalsShown = 20

    private let total: Int
    private let start: ContinuousClock.Instant
    private let state: Mutex<State>

    init(total: Int) {
        self.total = total
        start = ContinuousClock.now
        state = Mutex(State(lastDrawn: start))
    }

    func finished(_ results: [RecipientResult]) {
        let line: String? = state.withLock { state in
            state.messages += 1
            for result in results {
                switch result {
                case .delivered: state.accepted += 1
                case .failed(let failure):
                    // Without what differs from message to message there are few kinds.
                    let kind = failure.reply.description
                    if state.refusals[kind] != nil || state.refusals.count < 1000 { state.refusals[kind, default: 0] += 1 }
                }
            }
            let now = ContinuousClock.now
            guard now - state.lastDrawn >= DemoProgress.drawInterval else { return nil }
            state.lastDrawn = now
            return bar(state.messages, now)
        }
        if let line, Output.isTerminal { Output.part("\r\(line)") }
    }

    /// Draws the full bar, names what was refused, and returns how many recipients were accepted.
    func end() -> Int {
        let (messages, accepted, refusals) = state.withLock { ($0.messages, $0.accepted, $0.refusals) }
        Output.line("\(Output.isTerminal ? "\r" : "")\(bar(messages, ContinuousClock.now))")
        Output.line("\(accepted) recipients accepted, \(refusals.values.reduce(0, +)) refused")
        for (reply, count) in refusals.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(DemoProgress.refusalsShown) {
            Output.line("  \(count) × \(Output.printable(reply))")
        }
        return accepted
    }

    private func bar(_ messages: Int, _ now: ContinuousClock.Instant) -> String {
        let elapsed = now - start
        let seconds = max(Double(elapsed.milliseconds) / 1000, 0.001)
        let filled = total == 0 ? 0 : DemoProgress.barWidth * messages / total
        let marks = String(repeating: "#", count: filled) + String(repeating: ".", count: DemoProgress.barWidth - filled)
        return "submitted [\(marks)] \(messages)/\(total)  \(Int(Double(messages) / seconds)) messages/s"
    }
}
