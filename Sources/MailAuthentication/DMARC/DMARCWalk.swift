package import MailModel

/// From a domain up to the records that speak for it (the tree walk of RFC 9989 §4.10), as a function of DNS answers.
package struct DMARCWalk: Hashable, Sendable {
    /// A record on the way, and where it stood.
    package struct Found: Hashable, Sendable {
        package var domain: DomainName
        package var text: String
        package var record: DMARCRecord
    }

    package enum Step: Hashable, Sendable {
        /// The TXT records of `_dmarc.` before this, to be asked for; then again with the answer beside the others.
        case ask(DomainName)
        case done(DMARCWalk)
    }

    /// The domain that it began with.
    package var start: DomainName
    /// From the bottom up, one for each domain that has exactly one.
    package var found: [Found]
    /// Domains with more than one record, which count as having none.
    package var doubled: [DomainName]
    /// Domains whose records DNS did not say.
    package var unknown: [DomainName]

    /// Questions of one walk: the domain's own, and seven above it.
    package static let questionsMax = 8

    /// The name whose TXT records are asked for.
    package static func name(of domain: DomainName) -> DomainName? { DomainName("_dmarc.\(domain)") }

    /// `answers`: TXT records by the domain that they are about (not by `_dmarc.`). Looks at all of them anew.
    package static func step(_ domain: DomainName, _ answers: [DomainName: DNSAnswer<String>]) -> Step {
        var walk = DMARCWalk(start: domain, found: [], doubled: [], unknown: [])
        for place in places(from: domain) {
            // A name so long that no record fits before it has none.
            guard name(of: place) != nil else { continue }
            guard let answer = answers[place] else { return .ask(place) }
            guard case .records(let texts, _, _) = answer else {
                if case .failure = answer { walk.unknown.append(place) }
                continue
            }
            let records = texts.compactMap { text in DMARCRecord(text).map { Found(domain: place, text: text, record: $0) } }
            if records.count > 1 { walk.doubled.append(place) }
            guard records.count == 1, let found = records.first else { continue }
            walk.found.append(found)
            if found.record.suffixMark != .unknown { break }
        }
        return .done(walk)
    }

    /// The domain and those above it. Of a name with more than eight labels, the ones between it and its last seven are left out.
    static func places(from domain: DomainName) -> [DomainName] {
        var places = [domain]
        var next = domain.parent
        while let place = next {
            if count(place) < questionsMax { places.append(place) }
            next = place.parent
        }
        return places
    }

    static func count(_ domain: DomainName) -> Int { domain.text.utf8.reduce(1) { $0 + ($1 == 0x2E ? 1 : 0) } }

    /// The domain's own record.
    package var own: Found? { found.first.flatMap { $0.domain == start ? $0 : nil } }

    /// The organizational domain (RFC 9989 §4.10.2).
    package var organization: DomainName {
        guard let last = found.last else { return start }
        switch last.record.suffixMark {
        case .no: return last.domain
        case .yes where last.domain != start: return child(of: last.domain)
        case .yes, .unknown: return last.domain
        }
    }

    /// The name one label below a suffix on the way down to where the walk began.
    private func child(of suffix: DomainName) -> DomainName {
        var place = start
        while let parent = place.parent, parent != suffix { place = parent }
        return place
    }

    /// The record that holds for the domain: its own, else that of its organization, else that of the public suffix (RFC 9989 §4.10.1).
    package var governing: Found? {
        if let own { return own }
        let organization = organization
        if let record = found.first(where: { $0.domain == organization }) { return record }
        return found.last { $0.record.suffixMark == .yes }
    }
}
