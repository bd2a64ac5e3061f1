package import MailModel

/// A route that carries a share of a campaign.
package struct CampaignRoute: Hashable, Sendable, Codable, CustomStringConvertible {
    package var name: String
    /// 1…1000; the share is that of all weights together.
    package var weight: Int

    package static let weights = 1...1000
    /// Routes of one campaign.
    package static let countMax = 20

    package init(name: String, weight: Int = 1) {
        self.name = name
        self.weight = weight
    }

    /// `relay-a`, or `relay-a=3` for three shares.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
        guard let weight = parts.count == 2 ? Int(parts[1]) : 1, CampaignRoute.weights.contains(weight) else { return nil }
        self.init(name: String(parts[0]), weight: weight)
    }

    package var description: String { weight == 1 ? name : "\(name)=\(weight)" }

    /// The route of one person's copy: always the same for the same routes, and over all people in the shares of the weights.
    package static func choose(_ routes: [CampaignRoute], for address: String, seed: Int64) -> CampaignRoute? {
        let all = routes.reduce(0) { $0 + $1.weight }
        guard all > 0 else { return nil }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bitPattern: seed) &* 0x9E37_79B9_7F4A_7C15
        for octet in address.utf8 { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 31) &* 0xBF58_476D_1CE4_E5B9
        var place = Int((hash ^ hash >> 29) % UInt64(all))
        for route in routes {
            place -= route.weight
            if place < 0 { return route }
        }
        return routes.last
    }
}

extension Directory {
    /// The route that a campaign's copy takes, by the campaign's own shares: of those that are there, enabled and not standing still. Nil
    /// where the campaign names none, or the recipient is inside: then the usual rules choose.
    package func route(of campaign: Campaign, to address: EmailAddress) -> String? {
        guard let shares = campaign.routes, !shares.isEmpty, acceptedDomain(of: address) == nil else { return nil }
        let there = shares.filter { routes[$0.name]?.isDisabled == false }
        // Where none of them is left, it waits rather than leave by one that was not chosen.
        guard !there.isEmpty else { return shares[0].name }
        let running = there.filter { upstreamStops[$0.name]?.cause.isStop != true }
        return CampaignRoute.choose(running.isEmpty ? there : running, for: address.key, seed: campaign.seed)?.name
    }
}
