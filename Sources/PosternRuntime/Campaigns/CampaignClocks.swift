import Campaigns
import MailModel
import OutboundPolicy
import Synchronization

/// When a campaign's copies may leave, by the system's knowledge of time zones.
enum CampaignClocks {
    /// Zones that were read; there are some hundred.
    private static let known = Mutex<[String: OrganisationDay]>([:])
    private static let knownMax = 1000

    /// Nil where there is no such zone.
    static func day(_ zoneName: String) -> OrganisationDay? {
        if let day = known.withLock({ $0[zoneName] }) { return day }
        guard let day = TimeZones.day(zoneName) else { return nil }
        known.withLock { if $0.count < knownMax { $0[zoneName] = day } }
        return day
    }

    /// The campaign's own clocks.
    static func own(_ campaign: Campaign, _ directory: Directory) -> OrganisationDay {
        day(campaign.zone ?? directory.service?.timeZone ?? "UTC") ?? .utc
    }

    static func window(_ campaign: Campaign, _ directory: Directory) -> SendWindow {
        let own = campaign.zone ?? directory.service?.timeZone ?? "UTC"
        let names = campaign.zones ?? [own]
        return SendWindow(
            hours: campaign.hours ?? [], days: names.prefix(SendWindow.zonesMax).map { day($0) ?? .utc }, notBefore: campaign.notBefore)
    }
}

/// The time zones of a campaign's people, as planning meets them.
struct CampaignZones {
    private let attribute: String?
    /// The campaign's own first.
    private(set) var names: [String]

    /// After a stop in between, the zones that were found before come first again.
    init(_ campaign: Campaign, _ directory: Directory) {
        attribute = campaign.hours == nil ? nil : campaign.zoneAttribute
        names = campaign.zones ?? [campaign.zone ?? directory.service?.timeZone ?? "UTC"]
    }

    /// A person's place in `names`; the campaign's own zone where the person's is not known, or there are too many.
    mutating func place(of attributes: [String: String]) -> Int {
        guard let attribute, let name = attributes[attribute], name != names[0] else { return 0 }
        if let known = names.firstIndex(of: name) { return known }
        guard names.count < SendWindow.zonesMax, CampaignClocks.day(name) != nil else { return 0 }
        names.append(name)
        return names.count - 1
    }
}
