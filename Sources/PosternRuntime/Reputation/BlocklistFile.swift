import DeliveryPlanning
import MailModel
import Yams

/// The file of `reputation.lists`: lists that stand in for the known ones of the same name, in what it names of them, and further ones.
enum BlocklistFile {
    private struct Entry: Decodable {
        var name: String
        var zone: String?
        var subject: Blocklist.Subject?
        var ipv6: Bool?
        var codes: [Code]?
        var test: String?
        var moves: Bool?
        var enabled: Bool?
        var terms: String?
        var page: String?
        var steps: [String]?
    }

    private struct Code: Decodable {
        var answer: String
        var means: Blocklist.Meaning
        var text: String
    }

    private static let bytesMax = 1_048_576
    private static let listsMax = 50

    /// The known lists with what the file says of them. `path`: nil for none. Throws `AdministrationError` where it cannot be read.
    static func lists(_ path: String?) throws -> [Blocklist] {
        guard let path else { return Blocklist.known }
        do {
            let bytes = try AtomicFile.read(path, bytesMax: bytesMax)
            return try lists(yaml: String(decoding: bytes, as: UTF8.self))
        } catch let error as AdministrationError {
            throw error
        } catch {
            throw AdministrationError(.invalid, "reputation.lists: \(path) cannot be read: \(error)")
        }
    }

    static func lists(yaml: String) throws -> [Blocklist] {
        let entries = try YAMLDecoder().decode([Entry].self, from: yaml)
        var lists = Blocklist.known
        for entry in entries {
            if let place = lists.firstIndex(where: { $0.name == entry.name }) {
                lists[place] = try changed(lists[place], entry)
            } else {
                lists.append(try changed(try new(entry), entry))
            }
        }
        guard lists.count <= listsMax else { throw AdministrationError(.invalid, "reputation.lists: more than \(listsMax) lists") }
        return lists
    }

    private static func new(_ entry: Entry) throws -> Blocklist {
        guard let zone = entry.zone.flatMap({ DomainName($0) }), let subject = entry.subject, entry.codes?.isEmpty == false,
            subject == .address || entry.test != nil
        else {
            throw wrong(entry, "a new list has zone, subject, codes and, for domains, test")
        }
        return Blocklist(name: entry.name, zone: zone, subject: subject, codes: [], terms: "", page: "", steps: [])
    }

    private static func changed(_ list: Blocklist, _ entry: Entry) throws -> Blocklist {
        var list = list
        if let text = entry.zone {
            guard let zone = DomainName(text) else { throw wrong(entry, "\"\(text)\" is no zone") }
            list.zone = zone
        }
        if let codes = entry.codes {
            list.codes = try codes.map { code in
                guard let read = Blocklist.Code(code.answer, code.means, code.text) else {
                    throw wrong(entry, "\"\(code.answer)\" is no answer such as 127.0.0.2 or 127.0.0.4-7")
                }
                return read
            }
        }
        if let subject = entry.subject { list.subject = subject }
        if let ipv6 = entry.ipv6 { list.takesIPv6 = ipv6 }
        if let test = entry.test { list.testName = test }
        if let moves = entry.moves { list.moves = moves }
        if let enabled = entry.enabled { list.isOn = enabled }
        if let terms = entry.terms { list.terms = terms }
        if let page = entry.page { list.page = page }
        if let steps = entry.steps { list.steps = steps }
        let isName =
            (1...40).contains(list.name.utf8.count) && list.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A && $0 != 0x2F }
        guard isName, list.name != ReputationCheck.Key.identity else { throw wrong(entry, "that is no name") }
        guard list.presentQuestion != nil, list.absentQuestion != nil else { throw wrong(entry, "its test is no name below its zone") }
        return list
    }

    private static func wrong(_ entry: Entry, _ why: String) -> AdministrationError {
        AdministrationError(.invalid, "reputation.lists: list \(entry.name): \(why)")
    }
}
