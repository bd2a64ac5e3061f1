/// What the rules found, each rule once, with what matched first.
struct RuleHits {
    private(set) var hits: [(rule: ScanRule, matched: String)] = []

    /// `matched`: at most 120 characters are kept.
    mutating func add(_ rule: ScanRule, _ matched: String) {
        guard !hits.contains(where: { $0.rule == rule }) else { return }
        hits.append((rule, String(matched.prefix(120))))
    }

    static func of(_ facts: ScanFacts, _ knowledge: ScanKnowledge, isBulk: Bool) -> RuleHits {
        var hits = RuleHits()
        hits.lookAtLinks(facts, knowledge)
        hits.lookAtText(facts.content)
        hits.lookAtSender(facts)
        hits.lookAtFiles(facts.content)
        hits.lookAtForm(facts, isBulk: isBulk)
        return hits
    }
}
