package import Campaigns
import Foundation
import MailModel

/// Where a list that imports hold addresses against comes from: a path, or an address of the web.
package struct AddressListSource: Hashable, Sendable {
    package var kind: AddressList.Kind
    /// As the settings have it.
    package var place: String

    package init(_ kind: AddressList.Kind, _ place: String) {
        self.kind = kind
        self.place = place
    }

    package var isFetched: Bool {
        let start = place.prefix(8).lowercased()
        return start.hasPrefix("https://") || start.hasPrefix("http://")
    }

    /// Where it is read from. What was fetched is kept in the data directory of the node.
    func file(in directory: DataDirectory) -> String { isFetched ? kept(in: directory, "txt") : directory.path(of: place) }

    /// Why it could not be fetched the last time, in one line; missing where it could.
    func problemFile(in directory: DataDirectory) -> String { kept(in: directory, "problem") }

    private func kept(in directory: DataDirectory, _ end: String) -> String {
        var hash = StableHash()
        hash.add(place)
        return directory.path(of: "\(AddressListSource.folder)/\(kind.rawValue)-\(String(hash.value, radix: 16)).\(end)")
    }

    static let folder = "address-lists"

    /// Throws `AddressList.Problem`, or `FileError` where there is no file.
    package func read(in directory: DataDirectory) throws -> AddressList {
        try AddressList(place, kind, octets: try AtomicFile.read(file(in: directory), bytesMax: AddressList.octetsMax))
    }

    /// When the file was written; nil where there is none.
    func readAt(in directory: DataDirectory) -> Timestamp? { AddressListSource.written(file(in: directory)) }

    static func written(_ path: String) -> Timestamp? {
        let file = try? FileManager.default.attributesOfItem(atPath: path)
        return (file?[.modificationDate] as? Date).map { Timestamp(seconds: Int64($0.timeIntervalSince1970)) }
    }
}

/// All lists that imports of an installation hold addresses against: those of the settings, behind short ones of our own.
package struct AddressLists: Sendable {
    package private(set) var rules = AddressRules()
    /// What of the settings does not count just now, in a sentence each.
    package private(set) var warnings: [String] = []

    /// Blocks. `roles`, `disposable`: further lists of the caller's own; own roles stand in place of all others.
    package init(
        _ sources: [AddressListSource], in directory: DataDirectory, roles: AddressList? = nil, disposable: AddressList? = nil
    ) {
        var lists: [AddressList.Kind: [AddressList]] = [:]
        for source in sources {
            do {
                lists[source.kind, default: []].append(try source.read(in: directory))
            } catch {
                warnings.append(AddressLists.warning(source, error, in: directory))
            }
        }
        rules = AddressRules(
            roles: roles.map { [$0] } ?? ([.commonRoles] + (lists[.roles] ?? [])),
            disposable: [.commonDisposable] + (disposable.map { [$0] } ?? []) + (lists[.disposable] ?? []))
    }

    private static func warning(_ source: AddressListSource, _ error: any Error, in directory: DataDirectory) -> String {
        let isMissing = (error as? FileError)?.code == ENOENT
        guard source.isFetched, isMissing else { return "The list \(source.place) does not count: \(error)." }
        let why = source.problem(in: directory).map { ": \($0)" } ?? ""
        return "The list \(source.place) does not count: it has not been fetched yet\(why)."
    }
}

extension AddressListSource {
    /// Why it could not be fetched the last time; nil where it could.
    func problem(in directory: DataDirectory) -> String? {
        let octets = try? AtomicFile.read(problemFile(in: directory), bytesMax: 4096)
        return octets.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension ListSettings {
    var sources: [AddressListSource] {
        disposable.map { AddressListSource(.disposable, $0) } + roles.map { AddressListSource(.roles, $0) }
    }
}

extension Administration {
    /// What imports hold addresses against. A list that cannot be read leaves the others as they are.
    func addressLists() async throws -> AddressLists {
        let (sources, directory) = (try await settings().lists.sources, dataDirectory)
        return try await BlockingWork.runLong { AddressLists(sources, in: directory) }
    }
}
