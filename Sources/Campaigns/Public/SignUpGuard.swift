package import MailModel

/// How often a form may be sent off: by address, by client and by list, so that it is no way to fill a stranger's mailbox. In memory of one
/// node, and bounded.
package struct SignUpGuard: Sendable {
    package enum Answer: Hashable, Sendable {
        case ask
        /// The address was asked lately: the answer is the same, and no mail leaves.
        case silent
        /// Too much from one client, or for one list, whatever the address.
        case tooMany
    }

    private enum Key: Hashable {
        case address(list: Int64, AddressDigest)
        case client(String)
        case list(Int64)
    }

    private struct Window {
        var endsAt: Timestamp
        var count: Int
    }

    package static let perAddress = (count: 2, seconds: 86_400 as Int64)
    package static let perClient = (count: 20, seconds: 3600 as Int64)
    package static let perList = (count: 1000, seconds: 3600 as Int64)

    private var windows: [Key: Window] = [:]
    private let windowsMax: Int

    package init(windowsMax: Int = 50_000) { self.windowsMax = windowsMax }

    /// `client`: its address, of IPv6 the first 64 bits; nil where nobody knows.
    package mutating func asked(_ address: AddressDigest, client: String?, list: Int64, at now: Timestamp) -> Answer {
        if windows.count + 3 > windowsMax { windows = windows.filter { $0.value.endsAt > now } }
        guard windows.count + 3 <= windowsMax else { return .tooMany }
        guard taken(.client(client ?? ""), SignUpGuard.perClient, at: now), taken(.list(list), SignUpGuard.perList, at: now) else {
            return .tooMany
        }
        return taken(.address(list: list, address), SignUpGuard.perAddress, at: now) ? .ask : .silent
    }

    private mutating func taken(_ key: Key, _ limit: (count: Int, seconds: Int64), at now: Timestamp) -> Bool {
        var window = windows[key].flatMap { $0.endsAt > now ? $0 : nil } ?? Window(endsAt: now + .seconds(limit.seconds), count: 0)
        guard window.count < limit.count else { return false }
        window.count += 1
        windows[key] = window
        return true
    }
}
