import DeliveryPlanning
import MailModel

/// Requests that clients may repeat.
extension StoreWriter {
    /// Old keys that go with each new one: more than come, so their number is bounded by what a day brings.
    private static var droppedMax: Int { 10 }

    /// Keeps the message's mark beside it; what an earlier request with the same key made, where it is remembered: then the message must
    /// not be taken. Nil for a message without a mark.
    func remember(_ message: NewMessage) throws -> RepeatedRequest? {
        guard let mark = message.idempotency else { return nil }
        let record = message.record
        let since = record.receivedAt - IdempotencyMark.lifetime
        try prepare(WriteStatements.dropRequestKeys).bind(since.milliseconds).bind(StoreWriter.droppedMax).send()
        let isNew =
            try prepare(WriteStatements.putRequestKey)
            .bind(record.tenant.value).bind(mark.principal).bind(mark.key).bind(mark.requestHash).bind(record.id.value)
            .bind(record.receivedAt.milliseconds).bind(since.milliseconds).run() == 1
        guard !isNew else { return nil }
        guard let repeated = try StoreReads.request(connection, mark, tenant: record.tenant, since: since) else {
            throw StoreError.corrupt("a request's key is neither new nor remembered")
        }
        return repeated
    }

    /// The message was not kept after all: the same request may be made again.
    func forget(_ message: NewMessage) throws {
        guard let mark = message.idempotency else { return }
        try prepare(WriteStatements.dropRequestKey).bind(message.record.tenant.value).bind(mark.principal).bind(mark.key).send()
    }
}
