import MailModel

/// What goes wrong, and how often: one in so many; 0 for never.
package struct SimulationFaults: Sendable, Hashable {
    /// Of the seconds.
    package var crash = 0
    /// Of the commits.
    package var storeFailure = 0
    /// Of the commits; they take up to five seconds.
    package var slowStore = 0
    /// Of connections and messages.
    package var drop = 0
    /// Of the questions to DNS.
    package var resolver = 0
    /// Of messages: the receiver's 250 does not reach us.
    package var lostAnswer = 0
    /// Of the messages.
    package var greylist = 0
    /// Invariants are looked at after each event.
    package var areChecked = false

    package init() {}

    /// Everything, often.
    package static let all: SimulationFaults = {
        var faults = SimulationFaults()
        (faults.crash, faults.storeFailure, faults.slowStore) = (120, 12, 15)
        (faults.drop, faults.lostAnswer, faults.greylist) = (8, 40, 10)
        faults.resolver = 4
        faults.areChecked = true
        return faults
    }()

    private func happens(_ oneIn: Int, _ random: inout SplitMix) -> Bool { oneIn > 0 && Int.random(in: 0..<oneIn, using: &random) == 0 }

    func crashes(_ random: inout SplitMix) -> Bool { happens(crash, &random) }
    func storeFails(_ random: inout SplitMix) -> Bool { happens(storeFailure, &random) }
    func resolverFails(_ random: inout SplitMix) -> Bool { happens(resolver, &random) }
    func connectionDrops(_ random: inout SplitMix) -> Bool { happens(drop, &random) }
    func answerIsLost(_ random: inout SplitMix) -> Bool { happens(lostAnswer, &random) }
    func greylists(_ ids: [RecipientID], _ random: inout SplitMix) -> Bool { happens(greylist, &random) }

    func commitTime(_ random: inout SplitMix) -> Duration {
        happens(slowStore, &random) ? .milliseconds(Int64.random(in: 100...5000, using: &random)) : SimulatedGate.commitTime
    }
}
