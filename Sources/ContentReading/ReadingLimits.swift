/// How far the content of a message is read. What lies beyond is not looked at, and the content says that it was cut.
package enum ReadingLimits {
    /// Octets of text and HTML of one message, decoded; ten times what a long newsletter has.
    package static let textBytesMax = 1 << 20
    /// Octets of one HTML part that the reader is given.
    static let htmlBytesMax = 512 << 10
    /// Elements of one HTML part. With the two above, this bounds the time of the HTML reader.
    static let elementsMax = 20_000
    /// Elements open at once.
    static let elementDepthMax = 200
    static let linksMax = 500
    /// Octets at the start of a part that say what it is.
    static let startBytes = 16
    static let linkTextBytesMax = 200
    /// Names of hosts looked up for one message; the rest stand as they are.
    static let hostsMax = 200
}
