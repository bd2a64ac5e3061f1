import MailModel
import Metrics
import OutboundPolicy

/// What scanning counts for `/metrics`.
final class ScanCounters: Sendable {
    private let seconds = Timer(label: "postern_scan_seconds")
    private let verdicts = Dictionary(
        uniqueKeysWithValues: ScanKind.allCases.map { ($0, Counter(label: "postern_scans_total", dimensions: [("verdict", $0.rawValue)])) })
    private let failures = Dictionary(
        uniqueKeysWithValues: ScanFailure.allCases.map {
            ($0, Counter(label: "postern_scan_failures_total", dimensions: [("reason", $0.rawValue)]))
        })
    private let waiting = Gauge(label: "postern_scans_waiting")

    func scanned(_ kind: ScanKind, in time: Duration) {
        verdicts[kind]?.increment()
        let (whole, fraction) = time.components
        seconds.recordNanoseconds(whole * 1_000_000_000 + fraction / 1_000_000_000)
    }

    func failed(_ failure: ScanFailure) { failures[failure]?.increment() }
    func observed(waiting count: Int) { waiting.record(count) }
}
