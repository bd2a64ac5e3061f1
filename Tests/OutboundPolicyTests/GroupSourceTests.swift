import MailModel
import OutboundPolicy
import Testing

/// What a directory may change in a group.
@Suite struct GroupSourceTests {
    private func address(_ number: Int) -> EmailAddress { EmailAddress("m\(number)@example.org")! }

    private let source = GroupSource(server: "s", base: "dc=example", filter: "(cn={name})", changesMax: 3, percentMax: 30)

    private func change(_ members: [EmailAddress], _ found: [EmailAddress], left: [EmailAddress] = []) -> GroupChange {
        var group = RecipientGroup(address: EmailAddress("staff@example.org")!, members: members)
        group.left = left
        return GroupChange(of: group, found: found, source: source) { $0.localPart == "inner" }
    }

    @Test func nobodyCanWriteAFilter() {
        #expect(LDAPFilter.escaped(#"a*)(uid=\"#) == #"a\2a\29\28uid=\5c"#)
        #expect(LDAPFilter.escaped("é\u{0}") == #"\c3\a9\00"#)
        #expect(source.filter(of: EmailAddress("a*b@example.org")!) == #"(cn=a\2ab)"#)
        #expect(LDAPFilter.isBalanced("(&(a=b)(c=d))"))
        for wrong in ["", "a=b", "(a=b", "(a=b))(", ")(", "(a=\n)"] { #expect(!LDAPFilter.isBalanced(wrong), "\(wrong)") }
    }

    @Test func whoComesAndGoes() {
        let inner = EmailAddress("inner@example.org")!
        let found = change([address(1), inner, address(2)], [address(2), address(3), address(4), address(3)], left: [address(4)])
        #expect(found.added == [address(3)] && found.removed == [address(1)])
        #expect(found.members == [inner, address(2), address(3)], "groups stay, who left stays away")
        #expect(found.guardReason == nil)
        #expect(change([address(1)], [address(1)]).isEmpty)
    }

    @Test func tooManyChangesWait() {
        let ten = (1...10).map(address)
        #expect(change(ten, Array(ten.dropLast(3))).guardReason == nil)
        #expect(change(ten, Array(ten.dropLast(4))).guardReason?.contains("3 may at a time") == true)
        let six = (1...6).map(address)
        #expect(change(six, Array(six.dropLast(2))).guardReason?.contains("30 %") == true)
        #expect(change(six, Array(six.dropLast(1))).guardReason == nil)
        #expect(change([address(1)], []).guardReason?.contains("nobody would be left") == true)
        #expect(change([], (1...3).map(address)).guardReason == nil)
        #expect(change([], ten).guardReason != nil)
        // Of a handful, a share says nothing.
        #expect(change([address(1), address(2)], [address(3), address(4)]).guardReason == nil)
    }

    @Test func addressesOfServers() {
        #expect(LDAPServer.beginsWithTLS("ldaps://ldap.example.org:636") == true)
        #expect(LDAPServer.beginsWithTLS("ldap://[::1]:389") == false)
        for wrong in ["http://a", "ldap://", "ldapi:///x", "ldap://a/b?c", "ldap://a b", "ldap://a@b"] {
            #expect(LDAPServer.beginsWithTLS(wrong) == nil, "\(wrong)")
        }
    }
}
