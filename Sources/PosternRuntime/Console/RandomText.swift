/// Names that nobody can guess.
enum RandomText {
    /// Of 128 random bits, in letters and digits.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
            + String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
    }
}
