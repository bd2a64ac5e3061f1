/// Stacked bars over time, with the same figures as a table.
package struct Chart: Sendable {
    package struct Series: Sendable {
        package var name: String
        package var tone: Tone

        package init(_ name: String, _ tone: Tone) {
            self.name = name
            self.tone = tone
        }
    }

    package struct Bar: Sendable {
        /// What it covers: `09:00`, or `2026-11-22`.
        package var label: String
        /// One for each series, 0 or more.
        package var values: [Int]

        package init(_ label: String, _ values: [Int]) {
            self.label = label
            self.values = values
        }
    }

    /// A line across, that the bars are held against.
    package struct Mark: Sendable {
        package var name: String
        package var value: Int
        package var tone: Tone

        package init(_ name: String, _ value: Int, _ tone: Tone) {
            self.name = name
            self.value = value
            self.tone = tone
        }
    }

    /// With unit and window: `Recipients in an hour, last 48 hours`.
    package var title: String
    package var series: [Series]
    package var bars: [Bar]
    package var marks: [Mark]
    /// What a figure counts: 1, or 100 for hundredths, which are shown with two decimals and have no sum.
    package var unit: Int

    package init(_ title: String, series: [Series], bars: [Bar], marks: [Mark] = [], unit: Int = 1) {
        self.title = title
        self.series = series
        self.bars = bars
        self.marks = marks
        self.unit = unit
    }

    func figure(_ value: Int) -> String {
        guard unit == 100 else { return value.grouped }
        return "\((value / 100).grouped).\(value % 100 < 10 ? "0" : "")\(value % 100)"
    }

    /// What stands in the legend beside a series: the sum, or the greatest where there is none.
    func legend(_ index: Int) -> String {
        guard unit == 100 else { return total(index).grouped }
        return "up to " + figure(bars.map { $0.values.indices.contains(index) ? $0.values[index] : 0 }.max() ?? 0)
    }

    func total(_ index: Int) -> Int { bars.reduce(0) { $0 + ($1.values.indices.contains(index) ? $1.values[index] : 0) } }

    /// What a screen reader says of the picture; the table has the figures.
    var summary: String {
        let totals = series.indices.map { "\(series[$0].name) \(legend($0))" }.joined(separator: ", ")
        return unit == 1 ? "\(title). In all: \(totals)." : "\(title). \(totals)."
    }

    var table: Table {
        let columns = [Table.Column("Time")] + series.map { Table.Column($0.name, isNumber: true) }
        return Table(
            title, columns, bars.map { bar in [Table.Cell(bar.label)] + bar.values.map { Table.Cell(figure($0)) } },
            empty: "No figures yet.")
    }
}

/// Draws a chart as SVG. Colours come from the style sheet, so that it fits light and dark.
struct ChartPicture {
    private let chart: Chart
    private let top: Int

    private static let width = 960.0
    private static let height = 220.0
    private static let left = 56.0
    private static let bottom = 24.0
    private static let headroom = 10.0

    init(_ chart: Chart) {
        self.chart = chart
        let highest = chart.bars.map { $0.values.reduce(0, +) }.max() ?? 0
        top = ChartPicture.roundedUp(max(highest, chart.marks.map(\.value).max() ?? 0))
    }

    /// The next of 1, 2, 5 · 10ⁿ, and not below 4.
    static func roundedUp(_ value: Int) -> Int {
        guard value > 4 else { return 4 }
        var unit = 1
        while unit <= Int.max / 10 {
            for step in [1, 2, 5] where unit * step >= value { return unit * step }
            unit *= 10
        }
        return value
    }

    private var plotHeight: Double { ChartPicture.height - ChartPicture.bottom - ChartPicture.headroom }
    private func y(_ value: Int) -> Double {
        ChartPicture.headroom + plotHeight * (1 - Double(value) / Double(top))
    }

    var svg: String {
        var text = """
            <svg viewBox="0 0 \(Int(ChartPicture.width)) \(Int(ChartPicture.height))" role="img" \
            aria-label="\(HTMLText.escape(chart.summary))">
            """
        for step in 0...2 { text += gridLine(top * step / 2) }
        let step = (ChartPicture.width - ChartPicture.left) / Double(max(chart.bars.count, 1))
        let labelled = max(1, Int((80 / step).rounded(.up)))
        for (number, bar) in chart.bars.enumerated() {
            let x = ChartPicture.left + Double(number) * step
            text += column(bar, x: x, width: step)
            if number % labelled == 0 {
                text += "<text x=\"\(ChartPicture.number(x))\" y=\"\(Int(ChartPicture.height) - 6)\">\(HTMLText.escape(bar.label))</text>"
            }
        }
        for mark in chart.marks { text += line(mark) }
        return text + "</svg>"
    }

    private func line(_ mark: Chart.Mark) -> String {
        let place = ChartPicture.number(y(mark.value))
        return """
            <line class="mark mark-\(mark.tone.rawValue)" x1="\(Int(ChartPicture.left))" x2="\(Int(ChartPicture.width))" y1="\(place)" y2="\(place)"/>\
            <text x="\(Int(ChartPicture.width))" y="\(ChartPicture.number(y(mark.value) - 4))" text-anchor="end">\(HTMLText.escape(mark.name))</text>
            """
    }

    private func gridLine(_ value: Int) -> String {
        let place = ChartPicture.number(y(value))
        return """
            <line class="axis" x1="\(Int(ChartPicture.left))" x2="\(Int(ChartPicture.width))" y1="\(place)" y2="\(place)"/>\
            <text x="\(Int(ChartPicture.left) - 6)" y="\(ChartPicture.number(y(value) + 4))" text-anchor="end">\(chart.figure(value))</text>
            """
    }

    private func column(_ bar: Chart.Bar, x: Double, width: Double) -> String {
        var text = ""
        var below = 0
        for (series, value) in zip(chart.series, bar.values) where value > 0 {
            let upper = y(below + value)
            text += """
                <rect class="bar-\(series.tone.rawValue)" x="\(ChartPicture.number(x + width * 0.08))" y="\(ChartPicture.number(upper))" \
                width="\(ChartPicture.number(width * 0.84))" height="\(ChartPicture.number(y(below) - upper))"/>
                """
            below += value
        }
        return text
    }

    /// With one decimal.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
