import MailModel
import OutboundPolicy

/// What the suppression list costs in memory and time: many entries, and look-ups by half as many others.
package struct SuppressionCost: Codable, Hashable, Sendable {
    package var entries: Int
    /// Of the table's slots, in units of 1024 × 1024 octets.
    package var mebibytes: Double
    package var insertMicroseconds: Double
    /// Of one look-up in all places that concern a message of a list, the hash of the address included.
    package var hitMicroseconds: Double
    package var missMicroseconds: Double

    package static func measure(entries: Int, lookups: Int = 200_000) -> SuppressionCost {
        let key = AddressKey(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)
        var table = SuppressionTable(key: key, isComplete: true)
        let keys = (0..<entries).map { number in
            SuppressionKey(
                tenant: .standard, scope: number % 4 == 0 ? .list("news.example.org") : .organisation, digest: key.digest(address(number)),
                reason: number % 2 == 0 ? .addressDead : .complaint)
        }
        let insert = time(entries) { table.insert(keys[$0]) }
        let stream = MailStream(tenant: .standard, trafficClass: .campaign, submitter: "connector:news", list: "news.example.org")
        let count = min(lookups, entries)
        // A step that is prime to the count: no two look-ups in a row find the same part of memory in the processor's cache.
        let known = (0..<count).map { address($0 * 7919 % entries) }
        let unknown = (0..<count).map { address(entries + $0) }
        var found = 0
        let hit = time(count) { found += table.matches(known[$0], stream).isEmpty ? 0 : 1 }
        let miss = time(count) { found += table.matches(unknown[$0], stream).isEmpty ? 0 : 1 }
        precondition(found >= count, "an entry was not found")
        return SuppressionCost(
            entries: table.count, mebibytes: rounded(Double(table.octets) / 1_048_576), insertMicroseconds: insert, hitMicroseconds: hit,
            missMicroseconds: miss)
    }

    private static func address(_ number: Int) -> EmailAddress {
        guard let address = EmailAddress("reader\(number)@host\(number % 1000).example") else {
            preconditionFailure("an address of our own making")
        }
        return address
    }

    /// Microseconds of one, the mean.
    private static func time(_ count: Int, _ body: (Int) -> Void) -> Double {
        let began = ContinuousClock.now
        for number in 0..<count { body(number) }
        return rounded((ContinuousClock.now - began) / .microseconds(1) / Double(max(1, count)))
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
