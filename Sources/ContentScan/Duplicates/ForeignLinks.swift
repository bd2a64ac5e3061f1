/// Whether a message wants its reader to go elsewhere. Signatures and disclaimers make the mail of a whole company alike; what sets a
/// campaign apart is that it leads somewhere.
extension ScanFacts {
    /// True where a link leads to a site that is neither the sender's nor one of `own`, or answers go to another domain.
    package func leadsElsewhere(_ own: Set<String>) -> Bool {
        let sites = own.union(self.sites.values)
        let isForeign = content.links.contains { link in
            (link.kind == .anchor || link.kind == .written || link.kind == .form) && !sites.contains(link.host.site)
        }
        return isForeign || content.has("reply-to")
    }
}
