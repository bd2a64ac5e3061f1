import NIOCore
package import OutboundPolicy

/// How mail is scanned before it is taken.
package struct ScanSettings: Hashable, Sendable {
    package var isOn: Bool
    /// 1 or more.
    package var threads: Int
    /// Messages that are scanned or wait for it.
    package var queueMax: Int
    package var timeout: Duration
    package var unscanned: UnscannedMail
    package var checksSenderDomain: Bool

    init(_ values: SettingValues) {
        isOn = values.boolean("scan.mail")
        let threads = values.integer("scan.threads")
        self.threads = threads == 0 ? System.coreCount : threads
        queueMax = values.integer("scan.queue")
        timeout = values.duration("scan.timeout")
        unscanned = UnscannedMail(rawValue: values.text("scan.unscanned")) ?? .defer
        checksSenderDomain = values.boolean("scan.sender-domain")
    }
}
