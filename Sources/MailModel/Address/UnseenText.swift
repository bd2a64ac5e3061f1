/// Characters beyond ASCII that nobody sees and some programs act on.
enum UnseenText {
    /// True where UTF-8 text holds a C1 control character (one of which begins terminal commands), a space or separator beside the ASCII
    /// ones, or a mark that turns the direction of reading. The joiners, which some languages need, are let pass.
    static func stands(in bytes: some Collection<UInt8>) -> Bool {
        var first: UInt8 = 0
        var second: UInt8 = 0
        for byte in bytes {
            if first == 0xC2, byte >= 0x80, byte <= 0xA0 { return true }
            if second == 0xE2, first == 0x80, byte <= 0xAF, byte != 0x8C, byte != 0x8D, byte < 0x90 || byte > 0xA7 { return true }
            if second == 0xE2, first == 0x81, byte >= 0xA0, byte <= 0xAF { return true }
            (second, first) = (first, byte)
        }
        return false
    }
}
