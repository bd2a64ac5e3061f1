import DeliveryPlanning
import GateCore
import MailModel
import ProviderTwin

// The connections to the model.
extension SimulatedGate {
    private func session(_ id: ConnectionID) -> ExchangeSession { Int(life) << 40 | Int(id.value) }

    private var password: String { model.mailbox(plan.mailbox)?.password ?? "" }

    mutating func resolve(_ target: ResolveTarget) {
        if faults.resolverFails(&random) {
            report.accidents += 1
            let failure = DeliveryFailure.local(451, EnhancedStatusCode(4, 4, 3), "No answer of DNS", scope: .destination, stage: .resolve)
            return event(.resolved(target, .failed(failure)))
        }
        if case .mx(let domain, let port, _, _) = target { return find(domain, port: port, target) }
        guard case .host(let name, let port) = target, let address = IPAddress("192.0.2.9") else {
            report.problems.append("an address of \(target) was asked for")
            return
        }
        event(.resolved(target, .endpoints([Endpoint(hostName: name.text, address: address, port: port)], site: name.text)))
    }

    mutating func connect(_ order: ConnectionOrder) {
        if faults.connectionDrops(&random) {
            let failure = DeliveryFailure.local(451, EnhancedStatusCode(4, 4, 1), "No answer", scope: .host, stage: .connect)
            return event(.connectionFailed(order.id, failure))
        }
        if !receivers.isEmpty { return connectDirectly(order) }
        let reply = model.signIn(name: "\(plan.mailbox)", password: password, session: session(order.id), at: now)
        guard reply.isPositive else {
            heard(reply)
            return event(.connectionFailed(order.id, .peer(reply, scope: .host, stage: .auth)))
        }
        open.insert(session(order.id))
        event(.connectionReady(order.id))
    }

    mutating func closed(_ id: ConnectionID) {
        if let provider = providers.removeValue(forKey: id) { receivers[provider]?.closed(from: SimulatedGate.ownAddress) }
        open.remove(session(id))
        model.closed(session(id))
    }

    mutating func attempt(_ order: AttemptOrder) {
        let ids = order.recipients.map { SimulatedStore.id(order.record, $0.index) }
        for id in ids where store.rows[id]?.recipient.state != .queued || store.rows[id]?.owner != life {
            report.problems.append("an attempt on \(id), which is not this run's to send")
        }
        // The connection may break before the answer, or after it and before we have read it.
        if faults.connectionDrops(&random) { return lost(order, ids, isTaken: false) }
        if faults.greylists(ids, &random) {
            let reply = SMTPReply(451, EnhancedStatusCode(4, 7, 1), "Greylisted, try again later")
            return ended(order, order.recipients.map { _ in .failed(.peer(reply, scope: .recipient, stage: .recipient)) })
        }
        if let provider = providers[order.connection] { return deliver(order, to: provider, ids) }
        let reply = handOver(order)
        heard(reply)
        guard reply.isPositive else {
            return ended(order, order.recipients.map { _ in .failed(.peer(reply, scope: .message, stage: .dot)) })
        }
        for id in ids { store.arrived(id) }
        watch.passed(order.recipients.count, at: now)
        if faults.answerIsLost(&random) {
            for id in ids { store.becameUncertain(id) }
            return lost(order, ids, isTaken: true)
        }
        ended(order, order.recipients.map { _ in .delivered(reply) })
    }

    private mutating func handOver(_ order: AttemptOrder) -> SMTPReply {
        var facts = ExchangeContentFacts()
        facts.from = order.record.reversePath.address ?? plan.mailbox
        facts.subject = order.record.subject
        let submission = ExchangeSubmission(
            reversePath: order.record.reversePath, recipients: order.recipients.map(\.recipient.address), facts: facts)
        return model.submitted(submission, session: session(order.connection), at: now).reply
    }

    mutating func heard(_ reply: SMTPReply) {
        report.answered(reply, at: now)
        if !reply.isPositive { series.add(refused: 1, waiting: store.queued, at: now) }
        noteRestriction()
    }

    private mutating func noteRestriction() {
        guard report.restricted.isEmpty, let mailbox = model.mailbox(plan.mailbox) else { return }
        guard let restriction = model.state(of: mailbox, at: now).restriction else { return }
        report.restricted.append(
            SimulationReport.Restricted(entity: "\(plan.mailbox)", at: restriction.since, reason: restriction.reason))
    }

    mutating func lost(_ order: AttemptOrder, _ ids: [RecipientID], isTaken: Bool) {
        report.accidents += 1
        closed(order.connection)
        let failure = DeliveryFailure.local(
            451, EnhancedStatusCode(4, 4, 2), "Connection lost", scope: .host, stage: isTaken ? .dot : .data)
        let host = receivers.isEmpty ? "smtp.office365.com" : "mx"
        event(
            .attemptEnded(
                order.connection, order.recipients.map { _ in .failed(failure) }, isReusable: false, reportsSuccessItself: false,
                facts: ConnectionFacts(host: host)))
    }

    mutating func ended(_ order: AttemptOrder, _ results: [RecipientResult]) {
        let host = providers[order.connection]?.mailHost ?? "smtp.office365.com"
        event(
            .attemptEnded(
                order.connection, results, isReusable: true, reportsSuccessItself: false, facts: ConnectionFacts(host: host)
            ))
    }

    /// The process dies: what is not on disk is gone, what the network was doing nobody learns.
    mutating func crash() {
        report.accidents += 1
        for session in open.sorted() { model.closed(session) }
        open = []
        for provider in providers.values { receivers[provider]?.closed(from: SimulatedGate.ownAddress) }
        providers = [:]
        for id in store.rows.keys where store.rows[id]?.owner == life && (store.rows[id]?.arrivals ?? 0) > 0 { store.becameUncertain(id) }
        store.freeAll(of: life)
        life += 1
        core = SimulatedGate.core(directory, life: life, newest: store.records.keys.max())
        event(.becameDue())
    }
}
