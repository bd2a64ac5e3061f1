import MailModel

// What the way proves of it.
extension ReturnedReading {
    /// The domain whose signature is believed; nil for none.
    mutating func believe(_ signer: DomainName?) {
        for place in reports.indices {
            reports[place].authenticity = signer.map { .proven(by: "dkim=\($0)") } ?? .unproven("no signature of a complaint source")
        }
    }

    /// What is kept of it. `token`: whom the return path in it names, which the signature of a complaint covers.
    ///
    /// A return path of ours proves a bounce of that recipient alone, and nothing of a complaint: anybody who got the mail knows it.
    func reports(
        for recipients: [ReportRecipients.Recipient], token: RecipientID?, at now: Timestamp
    ) -> [ReturnedReport] {
        let named = recipients.compactMap { if case .returnPath(let id) = $0 { id } else { nil } }
        if kind == .complaint {
            return reports.map { report in
                var report = report
                report.token = token ?? named.first
                return report
            }
        }
        guard !named.isEmpty else { return reports.isEmpty ? [unread(now)] : reports }
        return named.map { id in
            // It left to one recipient: where several are named, a host on its way sent it on.
            var report = reports.first(where: \.isHard) ?? reports.first ?? unread(now)
            report.token = id
            report.authenticity = .proven(by: "return-path")
            return report
        }
    }

    private func unread(_ now: Timestamp) -> ReturnedReport {
        ReturnedReport(
            source: .listener, kind: .other, bounceClass: .undetermined, reporter: reporter, at: now,
            authenticity: .unproven("it says nothing of mail that came back"))
    }
}
