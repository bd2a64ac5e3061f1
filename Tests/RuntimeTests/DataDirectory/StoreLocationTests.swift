import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct StoreLocationTests {
    private let directory = DataDirectory("/var/lib/postern")

    private func location(_ url: String) throws -> StoreLocation {
        let settings = try SettingsLoader(overrides: ["storage.url=\(url)"], environment: [:]).load(file: nil, fileName: "")
        return try StoreLocation(settings.storage, in: directory)
    }

    @Test func aFileLiesInTheDataDirectoryUnlessItsPathIsAbsolute() throws {
        #expect(try location("sqlite:store.sqlite") == .sqlite(path: "/var/lib/postern/store.sqlite"))
        #expect(try location("sqlite:/srv/store.sqlite") == .sqlite(path: "/srv/store.sqlite"))
        #expect(try !location("sqlite:store.sqlite").isShared)
    }

    @Test func aDatabaseIsShownWithoutItsPassword() throws {
        let location = try location("postgresql://postern:geheim@db.example.org/postern?sslmode=verify-full")
        #expect(location.isShared)
        #expect("\(location)" == "postgresql://postern@db.example.org/postern?sslmode=verify-full")
    }

    @Test(arguments: ["sqlite:", "mysql://geheim@x/y", "postgresql://u:geheim@h:x/y", "postgresql://u:geheim@h/"])
    func whatCannotBeReadIsNamedWithoutItsPassword(url: String) {
        let error = #expect(throws: SettingsError.self) { try location(url) }
        #expect(error?.description.contains("storage.url") == true)
        #expect(error?.description.contains("geheim") == false)
    }

    @Test func theLastRunIsReadBackAndOthersFilesAreNone() throws {
        let temporary = try TemporaryDirectory()
        let directory = DataDirectory(temporary.path)
        #expect(LastRun.read(directory) == nil)
        try LastRun.write(4711, directory)
        #expect(LastRun.read(directory) == 4711)
        try AtomicFile.write(Array("no number".utf8), to: directory.lastRun, mode: 0o600)
        #expect(LastRun.read(directory) == nil)
    }

    @Test func anotherMasterKeyIsNoticed() async throws {
        let data = try await TestData()
        let vault = try #require(data.store.vault)
        try await MasterKeyCheck.perform(data.store, vault, directory: data.directory)
        let other = try KeyVault(masterKey: KeyVault.randomKey())
        let error = await #expect(throws: AdministrationError.self) {
            try await MasterKeyCheck.perform(data.store, other, directory: data.directory)
        }
        #expect(error?.advice.contains("--master-key") == true)
    }

    @Test func settingsThatAreThereKeepTheirStore() async throws {
        let data = try await TestData()
        await data.store.close()
        let error = await #expect(throws: AdministrationError.self) {
            _ = try await Initialization(directory: data.directory, storage: "postgresql://u@h/other").perform(now: TestData.now)
        }
        #expect(error?.kind == .conflict)
    }
}
