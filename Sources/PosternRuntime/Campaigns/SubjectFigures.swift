import Campaigns
import OutboundPolicy
import Storage

/// What came of two subjects.
enum SubjectFigures {
    /// What decides: who left the list by the copy, or called it spam. It is known of everybody whose provider says so, it is rare, and it
    /// says whom a subject drove away rather than whom it drew. Opens decide nothing: machines make most of them. Clicks neither: they are
    /// known of those alone who consented, and these are not like the others.
    static let counted = "left the list or called it spam"

    /// Of those who got a copy.
    static func comparison(_ counts: [CampaignSubjectCount]) -> ShareComparison {
        func group(_ isOther: Bool) -> ShareComparison.Group {
            let own = counts.filter { $0.isOther == isOther && $0.state == .delivered }
            return ShareComparison.Group(
                people: own.reduce(0) { $0 + $1.count }, counted: own.filter(\.hasLeft).reduce(0) { $0 + $1.count })
        }
        return ShareComparison(group(false), group(true))
    }

    /// Of those whose clicks are counted.
    static func comparison(_ clicks: [CampaignSubjectClicks]) -> ShareComparison {
        func group(_ isOther: Bool) -> ShareComparison.Group {
            let own = clicks.filter { $0.isOther == isOther }
            return ShareComparison.Group(people: own.reduce(0) { $0 + $1.people }, counted: own.reduce(0) { $0 + $1.clicked })
        }
        return ShareComparison(group(false), group(true))
    }
}

extension CampaignReport.Subjects {
    init(_ campaign: Campaign, _ counts: [CampaignSubjectCount], _ clicks: [CampaignSubjectClicks]) {
        let comparison = SubjectFigures.comparison(counts)
        (first, second) = (Group(comparison.first), Group(comparison.second))
        winner = campaign.subjectTest?.winner?.rawValue ?? ""
        words = comparison.words(SubjectFigures.counted)
        confidence = comparison.confidence
        guard campaign.tracks == true else { return }
        let followed = SubjectFigures.comparison(clicks)
        (first.counted, second.counted) = (followed.first.people, followed.second.people)
        (first.clicked, second.clicked) = (followed.first.counted, followed.second.counted)
        clickWords =
            "Of those who consented to its being counted, \(followed.words("followed a link")) It decides nothing: they are few, and not like the others."
    }
}

extension CampaignReport.Subjects.Group {
    fileprivate init(_ group: ShareComparison.Group) { (delivered, left) = (group.people, group.counted) }
}
