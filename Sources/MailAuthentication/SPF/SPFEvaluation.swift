import MailModel

/// One run through the records that are known so far (RFC 7208 §4.6).
struct SPFEvaluation {
    enum Stop: Error {
        case needs(SPF.Question)
        case temporary
        case permanent
    }

    let subject: SPF.Subject
    let answers: SPF.Answers
    private var lookups = 0
    private var voids = 0

    /// RFC 7208 §4.6.4.
    static let lookupsMax = 10
    static let voidsMax = 2
    private static let mxMax = 10
    /// Names of a client that are looked at.
    private static let namesMax = 10

    init(subject: SPF.Subject, answers: SPF.Answers) {
        self.subject = subject
        self.answers = answers
    }

    mutating func result(of domain: DomainName) throws(Stop) -> SPF.Result {
        guard let answer = answers.txt[domain] else { throw .needs(.txt(domain)) }
        guard case .records(let texts, _, _) = answer else {
            if case .failure = answer { throw .temporary }
            return .none
        }
        let found = texts.filter(SPFRecord.isRecord)
        guard let text = found.first else { return .none }
        guard found.count == 1, let record = SPFRecord(text) else { throw .permanent }
        for mechanism in record.mechanisms where try matches(mechanism, in: domain) { return mechanism.result }
        guard let redirect = record.redirect else { return .neutral }
        try look()
        guard let target = try target(redirect, in: domain) else { throw .permanent }
        let result = try result(of: target)
        // A record that leads nowhere is a mistake (RFC 7208 §6.1).
        if result == .none { throw .permanent }
        return result
    }

    private mutating func look() throws(Stop) {
        lookups += 1
        if lookups > SPFEvaluation.lookupsMax { throw .permanent }
    }

    private mutating func matches(_ mechanism: SPFRecord.Mechanism, in domain: DomainName) throws(Stop) -> Bool {
        switch mechanism.kind {
        case .all: return true
        case .ip4, .ip6: return mechanism.address.map { covers($0, mechanism) } ?? false
        case .include, .a, .mx, .ptr, .exists: try look()
        }
        guard let target = mechanism.domain.isEmpty ? domain : try target(mechanism.domain, in: domain) else { return false }
        switch mechanism.kind {
        case .include:
            switch try result(of: target) {
            case .pass: return true
            case .fail, .softfail, .neutral: return false
            case .temporaryError: throw .temporary
            case .permanentError, .none: throw .permanent
            }
        case .exists: return try addresses(of: target).contains { !$0.isV6 }
        case .a: return try addresses(of: target).contains { covers($0, mechanism) }
        case .mx: return try hosts(of: target).contains { covers($0, mechanism) }
        case .ptr: return try pointers().contains { $0.isWithin(target) }
        case .all, .ip4, .ip6: return false
        }
    }

    /// The client's names that lead back to it (RFC 7208 §5.5). A name of which DNS says nothing is passed over, as is DNS's silence.
    private func pointers() throws(Stop) -> [DomainName] {
        guard let answer = answers.pointers else { throw .needs(.pointers(subject.client)) }
        guard case .records(let names, _, _) = answer else { return [] }
        var proved: [DomainName] = []
        for name in names.prefix(SPFEvaluation.namesMax) {
            guard let answer = answers.addresses[name] else { throw .needs(.addresses(name)) }
            if case .records(let addresses, _, _) = answer, addresses.contains(subject.client) { proved.append(name) }
        }
        return proved
    }

    /// What `%{p}` stands for (RFC 7208 §7.3): the domain itself, a name below it, any name; or `unknown`.
    private func provedName(in domain: DomainName) throws(Stop) -> String {
        let names = try pointers()
        let best = names.first { $0 == domain } ?? names.first { $0.isWithin(domain) } ?? names.first
        return best?.text ?? "unknown"
    }

    private mutating func addresses(of name: DomainName) throws(Stop) -> [IPAddress] {
        guard let answer = answers.addresses[name] else { throw .needs(.addresses(name)) }
        return try records(answer)
    }

    private mutating func hosts(of name: DomainName) throws(Stop) -> [IPAddress] {
        guard let answer = answers.mx[name] else { throw .needs(.mx(name)) }
        let names = try records(answer).compactMap(\.exchange)
        if names.count > SPFEvaluation.mxMax { throw .permanent }
        var found: [IPAddress] = []
        for name in names {
            guard let answer = answers.addresses[name] else { throw .needs(.addresses(name)) }
            switch answer {
            case .records(let addresses, _, _): found += addresses
            case .noRecords: continue
            case .failure: throw .temporary
            }
        }
        return found
    }

    private mutating func records<Record>(_ answer: DNSAnswer<Record>) throws(Stop) -> [Record] {
        switch answer {
        case .records(let records, _, _): return records
        case .failure: throw .temporary
        case .noRecords:
            voids += 1
            if voids > SPFEvaluation.voidsMax { throw .permanent }
            return []
        }
    }

    private func covers(_ address: IPAddress, _ mechanism: SPFRecord.Mechanism) -> Bool {
        guard address.isV6 == subject.client.isV6 else { return false }
        let bits = address.isV6 ? mechanism.prefix6 : mechanism.prefix4
        let (one, other) = (address.octets, subject.client.octets)
        let whole = bits / 8
        guard one.prefix(whole) == other.prefix(whole) else { return false }
        return bits % 8 == 0 || (one[whole] ^ other[whole]) >> (8 - bits % 8) == 0
    }

    /// Nil where no name comes of it, which no look-up would find either (RFC 7208 §4.8).
    private func target(_ text: String, in domain: DomainName) throws(Stop) -> DomainName? {
        var macro = SPFMacro(subject: subject, domain: domain)
        if SPFMacro.usesProvedName(text) { macro.provedName = try provedName(in: domain) }
        guard var name = macro.expand(text) else { return nil }
        if name.hasSuffix(".") { name.removeLast() }
        // The left-most labels are dropped until it fits (RFC 7208 §7.3).
        while name.utf8.count > DomainName.bytesMax, let dot = name.firstIndex(of: ".") {
            name = String(name[name.index(after: dot)...])
        }
        return DomainName(asking: name)
    }
}
