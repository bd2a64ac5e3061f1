/// How many connections to one destination a run wants to have, out of those that all nodes together may have.
///
/// A run's share is its own until it says otherwise or is over.
package struct ShareCall: Hashable, Sendable {
    /// What the limit is for: an egress source and a site.
    package var scope: String
    /// The run.
    package var owner: Int64
    /// In all, not in addition; 0 gives everything back. Fewer than it has are given back at once.
    package var wanted: Int
    /// Of all nodes together.
    package var limit: Int

    package init(scope: String, owner: Int64, wanted: Int, limit: Int) {
        self.scope = scope
        self.owner = owner
        self.wanted = wanted
        self.limit = limit
    }
}

package struct ConnectionShare: Hashable, Sendable {
    /// What the run may have open from now on: 0…wanted.
    package var granted: Int
    /// Of all other runs.
    package var grantedToOthers: Int
    /// What the other runs asked for last, granted or not: more than their grants means that somebody waits.
    package var wantedByOthers: Int

    package init(granted: Int, grantedToOthers: Int, wantedByOthers: Int) {
        self.granted = granted
        self.grantedToOthers = grantedToOthers
        self.wantedByOthers = wantedByOthers
    }
}
