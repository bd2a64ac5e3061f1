import MailModel

/// The picture over time, as text and as SVG.
package enum SimulationPicture {
    private static let marks = Array(" ▁▂▃▄▅▆▇█")
    private static let columnsMax = 72

    /// Lines for a terminal: a row of bars each for what was submitted, delivered, refused and waits.
    package static func text(_ report: SimulationReport) -> [String] {
        guard let first = report.series.first, let last = report.series.last else { return [] }
        let rows: [(String, [Int])] = [
            ("submitted", report.series.map(\.submitted)), ("delivered", report.series.map(\.delivered)),
            ("refused", report.series.map(\.refused)), ("waiting", report.series.map(\.waiting)),
        ]
        var lines = rows.map { name, values in
            let columns = squeeze(values, isSum: name != "waiting")
            let most = columns.max() ?? 0
            let bars = columns.map { value in
                marks[most == 0 || value == 0 ? 0 : max(1, (value * (marks.count - 1) + most - 1) / most)]
            }
            return "\(name.padded(10)) \(String(bars)) most \(most)"
        }
        lines.append("\("".padded(10)) \(first.at.rfc3339) … \(last.at.rfc3339)")
        return lines
    }

    private static func squeeze(_ values: [Int], isSum: Bool) -> [Int] {
        let width = max(1, (values.count + columnsMax - 1) / columnsMax)
        return stride(from: 0, to: values.count, by: width).map { start in
            let part = values[start..<min(values.count, start + width)]
            return isSum ? part.reduce(0, +) : part.max() ?? 0
        }
    }

    /// A picture of its own, 720 × 240.
    package static func svg(_ report: SimulationReport) -> String {
        let (width, height) = (720, 200)
        let points = report.series
        let most = max(1, points.map { max($0.waiting, max($0.submitted, $0.delivered)) }.max() ?? 1)
        let refusedMost = max(1, points.map(\.refused).max() ?? 1)
        func line(_ values: [Int], _ top: Int, _ colour: String) -> String {
            let path = values.enumerated().map { index, value in
                "\(index * width / max(1, values.count - 1)),\(height - value * (height - 10) / top)"
            }
            return "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" points=\"\(path.joined(separator: " "))\"/>"
        }
        let words = [("delivered", "#2a7"), ("waiting", "#27c"), ("refused", "#c33")].enumerated().map { index, word in
            "<text x=\"\(10 + index * 110)\" y=\"225\" font-family=\"sans-serif\" font-size=\"13\" fill=\"\(word.1)\">\(word.0)</text>"
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 240\">"
            + line(points.map(\.delivered), most, "#2a7") + line(points.map(\.waiting), most, "#27c")
            + line(points.map(\.refused), refusedMost, "#c33") + words.joined() + "</svg>\n"
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
