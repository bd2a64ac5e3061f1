import Campaigns
import DNSClient
import Foundation
import MailModel
import NIOPosix
import OwnThreads
import Testing

@testable import PosternRuntime

/// Lists of disposable domains and role addresses, from paths and from the web.
@Suite(.ownThreads) struct AddressListTests {
    private static func fetcher(_ directory: DataDirectory, mayBePrivate: Bool = true) throws -> AddressListFetcher {
        AddressListFetcher(
            client: try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton),
            addresses: { _ in .failure(reason: "no resolver", isBogus: false) }, allowsPrivateAddresses: mayBePrivate, directory: directory)
    }

    @Test func theLastGoodListCountsWhereItCannotBeFetched() async throws {
        let temporary = try TemporaryDirectory()
        let directory = DataDirectory(temporary.path)
        try await WebFile.run { web, address in
            let source = AddressListSource(.disposable, address)
            let fetcher = try AddressListTests.fetcher(directory)
            let before = AddressLists([source], in: directory)
            #expect(before.warnings.count == 1 && before.warnings[0].contains("has not been fetched yet"))
            #expect(try await fetcher.fetch(source)?.contains("answered 404") == true)
            #expect(AddressLists([source], in: directory).warnings.first?.contains("answered 404") == true)
            web.become(200, "trash.example\nother.example\n")
            #expect(try await fetcher.fetch(source) == nil)
            #expect(try source.read(in: directory).entries == ["trash.example", "other.example"])
            #expect(AddressLists([source], in: directory).warnings.isEmpty)
            for (status, text) in [(302, "trash.example\n"), (200, "<html>\n<body>sorry</body>\n"), (500, "")] {
                web.become(status, text)
                #expect(try await fetcher.fetch(source) != nil, "\(status) \(text)")
                #expect(try source.read(in: directory).entries.count == 2)
                #expect(source.problem(in: directory) != nil)
            }
            var rules = AddressLists([source], in: directory).rules
            #expect(rules.verdicts(of: EmailAddress("a@mx.trash.example")!) == [.disposable(list: address)])
            #expect(rules.verdicts(of: EmailAddress("a@mailinator.com")!) == [.disposable(list: AddressList.ownName)])
            // Where private addresses are not allowed, none is asked, however it is written.
            let careful = try AddressListTests.fetcher(directory, mayBePrivate: false)
            for place in [address, "https://127.0.0.1/list", "https://localhost/list"] {
                #expect(try await careful.fetch(AddressListSource(.roles, place)) != nil, "\(place)")
            }
        }
    }

    @Test func importsOfAllKindsNameTheList() async throws {
        let data = try await TestData()
        try Data("trash.example\n".utf8).write(to: URL(fileURLWithPath: data.directory.path(of: "trash.txt")))
        try Data("vorstand\n".utf8).write(to: URL(fileURLWithPath: data.directory.path(of: "roles.txt")))
        let file = URL(fileURLWithPath: data.directory.settingsFile)
        let section = "\nlists:\n  disposable-domains: [trash.txt, missing.txt]\n  role-addresses: [roles.txt]\n"
        try String(contentsOf: file, encoding: .utf8).replacing("\nlists:\n", with: section).write(
            to: file, atomically: true, encoding: .utf8)
        _ = try await data.perform(AddList(list: "news"))
        let text = "email\na@trash.example\nvorstand@example.org\ninfo@example.org\nada@example.org\n"
        let outcome = try await data.perform(ImportList(list: "news", file: "p.csv", content: text, source: .signUp, leftOut: [.role]))
        let problems = outcome.report.findings.map(\.problem)
        #expect(problems.count == 3 && problems[0].hasSuffix("says trash.txt") && problems[1].hasSuffix("says roles.txt"))
        #expect(problems[2].hasSuffix("says Postern's own list"))
        #expect(outcome.added == 2 && outcome.report.leftOut == 2)
        #expect(outcome.warnings?.count == 1 && outcome.warnings?[0].contains("missing.txt") == true)
        let lists = try await data.perform(ListAddressLists())
        #expect(lists.map(\.place) == [AddressList.ownName, "trash.txt", "missing.txt", AddressList.ownName, "roles.txt"])
        #expect(lists.map(\.problem.isEmpty) == [true, true, false, true, true] && lists[1].entries == 1)
        // Nothing lies on the web: there is nothing to fetch, with a gate or without.
        #expect(try await data.perform(FetchAddressLists()) == lists)
    }
}
