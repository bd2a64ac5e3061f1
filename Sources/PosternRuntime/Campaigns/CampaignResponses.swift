import Campaigns
import OutboundPolicy
import Storage

extension Administration {
    /// What people did with a campaign's copies who consented to its being counted; nothing is read where nothing is counted.
    func responses(to campaign: Campaign) async throws -> CampaignReport.Responses {
        var view = CampaignReport.Responses(
            counted: campaign.tracks == true, opens: 0, proxyOpens: 0, machineOpens: 0, clicks: 0, machineClicks: 0, links: [], machines: []
        )
        guard view.counted else { return view }
        let counts = try await store.read { try $0.campaignResponses(campaign.number) }
        guard !counts.isEmpty else { return view }
        let links = vault == nil ? [] : try await writer(of: campaign, settings: try await settings()).design.links
        for count in counts { view.add(count, links, revision: campaign.revision) }
        view.links.sort { ($1.people, $0.address) < ($0.people, $1.address) }
        view.machines.sort { $0.rule.rawValue < $1.rule.rawValue }
        return view
    }
}

extension CampaignReport.Responses {
    fileprivate mutating func add(_ count: CampaignResponseCount, _ known: [String], revision: Int) {
        let source = count.rule.source
        if let link = count.link {
            if source == .person { clicks += count.people } else { machineClicks += count.people }
            let address = count.revision == revision && link < known.count ? known[link] : "link \(link + 1) of revision \(count.revision)"
            let place = links.firstIndex { $0.address == address } ?? links.count
            if place == links.count { links.append(Link(address: address, people: 0, total: 0, machine: 0)) }
            if source == .person {
                links[place].people += count.people
                links[place].total += count.total
            } else {
                links[place].machine += count.total
            }
        } else {
            switch source {
            case .person: opens += count.people
            case .proxy: proxyOpens += count.people
            case .machine: machineOpens += count.people
            }
        }
        guard source != .person else { return }
        let place = machines.firstIndex { $0.rule == count.rule } ?? machines.count
        if place == machines.count { machines.append(Machine(rule: count.rule, source: source, opens: 0, clicks: 0)) }
        if count.link == nil { machines[place].opens += count.total } else { machines[place].clicks += count.total }
    }
}
