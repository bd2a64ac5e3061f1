package import MailModel

/// A part of a list: a condition on what is known of each person.
///
///     city = "Fort Collins" and not (role in (student, alumni)) and joined within 90 days and consent is valid
///
/// Terms: `NAME = VALUE`, `NAME != VALUE`, `NAME contains VALUE`, `NAME in (VALUE, …)`, `has NAME`, `domain = VALUE`, `joined within N days`,
/// `active within N days`, `consent is none|pending|valid|expired|withdrawn`; joined by `and`, `or`, `not` and parentheses. Case counts nowhere.
package indirect enum Segment: Hashable, Sendable {
    case equals(attribute: String, [String])
    case contains(attribute: String, String)
    case has(attribute: String)
    case domain([String])
    case joinedWithin(days: Int)
    case activeWithin(days: Int)
    case consent(ConsentState)
    case not(Segment)
    case all([Segment])
    case any([Segment])

    /// How deep conditions may stand within each other.
    package static let depthMax = 20
    package static let octetsMax = 4096

    /// Throws `SegmentError`.
    package init(_ text: String) throws {
        guard text.utf8.count <= Segment.octetsMax else { throw SegmentError("is longer than \(Segment.octetsMax) octets", at: 1) }
        var reader = try SegmentReader(text)
        self = try reader.alternatives(depth: 0)
        try reader.end()
    }

    package func matches(_ facts: SubscriberFacts, at now: Timestamp) -> Bool {
        func value(_ name: String) -> String { facts.subscriber.attributes[name]?.lowercased() ?? "" }
        switch self {
        case .equals(let name, let values): return values.contains(value(name))
        case .contains(let name, let part): return value(name).contains(part)
        case .has(let name): return !value(name).isEmpty
        case .domain(let names): return names.contains(facts.subscriber.address.host.description)
        case .joinedWithin(let days): return facts.subscriber.addedAt > now - .seconds(days * 86_400)
        case .activeWithin(let days): return facts.activeAt.map { $0 > now - .seconds(days * 86_400) } ?? false
        case .consent(let state): return facts.consent == state
        case .not(let part): return !part.matches(facts, at: now)
        case .all(let parts): return parts.allSatisfy { $0.matches(facts, at: now) }
        case .any(let parts): return parts.contains { $0.matches(facts, at: now) }
        }
    }
}

/// What is wrong with the text of a segment.
package struct SegmentError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problem: String
    /// The character that it was found at, from 1 on.
    package var column: Int

    init(_ problem: String, at column: Int) {
        self.problem = problem
        self.column = column
    }

    package var description: String { "the segment \(problem) (at character \(column))" }
}

private struct SegmentReader {
    private struct Token {
        var text: String
        var column: Int
        /// A text between quotes is never a word of the grammar.
        var isQuoted = false
    }

    private var tokens: [Token] = []
    private var place = 0
    private let length: Int

    init(_ text: String) throws {
        let characters = Array(text)
        length = characters.count
        var index = 0
        while index < characters.count {
            let start = index
            switch characters[index] {
            case " ", "\t", "\n": index += 1
            case "(", ")", ",", "=":
                tokens.append(Token(text: String(characters[index]), column: start + 1))
                index += 1
            case "!":
                guard index + 1 < characters.count, characters[index + 1] == "=" else {
                    throw SegmentError("holds a lone !", at: start + 1)
                }
                tokens.append(Token(text: "!=", column: start + 1))
                index += 2
            case "\"":
                guard let end = characters[(index + 1)...].firstIndex(of: "\"") else {
                    throw SegmentError("has a quote that is not closed", at: start + 1)
                }
                tokens.append(Token(text: String(characters[(index + 1)..<end]), column: start + 1, isQuoted: true))
                index = end + 1
            default:
                while index < characters.count, !" \t\n(),=!\"".contains(characters[index]) { index += 1 }
                tokens.append(Token(text: String(characters[start..<index]), column: start + 1))
            }
        }
    }

    mutating func alternatives(depth: Int) throws -> Segment {
        guard depth <= Segment.depthMax else { throw SegmentError("stands too deep within itself", at: column) }
        var parts = [try conjunction(depth: depth)]
        while take("or") { parts.append(try conjunction(depth: depth)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction(depth: Int) throws -> Segment {
        var parts = [try term(depth: depth)]
        while take("and") { parts.append(try term(depth: depth)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func term(depth: Int) throws -> Segment {
        guard depth <= Segment.depthMax else { throw SegmentError("stands too deep within itself", at: column) }
        if take("not") { return .not(try term(depth: depth + 1)) }
        if take("(") {
            let inner = try alternatives(depth: depth + 1)
            try expect(")")
            return inner
        }
        if take("has") { return .has(attribute: try word("the name of an attribute")) }
        let name = try word("the name of an attribute")
        if name == "joined" || name == "active", take("within") {
            let start = column
            guard let days = Int(try word("a number of days")), (1...36_500).contains(days) else {
                throw SegmentError("needs a number of days of 1 to 36500", at: start)
            }
            if !take("days") { try expect("day") }
            return name == "joined" ? .joinedWithin(days: days) : .activeWithin(days: days)
        }
        if name == "consent", take("is") {
            let start = column
            guard let state = ConsentState(rawValue: try word("a state of consent")) else {
                throw SegmentError("needs none, pending, valid, expired or withdrawn", at: start)
            }
            return .consent(state)
        }
        func made(_ values: [String]) -> Segment { name == "domain" ? .domain(values) : .equals(attribute: name, values) }
        if take("=") { return made([try word("a value")]) }
        if take("!=") { return .not(made([try word("a value")])) }
        if take("contains") { return .contains(attribute: name, try word("a value")) }
        try expect("in", "=, !=, contains or in")
        try expect("(")
        var values = [try word("a value")]
        while take(",") { values.append(try word("a value")) }
        try expect(")")
        return made(values)
    }

    func end() throws {
        guard place == tokens.count else { throw SegmentError("goes on with \"\(tokens[place].text)\" where it should end", at: column) }
    }

    private var column: Int { place < tokens.count ? tokens[place].column : length + 1 }

    private mutating func take(_ word: String) -> Bool {
        guard place < tokens.count, !tokens[place].isQuoted, tokens[place].text.lowercased() == word else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ word: String, _ meaning: String? = nil) throws {
        if !take(word) { throw SegmentError("needs \(meaning ?? word)", at: column) }
    }

    /// In lower case.
    private mutating func word(_ meaning: String) throws -> String {
        guard place < tokens.count, tokens[place].isQuoted || !["(", ")", ",", "=", "!="].contains(tokens[place].text) else {
            throw SegmentError("needs \(meaning)", at: column)
        }
        place += 1
        return tokens[place - 1].text.lowercased()
    }
}
