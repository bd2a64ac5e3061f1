package import Campaigns
import MailModel
package import OutboundPolicy

/// Which way mail to many people should take, by what is set up here.
package struct AdviseSending: AdministrativeOperation {
    package static let name = "advise"
    package static let scope = AccessScope.limitsRead
    package var need: SendingNeed

    package init(need: SendingNeed) { self.need = need }

    package func perform(in administration: Administration, _ act: Act) async throws -> WayAdvice {
        guard SendingNeed.recipientsRange.contains(need.recipients) else {
            throw AdministrationError(.invalid, "\(need.recipients) recipients", "Give 1 to 10,000,000.")
        }
        return Advisor(means: SendingMeans(try await administration.directory())).advice(for: need)
    }
}

extension SendingMeans {
    init(_ directory: Directory) {
        self.init()
        for route in directory.routes.values.sorted(by: { $0.name < $1.name }) where !route.isDisabled && route.recipientDomains.isEmpty {
            switch route.kind {
            case .mx: directRoutes.append(route.name)
            case .smarthost(let hop):
                if SendingMeans.isMailbox(hop) { mailboxRoutes.append(route.name) } else { relayRoutes.append(route.name) }
            case .builtIn: break
            }
        }
        groups = directory.groups.count
        connectors = directory.connectors.count
        domains = directory.domains.keys.map(\.text).sorted()
        if let policy = directory.policies[SendingPolicy.defaultName], !policy.isDisabled {
            externalPerHour = policy.externalPerHour
            internalPerHour = policy.internalPerHour
            recipientsPerDay = policy.recipientsPerDay
        }
    }

    /// Hosts of providers that take mail in the name of a mailbox, and count by it.
    private static func isMailbox(_ hop: NextHop) -> Bool {
        let host = hop.host.lowercased()
        return host.hasSuffix("office365.com") || host.hasSuffix("outlook.com") || host == "smtp.gmail.com"
    }
}
