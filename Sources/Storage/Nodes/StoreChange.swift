package import DeliveryPlanning

/// How far the store has come in what all nodes must hear of at once.
package struct StoreChange: Hashable, Sendable {
    /// The directory's version.
    package var directory: Int64
    /// The number of the last item of queue news.
    package var news: Int64
    /// Rises with each run that begins, ends, or uses other egress sources.
    package var runs: Int64
    /// The last stamp of the suppression list.
    package var suppressions: Int64

    package init(directory: Int64, news: Int64, runs: Int64 = 0, suppressions: Int64 = 0) {
        self.suppressions = suppressions
        self.runs = runs
        self.directory = directory
        self.news = news
    }
}

/// What happened to the queue that concerns what other nodes hold in memory.
package struct QueueNews: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A person's act: what the nodes hold is theirs to change.
        case acted(QueueVerb, QueueFilter)
        /// Recipients were given back: they may be claimed.
        /// For the node that has a source of this list (its number); 0 for any node.
        case becameDue(waitsFor: Int32 = 0)
    }

    /// Rises by one.
    package var number: Int64
    /// The run that it came from, which knows; 0 for none.
    package var owner: Int64
    package var kind: Kind
}
