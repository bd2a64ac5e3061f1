import CoreMetrics
import OwnThreads
import Testing

@testable import Console

@Suite(.ownThreads) struct MetricRegistryTests {
    @Test func countersGaugesAndHistogramsAreWrittenAsPrometheusReadsThem() {
        let registry = MetricRegistry()
        registry.describe("postern_messages_total", "Messages.")
        registry.makeCounter(label: "postern_messages_total", dimensions: [("result", "accepted")]).increment(by: 3)
        registry.makeCounter(label: "postern_messages_total", dimensions: [("result", "refused")]).increment(by: 1)
        registry.makeMeter(label: "postern_connections", dimensions: []).set(Int64(5))
        registry.observe("postern_queue", "Recipients in memory.") { 2.5 }
        let timer = registry.makeTimer(label: "postern_commit", dimensions: [])
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(400_000_000_000)
        let text = registry.text()
        #expect(
            text.contains(
                """
                # HELP postern_messages_total Messages.
                # TYPE postern_messages_total counter
                postern_messages_total{result="accepted"} 3
                postern_messages_total{result="refused"} 1
                """))
        #expect(text.contains("# TYPE postern_connections gauge\npostern_connections 5\n"))
        #expect(text.contains("# HELP postern_queue Recipients in memory.\n# TYPE postern_queue gauge\npostern_queue 2.5\n"))
        #expect(text.contains("postern_commit_seconds_bucket{le=\"0.001\"} 0\npostern_commit_seconds_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.contains("postern_commit_seconds_bucket{le=\"300\"} 1\npostern_commit_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("postern_commit_seconds_sum 400.002\npostern_commit_seconds_count 2\n"))
    }

    @Test func oneLabelSetIsOneSeries() {
        let registry = MetricRegistry()
        registry.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")]).increment(by: 1)
        registry.makeCounter(label: "a", dimensions: [("y", "2"), ("x", "1")]).increment(by: 1)
        #expect(registry.text() == "# TYPE a_total counter\na_total{x=\"1\",y=\"2\"} 2\n")
    }

    @Test func labelsCannotBreakTheFormat() {
        let registry = MetricRegistry()
        registry.makeCounter(label: "a b", dimensions: [("x-y", "q\"\\\n")]).increment(by: 1)
        #expect(registry.text() == "# TYPE a_b_total counter\na_b_total{x_y=\"q\\\"\\\\\\n\"} 1\n")
    }

    @Test func labelSetsOverTheLimitAreCountedTogether() {
        let registry = MetricRegistry()
        for number in 0..<MetricRegistry.seriesMax + 50 {
            registry.makeCounter(label: "a", dimensions: [("x", "\(number)")]).increment(by: 1)
        }
        let lines = registry.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == MetricRegistry.seriesMax + 1)
        #expect(lines.contains("a_total{overflow=\"true\"} 50"))
    }

    @Test func metricsOverTheLimitAreNotKept() {
        let registry = MetricRegistry()
        for number in 0..<MetricRegistry.familiesMax + 10 { registry.makeCounter(label: "a\(number)", dimensions: []).increment(by: 1) }
        #expect(registry.text().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }.count == MetricRegistry.familiesMax)
    }
}
