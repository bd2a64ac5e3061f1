import MailModel
import Metrics

/// What the gate counts for `/metrics`. Label values are few and fixed.
final class GateCounters: Sendable {
    private let acceptedMessages = Counter(label: "postern_messages_accepted_total")
    private let acceptedRecipients = Counter(label: "postern_recipients_accepted_total")
    private let refusals = Counter(label: "postern_refusals_total")
    private let lostRefusals = Counter(label: "postern_refusals_untraced_total")
    private let attempts = Counter(label: "postern_delivery_attempts_total")
    private let delivered = Counter(label: "postern_attempt_results_total", dimensions: [("result", "delivered")])
    private let deferred = Counter(label: "postern_attempt_results_total", dimensions: [("result", "deferred")])
    private let rejected = Counter(label: "postern_attempt_results_total", dimensions: [("result", "rejected")])
    private let late = Counter(label: "postern_outcomes_late_total")
    private let connections = Gauge(label: "postern_submission_connections")
    private let inMemory = Gauge(label: "postern_queue_recipients_in_memory")
    private let inFlight = Gauge(label: "postern_delivery_recipients_in_flight")
    private let deliveryConnections = Gauge(label: "postern_delivery_connections")
    private let unsettled = Gauge(label: "postern_settlements_waiting")

    func accepted(recipients: Int) {
        acceptedMessages.increment()
        acceptedRecipients.increment(by: recipients)
    }

    func refused() { refusals.increment() }
    func refusalLost() { lostRefusals.increment() }
    /// Outcomes of recipients that another node had taken over meanwhile.
    func settledLate(_ count: Int) { late.increment(by: count) }
    func attemptBegan() { attempts.increment() }

    func attemptEnded(_ results: [RecipientResult]) {
        for result in results {
            switch result {
            case .delivered: delivered.increment()
            case .failed(let failure): failure.isPermanent ? rejected.increment() : deferred.increment()
            }
        }
    }

    func observed(submission: Int, memory: Int, flight: Int, delivery: Int, settlements: Int) {
        connections.record(submission)
        inMemory.record(memory)
        inFlight.record(flight)
        deliveryConnections.record(delivery)
        unsettled.record(settlements)
    }
}
