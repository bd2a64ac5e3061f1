import MailModel

/// Gathers the picture over time in intervals of equal length, at most `pointsMax`: when there are too many, two become one.
struct SeriesMaker: Sendable {
    static let pointsMax = 192

    private let start: Timestamp
    private var interval = Duration.seconds(60)
    private(set) var points: [SimulationReport.Point] = []

    init(start: Timestamp) { self.start = start }

    mutating func add(submitted: Int = 0, delivered: Int = 0, refused: Int = 0, waiting: Int, at now: Timestamp) {
        let index = place(of: now)
        points[index].submitted += submitted
        points[index].delivered += delivered
        points[index].refused += refused
        points[index].waiting = waiting
    }

    private mutating func place(of now: Timestamp) -> Int {
        var index = Int((now - start).milliseconds / interval.milliseconds)
        while index >= SeriesMaker.pointsMax {
            merge()
            index = Int((now - start).milliseconds / interval.milliseconds)
        }
        while points.count <= index {
            let waiting = points.last?.waiting ?? 0
            points.append(
                SimulationReport.Point(at: start + .milliseconds(Int64(points.count) * interval.milliseconds), waiting: waiting))
        }
        return index
    }

    private mutating func merge() {
        interval = interval * 2
        points = stride(from: 0, to: points.count, by: 2).map { index in
            var point = points[index]
            guard index + 1 < points.count else { return point }
            point.submitted += points[index + 1].submitted
            point.delivered += points[index + 1].delivered
            point.refused += points[index + 1].refused
            point.waiting = points[index + 1].waiting
            return point
        }
    }
}
