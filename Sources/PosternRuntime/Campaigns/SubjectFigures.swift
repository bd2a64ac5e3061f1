import Campaigns
import OutboundPolicy
import Storage

/// What came of two subjects.
enum SubjectFigures {
    /// What is counted: who left the list by the copy. Opens and clicks are not, since most people's are not known.
    static let counted = "left the list"

    /// Of those who got a copy.
    static func comparison(_ counts: [CampaignSubjectCount]) -> ShareComparison {
        func group(_ isOther: Bool) -> ShareComparison.Group {
            let own = counts.filter { $0.isOther == isOther && $0.state == .delivered }
            return ShareComparison.Group(
                people: own.reduce(0) { $0 + $1.count }, counted: own.filter(\.hasLeft).reduce(0) { $0 + $1.count })
        }
        return ShareComparison(group(false), group(true))
    }
}

extension CampaignReport.Subjects {
    init(_ campaign: Campaign, _ counts: [CampaignSubjectCount]) {
        let comparison = SubjectFigures.comparison(counts)
        (first, second) = (Group(comparison.first), Group(comparison.second))
        winner = campaign.subjectTest?.winner?.rawValue ?? ""
        words = comparison.words(SubjectFigures.counted)
        confidence = comparison.confidence
    }
}

extension CampaignReport.Subjects.Group {
    fileprivate init(_ group: ShareComparison.Group) { (delivered, left) = (group.people, group.counted) }
}
