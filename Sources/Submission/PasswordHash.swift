import Crypto
import CryptoExtras
import Foundation
package import OutboundPolicy

/// A password as the store keeps it: scrypt (RFC 7914) with its parameters, `scrypt$ln=14,r=8,p=5$salt$hash`, salt and hash in base 64.
package struct PasswordHash: Hashable, Sendable, CustomStringConvertible {
    /// What one check costs.
    package struct Cost: Hashable, Sendable {
        /// log2 of the rounds, 1…17.
        package var logRounds: Int
        /// 1…32.
        package var blockSize: Int
        /// 1…16.
        package var parallelism: Int

        package init(logRounds: Int, blockSize: Int, parallelism: Int) {
            self.logRounds = logRounds
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// For passwords that people choose. Of the equally strong settings that OWASP lists, the one that needs 16 MiB a check:
        /// a gate checks several at a time.
        package static let standard = Cost(logRounds: 14, blockSize: 8, parallelism: 5)
        /// For app passwords, which are 128 random bits: those cannot be guessed at any speed, so a slow check would protect nothing.
        package static let generated = Cost(logRounds: 10, blockSize: 8, parallelism: 1)
    }

    /// Passwords longer than this are refused before they are hashed.
    package static let passwordBytesMax = 1024
    private static let hashBytes = 32
    private static let saltBytes = 16

    package let cost: Cost
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// Reads the text form; nil for anything else, and for parameters that would let one check take gigabytes or minutes.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "scrypt", let cost = Cost(parts[1]), let salt = Data(base64Encoded: String(parts[2])),
            let hash = Data(base64Encoded: String(parts[3])), (8...64).contains(salt.count), hash.count == PasswordHash.hashBytes
        else { return nil }
        self.cost = cost
        self.salt = Array(salt)
        self.hash = Array(hash)
    }

    /// Hashes a password under a fresh salt. Takes about a quarter of a second of processor time at standard cost: never on an event loop.
    package init(password: [UInt8], cost: Cost = .standard) throws {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<PasswordHash.saltBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        self.cost = cost
        self.salt = salt
        hash = try PasswordHash.derive(password, salt, cost)
    }

    /// Compared in constant time; as slow as hashing.
    package func matches(_ password: [UInt8]) -> Bool {
        guard password.count <= PasswordHash.passwordBytesMax, let derived = try? PasswordHash.derive(password, salt, cost) else {
            // Deriving fails for lack of memory alone; a password that could not be checked is a wrong one.
            return false
        }
        return zip(derived, hash).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    package var description: String {
        "scrypt$\(cost)$\(Data(salt).base64EncodedString())$\(Data(hash).base64EncodedString())"
    }

    /// True where the password would be hashed otherwise today: hash it again at the next sign-in that succeeds.
    package var isOutdated: Bool { cost != .standard && cost != .generated }

    private static func derive(_ password: [UInt8], _ salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: hashBytes, rounds: 1 << cost.logRounds, blockSize: cost.blockSize,
            parallelism: cost.parallelism
        ).withUnsafeBytes { Array($0) }
    }

    /// Whether `password` is one of the account's. An unknown (nil) or disabled account costs as much as a known one, so that the time
    /// an answer takes does not say which addresses exist. Slow: never on an event loop.
    package static func accepts(_ password: [UInt8], for account: Account?) -> Bool {
        guard let account, !account.isDisabled else {
            _ = decoy?.matches(password)
            return false
        }
        let matchesAppPassword = account.appPasswords.contains { PasswordHash($0.hash)?.matches(password) ?? false }
        if matchesAppPassword { return true }
        guard let text = account.passwordHash, let own = PasswordHash(text) else {
            _ = decoy?.matches(password)
            return false
        }
        return own.matches(password)
    }

    private static let decoy = try? PasswordHash(password: Array("nobody's".utf8))
}

extension PasswordHash.Cost: CustomStringConvertible {
    /// `ln=14,r=8,p=5`; nil where a number is out of its range or the memory would be over 64 MiB.
    init?(_ text: some StringProtocol) {
        var numbers: [String: Int] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, pair[1].utf8.count <= 3, let number = Int(pair[1]) else { return nil }
            numbers[String(pair[0])] = number
        }
        guard numbers.count == 3, let logRounds = numbers["ln"], (1...17).contains(logRounds), let blockSize = numbers["r"],
            (1...32).contains(blockSize), let parallelism = numbers["p"], (1...16).contains(parallelism),
            (128 * blockSize) << logRounds <= 67_108_864
        else { return nil }
        self.init(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
    }

    package var description: String { "ln=\(logRounds),r=\(blockSize),p=\(parallelism)" }
}
