/// Checks a whole content that did not come by SMTP as one that did: line ends, line length, NUL, size.
package enum ContentCheck {
    /// The content with an end to its last line, or the first defect in it.
    package static func check(
        _ content: [UInt8], limits: SMTPServerLimits
    ) -> (content: [UInt8], defect: ContentDefect?, has8Bit: Bool) {
        var collector = ContentCollector(
            framing: .counted, lineBytesMax: limits.textLineBytesMax, messageBytesMax: limits.messageBytesMax,
            expectedBytes: content.count)
        content.withUnsafeBytes { _ = collector.consume($0) }
        collector.finish()
        return (collector.bytes, collector.defect, collector.has8Bit)
    }
}
