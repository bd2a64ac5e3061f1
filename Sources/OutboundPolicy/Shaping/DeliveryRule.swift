/// What is done when a receiver's reply says something.
///
/// A rule carries texts that it is for and texts that only look like it; a set in which one of them is decided otherwise is not taken.
package struct DeliveryRule: Hashable, Sendable, Codable {
    /// Unique. One of the default set's names: it stands in for that rule.
    package var name: String
    /// Whose replies; nil for anybody's.
    package var provider: MailProvider?
    /// Reply codes, each of three digits, or a class as 4 or 5; empty for any.
    package var codes: [Int]
    /// `4.7.28`, or the beginning of one: `4.7.`; empty for any.
    package var enhanced: [String]
    /// Words, as in the table of replies: lower case, `…` for anything between, `{a|b}` for either, `#` for a number. Empty for any.
    package var words: String
    package var trigger: Trigger
    package var action: Action
    /// How long, in seconds, for an action that lasts: 1…2,678,400. Of no meaning for others.
    package var seconds: Int64
    package var matches: [String]
    package var differs: [String]
    package var isDisabled = false

    /// How often a reply has to come before something is done.
    package struct Trigger: Hashable, Sendable, Codable {
        /// 1: at once.
        package var count: Int
        /// Within so many seconds; of no meaning where `count` is 1.
        package var seconds: Int64

        package init(count: Int = 1, seconds: Int64 = 0) {
            self.count = count
            self.seconds = seconds
        }

        package static let atOnce = Trigger()
    }

    package enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        /// Fewer messages a minute to this destination, and gradually more again.
        case slowDown = "slow-down"
        /// Fewer connections to it, and gradually more again.
        case fewerConnections = "fewer-connections"
        /// Nothing to this site from this source.
        case pause
        /// Nothing to any host of this provider from this source.
        case suspendSource = "suspend-source"
        case suspendTenant = "suspend-tenant"
        /// Nothing of this sender to this destination.
        case suspendCampaign = "suspend-campaign"
        /// From the next source of the route that is not suspended there; where it has none, as `suspend-source`.
        case otherSource = "other-source"
        /// The recipient is given up, whatever the code says.
        case permanent
        /// The recipient is tried again, whatever the code says.
        case transient
        /// Nothing by this route but one probe at a time.
        case stopUpstream = "stop-upstream"

        package var lasts: Bool {
            switch self {
            case .pause, .suspendSource, .suspendTenant, .suspendCampaign, .otherSource: true
            case .slowDown, .fewerConnections, .permanent, .transient, .stopUpstream: false
            }
        }
    }

    package init(
        name: String, provider: MailProvider? = nil, codes: [Int] = [], enhanced: [String] = [], words: String = "",
        trigger: Trigger = .atOnce, action: Action, seconds: Int64 = 0, matches: [String], differs: [String]
    ) {
        self.name = name
        self.provider = provider
        self.codes = codes
        self.enhanced = enhanced
        self.words = words
        self.trigger = trigger
        self.action = action
        self.seconds = seconds
        self.matches = matches
        self.differs = differs
    }
}
