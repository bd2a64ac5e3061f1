package import MailModel

/// How often classes are right, by rows that people have labelled: a file of `file,index,status,reply_code,reason,hard_bounce` beside the messages.
package struct BounceEvaluation {
    /// One line of the table.
    package struct Row: Codable, Sendable {
        /// All rows, or one half of the files by a fixed hash.
        package var rows: String
        package var count: Int
        package var hardRight: Int
        package var classRight: Int
        /// Complaints and automatic answers that were taken for bounces.
        package var countedAsBounces: Int

        package var cells: [String] {
            [rows, "\(count)", percent(hardRight), percent(classRight), "\(countedAsBounces)"]
        }

        private func percent(_ right: Int) -> String {
            let tenths = count == 0 ? 0 : (right * 2_000 + count) / (2 * count)
            return "\(right) (\(tenths / 10).\(tenths % 10) %)"
        }
    }

    /// One row that is not as labelled.
    package struct Miss: Codable, Sendable {
        package var file: String
        package var index: Int
        package var expected: String
        package var found: String
        package var hardIsWrong: Bool
        package var words: String
    }

    private struct Expected {
        var file: String
        var index: Int
        var reason: String
        var isHard: Bool
    }

    private let expected: [Expected]
    package private(set) var misses: [Miss] = []

    /// Nil where the labels are not of that form.
    package init?(labels: String) {
        var expected: [Expected] = []
        for line in labels.split(whereSeparator: \.isNewline).dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 6, let index = Int(cells[1]), let isHard = Bool(cells[5]), Self.classes[cells[4]] != nil else {
                return nil
            }
            expected.append(Expected(file: cells[0], index: index, reason: cells[4], isHard: isHard))
        }
        self.expected = expected
    }

    /// `read`: the octets of a file.
    package mutating func rows(at time: Timestamp, read: (_ file: String) throws -> [UInt8]) rethrows -> [Row] {
        var rows = ["all", "first half", "second half"].map { Row(rows: $0, count: 0, hardRight: 0, classRight: 0, countedAsBounces: 0) }
        var readings: [String: ReturnedReading] = [:]
        for row in expected {
            if readings[row.file] == nil {
                readings[row.file] = ReturnedReading.of(
                    try read(row.file), source: .manual, at: time, authenticity: .unproven("a file"))
            }
            guard let reading = readings[row.file] else { continue }
            let report = row.index <= reading.reports.count ? reading.reports[row.index - 1] : nil
            let isHardRight = (report?.isHard ?? false) == row.isHard
            let isClassRight = report.map { Self.isRight($0.bounceClass, row.reason, row.isHard) } ?? false
            let isCounted = ["feedback", "vacation"].contains(row.reason) && reading.kind == .bounce
            for place in [0, Self.half(row.file)] {
                rows[place].count += 1
                if isHardRight { rows[place].hardRight += 1 }
                if isClassRight { rows[place].classRight += 1 }
                if isCounted { rows[place].countedAsBounces += 1 }
            }
            guard !isHardRight || !isClassRight else { continue }
            misses.append(
                Miss(
                    file: row.file, index: row.index, expected: row.reason, found: report?.bounceClass.rawValue ?? "no row",
                    hardIsWrong: !isHardRight, words: report?.diagnostic ?? ""))
        }
        return rows
    }

    /// 1 or 2: rules are made by looking at the first half, and the second says whether they hold elsewhere.
    private static func half(_ file: String) -> Int {
        var hash = StableHash()
        hash.add(file)
        return 1 + Int((hash.value >> 20) & 1)
    }

    private static func isRight(_ found: BounceClass, _ reason: String, _ isHard: Bool) -> Bool {
        // A host that takes no mail at all is a dead address for good (null MX), and else a host that takes none now.
        if reason == "notaccept", isHard { return found == .addressDead }
        return classes[reason] == found
    }

    /// The reasons of Sisimai, whose labels these are, and our classes for them.
    package static let classes: [String: BounceClass] = [
        "userunknown": .addressDead, "hostunknown": .addressDead, "hasmoved": .addressDead, "mailboxfull": .mailboxFull,
        "suspend": .suspended, "expired": .expired, "networkerror": .temporary, "systemerror": .temporary, "systemfull": .temporary,
        "mailererror": .temporary, "filtered": .policy, "rejected": .policy, "policyviolation": .policy, "securityerror": .policy,
        "contenterror": .content, "spamdetected": .content, "virusdetected": .virus, "authfailure": .authentication,
        "requireptr": .authentication, "blocked": .reputation, "badreputation": .reputation, "toomanyconn": .rate, "speeding": .rate,
        "norelaying": .relaying, "mesgtoobig": .size, "exceedlimit": .size, "notcompliantrfc": .protocolError,
        "syntaxerror": .protocolError, "notaccept": .notAccepting, "feedback": .complaint, "vacation": .autoReply, "delivered": .delivered,
        "onhold": .undetermined, "undefined": .undetermined,
    ]
}
