package import MailModel

/// Whether what comes back of the first people lets the rest go.
package struct CanaryGate: Hashable, Sendable {
    /// Of the campaign so far.
    package struct Figures: Hashable, Sendable {
        package var handed: Int
        /// In the queue still, deferred ones among them.
        package var open: Int
        package var deferred: Int
        package var delivered: Int
        package var hardBounces: Int
        package var complaints: Int

        package init(handed: Int, open: Int, deferred: Int, delivered: Int, hardBounces: Int, complaints: Int) {
            self.handed = handed
            self.open = open
            self.deferred = deferred
            self.delivered = delivered
            self.hardBounces = hardBounces
            self.complaints = complaints
        }
    }

    package enum Verdict: Hashable, Sendable {
        case wait
        case goOn
        /// In one sentence.
        case hold(String)
    }

    /// Percent of those that arrived or came back (campaign-tools §3f: hold 4 % and 0.2 %).
    package var hardBouncesMax = 4.0
    package var complaintsMax = 0.2
    /// Percent of all that were handed over.
    package var deferredMax = 30.0
    /// Fewer do not count: one of fifty is no rate.
    package var bouncesMin = 3
    package var complaintsMin = 2
    package var deferredMin = 5

    package init() {}

    /// What holds a campaign at any time; nil for nothing.
    package func problem(_ figures: Figures) -> String? {
        let ended = figures.delivered + figures.hardBounces
        if figures.hardBounces >= bouncesMin, percent(figures.hardBounces, of: ended) >= hardBouncesMax {
            return "\(figures.hardBounces) of \(ended) addresses do not exist: more than \(text(hardBouncesMax)) %. "
                + "The list is not clean, and receivers block senders of such lists."
        }
        if figures.complaints >= complaintsMin, percent(figures.complaints, of: figures.delivered) >= complaintsMax {
            return "\(figures.complaints) of \(figures.delivered) people complained of spam: more than \(text(complaintsMax)) %. "
                + "Gmail and Yahoo block senders from 0.3 % on."
        }
        if figures.deferred >= deferredMin, percent(figures.deferred, of: figures.handed) >= deferredMax {
            return "\(figures.deferred) of \(figures.handed) copies are put off by their receivers: more than \(text(deferredMax)) %. "
                + "They slow down senders that they do not trust."
        }
        return nil
    }

    /// After the last of the canary was handed over.
    package func verdict(_ figures: Figures, handedAt: Timestamp, waitMinutes: Int, at now: Timestamp) -> Verdict {
        if let problem = problem(figures) { return .hold(problem) }
        // What is put off for hours does not keep the rest back: it is below the threshold.
        guard figures.open == figures.deferred || figures.open == 0 else { return .wait }
        return now >= handedAt + .seconds(Int64(waitMinutes) * 60) ? .goOn : .wait
    }

    private func percent(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) * 100 / Double(whole) : 0 }
    private func text(_ percent: Double) -> String { percent == percent.rounded() ? "\(Int(percent))" : "\(percent)" }
}
