import Foundation
import MailModel
import OutboundPolicy

/// What rspamd says of a message (`/checkv2`, its protocol version 2).
struct RspamdAnswer: Hashable, Sendable {
    struct Symbol: Hashable, Sendable {
        var name: String
        var score: Double
    }

    var score: Double
    /// The score from which it would reject.
    var requiredScore: Double
    /// `no action`, `greylist`, `add header`, `rewrite subject`, `soft reject`, `reject`.
    var action: String
    /// Those with a score, heaviest first, of either sign.
    var symbols: [Symbol]

    /// Nil for what is no answer of rspamd.
    init?(_ body: [UInt8]) {
        guard let read = try? JSONDecoder().decode(Body.self, from: Data(body)), read.score.isFinite, let required = read.requiredScore,
            required.isFinite, required > 0
        else { return nil }
        (score, requiredScore, action) = (read.score, required, String(read.action.prefix(40)))
        symbols = (read.symbols ?? [:]).compactMap { name, symbol in
            guard let score = symbol.score, score.isFinite, score != 0 else { return nil }
            return Symbol(name: String(name.prefix(60)), score: score)
        }.sorted { (abs($0.score), $1.name) > (abs($1.score), $0.name) }
    }

    private struct Body: Decodable {
        struct Symbol: Decodable {
            var score: Double?
        }

        var score: Double
        var requiredScore: Double?
        var action: String
        var symbols: [String: Symbol]?

        enum CodingKeys: String, CodingKey {
            case score, action, symbols
            case requiredScore = "required_score"
        }
    }

    static let rule = "scan.second-opinion"
    private static let symbolsMax = 8

    /// As a part of the verdict. `weight`: what a message gains that it would just reject; never more than one and a half times of that, nor less than a quarter below nothing.
    func finding(weight: Double) -> ScoredFinding {
        let share = min(1.5, max(-0.25, score / requiredScore))
        let shown = symbols.prefix(RspamdAnswer.symbolsMax).map { "\($0.name) \(RspamdAnswer.text($0.score))" }.joined(separator: " · ")
        return ScoredFinding(
            finding: Finding(
                rule: RspamdAnswer.rule, matched: shown,
                explanation: "rspamd gives it \(RspamdAnswer.text(score)) of \(RspamdAnswer.text(requiredScore)), and says: \(action)."),
            weight: (weight * share * 10).rounded() / 10)
    }

    private static func text(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
