import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy

// Submission, and what commits.
extension SimulatedGate {
    /// `isAgain`: the same message once more, since it was not taken.
    mutating func submit(_ index: Int, _ number: Int, isAgain: Bool = false) {
        decide(index, number)
        let batch = plan.batches[index]
        // All at once is as fast as a client hands them over: a thousand a second.
        let gap = batch.over > .zero ? Duration.milliseconds(batch.over.milliseconds / Int64(max(1, batch.messages))) : .milliseconds(1)
        guard !isAgain, number + 1 < batch.messages else { return }
        schedule(.submit(batch: index, number: number + 1, isAgain: false), at: now + gap, life: 0)
    }

    private mutating func decide(_ index: Int, _ number: Int) {
        let batch = plan.batches[index]
        let sender = batch.sender ?? plan.mailbox
        let recipients = batch.recipients(number).map { EnvelopeRecipient($0) }
        let envelope = Envelope(reversePath: .address(sender), parameters: MailParameters(), recipients: recipients)
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [sender]
        facts.subject = batch.name
        let session = SessionFacts(
            principal: .connector("app"), address: IPAddress("127.0.0.1"), helloName: "app", isEncrypted: false, tlsVersion: nil)
        core.steadyTimeIs(SteadyTime(milliseconds: (now - plan.start).milliseconds))
        switch core.contentReceived(facts, envelope: envelope, bytes: 1000, session: session, at: now, fieldAddress: { _ in nil }) {
        case .accept(let order):
            let message = NewMessage(
                record: order.record, recipients: order.recipients, content: [65], lease: order.lease, claims: order.claims)
            // The content is small: it is the rows that count.
            store(.accept(message, batch: index, number: number))
        case .refuse(let reply, _): refused(reply, batch: index, number: number)
        }
        for case .restrict(let restriction) in core.takeActs() {
            report.restricted.append(
                SimulationReport.Restricted(
                    entity: "\(restriction.entity)", at: restriction.since, reason: restriction.cause.explanation))
        }
    }

    private mutating func refused(_ reply: SMTPReply, batch: Int, number: Int) {
        guard plan.policy != nil else {
            // A client that is told to come again does.
            if reply.isTransientFailure {
                return schedule(.submit(batch: batch, number: number, isAgain: true), at: now + .seconds(1), life: 0)
            }
            report.problems.append("the gate refused a good message: \(reply)")
            submittedMessages += 1
            return
        }
        report.refusedHere(reply, at: now)
        series.add(refused: 1, waiting: store.queued, at: now)
        submittedMessages += 1
    }

    mutating func commit(_ work: Work) {
        if faults.storeFails(&random) { return failed(work) }
        switch work {
        case .accept(let message, let batch, let number):
            if !message.claims.isEmpty {
                let claimed = store.claim(message.claims, at: now)
                core.usageLearned(claimed.answer, at: now)
                if claimed.isExceeded {
                    if message.lease != nil { event(.notStored(recipients: message.recipients.count)) }
                    return schedule(.submit(batch: batch, number: number, isAgain: true), at: now, life: 0)
                }
            }
            store.insert(message)
            submittedMessages += 1
            series.add(submitted: message.recipients.count, waiting: store.queued, at: now)
            event(.stored(message, lane: Lane(0)))
            if message.lease == nil { event(.becameDue()) }
        case .settle(let order): settle(order)
        case .claim(let limit, let owner):
            let claimed = store.claim(limit, owner: owner, at: now)
            event(.claimed(claimed, owner: owner, nextDueAt: store.nextDueAt, lane: Lane(0)))
        case .giveBack(let ids, let dueAt, let owner):
            store.giveBack(ids, dueAt: dueAt, owner: owner)
            event(.settled(recipients: ids.count))
        case .shape(.count(let call)):
            let answer = store.count(call, at: now)
            event(.shaped(.counted(call, granted: answer.granted, freeAt: answer.freeAt)))
        case .shape(.share(let share)): event(.shaped(.shared(share, granted: share.wanted)))
        case .shape(.warmUp(let change)):
            directory.warmUps[change.warmUp.name] = change.warmUp
            changed()
        case .shape(.hold(let hold)):
            directory.deliveryHolds[hold.key] = hold
            changed()
        case .shape: break
        case .upstream(let order): keep(order)
        }
    }

    private mutating func failed(_ work: Work) {
        report.accidents += 1
        switch work {
        // The client is told 4xx, and sends it again: with another identifier, as a new message.
        case .accept(let message, let batch, let number):
            if message.lease != nil { event(.notStored(recipients: message.recipients.count)) }
            var again = message
            again.lease = nil
            store(.accept(again, batch: batch, number: number))
        case .claim: event(.claimFailed)
        case .shape(.count(let call)): event(.shaped(.counted(call, granted: nil, freeAt: nil)))
        case .shape(.share(let share)): event(.shaped(.shared(share, granted: nil)))
        // What was done is done: it is committed again until it holds.
        case .settle, .giveBack, .upstream, .shape: store(work)
        }
    }

    private mutating func settle(_ order: SettlementOrder) {
        let before = store.counts[.delivered] ?? 0
        _ = store.settle(order.settlement)
        let delivered = (store.counts[.delivered] ?? 0) - before
        series.add(delivered: delivered, waiting: store.queued, at: now)
        event(.settled(recipients: order.leased))
    }

    private mutating func keep(_ order: UpstreamOrder) {
        switch order {
        case .put(let stop, let expecting, _):
            let current = directory.upstreamStops[stop.route]?.version ?? 0
            guard current == expecting else { return event(.upstreamStored(route: stop.route, version: current, lane: Lane(0))) }
            if expecting == 0 {
                report.stops.append(
                    SimulationReport.Restricted(entity: stop.route, at: now, reason: "\(stop.finding.explanation) \(stop.advice)"))
            }
            write(stop, as: stop.route)
            event(.upstreamStored(route: stop.route, version: directory.version, lane: Lane(0)))
        case .askProbe(let stop):
            guard directory.upstreamStops[stop.route]?.version == stop.version else {
                return event(.probeAnswered(route: stop.route, nil))
            }
            write(stop, as: stop.route)
            event(.probeAnswered(route: stop.route, directory.upstreamStops[stop.route]))
        case .remove(let stop, _):
            write(nil, as: stop.route)
            event(.upstreamStored(route: stop.route, version: directory.version, lane: Lane(0)))
            event(.becameDue())
        }
    }

    /// What was written is read again, by way of the directory.
    private mutating func changed() {
        directory.version += 1
        event(.directoryChanged(directory, lane: Lane(0)))
    }

    private mutating func write(_ stop: UpstreamStop?, as route: String) {
        directory.version += 1
        directory.upstreamStops[route] = stop
        directory.upstreamStops[route]?.version = directory.version
        event(.directoryChanged(directory, lane: Lane(0)))
    }
}
