package import Campaigns
import MailModel
package import OutboundPolicy

/// A list that imports hold addresses against.
package struct AddressListView: Codable, Hashable, Sendable {
    package var kind: AddressList.Kind
    /// A path, an address of the web, or that it is ours.
    package var place: String
    /// 0 where it cannot be read.
    package var entries: Int
    /// When its file was written, on this node; empty for ours.
    package var written: String
    /// Why it cannot be read, or could not be fetched the last time; empty for nothing.
    package var problem: String

    /// For pages of lists.
    var key: String { "\(kind.rawValue) \(place)" }

    fileprivate init(_ own: AddressList, _ kind: AddressList.Kind) {
        (self.kind, place, entries, written, problem) = (kind, own.name, own.entries.count, "", "")
    }

    /// Blocks.
    fileprivate init(_ source: AddressListSource, in directory: DataDirectory) {
        (kind, place, entries) = (source.kind, source.place, 0)
        written = source.readAt(in: directory)?.rfc3339 ?? ""
        problem = source.isFetched ? source.problem(in: directory) ?? "" : ""
        do {
            entries = try source.read(in: directory).entries.count
        } catch {
            if problem.isEmpty { problem = source.isFetched && written.isEmpty ? "it has not been fetched yet" : "\(error)" }
        }
    }
}

/// The lists that imports hold addresses against, ours first.
package struct ListAddressLists: AdministrativeOperation {
    package static let name = "lists.address-lists"
    package static let scope = AccessScope.listsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [AddressListView] {
        let (sources, directory) = (try await administration.settings().lists.sources, administration.dataDirectory)
        return try await BlockingWork.runLong {
            AddressList.Kind.allCases.flatMap { kind in
                [AddressListView(kind == .roles ? .commonRoles : .commonDisposable, kind)]
                    + sources.filter { $0.kind == kind }.map { AddressListView($0, in: directory) }
            }
        }
    }
}

/// Fetches those that lie on the web now, on this node.
package struct FetchAddressLists: AdministrativeOperation {
    package static let name = "lists.address-lists.fetch"
    package static let scope = AccessScope.listsWrite
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [AddressListView] {
        let settings = try await administration.settings()
        let sources = settings.lists.sources.filter(\.isFetched)
        if !sources.isEmpty {
            guard let fetcher = try AddressListFetcher(administration, settings.delivery) else {
                throw AdministrationError(.unavailable, "no gate runs on \(administration.dataDirectory)", "Start it: `postern serve`.")
            }
            for source in sources { _ = try await fetcher.fetch(source) }
        }
        return try await administration.perform(ListAddressLists(), act)
    }
}
