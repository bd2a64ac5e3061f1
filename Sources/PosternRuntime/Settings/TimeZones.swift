import Foundation
import MailModel
package import OutboundPolicy

/// The time zones that the system knows, as values that decisions can be made with.
package enum TimeZones {
    /// Changes of the clocks that are looked ahead for, and back.
    private static let changesMax = 40
    private static let yearsBack = 2.0

    /// Nil where there is no such zone. `zoneName`: an IANA name.
    package static func day(_ zoneName: String) -> OrganisationDay? {
        guard let zone = TimeZone(identifier: zoneName) else { return nil }
        var date = Date(timeIntervalSinceNow: -yearsBack * 365 * 86_400)
        var offsets = [offset(zone, date)]
        while offsets.count < changesMax, let next = zone.nextDaylightSavingTimeTransition(after: date) {
            date = next
            offsets.append(offset(zone, date))
        }
        return OrganisationDay(zoneName: zoneName, offsets: offsets)
    }

    private static func offset(_ zone: TimeZone, _ date: Date) -> OrganisationDay.Offset {
        OrganisationDay.Offset(
            since: Timestamp(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded())),
            seconds: Int64(zone.secondsFromGMT(for: date)))
    }
}
