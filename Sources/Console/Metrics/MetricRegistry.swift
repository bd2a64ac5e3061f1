package import CoreMetrics
import Synchronization

/// Keeps the process's metrics and writes them in Prometheus' text format (version 0.0.4). A backend of swift-metrics: what other targets
/// count with `Counter(label:)` and the rest arrives here.
package final class MetricRegistry: MetricsFactory {
    /// Label sets of one metric. Further ones are counted together under `overflow="true"`, so that no input can grow the memory.
    package static let seriesMax = 200
    /// Metrics by name.
    package static let familiesMax = 500

    enum Kind: String {
        case counter, gauge, histogram
    }

    struct Family {
        var kind: Kind
        var help: String
        /// By rendered labels.
        var series: [String: any MetricSeries]
    }

    private let families = Mutex<[String: Family]>([:])
    private let helpTexts = Mutex<[String: String]>([:])

    package init() {}

    /// One sentence for `# HELP`; the unit belongs into the name.
    package func describe(_ name: String, _ help: String) {
        helpTexts.withLock { $0[MetricText.name(name)] = help }
    }

    /// A gauge that is read when it is asked for.
    package func observe(_ name: String, labels: [(String, String)] = [], _ help: String, read: @escaping @Sendable () -> Double) {
        describe(name, help)
        _ = series(name, .gauge, labels) { ObservedGauge(read: read) }
    }

    /// All metrics, by name.
    package func text() -> String {
        let helpTexts = helpTexts.withLock { $0 }
        var lines: [String] = []
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            if let help = helpTexts[name] { lines.append("# HELP \(name) \(MetricText.escaped(help))") }
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(name, labels, into: &lines) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    func series<Series: MetricSeries>(_ label: String, _ kind: Kind, _ dimensions: [(String, String)], _ make: () -> Series) -> Series {
        var name = MetricText.name(label)
        if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        let labels = MetricText.labels(dimensions)
        return families.withLock { families in
            if families[name] == nil {
                guard families.count < MetricRegistry.familiesMax else { return make() }
                families[name] = Family(kind: kind, help: "", series: [:])
            }
            let isFull = (families[name]?.series.count ?? 0) >= MetricRegistry.seriesMax
            let isKnown = families[name]?.series[labels] != nil
            let key = isFull && !isKnown ? MetricText.labels([("overflow", "true")]) : labels
            if let known = families[name]?.series[key] as? Series { return known }
            let made = make()
            // A name that was made with another kind keeps it; the second is counted, but not shown.
            if families[name]?.kind == kind, families[name]?.series[key] == nil { families[name]?.series[key] = made }
            return made
        }
    }
}

extension MetricRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions) { CounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { GaugeSeries() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return series(label, .gauge, dimensions) { GaugeSeries() } }
        return series(label, .histogram, dimensions) { HistogramSeries(bounds: HistogramSeries.sizes) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
        return series(name, .histogram, dimensions) { HistogramSeries(bounds: HistogramSeries.seconds) }
    }

    // Metrics live as long as the process: a scrape must not lose a series because its owner went away.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// Names and labels as Prometheus wants them.
enum MetricText {
    static func name(_ text: String) -> String {
        let cleaned = text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F ? byte : 0x5F
        }
        return String(decoding: cleaned, as: UTF8.self)
    }

    /// `{a="b",c="d"}` in order of name; empty without labels.
    static func labels(_ pairs: [(String, String)]) -> String {
        guard !pairs.isEmpty else { return "" }
        let parts = pairs.sorted { $0.0 < $1.0 }.map { "\(name($0.0))=\"\(escaped($0.1).replacing("\"", with: "\\\""))\"" }
        return "{\(parts.joined(separator: ","))}"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
