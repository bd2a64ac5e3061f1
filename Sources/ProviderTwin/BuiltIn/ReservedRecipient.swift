/// A recipient whose local part asks the built-in receiver for a certain outcome, at any domain.
///
/// A tag after `+` is left aside (`bounce+order-17@` is `bounce@`), so that each test mail can have an address of its own.
/// Case does not matter. What is not in this table is an ordinary mailbox that takes everything.
///
/// | local part | what the receiver does | after the model of |
/// | --- | --- | --- |
/// | `bounce` | `550 5.1.1` to RCPT | an unknown mailbox (RFC 3463 X.1.1) |
/// | `full` | `452 4.2.2` to RCPT, always | a mailbox over its quota that may shrink |
/// | `full-forever` | `552 5.2.2` to RCPT | Gmail's and Exchange's final answer to a full mailbox |
/// | `slow`, `slow-N` | takes the message, says so N seconds after the dot (5; N is 1…600) | a content filter at work before the 250 |
/// | `greylist` | `451 4.7.1` to the first attempt of a pair of sender and recipient, taken after the window began | RFC 6647 |
/// | `throttle` | takes ten recipients a minute, then `450 4.2.1` until the minute is over | Gmail's receiving rate |
/// | `busy` | `421 4.3.2` to RCPT, then closes | a host that sheds load (RFC 5321 §3.8) |
/// | `refuse-NNN` | `NNN` (400…599, not 421) to RCPT | any refusal |
/// | `refuse-data-NNN` | `NNN` (400…599, not 421) to the dot | any refusal of content |
/// | `spam` | `550 5.7.1` to the dot | a content filter's refusal |
/// | `drop` | closes without a word after the dot; the message is not kept | a crash in DATA |
/// | `accept-then-drop` | keeps the message and closes before the 250 | a crash between acceptance and reply (RFC 1047) |
package enum ReservedRecipient: Hashable, Sendable {
    case bounce
    case full
    case fullForever
    /// 1…600.
    case slow(seconds: Int)
    case greylist
    case throttle
    case busy
    /// 400…599 without 421, at RCPT.
    case refuse(code: Int)
    /// 400…599 without 421, at the dot.
    case refuseData(code: Int)
    case spam
    case drop
    case acceptThenDrop

    /// Longest delay that a recipient can ask for, in seconds: the time-out for the final reply is 10 minutes (RFC 5321 §4.5.3.2.6).
    package static let slowSecondsMax = 600

    /// Nil for an ordinary mailbox.
    package init?(localPart: String) {
        let name = String(localPart.lowercased().prefix { $0 != "+" })
        switch name {
        case "bounce": self = .bounce
        case "full": self = .full
        case "full-forever": self = .fullForever
        case "slow": self = .slow(seconds: 5)
        case "greylist": self = .greylist
        case "throttle": self = .throttle
        case "busy": self = .busy
        case "spam": self = .spam
        case "drop": self = .drop
        case "accept-then-drop": self = .acceptThenDrop
        default:
            guard let reserved = ReservedRecipient.numbered(name) else { return nil }
            self = reserved
        }
    }

    /// The names that end in a number.
    private static func numbered(_ name: String) -> ReservedRecipient? {
        if let seconds = number(name, after: "slow-") {
            return (1...slowSecondsMax).contains(seconds) ? .slow(seconds: seconds) : nil
        }
        // 421 closes the connection by its meaning; `busy` is the recipient for that.
        if let code = number(name, after: "refuse-data-") {
            return (400...599).contains(code) && code != 421 ? .refuseData(code: code) : nil
        }
        if let code = number(name, after: "refuse-") {
            return (400...599).contains(code) && code != 421 ? .refuse(code: code) : nil
        }
        return nil
    }

    /// One to three digits after the prefix that fill the rest; nil for anything else.
    private static func number(_ name: String, after prefix: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.utf8.dropFirst(prefix.utf8.count)
        guard (1...3).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
