package import Foundation
import MailModel
import ProviderTwin
import Yams

/// Several twins with a DNS of their own, as `postern twin FILE.yaml` reads them; docs/twin.md has the fields.
package struct TwinWorldPlan: Sendable {
    struct Member: Sendable {
        enum Kind: Sendable {
            case receiver(ReceiverProvider, ReceiverDemands)
            case exchange(ExchangeTenant)
        }

        /// Unique; its place below the HTTP side.
        var name: String
        var kind: Kind
        var address: String
        /// 0: a free one.
        var port: Int
        var domains: [DomainName]
        /// The name by which senders find it.
        var hostName: DomainName
    }

    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    var members: [Member]
    var zone: TwinZone
    var host: String
    var dnsPort: Int
    var httpPort: Int
    var clockFactor: Int
    /// Nil: nothing comes back.
    var returns: TwinReturnAddress?

    static let membersMax = 50

    /// `folder`: where files lie that it names.
    package static func read(_ yaml: String, folder: URL) throws -> TwinWorldPlan {
        do {
            return try YAMLDecoder().decode(TwinWorldFile.self, from: yaml).plan(folder: folder)
        } catch let error as TwinMailboxFile.Mistake {
            throw Mistake(description: "mailboxes: \(error)")
        } catch let error as Mistake {
            throw error
        } catch {
            throw Mistake(description: "\(error)")
        }
    }
}

private struct TwinWorldFile: Decodable {
    struct Twin: Decodable {
        var provider: String
        var name: String?
        var address: String?
        var port: Int?
        var domains: [DomainName]?
        var host: DomainName?
        var settings: [String: Int]?
        var policy: TwinPolicyChange?
        var mailboxes: String?
    }

    struct Record: Decodable {
        var name: DomainName
        var type: String
        var value: String
    }

    struct Returns: Decodable {
        var host: String?
        var port: Int
        var complaints: EmailAddress?
    }

    var host: String?
    var dns: Int?
    var http: Int?
    /// The port of receivers that name none.
    var smtp: Int?
    var clock: String?
    var twins: [Twin]
    var records: [Record]?
    var returns: Returns?

    private func wrong(_ text: String) -> TwinWorldPlan.Mistake { TwinWorldPlan.Mistake(description: text) }

    func plan(folder: URL) throws -> TwinWorldPlan {
        guard (1...TwinWorldPlan.membersMax).contains(twins.count) else {
            throw wrong("twins has 1 to \(TwinWorldPlan.membersMax) of them")
        }
        guard let factor = TwinClock.factor(clock ?? "1x") else { throw wrong("clock is from 1x to 100000x") }
        let ports = [dns, http, smtp].compactMap { $0 } + twins.compactMap(\.port)
        guard ports.allSatisfy((0...65_535).contains) else { throw wrong("a port is from 0 to 65535") }
        let members = try twins.enumerated().map { try member($1, number: $0 + 1, folder: folder) }
        guard Set(members.map(\.name)).count == members.count else { throw wrong("two twins have one name; say name: for one of them") }
        var zone = TwinZone()
        for record in records ?? [] {
            guard let read = TwinRecord(type: record.type, value: record.value), zone.add(record.name, read) else {
                throw wrong("\(record.name) \(record.type) \(record.value.prefix(60)) is no record, or too much for one name")
            }
        }
        for member in members { try publish(member, &zone) }
        return TwinWorldPlan(
            members: members, zone: zone, host: host ?? "127.0.0.1", dnsPort: dns ?? 0, httpPort: http ?? 0, clockFactor: factor,
            returns: try returns.map(returnAddress))
    }

    private func returnAddress(_ returns: Returns) throws -> TwinReturnAddress {
        let host = returns.host ?? "127.0.0.1"
        guard (1...65_535).contains(returns.port), let address = IPAddress(host), address.isLoopback else {
            throw wrong("returns has the port of a listener on this machine, from 1 to 65535, and host, an address of it")
        }
        return TwinReturnAddress(host: host, port: returns.port, complaints: returns.complaints)
    }

    private func member(_ twin: Twin, number: Int, folder: URL) throws -> TwinWorldPlan.Member {
        let address = twin.address ?? "127.0.1.\(number)"
        guard let read = IPAddress(address), read.isLoopback else { throw wrong("\(address) is no address of this machine alone") }
        guard let provider = ReceiverProvider(rawValue: twin.provider) else {
            guard twin.provider == "exchange-online", let name = DomainName("smtp.office365.com") else {
                throw wrong("\(twin.provider) is no provider")
            }
            return TwinWorldPlan.Member(
                name: twin.name ?? twin.provider, kind: .exchange(try tenant(twin, folder: folder)), address: address,
                port: twin.port ?? 2526, domains: [], hostName: twin.host ?? name)
        }
        var demands = ReceiverDemands(provider)
        for (name, value) in twin.settings ?? [:] where !demands.set(name, value) { throw wrong("\(name): \(value) is no setting") }
        let domains = twin.domains ?? provider.domains.compactMap { DomainName($0) }
        guard let host = twin.host ?? DomainName(provider.mailHost) else { preconditionFailure("a name") }
        return TwinWorldPlan.Member(
            name: twin.name ?? provider.rawValue, kind: .receiver(provider, demands), address: address, port: twin.port ?? smtp ?? 2525,
            domains: domains, hostName: host)
    }

    private func tenant(_ twin: Twin, folder: URL) throws -> ExchangeTenant {
        var tenant = ExchangeTenant.contoso
        for (name, value) in twin.settings ?? [:] where !tenant.settings.set(name, value) { throw wrong("\(name): \(value) is no setting") }
        guard twin.policy?.apply(to: &tenant.defaultPolicy) ?? true else { throw wrong("policy has numbers from 0 to 10000 and an action") }
        if let file = twin.mailboxes {
            guard let text = try? String(contentsOf: URL(fileURLWithPath: file, relativeTo: folder), encoding: .utf8) else {
                throw wrong("\(file) cannot be read")
            }
            try tenant.replaceMailboxes(TwinMailboxFile.read(text))
        }
        return tenant
    }

    private func publish(_ member: TwinWorldPlan.Member, _ zone: inout TwinZone) throws {
        guard let address = IPAddress(member.address), zone.add(member.hostName, .address(address)),
            member.domains.allSatisfy({ zone.add($0, .mx(preference: 10, member.hostName)) })
        else { throw wrong("\(member.name) has more addresses or domains than one name can have") }
    }
}
