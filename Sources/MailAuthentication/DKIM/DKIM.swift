/// DKIM (RFC 6376) with the algorithms of RFC 8301 and RFC 8463, without DNS: key records come as values.
package enum DKIM {
    /// Signatures of one message that are looked at; more are ignored, as RFC 6376 §6.1 allows.
    package static let signaturesMax = 10
}
