package import MailModel

/// What `postern bounce` says of one file.
package struct BounceView: Codable, Sendable {
    package struct Report: Codable, Sendable {
        package var recipient: String
        package var action: String
        package var status: String
        /// Nil where no reply is known.
        package var replyCode: Int?
        package var bounceClass: String
        package var hard: Bool

        private enum CodingKeys: String, CodingKey {
            case recipient, action, status
            case replyCode = "reply_code"
            case bounceClass = "class"
            case hard
        }
    }

    package var file: String
    package var kind: String
    package var reports: [Report]

    package init(file: String, _ content: [UInt8], at time: Timestamp) {
        let reading = ReturnedReading.of(content, source: .manual, at: time, authenticity: .unproven("a file"))
        self.file = file
        kind = reading.kind.rawValue
        reports = reading.reports.map { report in
            Report(
                recipient: report.recipient?.description ?? "", action: report.action?.rawValue ?? "",
                status: report.status?.description ?? "", replyCode: report.replyCode, bounceClass: report.bounceClass.rawValue,
                hard: report.isHard)
        }
    }
}
