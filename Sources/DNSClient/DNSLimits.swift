/// Bounds on what one answer may bring, whatever a zone publishes.
enum DNSLimits {
    /// Records taken from one answer; those beyond are left out. The largest mail domains publish a dozen.
    static let recordsMax = 100
    /// How often queries are looked at for their time-out, in milliseconds.
    static let sweepMilliseconds: Int32 = 100
}
