extension RuleHits {
    mutating func lookAtLinks(_ facts: ScanFacts, _ knowledge: ScanKnowledge) {
        let links = facts.content.links
        let sites = Set(links.map(\.host.site))
        if links.count > 60 { add(.manyLinks, "\(links.count)") }
        if sites.count > 12 { add(.manySites, "\(sites.count)") }
        let own = knowledge.ownDomains.union(facts.sites.values)
        var hosts: Set<String> = []
        for link in links {
            if link.kind == .pixel { add(.pixel, link.host.shown) }
            guard link.kind != .image, link.kind != .pixel else { continue }
            lookAtAddress(link)
            if hosts.insert(link.host.name).inserted { lookAtHost(link.host, own: own, knowledge) }
            if link.kind == .anchor, let shown = RuleHits.shownHost(link), !RuleHits.mayLead(shown, link) {
                add(.lyingText, "\(shown) leads to \(link.host.shown)")
            }
        }
    }

    private mutating func lookAtAddress(_ link: ContentLink) {
        let address = link.address
        if address.isHostNumeric { add(.numericHost, address.host) }
        if !address.user.isEmpty { add(.userInLink, "\(address.user.prefix(60))@\(address.host)") }
        if address.isHostEscaped { add(.escapedHost, address.host) }
        if let port = address.port, port != 80, port != 443 { add(.port, "\(address.host):\(port)") }
        if let inner = RuleHits.address(in: address.query), inner != address.host, !inner.hasSuffix(".\(link.host.site)"),
            inner != link.host.site
        {
            add(.redirect, "\(address.host) to \(inner)")
        }
    }

    private mutating func lookAtHost(_ host: LinkHost, own: Set<String>, _ knowledge: ScanKnowledge) {
        if knowledge.isShortener(host) { add(.shortener, host.name) }
        if Scripts.mixed(host.shown) { add(.mixedScript, host.shown) }
        if let like = Scripts.lookAlike(host, own: own) { add(.lookAlike, "\(host.shown) for \(like)") }
    }

    /// The host of a whole address within a query, as redirects carry it.
    private static func address(in query: String) -> String? {
        guard query.utf8.count > 4, holdsWeb(query) else { return nil }
        let plain = LinkAddress.unescaped(query.utf8)
        return WrittenLinks.find(in: plain, countMax: 1).first?.host
    }

    /// True where `http` stands in it.
    private static func holdsWeb(_ query: String) -> Bool {
        var last: UInt32 = 0
        for octet in query.utf8 {
            last = last << 8 | UInt32(octet)
            if last == 0x68_74_74_70 { return true }
        }
        return false
    }

    /// The host that the text of a link shows, where the text is an address.
    private static func shownHost(_ link: ContentLink) -> String? {
        guard link.text.utf8.contains(0x2E) else { return nil }
        let text = link.text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
        guard text.count == 1, let word = text.first.map({ Substring($0) }), !word.utf8.contains(0x40) else { return nil }
        if let address = LinkAddress(word.utf8) { return address.host.contains(".") ? address.host : nil }
        let host = word.lowercased().prefix { $0 != "/" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last, ["com", "net", "org", "de", "uk", "ie", "fr", "io", "edu", "gov"].contains(last),
            labels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0.isLabelOctet } })
        else { return nil }
        return String(host)
    }

    /// True where the link leads where its text says: to the same site, or to one of the same label.
    private static func mayLead(_ shown: String, _ link: ContentLink) -> Bool {
        let site = link.host.site
        if shown == site || shown.hasSuffix(".\(site)") || link.host.shown.hasSuffix(shown) { return true }
        return site.hasSuffix(shown.split(separator: ".").suffix(2).joined(separator: "."))
    }
}

extension UInt8 {
    fileprivate var isLabelOctet: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7A).contains(self) || self == 0x2D || self >= 0x80
    }
}
