/// Why octets are no report that can be read, in one clause.
package struct ReportFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var text: String

    init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// Bounds of what one report may cost. Real ones stay far below.
enum ReportLimits {
    /// Of what is handed in, and of a part of a message.
    static let bytesMax = 20 << 20
    /// Of what an archive holds.
    static let expandedBytesMax = 64 << 20
    static let entriesMax = 10
    static let partsMax = 50
    static let recordsMax = 50_000
    static let depthMax = 16
    /// Of the text of one element.
    static let textBytesMax = 2_048
    /// Results of SPF or DKIM in one record; reasons of one record.
    static let resultsMax = 50
    /// Policies of a TLS report, and failures of each.
    static let policiesMax = 1_000
}
