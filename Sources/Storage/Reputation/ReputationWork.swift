package import DeliveryPlanning
package import MailModel

/// Changes of what is known of our own reputation.
package enum ReputationWork: Sendable {
    /// What a look found. Answered by `affected`: the events.
    case looked(put: [ReputationCheck], drop: [ReputationCheck.Key], events: [ReputationEvent])
    /// Figures of a receiver; those of the same day and subject stand in for what was there. Answered by `affected`: the figures.
    case figures([ReputationFigure])
    /// Drops what is older. Answered by `affected`.
    case tidy(before: Timestamp, figuresBefore: Int32)
}
