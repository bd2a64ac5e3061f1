import Foundation
import MailModel
import OutboundPolicy
import Storage

/// What reading the directory costs on a store with many accounts: all of it, and one change after that.
package struct DirectoryCost: Codable, Hashable, Sendable {
    package var accounts: Int
    package var wholeMilliseconds: Int
    /// After one account was changed; the mean of `changes`.
    package var changedMilliseconds: Double
    package var changes: Int

    private static let batch = 1000

    /// In a store of its own, which is removed.
    package static func measure(accounts: Int, changes: Int) throws -> DirectoryCost {
        let name = "postern-measure-\(ProcessInfo.processInfo.processIdentifier)"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(path: folder.appendingPathComponent("store.sqlite").path, migration: .apply)
        for start in stride(from: 0, to: accounts, by: batch) {
            _ = try store.commit([.changeAll(try (start..<min(start + batch, accounts)).map { try change($0, isDisabled: false) })])
        }
        let whole = try time { _ = try store.directory() }
        var spent = 0.0
        for number in 0..<changes {
            _ = try store.commit([.changeAll([try change(number * 7919 % accounts, isDisabled: true)])])
            spent += try time { _ = try store.directory() }
        }
        try store.close()
        return DirectoryCost(
            accounts: accounts, wholeMilliseconds: Int(whole), changedMilliseconds: spent / Double(max(1, changes)), changes: changes)
    }

    private static func change(_ number: Int, isDisabled: Bool) throws -> DirectoryChange {
        guard let address = EmailAddress("s\(number)@home.example") else { preconditionFailure("an address of our own making") }
        var account = Account(address: address, passwordHash: "scrypt$17$8$1$\(String(repeating: "c2Fs", count: 16))")
        account.isDisabled = isDisabled
        let entry = AuditEntry(at: .now, actor: "postern", action: "account.add", target: address.key, reason: "measured")
        return try DirectoryChange(.account, name: address.key, account, entry: entry)
    }

    /// In milliseconds.
    private static func time(_ body: () throws -> Void) rethrows -> Double {
        let began = ContinuousClock.now
        try body()
        return (ContinuousClock.now - began) / .milliseconds(1)
    }
}
