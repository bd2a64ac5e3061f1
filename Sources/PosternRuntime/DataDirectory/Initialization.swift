package import MailModel
import OutboundPolicy
import Storage
import Submission

/// Makes a data directory ready for its first start. Running it again adds what is missing and changes nothing that is there.
package struct Initialization: Sendable {
    package var directory: DataDirectory
    /// Nil: the machine's name.
    package var hostName: DomainName?
    /// Nil takes a free number at each start.
    package var node: UInt8?
    /// A copy of the master key of a node that runs on the store already; nil makes one for a new store.
    package var masterKeyFile: String?
    /// `storage.url` of new settings; nil for an SQLite file in the directory.
    package var storage: String?
    /// The first administrator; nil takes `admin@` and the host name.
    package var administrator: EmailAddress?
    /// The domain to make DKIM keys for; nil takes the host name.
    package var domain: DomainName?
    /// Keys and values to write into a new settings file, as they would stand there.
    package var settings: [String: String]
    /// What the hash of the administrator's password costs; tests take less.
    var passwordCost = PasswordHash.Cost.standard

    package init(
        directory: DataDirectory, hostName: DomainName? = nil, node: UInt8? = nil, administrator: EmailAddress? = nil,
        domain: DomainName? = nil, masterKeyFile: String? = nil, storage: String? = nil, settings: [String: String] = [:]
    ) {
        self.directory = directory
        self.hostName = hostName
        self.node = node
        self.masterKeyFile = masterKeyFile
        self.storage = storage
        self.administrator = administrator
        self.domain = domain
        self.settings = settings
    }

    /// What came of it.
    package struct Report: Sendable {
        /// Files written, by path.
        package var written: [String] = []
        /// True where the store held a directory already: nothing in it was changed.
        package var joinedExistingStore = false
        /// True where a gate runs on the directory, so that the store was left alone.
        package var isGateRunning = false
        /// The first administrator and the password, which is shown this once; nil where there was one already.
        package var administrator: EmailAddress?
        package var password: String?
        package var dkimKeys: [DKIMKeyView] = []
        package var hostName: DomainName
    }

    package func perform(now: Timestamp) async throws -> Report {
        try AtomicFile.makeDirectory(directory.root, mode: 0o700)
        try AtomicFile.makeDirectory(directory.path(of: "secrets"), mode: 0o700)
        try AtomicFile.makeDirectory(directory.path(of: "tls"), mode: 0o700)
        var report = Report(hostName: hostName ?? .ofThisMachine)
        try writeSettings(&report)
        let settings = try directory.settings()
        report.hostName = settings.node.hostName
        try writeCertificate(settings, now: now, &report)
        guard let lock = try DirectoryLock.acquire(directory) else {
            report.isGateRunning = true
            return report
        }
        try await writeMasterKey(settings, lock, &report)
        let (directory, isNew) = (directory, try StoreLocation(settings.storage, in: directory).isNew())
        let store = try await BlockingWork.runLong {
            try OpenStore(directory, settings: settings, lock: lock, choice: isNew ? .apply : nil)
        }
        do {
            if let vault = store.vault { try await MasterKeyCheck.perform(store, vault, directory: directory) }
            var administration = store.administration
            administration.passwordCost = passwordCost
            try await fill(administration, settings, now: now, &report)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return report
    }

    /// The key that was given, the one that is there, or a new one; but no new one beside a store that has another.
    private func writeMasterKey(_ settings: Settings, _ lock: DirectoryLock, _ report: inout Report) async throws {
        var given: [UInt8]?
        if let masterKeyFile {
            let key = try AtomicFile.read(masterKeyFile, bytesMax: 4096)
            // Throws where it is no key.
            _ = try KeyVault(masterKey: key)
            given = key
        }
        if AtomicFile.exists(directory.masterKey) {
            guard try given == nil || AtomicFile.read(directory.masterKey, bytesMax: 4096) == given else {
                throw AdministrationError(
                    .conflict, "\(directory.masterKey) is there, with another key", "Move it away first if it is not needed any more.")
            }
            return
        }
        if given == nil, try await isInUse(settings) { throw MasterKeyCheck.missingKey(directory) }
        try AtomicFile.write(given ?? KeyVault.randomKey(), to: directory.masterKey, mode: 0o600)
        report.written.append(directory.masterKey)
    }

    /// Whether another node has left its word in a store that is shared.
    private func isInUse(_ settings: Settings) async throws -> Bool {
        let location = try StoreLocation(settings.storage, in: directory)
        guard location.isShared, try !location.isNew() else { return false }
        let directory = directory
        let store = try await BlockingWork.runLong { try OpenStore(directory, settings: settings, lock: nil) }
        let result: Result<Bool, any Error>
        do { result = .success(try await MasterKeyCheck.word(store) != nil) } catch { result = .failure(error) }
        await store.close()
        return try result.get()
    }

    /// The settings file is a person's once it is there.
    private func refuseOtherStore() throws {
        guard let wanted = storage, try directory.settings().storage.url != wanted else { return }
        throw AdministrationError(
            .conflict, "\(directory.settingsFile) is there, and names another store", "Change storage.url there, or take a new directory.")
    }

    private func writeSettings(_ report: inout Report) throws {
        guard !directory.isInitialized else { return try refuseOtherStore() }
        var values = settings
        if let node { values["node.id"] = "\(node)" }
        // As YAML quotes: nothing in it is read as anything else.
        if let storage { values["storage.url"] = "'\(storage.replacing("'", with: "''"))'" }
        values["node.host-name"] = report.hostName.text
        let text = SettingsFile.text(values: values)
        // Checked before it is written: a data directory never begins with settings that do not load.
        _ = try SettingsLoader(environment: [:]).load(file: Array(text.utf8), fileName: directory.settingsFile)
        try AtomicFile.write(Array(text.utf8), to: directory.settingsFile, mode: 0o600)
        report.written.append(directory.settingsFile)
    }

    private func writeCertificate(_ settings: Settings, now: Timestamp, _ report: inout Report) throws {
        let certificate = directory.path(of: settings.tls.certificate)
        let key = directory.path(of: settings.tls.key)
        guard !AtomicFile.exists(certificate), !AtomicFile.exists(key) else { return }
        let pem = try SelfSignedCertificate.make(hostName: settings.node.hostName, now: now)
        try AtomicFile.write(Array(pem.key.utf8), to: key, mode: 0o600)
        try AtomicFile.write(Array(pem.certificate.utf8), to: certificate, mode: 0o644)
        report.written += [key, certificate]
    }

    private func fill(_ administration: Administration, _ settings: Settings, now: Timestamp, _ report: inout Report) async throws {
        let directory = try await administration.directory()
        if directory.version == 0 { report.written.append("\(try StoreLocation(settings.storage, in: self.directory))") }
        let act = Act(actor: LocalUser.actor, reason: "first start", at: now)
        // The administrator is made last: where there is one, the rest was done.
        guard directory.accounts.isEmpty else {
            report.joinedExistingStore = true
            return
        }
        if directory.routes.isEmpty {
            _ = try await administration.perform(
                AddRoute(route: Route(name: "built-in", kind: .builtIn, createdAt: now), password: nil), act)
        }
        if directory.dkimKeys.isEmpty {
            let domain = domain ?? settings.node.hostName
            report.dkimKeys = try await administration.perform(AddDKIMKeys(domain: domain, selector: nil), act)
        } else {
            report.dkimKeys = try await administration.perform(ListDKIMKeys(domain: nil), act)
        }
        guard let address = administrator ?? EmailAddress(localPart: "admin", host: .domain(settings.node.hostName)) else { return }
        let outcome = try await administration.perform(AddAccount(address: address, roles: ["administrator"]), act)
        report.administrator = address
        report.password = outcome.generatedPassword
    }
}
