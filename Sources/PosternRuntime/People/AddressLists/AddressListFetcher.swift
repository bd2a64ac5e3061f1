import Campaigns
import DNSClient
import Foundation
import Logging
import MailModel
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Fetches lists that addresses are held against. What is no list does not take the place of the last good one.
struct AddressListFetcher: Sendable {
    let client: OutboundHTTP
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    let allowsPrivateAddresses: Bool
    let directory: DataDirectory

    private static let timeoutSeconds: Int64 = 60

    /// Nil where it was fetched; else why not.
    func fetch(_ source: AddressListSource) async throws -> String? {
        let (octets, problem) = await octets(of: source)
        let directory = directory
        return try await BlockingWork.runLong {
            var problem = problem
            if problem == nil {
                do { _ = try AddressList(source.place, source.kind, octets: octets) } catch { problem = "\(error)" }
            }
            try AtomicFile.makeDirectory(directory.path(of: AddressListSource.folder), mode: 0o700)
            if let problem {
                try AtomicFile.write(Array(problem.utf8.prefix(1000)), to: source.problemFile(in: directory), mode: 0o600)
            } else {
                try AtomicFile.write(octets, to: source.file(in: directory), mode: 0o600)
                unlink(source.problemFile(in: directory))
            }
            return problem
        }
    }

    private func octets(of source: AddressListSource) async -> ([UInt8], problem: String?) {
        let target: HTTPTarget
        switch HTTPTarget.read(source.place, allowsPrivateAddresses: allowsPrivateAddresses) {
        case .success(let read): target = read
        case .failure(let fault): return ([], fault.text)
        }
        let address: IPAddress
        switch await target.address(addresses) {
        case .success(let found): address = found
        case .failure(let fault): return ([], "\(target.hostField): \(fault.text)")
        }
        var call = HTTPPost(type: "", fields: [], body: [])
        (call.timeout, call.answerBytesMax) = (.seconds(AddressListFetcher.timeoutSeconds), AddressList.octetsMax)
        switch await client.get(target, at: address, call) {
        case .failure(let fault): return ([], "\(target.hostField): \(fault.text)")
        case .success(let answer) where answer.status != 200:
            return ([], "\(target.hostField) answered \(answer.status); redirects are not followed")
        case .success(let answer) where answer.isCut: return ([], "it has more than \(AddressList.octetsMax >> 20) MiB")
        case .success(let answer): return (answer.body, nil)
        }
    }
}

extension AddressListFetcher {
    /// With the gate's own resolver. Nil while it starts or stops.
    init?(_ administration: Administration, _ settings: DeliverySettings) throws {
        guard let dns = administration.live?.dns() else { return nil }
        client = try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton, extraRoots: settings.tlsRoots)
        addresses = { await dns.addresses($0) }
        allowsPrivateAddresses = settings.allowsSpecialAddresses
        directory = administration.dataDirectory
    }
}

/// Fetches the lists of the settings that lie on the web, each node for itself.
struct AddressListService: Service {
    let administration: Administration
    let live: LiveSettings
    let logger: Logger

    private static let look = Duration.seconds(30)
    /// After a failure.
    private static let again = Duration.seconds(1800)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await round(at: .now)
                } catch {
                    logger.warning("lists of addresses could not be fetched", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: AddressListService.look)
            }
        }
    }

    private func round(at now: Timestamp) async throws {
        let due = live.current.lists.sources.filter { isDue($0, at: now) }
        guard !due.isEmpty, let fetcher = try AddressListFetcher(administration, live.current.delivery) else { return }
        for source in due where !Task.isCancelled {
            guard let problem = try await fetcher.fetch(source) else { continue }
            logger.warning("a list of addresses could not be fetched", metadata: ["list": "\(source.place)", "error": "\(problem)"])
        }
    }

    /// A file of the future, after a clock was set back, is no reason to wait.
    private func isDue(_ source: AddressListSource, at now: Timestamp) -> Bool {
        guard source.isFetched else { return false }
        let directory = administration.dataDirectory
        func isOld(_ written: Timestamp?, _ age: Duration) -> Bool { written.map { $0 + age <= now || $0 > now + age } ?? true }
        return isOld(source.readAt(in: directory), live.current.lists.refresh)
            && isOld(AddressListSource.written(source.problemFile(in: directory)), AddressListService.again)
    }
}
