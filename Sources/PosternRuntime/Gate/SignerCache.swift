import Logging
import MailAuthentication
import MailModel
import OutboundPolicy
import Synchronization

/// The opened keys of the directory's domains. Replaced as a whole when the directory changes.
final class SignerCache: Sendable {
    private let signers = Mutex<[DomainName: [DKIMSigner]]>([:])
    private let isUsed: Mutex<Bool>
    private let vault: KeyVault
    private let logger: Logger

    /// `isUsed`: false leaves all mail unsigned.
    init(isUsed: Bool, vault: KeyVault, logger: Logger) {
        self.isUsed = Mutex(isUsed)
        self.vault = vault
        self.logger = logger
    }

    var isEmpty: Bool { signers.withLock { $0.isEmpty } }

    /// The domain's own keys, or those of the nearest domain above it that has some (DMARC's relaxed alignment accepts these).
    func signers(for domain: DomainName) -> [DKIMSigner] {
        signers.withLock { signers in
            if let own = signers[domain] { return own }
            return signers.first { domain.isWithin($0.key) }?.value ?? []
        }
    }

    func use(_ isUsed: Bool) { self.isUsed.withLock { $0 = isUsed } }

    func load(_ directory: Directory) {
        guard isUsed.withLock({ $0 }) else {
            signers.withLock { $0 = [:] }
            return
        }
        var opened: [DomainName: [DKIMSigner]] = [:]
        for (domain, records) in directory.dkimKeys {
            opened[domain] = records.filter(\.isActive).compactMap(open)
        }
        let loaded = opened.filter { !$0.value.isEmpty }
        signers.withLock { $0 = loaded }
    }

    private func open(_ record: DKIMKeyRecord) -> DKIMSigner? {
        do {
            let pem = try vault.privateKeyPEM(of: record)
            guard let selector = DomainName(record.selector) else { return nil }
            return DKIMSigner(
                domain: record.domain, selector: selector, key: try DKIMPrivateKey(pem: String(decoding: pem, as: UTF8.self)))
        } catch {
            logger.error(
                "a DKIM key cannot be used",
                metadata: ["dkim.domain": "\(record.domain)", "dkim.selector": "\(record.selector)", "error": "\(error)"])
            return nil
        }
    }
}
