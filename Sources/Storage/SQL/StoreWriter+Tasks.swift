import DeliveryPlanning
import Foundation
import MailModel

/// What one node at a time does, and what all nodes hear of.
extension StoreWriter {
    func hold(_ task: TaskHold) throws -> Bool {
        let now = try connection.clock(task.at)
        let statement = try prepare(NodeStatements.holdTask).bind(task.name).bind(task.owner).bind((now + task.lease).milliseconds)
            .bind(now.milliseconds)
        let isHeld = try statement.step()
        while try isHeld && statement.step() {}
        return isHeld
    }

    /// The task is over until a time from now.
    func endTask(_ task: TaskHold, dueAfter wait: Duration) throws {
        let now = try connection.clock(task.at)
        try prepare(NodeStatements.endTask).bind((now + wait).milliseconds).bind(task.name).bind(task.owner).send()
    }

    /// Returns the value that stands: the first one that was put.
    func putFact(_ name: String, _ value: String) throws -> String {
        try prepare(NodeStatements.putFact).bind(name).bind(value).run()
        return try StoreReads.fact(connection, name) ?? value
    }

    // MARK: News

    /// News that no node has read by then are read by none: a node that was away for as long has lost its lease, and what it held.
    private static var newsKept: Duration { .seconds(3600) }

    func tell(_ kind: QueueNews.Kind, from owner: Int64, at given: Timestamp) throws {
        let now = try connection.clock(given)
        let counter = try prepare(NodeStatements.nextNews)
        guard try counter.step() else { throw StoreError.corrupt("no counter of queue news") }
        let number = counter.readInt64()
        while try counter.step() {}
        let (text, filter) = try QueueNewsCoding.text(kind)
        try prepare(NodeStatements.dropNews).bind((now - StoreWriter.newsKept).milliseconds).send()
        try prepare(NodeStatements.insertNews).bind(number).bind(owner).bind(text).bind(filter).bind(now.milliseconds).send()
        noteNews()
    }
}

/// News as they stand in their columns.
enum QueueNewsCoding {
    static func text(_ kind: QueueNews.Kind) throws -> (kind: String, filter: String) {
        switch kind {
        case .acted(let verb, let filter): (verb.rawValue, String(decoding: try JSONEncoder().encode(filter), as: UTF8.self))
        case .becameDue(let list): ("due", list == 0 ? "" : "\(list)")
        }
    }

    static func kind(_ text: String, filter: String) throws -> QueueNews.Kind {
        if text == "due" { return .becameDue(waitsFor: Int32(filter) ?? 0) }
        guard let verb = QueueVerb(rawValue: text) else { throw RowText.damaged("kind of queue news", text) }
        do {
            return .acted(verb, try JSONDecoder().decode(QueueFilter.self, from: Data(filter.utf8)))
        } catch {
            throw RowText.damaged("queue filter", filter)
        }
    }
}
