package import MailModel

extension TraceRow {
    /// A principal as the trace names senders: an account by its address alone.
    static func sender(ofPrincipal principal: String) -> String {
        principal.hasPrefix("account:") ? String(principal.dropFirst(8)) : principal
    }

    /// A queued recipient with a failed attempt behind it is `deferred`.
    package static func status(_ state: RecipientState, attempts: Int) -> String {
        state == .queued && attempts > 0 ? "deferred" : state.name
    }
}

/// The filters of a query in the form in which rows are held against them: without case.
struct TraceMatch {
    /// One party of a row.
    enum Party {
        case name(String)
        case domain(String)

        /// `sender`: a domain stands with `@` before it, or with a dot in it and nothing that no domain has.
        init(_ text: String) {
            let isMarked = text.hasPrefix("@")
            let name = DomainName(isMarked ? text.dropFirst() : text[...])
            if let name, isMarked || text.contains(".") { self = .domain(name.text) } else { self = .name(text.lowercased()) }
        }

        init(recipient text: String) {
            self = Party(text)
            if case .name(let name) = self { self = .name(EmailAddress(text)?.key ?? name) }
        }

        var name: String? { if case .name(let name) = self { name } else { nil } }
        var domain: String? { if case .domain(let domain) = self { domain } else { nil } }

        /// `party` in lower case.
        func matches(_ party: String) -> Bool {
            switch self {
            case .name(let name): party == name
            case .domain(let domain): TraceWords.domain(of: party) == domain
            }
        }
    }

    let sender: Party?
    let recipient: Party?
    let address: Party?
    let headerMessageID: String?
    let headerMessageIDPrefix: String?
    let words: [TraceTerm]
    let since: Timestamp?
    let until: Timestamp?
    let status: String?
    let before: (MessageID, Int32)?

    init(_ query: TraceQuery) {
        sender = query.sender.map { Party($0) }
        recipient = query.recipient.map(Party.init(recipient:))
        address = query.address.map(Party.init(recipient:))
        headerMessageID = query.headerMessageID
        headerMessageIDPrefix = query.headerMessageIDPrefix
        words = TraceMatch.terms(query.words ?? "")
        since = query.since
        until = query.until
        status = query.status
        before = query.before.map { ($0.message, $0.index) }
    }

    /// The last one may go on, unless something stands behind it.
    private static func terms(_ text: String) -> [TraceTerm] {
        var terms = TraceWords.split(text).map { TraceTerm(word: $0) }
        if let last = text.last, last.isLetter || last.isNumber, !terms.isEmpty { terms[terms.count - 1].isBeginning = true }
        return terms
    }

    /// What a filter must hold for its messages to be read, one of each group; empty where only the rows themselves tell.
    var keys: [[TraceKey]] {
        var keys: [[TraceKey]] = []
        if let name = sender?.name { keys.append([.sender(name)]) }
        if let name = recipient?.name { keys.append([.recipient(name)]) }
        if let name = address?.name { keys.append([.sender(name), .recipient(name)]) }
        if let headerMessageID { keys.append([.headerMessageID(headerMessageID)]) }
        return keys
    }

    /// What the index of words must say of a message, one of each group; empty where it need not be asked.
    var terms: [[TraceTerm]] {
        var terms = words.map { [$0] }
        if let domain = sender?.domain { terms.append([TraceTerm(word: TraceWords.senderDomain(domain))]) }
        if let domain = recipient?.domain { terms.append([TraceTerm(word: TraceWords.recipientDomain(domain))]) }
        if let domain = address?.domain {
            terms.append([TraceTerm(word: TraceWords.senderDomain(domain)), TraceTerm(word: TraceWords.recipientDomain(domain))])
        }
        if let headerMessageIDPrefix, !headerMessageIDPrefix.isEmpty {
            terms.append([TraceTerm(word: TraceWords.headerMessageID(headerMessageIDPrefix), isBeginning: true)])
        }
        return terms
    }

    /// Raw values of the states that `status` can mean; all where it names none.
    var states: ClosedRange<Int> {
        guard let status else { return 0...6 }
        if status == "deferred" { return 0...0 }
        return RecipientState(name: status).map { $0.rawValue...$0.rawValue } ?? 0...6
    }

    func isBefore(_ message: MessageID, _ index: Int32) -> Bool { before.map { (message, index) < $0 } ?? true }

    /// `queued` finds deferred recipients as well.
    func allows(status rowStatus: String) -> Bool {
        status.map { $0 == rowStatus || ($0 == "queued" && rowStatus == "deferred") } ?? true
    }

    /// `reply`: as the row's column has it.
    func allows(_ row: TraceRow, recipientKey: String, reply: String?) -> Bool {
        if let since, row.time < since { return false }
        if let until, row.time > until { return false }
        if let recipient, !recipient.matches(recipientKey) { return false }
        if let headerMessageID, headerMessageID != row.headerMessageID { return false }
        if let headerMessageIDPrefix, !row.headerMessageID.hasPrefix(headerMessageIDPrefix) { return false }
        if let sender, !isSender(sender, row) { return false }
        if let address, !address.matches(recipientKey), !isSender(address, row) { return false }
        return hasWords(row, reply)
    }

    private func isSender(_ party: Party, _ row: TraceRow) -> Bool {
        party.matches(row.sender.lowercased()) || party.matches(row.reversePath.lowercased())
    }

    private func hasWords(_ row: TraceRow, _ reply: String?) -> Bool {
        guard !words.isEmpty else { return true }
        let held = TraceWords.split(row.subject) + TraceWords.split(reply ?? "")
        return words.allSatisfy { term in held.contains { term.isBeginning ? $0.hasPrefix(term.word) : $0 == term.word } }
    }
}
