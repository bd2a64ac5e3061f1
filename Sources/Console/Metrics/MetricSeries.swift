import CoreMetrics
import Synchronization

/// The values of one metric under one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    func write(_ name: String, _ labels: String, into lines: inout [String])
}

final class CounterSeries: MetricSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: String, into lines: inout [String]) {
        lines.append("\(name)\(labels) \(value.load(ordering: .relaxed))")
    }
}

final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func write(_ name: String, _ labels: String, into lines: inout [String]) {
        lines.append("\(name)\(labels) \(MetricText.number(value.withLock { $0 }))")
    }
}

final class ObservedGauge: MetricSeries {
    private let read: @Sendable () -> Double

    init(read: @escaping @Sendable () -> Double) { self.read = read }

    func write(_ name: String, _ labels: String, into lines: inout [String]) {
        lines.append("\(name)\(labels) \(MetricText.number(read()))")
    }
}

/// Counts values at or below each of some bounds.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    static let seconds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
    static let sizes: [Double] = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864]

    private struct State {
        var counts: [Int]
        var count = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// `bounds` rise.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let index { state.counts[index] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(_ name: String, _ labels: String, into lines: inout [String]) {
        let state = state.withLock { $0 }
        let inner = labels.isEmpty ? "" : String(labels.dropFirst().dropLast()) + ","
        var total = 0
        for (bound, count) in zip(bounds, state.counts) {
            total += count
            lines.append("\(name)_bucket{\(inner)le=\"\(MetricText.number(bound))\"} \(total)")
        }
        lines.append("\(name)_bucket{\(inner)le=\"+Inf\"} \(state.count)")
        lines.append("\(name)_sum\(labels) \(MetricText.number(state.sum))")
        lines.append("\(name)_count\(labels) \(state.count)")
    }
}
