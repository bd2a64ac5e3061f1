/// How much header is read before a message is refused. Sixty times what real mail has.
package struct HeaderLimits: Hashable, Sendable {
    /// Fields in one header, 1 or more.
    package var fieldsMax: Int
    /// Octets of one header with its empty line, 1 or more.
    package var bytesMax: Int

    package init(fieldsMax: Int, bytesMax: Int) {
        precondition(fieldsMax > 0 && bytesMax > 0 && bytesMax < Int.max / 2)
        self.fieldsMax = fieldsMax
        self.bytesMax = bytesMax
    }

    package static let standard = HeaderLimits(fieldsMax: 1000, bytesMax: 262_144)
}
