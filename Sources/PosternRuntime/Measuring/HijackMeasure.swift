package import Simulation

/// How soon hijacked accounts are stopped, and how often others are stopped by mistake.
package enum HijackMeasure {
    package struct View: Codable, Sendable {
        package var senderDays = 0
        package var usualMessages = 0
        package var usualByVerdict: [String: Int] = [:]
        package var falseRestrictions: [String] = []
        package var falseRefusals = 0
        /// Attacks by one account, and by five at a fifth of the rate each.
        package var attacksByOne: [HijackReport.Attack] = []
        package var attacksByFive: [HijackReport.Attack] = []
        package var medianLeftByOne = 0
        package var medianLeftByFive = 0
        package var unrestricted = 0
        package var normalAfterVerdict = 0
    }

    /// `campaigns`: a folder of spam whose texts are sent; nil for our own. `attacks`: of each kind.
    package static func measure(senderDays: Int, campaigns: String?, attacks: Int) throws -> [View] {
        let texts = try campaigns.map { try HijackTrial.texts($0, countMax: 2000) } ?? []
        var view = View()
        for number in 0..<attacks {
            for hijacked in [1, 5] {
                var plan = HijackPlan()
                (plan.seed, plan.senders, plan.hijacked) = (UInt64(number + 1), 8, hijacked)
                if !texts.isEmpty { plan.campaignTexts = texts }
                let report = HijackTrial.run(plan)
                if hijacked == 1 { view.attacksByOne += report.attacks } else { view.attacksByFive += report.attacks }
                view.falseRestrictions += report.falseRestrictions
            }
        }
        var usual = HijackPlan()
        (usual.senders, usual.days, usual.hijacked) = (max(1, senderDays / 20), min(20, max(1, senderDays)), 0)
        let report = HijackTrial.run(usual)
        (view.senderDays, view.usualMessages, view.usualByVerdict) = (report.senderDays, report.usualMessages, report.usualByVerdict)
        view.falseRestrictions += report.falseRestrictions
        view.falseRefusals = report.falseRefusals
        view.medianLeftByOne = median(view.attacksByOne.map(\.left))
        view.medianLeftByFive = median(view.attacksByFive.map(\.left))
        let all = view.attacksByOne + view.attacksByFive
        view.unrestricted = all.count { $0.restrictedAfterSeconds == nil }
        view.normalAfterVerdict = all.reduce(0) { $0 + $1.normalAfterVerdict }
        return [view]
    }

    private static func median(_ numbers: [Int]) -> Int { numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2] }
}
