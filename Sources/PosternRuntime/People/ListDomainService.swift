import DeliveryPlanning
import Logging
import MailModel
import OutboundPolicy
import ServiceLifecycle
import Storage

/// Asks DNS of each domain on lists once, whether mail can be sent there: one of the nodes on a store does so, at a bounded pace. What it has
/// found is kept as it goes, so that it goes on where it ended.
struct ListDomainService: Service {
    let administration: Administration
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    /// Domains that are asked of in a second, at most.
    static let paceMax = 50
    private static let parallelMax = 10
    private static let turn = Duration.seconds(1)
    /// Where nothing was open.
    private static let look = Duration.seconds(5)
    /// After so long, DNS is asked again for what it gave no answer to.
    private static let again = Duration.seconds(600)
    private static let lease = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var count = 0
                do {
                    if let owner = owner() { count = try await round(owner: owner) }
                } catch {
                    logger.warning("domains of lists could not be looked at", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: count > 0 ? ListDomainService.turn : ListDomainService.look)
            }
        }
    }

    /// Returns how many it looked at.
    private func round(owner: Int64) async throws -> Int {
        let now = Timestamp.now
        let before = now - ListDomainService.again
        let domains = try await administration.store.read { try $0.openDomains(before: before, limit: ListDomainService.paceMax) }
        guard !domains.isEmpty, let dns = administration.live?.dns() else { return 0 }
        let task = TaskHold(name: "list-domains", owner: owner, lease: ListDomainService.lease, at: now)
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return 0 }
        let directory = try await administration.directory()
        var found: [ListDomain] = []
        for start in stride(from: 0, to: domains.count, by: ListDomainService.parallelMax) {
            let part = domains[start..<min(start + ListDomainService.parallelMax, domains.count)]
            found += await withTaskGroup(of: ListDomain.self) { group in
                for domain in part {
                    group.addTask {
                        let (state, hosts) = await MailDomainLook.look(at: domain, directory, dns)
                        return ListDomain(domain: domain, state: state, checkedAt: now, hosts: hosts)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        _ = try await administration.people(.looked(found, at: .now))
        return found.count
    }
}

/// Whether a domain takes mail (RFC 5321 §5.1, RFC 7505).
enum MailDomainLook {
    /// Names that the public DNS does not know of (RFC 6761), and those that we have a way of our own to, are taken for ones that take mail.
    static func look(at domain: String, _ directory: Directory, _ dns: any DNSResolver) async -> (state: MailDomainState, hosts: [String]) {
        guard let name = DomainName(domain), let address = EmailAddress("a@\(domain)") else { return (.missing, []) }
        let last = name.text.split(separator: ".").last.map(String.init) ?? ""
        guard !reserved.contains(last), directory.acceptedDomain(of: address) == nil else { return (.takesMail, []) }
        switch await dns.mx(name) {
        case .records(let records, _, _):
            let hosts = records.sorted { $0.preference < $1.preference }.compactMap { $0.exchange?.text }
            guard !hosts.isEmpty else { return (.nullMX, []) }
            return (.takesMail, Array(hosts.prefix(MXPlan.hostsMax)))
        case .failure: return (.open, [])
        case .noRecords(nameExists: false, _, _): return (.missing, [])
        case .noRecords: break
        }
        switch await dns.addresses(name) {
        case .records: return (.takesMail, [name.text])
        case .noRecords: return (.noHost, [])
        case .failure: return (.open, [])
        }
    }

    private static let reserved: Set<String> = ["test", "example", "invalid", "localhost"]
}
