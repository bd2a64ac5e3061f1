import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct InitializationTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func initialize(_ path: String) async throws -> Initialization.Report {
        var initialization = Initialization(
            directory: DataDirectory(path), hostName: DomainName("gate.example.org"), administrator: EmailAddress("root@example.org"),
            domain: DomainName("example.org"))
        initialization.passwordCost = TestData.passwordCost
        return try await initialization.perform(now: now)
    }

    private func directory(_ path: String) async throws -> Directory {
        guard case .store(let store) = try await AdministrationAccess.open(DataDirectory(path)) else {
            throw AdministrationError(.failed, "a gate runs")
        }
        let directory = try await store.administration.directory()
        await store.close()
        return directory
    }

    @Test func makesADirectoryThatHoldsAllAGateNeeds() async throws {
        let temporary = try TemporaryDirectory()
        let data = "\(temporary.path)/data"
        let report = try await initialize(data)
        #expect(report.administrator == EmailAddress("root@example.org"))
        #expect(report.password?.isEmpty == false)
        #expect(report.dkimKeys.map(\.recordName) == ["p202701r._domainkey.example.org", "p202701e._domainkey.example.org"])
        let settings = try DataDirectory(data).settings()
        #expect(settings.node.hostName == DomainName("gate.example.org"))
        let directory = try await directory(data)
        #expect(directory.routes["built-in"]?.kind == .builtIn)
        #expect(directory.accounts["root@example.org"]?.roles == ["administrator"])
        #expect(directory.dkimKeys[DomainName("example.org")!]?.count == 2)
    }

    @Test func onlyItsOwnerCanReadTheSecrets() async throws {
        let temporary = try TemporaryDirectory()
        let data = "\(temporary.path)/data"
        _ = try await initialize(data)
        for (name, mode) in [
            ("", 0o700), ("secrets", 0o700), ("secrets/master.key", 0o600), ("tls/key.pem", 0o600), ("postern.yaml", 0o600),
        ] {
            let found = try FileManager.default.attributesOfItem(atPath: "\(data)/\(name)")[.posixPermissions] as? Int
            #expect(found == mode, "\(name)")
        }
    }

    @Test func theKeysInTheStoreOpenUnderTheMasterKeyAlone() async throws {
        let temporary = try TemporaryDirectory()
        _ = try await initialize(temporary.path)
        let keys = try #require(try await directory(temporary.path).dkimKeys[DomainName("example.org")!])
        let vault = try KeyVault(DataDirectory(temporary.path))
        for key in keys {
            #expect(String(decoding: try vault.privateKeyPEM(of: key), as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----"))
            #expect(!key.sealedPrivateKey.contains("PRIVATE"))
        }
    }

    @Test func runningItAgainChangesNothing() async throws {
        let temporary = try TemporaryDirectory()
        _ = try await initialize(temporary.path)
        let before = try await directory(temporary.path)
        let master = try AtomicFile.read("\(temporary.path)/secrets/master.key", bytesMax: 100)
        let again = try await initialize(temporary.path)
        #expect(again.joinedExistingStore)
        #expect(again.written == [])
        #expect(again.password == nil)
        #expect(try await directory(temporary.path).version == before.version)
        #expect(try AtomicFile.read("\(temporary.path)/secrets/master.key", bytesMax: 100) == master)
    }

    @Test func whileAGateHoldsTheDirectoryTheStoreIsLeftAlone() async throws {
        let temporary = try TemporaryDirectory()
        _ = try await initialize(temporary.path)
        let lock = try DirectoryLock.acquire(DataDirectory(temporary.path))
        #expect(lock != nil)
        #expect(try await initialize(temporary.path).isGateRunning)
        withExtendedLifetime(lock) {}
    }
}
