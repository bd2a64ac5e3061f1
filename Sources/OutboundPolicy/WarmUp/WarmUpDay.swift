/// What a day of a warm-up could have, and what happened on it.
package struct WarmUpDay: Hashable, Sendable, Codable {
    /// Since 1970 (UTC).
    package var day: Int64
    /// Messages; nil where the source was warm.
    package var cap: Int?
    /// Pauses and set-backs with their reasons, in order.
    package var texts: [String]

    package init(day: Int64, cap: Int?, texts: [String] = []) {
        self.day = day
        self.cap = cap
        self.texts = texts
    }

    /// As many days as what left is counted for.
    package static let kept = 60
    package static let textsMax = 8
}
