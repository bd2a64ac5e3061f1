import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct AddressFileTests {
    private func read(_ text: String) throws -> [String] { try AddressFile.addresses(text, name: "x.csv").map(\.description) }

    @Test(arguments: [
        "a@x.test\nb@x.test\n", "a@x.test\r\nb@x.test", "\u{FEFF}a@x.test\n\nb@x.test\n\n", "a@x.test,Anna\nb@x.test,Bea\n",
        "Name,Email\nAnna,a@x.test\nBea,b@x.test\n", "Name;E-Mail\n\"Arendt; Anna\";a@x.test\nBea; b@x.test \n",
        "name\taddress\nAnna\ta@x.test\nBea\tb@x.test\n", "a@x.test\nA@X.test\nb@x.test\n",
        "name,mail\n\"two\nlines\",a@x.test\nBea,\"b@x.test\"\n",
    ])
    func theAddressesOfAFileAreRead(_ text: String) throws {
        #expect(try read(text) == ["a@x.test", "b@x.test"])
    }

    @Test func wrongLinesAreNamed() throws {
        let error = #expect(throws: AdministrationError.self) { try read("mail\na@x.test\nnobody\n\nb@x.test\n@\n") }
        #expect(error?.problem == "x.csv: line 3: \"nobody\" is no mail address; line 6: \"@\" is no mail address")
        let many = #expect(throws: AdministrationError.self) { try read(String(repeating: "x\n", count: 30)) }
        #expect(many?.problem.hasSuffix("; and 10 more") == true)
        #expect(throws: AdministrationError.self) { try read("") }
        #expect(throws: AdministrationError.self) { try read("mail\n") }
        #expect(throws: AdministrationError.self) { try read("\"a@x.test\n") }
        #expect(throws: AdministrationError.self) { try read("name,mail\nAnna\n") }
    }

    @Test func partsAreSmallEnoughForARequest() throws {
        let text = (0..<40_000).map { "somebody\($0)@example.org" }.joined(separator: "\n")
        let addresses = try AddressFile.addresses(text, name: "x.csv")
        let parts = AddressFile.batches(addresses)
        #expect(parts.count > 1 && parts.flatMap { $0 } == addresses)
        #expect(try parts.allSatisfy { try JSONText.data($0).count < 600_000 })
    }
}
