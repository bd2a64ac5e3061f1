package import MailModel

/// All that a domain's SPF record leads to, as a tree: what it costs, and what is wrong with it. Unlike a check of one address it follows
/// every branch, since some address takes each of them.
package struct SPFSurvey: Hashable, Sendable {
    package enum Fault: String, Hashable, Sendable, Codable {
        /// No record where one has to be: the target of `include` or `redirect`.
        case missing
        /// More than one record.
        case several
        /// It cannot be read.
        case unreadable
        /// It leads back to itself.
        case loop
        /// DNS did not say.
        case unanswered
    }

    /// One record, or one term of a record.
    package struct Node: Hashable, Sendable {
        /// `example.org`, `include:_spf.example.net`, `ip4:192.0.2.0/24`, `-all`.
        package var term: String
        /// Of the record, or of what `include` and `redirect` lead to; empty for other terms.
        package var record = ""
        package var fault: Fault?
        /// Look-ups that it costs, those below included.
        package var lookups = 0
        /// Look-ups that find nothing, those below included.
        package var voids = 0
        package var children: [Node] = []
    }

    package enum Step: Hashable, Sendable {
        case ask(SPF.Question)
        case done(SPFSurvey)
    }

    package var root: Node
    /// What the record's end says of all others: `-`, `~`, `?`, `+`; empty where there is no `all`.
    package var allQualifier: String
    /// Whether `ptr` stands anywhere.
    package var usesPointer: Bool

    package var lookups: Int { root.lookups }
    package var voids: Int { root.voids }

    package static let lookupsMax = SPFEvaluation.lookupsMax
    package static let voidsMax = SPFEvaluation.voidsMax
    /// Records that are read of one domain's tree, and how deep it goes. What costs more is cut off: it is far past what receivers follow.
    private static let recordsMax = 60
    private static let depthMax = 12
    package static let questionsMax = 400

    /// Looks at everything anew: what was answered costs nothing.
    package static func step(_ domain: DomainName, _ answers: SPF.Answers) -> Step {
        var walk = SPFSurveyWalk(answers: answers, recordsLeft: recordsMax, depthMax: depthMax)
        do throws(SPFSurveyWalk.Needs) {
            let root = try walk.record(domain, term: domain.text, path: [], isMain: true)
            return .done(SPFSurvey(root: root, allQualifier: walk.allQualifier, usesPointer: walk.usesPointer))
        } catch {
            return .ask(error.question)
        }
    }

    /// The tree as text, a line for each node, two spaces for each step down. Marks: `[3]` look-ups, `void`, and faults.
    package var picture: [String] { SPFSurvey.lines(root, depth: 0) }

    private static func lines(_ node: Node, depth: Int) -> [String] {
        var line = String(repeating: "  ", count: depth) + node.term
        if node.lookups > 0 { line += "  [\(node.lookups) \(node.lookups == 1 ? "look-up" : "look-ups")]" }
        if node.voids > 0, node.children.isEmpty { line += "  void" }
        if let fault = node.fault { line += "  \(fault.words)" }
        return [line] + node.children.flatMap { lines($0, depth: depth + 1) }
    }

    /// All nodes, from the top down.
    package var nodes: [Node] {
        func all(_ node: Node) -> [Node] { [node] + node.children.flatMap(all) }
        return all(root)
    }
}

extension SPFSurvey.Fault {
    /// One clause.
    package var words: String {
        switch self {
        case .missing: "has no SPF record"
        case .several: "has more than one SPF record"
        case .unreadable: "cannot be read"
        case .loop: "leads back to itself"
        case .unanswered: "DNS gave no answer"
        }
    }
}

/// One run over the tree, as far as it is known.
struct SPFSurveyWalk {
    struct Needs: Error {
        var question: SPF.Question
    }

    let answers: SPF.Answers
    var recordsLeft: Int
    let depthMax: Int
    private(set) var allQualifier = ""
    private(set) var usesPointer = false

    init(answers: SPF.Answers, recordsLeft: Int, depthMax: Int) {
        self.answers = answers
        self.recordsLeft = recordsLeft
        self.depthMax = depthMax
    }

    /// `isMain`: it speaks for the domain itself, directly or through `redirect`, and not through `include`.
    mutating func record(
        _ domain: DomainName, term: String, path: [DomainName], isMain: Bool
    ) throws(Needs) -> SPFSurvey.Node {
        var node = SPFSurvey.Node(term: term)
        guard !path.contains(domain) else {
            node.fault = .loop
            return node
        }
        recordsLeft -= 1
        guard recordsLeft >= 0, path.count < depthMax else { return node }
        guard let answer = answers.txt[domain] else { throw Needs(question: .txt(domain)) }
        guard case .records(let texts, _, _) = answer else {
            if case .failure = answer { node.fault = .unanswered } else { node.fault = .missing }
            return node
        }
        let found = texts.filter(SPFRecord.isRecord)
        guard let text = found.first else {
            node.fault = .missing
            return node
        }
        node.record = text
        guard found.count == 1, let record = SPFRecord(text) else {
            node.fault = found.count > 1 ? .several : .unreadable
            return node
        }
        let below = path + [domain]
        for mechanism in record.mechanisms {
            add(try self.node(of: mechanism, in: domain, path: below), to: &node)
            guard mechanism.kind == .all else { continue }
            if isMain { allQualifier = mechanism.qualifier }
            // What stands behind `all` is never looked at.
            return node
        }
        if let redirect = record.redirect {
            var child = SPFSurvey.Node(term: "redirect=\(redirect)")
            if let target = plain(redirect) { child = try self.record(target, term: child.term, path: below, isMain: isMain) }
            child.lookups += 1
            add(child, to: &node)
        }
        return node
    }

    private func add(_ child: SPFSurvey.Node, to node: inout SPFSurvey.Node) {
        node.children.append(child)
        node.lookups += child.lookups
        node.voids += child.voids
    }

    private mutating func node(
        of mechanism: SPFRecord.Mechanism, in domain: DomainName, path: [DomainName]
    ) throws(Needs) -> SPFSurvey.Node {
        var node = SPFSurvey.Node(term: mechanism.text)
        let target = mechanism.domain.isEmpty ? domain : plain(mechanism.domain)
        switch mechanism.kind {
        case .all, .ip4, .ip6: break
        case .include:
            if let target { node = try record(target, term: mechanism.text, path: path, isMain: false) }
            node.lookups += 1
            // A target without a record is a mistake, and a look-up that finds nothing.
            if node.fault == .missing { node.voids += 1 }
        case .ptr:
            usesPointer = true
            node.lookups = 1
        case .a, .exists:
            node.lookups = 1
            // A name with macros is another one for each message.
            guard let target else { break }
            guard let answer = answers.addresses[target] else { throw Needs(question: .addresses(target)) }
            if case .noRecords = answer, mechanism.kind == .a { node.voids = 1 }
            if case .failure = answer { node.fault = .unanswered }
        case .mx:
            node.lookups = 1
            guard let target else { break }
            guard let answer = answers.mx[target] else { throw Needs(question: .mx(target)) }
            if case .noRecords = answer { node.voids = 1 }
            if case .failure = answer { node.fault = .unanswered }
        }
        return node
    }

    /// Nil for a name with macros.
    private func plain(_ text: String) -> DomainName? { text.contains("%") ? nil : DomainName(text) }
}

extension SPFRecord.Mechanism {
    var qualifier: String {
        switch result {
        case .fail: "-"
        case .softfail: "~"
        case .neutral: "?"
        default: "+"
        }
    }

    /// As it stands in a record, in lower case and without what goes without saying.
    var text: String {
        var text = (qualifier == "+" && kind != .all ? "" : qualifier) + kind.rawValue
        if let address {
            text += ":\(address)"
            let length = address.isV6 ? prefix6 : prefix4
            return length == address.bitCount ? text : text + "/\(length)"
        }
        if !domain.isEmpty { text += ":\(domain)" }
        if prefix4 != 32 { text += "/\(prefix4)" }
        if prefix6 != 128 { text += "//\(prefix6)" }
        return text
    }
}
