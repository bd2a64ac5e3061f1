import MailModel

/// What some commits add to the figures and words of the trace; made from their journal, kept in the commit that drops it.
package struct TraceDigest: Sendable {
    struct CountKey: Hashable, Sendable {
        var tenant: TenantID
        var day: Int32
        /// Five minutes.
        var slot: Int32
    }

    struct DestinationKey: Hashable, Sendable {
        var tenant: TenantID
        var day: Int32
        /// 24: the whole day.
        var hour: Int32
        var destination: String
    }

    struct OpenKey: Hashable, Sendable {
        var tenant: TenantID
        var destination: String
        var day: Int32
        var minute: Int32
    }

    struct OpenChange: Hashable, Sendable {
        var queued = 0
        var held = 0
    }

    struct WordKey: Hashable, Sendable {
        var tenant: TenantID
        var day: Int32
        var word: String
    }

    /// Of the journal.
    var numbers: [Int64]
    private(set) var counts: [CountKey: TrafficCounts] = [:]
    private(set) var destinations: [DestinationKey: TrafficCounts] = [:]
    private(set) var opens: [OpenKey: OpenChange] = [:]
    private(set) var words: [WordKey: Set<MessageID>] = [:]
    /// Which segment takes the words of each day.
    var segments: [Int32: Int64] = [:]

    /// How many commits it is made from.
    package var commitCount: Int { numbers.count }
    var days: Set<Int32> { Set(words.keys.map(\.day)) }

    /// `destination`: of a recipient that one of the entries changes; nil where nobody knows it any more.
    init(numbers: [Int64], _ entries: [TraceJournalEntry], destination: (RecipientID) -> String?) {
        self.numbers = numbers
        for entry in entries {
            switch entry {
            case .accepted(let head, let sender, let reversePath, let subject, let headerMessageID, let recipients):
                for recipient in recipients { accept(recipient, head) }
                addNames(head, sender: sender, reversePath: reversePath, domains: Set(recipients.map(\.destination)))
                if !headerMessageID.isEmpty { add(TraceWords.headerMessageID(headerMessageID), head) }
                add(wordsOf: subject, head)
            case .changed(let head, let index, let old, let new, let count, let reply):
                let id = RecipientID(tenant: head.tenant, message: head.message, index: index)
                change(head, destination(id) ?? "", from: old, to: new, count)
                if !reply.isEmpty { add(wordsOf: reply, head) }
            case .refused(let head, let sender, let reversePath, let recipient, let subject, let reply):
                let domain = TraceWords.domain(of: recipient)
                count(.refused, head.tenant, domain ?? "", at: head.at)
                addNames(head, sender: sender, reversePath: reversePath, domains: Set([domain].compactMap { $0 }))
                add(wordsOf: subject, head)
                add(wordsOf: reply, head)
            }
        }
        opens = opens.filter { $0.value.queued != 0 || $0.value.held != 0 }
    }

    private mutating func accept(_ recipient: TraceJournalEntry.Recipient, _ head: TraceJournalEntry.Head) {
        count(.accepted, head.tenant, recipient.destination, at: head.at)
        if recipient.state == .held { count(.held, head.tenant, recipient.destination, at: head.at) }
        open(head, recipient.destination, recipient.state, by: 1)
    }

    private mutating func change(
        _ head: TraceJournalEntry.Head, _ destination: String, from old: RecipientState, to new: RecipientState, _ count: TrafficCount?
    ) {
        if let count { self.count(count, head.tenant, destination, at: head.at) }
        guard old != new, !destination.isEmpty else { return }
        open(head, destination, old, by: -1)
        open(head, destination, new, by: 1)
    }

    private mutating func open(_ head: TraceJournalEntry.Head, _ destination: String, _ state: RecipientState, by change: Int) {
        guard !state.isFinal else { return }
        let time = head.message.time
        let key = OpenKey(
            tenant: head.tenant, destination: destination, day: time.day,
            minute: Int32((time.seconds - Int64(time.day) * 86_400) / 60))
        if state == .held { opens[key, default: OpenChange()].held += change } else { opens[key, default: OpenChange()].queued += change }
    }

    private mutating func count(_ count: TrafficCount, _ tenant: TenantID, _ destination: String, at time: Timestamp) {
        let day = time.day
        let second = time.seconds - Int64(day) * 86_400
        counts[CountKey(tenant: tenant, day: day, slot: Int32(second / 300)), default: TrafficCounts()][count] += 1
        guard !destination.isEmpty else { return }
        for hour in [Int32(second / 3600), 24] {
            let key = DestinationKey(tenant: tenant, day: day, hour: hour, destination: destination)
            destinations[key, default: TrafficCounts()][count] += 1
        }
    }

    private mutating func addNames(_ head: TraceJournalEntry.Head, sender: String, reversePath: String, domains: Set<String>) {
        for domain in Set([sender, reversePath].compactMap(TraceWords.domain)) { add(TraceWords.senderDomain(domain), head) }
        for domain in domains where !domain.isEmpty { add(TraceWords.recipientDomain(domain), head) }
    }

    private mutating func add(wordsOf text: String, _ head: TraceJournalEntry.Head) {
        for word in TraceWords.split(text) { add(word, head) }
    }

    private mutating func add(_ word: String, _ head: TraceJournalEntry.Head) {
        words[WordKey(tenant: head.tenant, day: head.message.day, word: word), default: []].insert(head.message)
    }
}
