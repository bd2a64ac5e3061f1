import MailModel

/// The journal of a commit, and what is made of the journals of those before.
extension StoreWriter {
    func writeJournal() throws {
        guard !journal.octets.isEmpty else { return }
        try journal.octets.withUnsafeBytes { try insertJournal.begin().bind(keeping: $0).send() }
    }

    /// 0, and nothing is changed, where another had the journal first.
    func digest(_ digest: TraceDigest) throws -> Int {
        let drop = try prepare(DigestStatements.dropJournal)
        var dropped = 0
        for number in digest.numbers { dropped += try drop.begin().bind(number).run() }
        guard dropped > 0 else { return 0 }
        guard dropped == digest.numbers.count else { throw StoreError.rejected("a part of the journal is gone already") }
        try addCounts(of: digest)
        try addOpens(of: digest)
        try addWords(of: digest)
        return dropped
    }

    /// In order of keys, so that rows lie near each other and two writers never wait for each other in a circle.
    private func addCounts(of digest: TraceDigest) throws {
        let count = try prepare(DigestStatements.addCount)
        for (key, counts) in digest.counts {
            count.begin().bind(key.tenant.value).bind(key.day).bind(key.slot)
            for kind in TrafficCount.allCases { count.bind(counts[kind]) }
            try count.send()
        }
        let destination = try prepare(DigestStatements.addDestination)
        let keys = digest.destinations.sorted {
            ($0.key.day, $0.key.hour, $0.key.destination) < ($1.key.day, $1.key.hour, $1.key.destination)
        }
        for (key, counts) in keys {
            destination.begin().bind(key.tenant.value).bind(key.day).bind(key.hour).bind(key.destination)
            for kind in TrafficCount.allCases { destination.bind(counts[kind]) }
            try destination.send()
        }
    }

    private func addOpens(of digest: TraceDigest) throws {
        let add = try prepare(DigestStatements.addOpen)
        let drop = try prepare(DigestStatements.dropOpen)
        let changes = digest.opens.sorted {
            ($0.key.destination, $0.key.day, $0.key.minute) < ($1.key.destination, $1.key.day, $1.key.minute)
        }
        for (key, change) in changes {
            try add.begin().bind(key.tenant.value).bind(key.destination).bind(key.day).bind(key.minute).bind(change.queued).bind(
                change.held
            )
            .send()
            guard change.queued < 0 || change.held < 0 else { continue }
            try drop.begin().bind(key.tenant.value).bind(key.destination).bind(key.day).bind(key.minute).send()
        }
    }

    private func addWords(of digest: TraceDigest) throws {
        guard let batch = digest.numbers.first else { return }
        let insert = try connection.prepareInsertion(DigestStatements.insertWord)
        var rows: [Int32: Int] = [:]
        for (key, messages) in digest.words.sorted(by: { ($0.key.day, $0.key.word) < ($1.key.day, $1.key.word) }) {
            guard let segment = digest.segments[key.day] else { continue }
            try TracePostings.octets(messages).withUnsafeBytes { octets in
                try insert.begin().bind(key.day).bind(segment).bind(key.word).bind(batch).bind(key.tenant.value).bind(keeping: octets)
                    .send()
            }
            rows[key.day, default: 0] += 1
        }
        let add = try prepare(DigestStatements.addToSegment)
        for (day, count) in rows { try add.begin().bind(day).bind(digest.segments[day] ?? 0).bind(count).send() }
    }

    /// One day's figures by destination, and the words of one segment: called again and again while there is more to purge.
    func purgeDigests(before day: Int32) throws {
        try prepare(DigestStatements.purgeCounts).bind(day).send()
        let oldest = try prepare(DigestStatements.oldestDestinationDay).bind(day)
        let old = try oldest.step() ? oldest.readOptionalInt64() : nil
        oldest.end()
        if let old { try prepare(DigestStatements.purgeDestinations).bind(old).send() }
        let statement = try prepare(DigestStatements.oldestSegment).bind(day)
        guard try statement.step() else { return }
        let (segmentDay, segment) = (statement.readInt64(), statement.readInt64())
        statement.end()
        try prepare(DigestStatements.purgeWords).bind(segmentDay).bind(segment).send()
        try prepare(DigestStatements.purgeSegment).bind(segmentDay).bind(segment).send()
    }
}
