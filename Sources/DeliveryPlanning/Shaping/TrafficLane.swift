package import MailModel

/// Which mail goes first where not all can go at once: by traffic class.
package enum TrafficLane: Int, Hashable, Sendable, CaseIterable {
    /// What somebody waits for: a password reset, a receipt, an alert.
    case transactional
    case normal
    case bulk

    package init(_ record: MessageRecord) { self.init(record.trafficClass, findings: record.findings) }

    /// `findings`: of the message; of meaning for notices only.
    package init(_ trafficClass: TrafficClass, findings: [Finding]) {
        switch trafficClass {
        case .application: self = .transactional
        case .personal: self = .normal
        case .campaign: self = .bulk
        case .notice: self = findings.contains { $0.rule == MessageRecord.alertNoticeRule } ? .transactional : .normal
        }
    }

    package var name: String {
        switch self {
        case .transactional: "transactional"
        case .normal: "normal"
        case .bulk: "bulk"
        }
    }
}
