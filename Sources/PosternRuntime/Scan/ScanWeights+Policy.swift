package import ContentScan
package import OutboundPolicy

extension ScanWeights {
    /// The weights that a policy sets. A rule that this program does not know is left out: a newer one may have put it.
    package init(_ policy: ScanPolicy?) {
        self = .standard
        for (name, weight) in policy?.weights ?? [:] {
            if let rule = ScanRule(rawValue: name) { weights[rule] = weight }
        }
        if let from = policy?.suspiciousFrom { suspiciousFrom = from }
        if let from = policy?.spamFrom { spamFrom = from }
    }
}
