import DeliveryPlanning
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct BlocklistFileTests {
    @Test func `it changes known lists and adds others`() throws {
        let lists = try BlocklistFile.lists(
            yaml: """
                - name: barracuda
                  enabled: true
                - name: spamcop
                  moves: false
                - name: house
                  zone: bl.example.org
                  subject: address
                  codes:
                    - {answer: 127.0.0.2-9, means: listed, text: seen in spam}
                """)
        #expect(lists.count == Blocklist.known.count + 1)
        #expect(lists.first { $0.name == "barracuda" }?.isOn == true)
        #expect(lists.first { $0.name == "spamcop" }?.moves == false)
        #expect(lists.last?.codes.map(\.range) == ["127.0.0.2-9"] && lists.last?.testName == "2.0.0.127")
    }

    @Test(arguments: [
        "- name: house", "- {name: house, zone: bl.example.org, subject: domain, codes: [{answer: 127.0.0.2, means: listed, text: a}]}",
        "- {name: spamcop, codes: [{answer: 127.0.0.9-2, means: listed, text: a}]}", "- {name: spamcop, zone: 'a b'}", "name: house",
        "- {name: identity, zone: bl.example.org, subject: address, codes: [{answer: 127.0.0.2, means: listed, text: a}]}",
    ])
    func `what cannot be is refused`(_ yaml: String) {
        #expect(throws: (any Error).self) { try BlocklistFile.lists(yaml: yaml) }
    }
}
