import MailModel
package import OutboundPolicy

/// What is wrong with a rule.
package struct RuleMistake: Hashable, Sendable, Codable {
    package var rule: String
    package var text: String
}

/// The rules of one directory version, in the order in which they are tried: the administrator's own by name, then the default set.
package struct RuleTable: Sendable {
    private struct Entry: Sendable {
        var rule: DeliveryRule
        var pattern: ReplyPattern
        var isOwn: Bool
    }

    private let entries: [Entry]

    package init(_ directory: Directory) { self.init(own: Array(directory.deliveryRules.values)) }

    package init(own: [DeliveryRule]) {
        let own = own.sorted { $0.name < $1.name }
        let names = Set(own.map(\.name))
        // A rule that stands in for one of the default set stands where that does.
        let byName = Dictionary(own.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
        let defaults = DefaultRules.all
        let defaultNames = Set(defaults.map(\.name))
        let ordered =
            own.filter { !defaultNames.contains($0.name) }.map { ($0, true) }
            + defaults.map { rule in names.contains(rule.name) ? (byName[rule.name] ?? rule, true) : (rule, false) }
        entries = ordered.map { Entry(rule: $0.0, pattern: ReplyPattern($0.0.words), isOwn: $0.1) }
    }

    /// In order. `isOwn`: put by an administrator.
    package var rules: [(rule: DeliveryRule, isOwn: Bool)] { entries.map { ($0.rule, $0.isOwn) } }

    /// What the rule of a name does; nil where there is none.
    package func action(ofRule name: String) -> DeliveryRule.Action? { entries.first { $0.rule.name == name }?.rule.action }

    /// The first rule that fits; nil for none. `text`: the reply as one text, with its codes.
    package func match(_ text: String, from provider: MailProvider?, without excluded: String? = nil) -> DeliveryRule? {
        guard let reply = ReplyText.readings(of: text).last?.text else { return nil }
        return entries.first { entry in
            !entry.rule.isDisabled && entry.rule.name != excluded && RuleTable.fits(entry.rule, entry.pattern, reply, provider)
        }?.rule
    }

    private static func fits(_ rule: DeliveryRule, _ pattern: ReplyPattern, _ reply: ReplyText, _ provider: MailProvider?) -> Bool {
        if let wanted = rule.provider, wanted != provider { return false }
        if !rule.codes.isEmpty {
            guard let code = reply.code, rule.codes.contains(where: { $0 < 10 ? code / 100 == $0 : code == $0 }) else { return false }
        }
        if !rule.enhanced.isEmpty {
            guard let code = reply.enhanced.first?.description else { return false }
            let isMeant = rule.enhanced.contains { $0.hasSuffix(".") ? code.hasPrefix($0) : code == $0 }
            guard isMeant else { return false }
        }
        return pattern.matches(reply)
    }

    // MARK: - Proof

    /// Every rule against its own texts, as the whole set decides them; empty where all is well. A rule that no text reaches is a mistake.
    package func mistakes() -> [RuleMistake] {
        var mistakes: [RuleMistake] = []
        var names: Set<String> = []
        for entry in entries where !entry.rule.isDisabled {
            let rule = entry.rule
            func mistake(_ text: String) { mistakes.append(RuleMistake(rule: rule.name, text: text)) }
            if !names.insert(rule.name).inserted { mistake("another rule has this name") }
            if let text = rule.mistake { mistake(text) }
            if rule.matches.isEmpty { mistake("it has no text that it must match, so nobody knows whether it can") }
            if rule.differs.isEmpty { mistake("it has no text that it must not match") }
            for text in rule.matches {
                guard let found = match(text, from: rule.provider) else {
                    mistake("it does not match: \(text)")
                    continue
                }
                if found.name != rule.name { mistake("rule \(found.name) comes first, and decides: \(text)") }
            }
            for text in rule.differs where match(text, from: rule.provider)?.name == rule.name {
                mistake("it matches what it must not: \(text)")
            }
        }
        return mistakes
    }
}

extension DeliveryRule {
    /// What cannot be; nil where all is well.
    package var mistake: String? {
        if name.isEmpty || name.utf8.count > 100 { return "a name has 1 to 100 octets" }
        if let code = codes.first(where: { !($0 == 4 || $0 == 5 || (400...599).contains($0)) }) { return "\(code) is no code of a failure" }
        if action.lasts, !(1...2_678_400).contains(seconds) { return "how long it lasts: 1 to 2678400 seconds" }
        if !(1...1000).contains(trigger.count) { return "a trigger of \(trigger.count) replies is not within 1…1000" }
        if trigger.count > 1, !(1...86_400).contains(trigger.seconds) { return "a trigger's period: 1 to 86400 seconds" }
        if codes.isEmpty, enhanced.isEmpty, words.isEmpty { return "it would match everything" }
        return nil
    }
}

/// Counts replies of rules that act on the so-and-so-manieth.
struct RuleWatch: Sendable {
    private struct Key: Hashable, Sendable {
        var rule: String
        var subject: String
    }

    private var seen: [Key: [Timestamp]] = [:]
    private static let keysMax = 5000

    /// True where the rule acts now. `subject`: what its action would be for.
    mutating func met(_ rule: DeliveryRule, subject: String, at now: Timestamp) -> Bool {
        guard rule.trigger.count > 1 else { return true }
        let key = Key(rule: rule.name, subject: subject)
        if seen.count >= RuleWatch.keysMax, seen[key] == nil { seen.removeAll() }
        var times = seen[key, default: []].filter { $0 + .seconds(rule.trigger.seconds) > now }
        times.append(now)
        let isMet = times.count >= rule.trigger.count
        seen[key] = isMet ? nil : times
        return isMet
    }
}
