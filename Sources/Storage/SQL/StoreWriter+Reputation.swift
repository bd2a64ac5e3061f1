import DeliveryPlanning
import MailModel

/// What is known of our own reputation.
extension StoreWriter {
    func reputation(_ work: ReputationWork) throws -> StoreWorkResult {
        switch work {
        case .looked(let put, let drop, let events):
            for key in drop { try prepare(ReputationStatements.dropCheck).bind(key.subject).bind(key.list).send() }
            for check in put {
                try prepare(ReputationStatements.putCheck).bind(check.key.subject).bind(check.key.list).bind(try RowText.json(check)).send()
            }
            for event in events {
                try prepare(ReputationStatements.putEvent).bind(event.at.milliseconds).bind(event.key.subject).bind(event.key.list)
                    .bind(try RowText.json(event)).send()
            }
            return .affected(events.count)
        case .figures(let figures):
            for figure in figures {
                try prepare(ReputationStatements.putFigure).bind(figure.source.rawValue).bind(figure.day).bind(figure.subject)
                    .bind(try RowText.json(figure)).send()
            }
            return .affected(figures.count)
        case .tidy(let time, let day):
            let dropped = try prepare(ReputationStatements.dropEvents).bind(time.milliseconds).run()
            return .affected(dropped + (try prepare(ReputationStatements.dropFigures).bind(day).run()))
        }
    }
}
