import Foundation
import MailModel
import NIOSSL
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct DataDirectoryTests {
    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func aFileIsReplacedWholeWithItsMode() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/file"
        try AtomicFile.write([1, 2, 3], to: path, mode: 0o644)
        try AtomicFile.write([4], to: path, mode: 0o600)
        #expect(try AtomicFile.read(path, bytesMax: 10) == [4])
        #expect(try mode(path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
    }

    @Test func aFileOverItsLimitIsNotRead() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/file"
        try AtomicFile.write([1, 2, 3], to: path, mode: 0o600)
        #expect(try AtomicFile.read(path, bytesMax: 3) == [1, 2, 3])
        #expect(throws: FileError.self) { try AtomicFile.read(path, bytesMax: 2) }
    }

    @Test func directoriesAreMadeWithThoseAboveThem() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a/b/c"
        try AtomicFile.makeDirectory(path, mode: 0o700)
        try AtomicFile.makeDirectory(path, mode: 0o700)
        #expect(try mode(path) == 0o700)
        try AtomicFile.write([], to: "\(directory.path)/file", mode: 0o600)
        #expect(throws: FileError.self) { try AtomicFile.makeDirectory("\(directory.path)/file", mode: 0o700) }
    }

    @Test func oneHolderAtATimeHasTheLock() throws {
        let temporary = try TemporaryDirectory()
        let directory = DataDirectory(temporary.path)
        var first = try DirectoryLock.acquire(directory)
        #expect(first != nil)
        #expect(try DirectoryLock.acquire(directory) == nil)
        first = nil
        #expect(try DirectoryLock.acquire(directory) != nil)
    }

    @Test(arguments: [("/var/lib/postern/", "/var/lib/postern"), ("/x", "/x")])
    func anAbsolutePathStays(path: String, root: String) {
        #expect(DataDirectory(path).root == root)
        #expect(DataDirectory(path).path(of: "tls/key.pem") == "\(root)/tls/key.pem")
        #expect(DataDirectory(path).path(of: "/etc/key.pem") == "/etc/key.pem")
    }

    @Test func aSealedKeyOpensInItsContextOnly() throws {
        let vault = try KeyVault(masterKey: [UInt8](repeating: 7, count: 32))
        let box = try vault.seal([1, 2, 3], context: "dkim a")
        #expect(try vault.open(box, context: "dkim a") == [1, 2, 3])
        #expect(try vault.seal([1, 2, 3], context: "dkim a") != box)
        #expect(throws: KeyVault.UnreadableError.self) { try vault.open(box, context: "dkim b") }
        let changed = (box.hasPrefix("A") ? "B" : "A") + box.dropFirst()
        #expect(throws: KeyVault.UnreadableError.self) { try vault.open(changed, context: "dkim a") }
        let other = try KeyVault(masterKey: [UInt8](repeating: 8, count: 32))
        #expect(throws: KeyVault.UnreadableError.self) { try other.open(box, context: "dkim a") }
        #expect(throws: KeyVault.UnreadableError.self) { try KeyVault(masterKey: [1]) }
    }

    @Test func theSelfSignedCertificateIsOneThatOurTLSTakes() throws {
        let pem = try SelfSignedCertificate.make(hostName: DomainName("gate.example.org")!, now: Timestamp(seconds: 1_800_000_000))
        let certificate = try NIOSSLCertificate(bytes: Array(pem.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(pem.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        _ = try NIOSSLContext(configuration: configuration)
        let text = String(describing: certificate)
        #expect(text.contains("gate.example.org"))
        #expect(text.contains("localhost"))
    }

    @Test func generatedPasswordsAreLongAndDiffer() {
        let passwords = Set((0..<100).map { _ in GeneratedPassword.make() })
        #expect(passwords.count == 100)
        #expect(passwords.allSatisfy { $0.filter { $0 != "-" }.count == 26 })
    }
}
