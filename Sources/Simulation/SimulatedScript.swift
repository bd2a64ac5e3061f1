import MailModel
import ProviderTwin

/// A program that sends one message after the other on one connection, and takes no notice of refusals.
struct SimulatedScript {
    static func run(_ plan: SimulationPlan) -> SimulationReport {
        var model = ExchangeOnline(plan.tenant)
        var report = SimulationReport()
        var series = SeriesMaker(start: plan.start)
        var now = plan.start
        let password = model.mailbox(plan.mailbox)?.password ?? ""
        let signIn = model.signIn(name: "\(plan.mailbox)", password: password, session: 1, at: now)
        report.answered(signIn, at: now)
        var facts = ExchangeContentFacts()
        for batch in plan.batches.sorted(by: { $0.at < $1.at }) {
            for number in 0..<batch.messages {
                let turn = batch.at + .milliseconds(batch.over.milliseconds * Int64(number) / Int64(max(1, batch.messages)))
                now = max(now + plan.messageTime, turn)
                let recipients = batch.recipients(number)
                facts.from = batch.sender ?? plan.mailbox
                let submission = ExchangeSubmission(
                    reversePath: .address(batch.sender ?? plan.mailbox), recipients: recipients, facts: facts)
                let reply = model.submitted(submission, session: 1, at: now).reply
                report.answered(reply, at: now)
                report.submitted += recipients.count
                if reply.isPositive { report.delivered += recipients.count } else { report.failed += recipients.count }
                series.add(
                    submitted: recipients.count, delivered: reply.isPositive ? recipients.count : 0, refused: reply.isPositive ? 0 : 1,
                    waiting: 0, at: now)
                if report.restricted.isEmpty, !reply.isPositive, let mailbox = model.mailbox(plan.mailbox),
                    let restriction = model.state(of: mailbox, at: now).restriction
                {
                    report.restricted.append(
                        SimulationReport.Restricted(entity: "\(plan.mailbox)", at: restriction.since, reason: restriction.reason))
                }
            }
        }
        report.finishedAt = now
        report.series = series.points
        report.alerts = model.alerts.all.map { "\($0.at.rfc3339) \($0.name): \($0.entity)" }
        return report
    }
}
