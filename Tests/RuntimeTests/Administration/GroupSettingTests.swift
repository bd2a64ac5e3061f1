import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Owners, rules and lists on a real store, and who decides about what.
@Suite(.ownThreads) struct GroupSettingTests {
    private func address(_ text: String) -> EmailAddress { EmailAddress("\(text)@example.org")! }

    private func organisation() async throws -> TestData {
        let data = try await TestData()
        _ = try await data.perform(AddDomain(domain: AcceptedDomain(name: DomainName("example.org")!)))
        _ = try await data.perform(AddGroup(group: address("staff"), members: [address("a"), EmailAddress("b@other.test")!]))
        return data
    }

    private func refused(_ kind: AdministrationError.Kind, _ body: () async throws -> some Any) async {
        let error = await #expect(throws: AdministrationError.self) { _ = try await body() }
        #expect(error?.kind == kind, "\(String(describing: error))")
    }

    @Test func rulesAreKeptAndTakenBack() async throws {
        let data = try await organisation()
        var change = SetGroup(group: address("staff"))
        (change.addOwners, change.posting, change.moderation, change.expansionMax) = ([address("o")], .members, .others, 5)
        let view = try await data.perform(change)
        #expect(view.owners == 1 && view.posting == .members && view.moderation == .others)
        let expansion = try await data.perform(ExpandGroup(group: address("staff")))
        #expect(expansion.recipients == 2 && expansion.external == 1 && expansion.most == 5)
        #expect(expansion.people.map(\.through) == [["staff@example.org"], ["staff@example.org"]])
        var back = SetGroup(group: address("staff"))
        (back.moderation, back.expansionMax, back.removeOwners) = (GroupModeration.none, 0, [address("o")])
        _ = try await data.perform(back)
        let shown = try await data.perform(ShowGroup(group: address("staff")))
        #expect(shown.owners.isEmpty && shown.moderation == .none && shown.expansionMax == nil && shown.posting == .members)
    }

    @Test func nothingWaitsForNobody() async throws {
        let data = try await organisation()
        await refused(.invalid) {
            var change = SetGroup(group: self.address("staff"))
            change.moderation = .all
            return try await data.perform(change)
        }
        _ = try await data.perform(AddGroup(group: address("inner"), members: [address("a")]))
        await refused(.invalid) {
            var change = SetGroup(group: self.address("staff"))
            change.addOwners = [self.address("inner")]
            return try await data.perform(change)
        }
    }

    @Test func aListsAddressesAreItsOwn() async throws {
        let data = try await organisation()
        _ = try await data.perform(AddAccount(address: address("staff-leave"), password: "long enough"))
        var change = SetGroup(group: address("staff"))
        change.list = DiscussionChange()
        change.list?.isOn = true
        await refused(.conflict) { try await data.perform(change) }
        _ = try await data.perform(AddGroup(group: address("talk"), members: [address("a")]))
        change.group = address("talk")
        _ = try await data.perform(change)
        await refused(.conflict) { try await data.perform(AddGroup(group: self.address("talk-join"), members: [])) }
        await refused(.conflict) { try await data.perform(AddAccount(address: self.address("talk-owner"), password: "long enough")) }
        var wrong = SetGroup(group: address("staff"))
        for text in ["http://x.test", "https://x.test/>", "javascript:1"] {
            wrong.list = DiscussionChange()
            wrong.list?.archive = text
            await refused(.invalid) { try await data.perform(wrong) }
        }
        wrong.list = DiscussionChange()
        wrong.list?.prefix = "a]b"
        await refused(.invalid) { try await data.perform(wrong) }
        wrong.list?.prefix = nil
        wrong.list?.title = "x\r\nBcc: y"
        await refused(.invalid) { try await data.perform(wrong) }
    }

    @Test func anOwnerDecidesAboutOwnGroupsAlone() async throws {
        let data = try await organisation()
        var change = SetGroup(group: address("staff"))
        change.addOwners = [address("o")]
        _ = try await data.perform(change)
        _ = try await data.perform(AddGroup(group: address("other"), members: [address("a")]))
        for (name, roles) in [("o", [String]()), ("r", ["approver"]), ("x", ["author"])] {
            _ = try await data.perform(AddAccount(address: address(name), password: "long enough", roles: roles))
        }
        let directory = try await data.administration().directory()
        func rights(_ actor: String) -> [Bool] {
            let rights = GroupRights(Act(actor: actor, reason: "", at: TestData.now), directory)
            return ["staff", "other"].map { rights.mayDecide(directory.groups[address($0)]!) }
        }
        #expect(rights("account:o@example.org") == [true, false])
        #expect(rights("account:r@example.org") == [true, true])
        #expect(rights("account:x@example.org") == [false, false])
        #expect(rights("owner:o@example.org") == [true, false])
        #expect(rights("owner:x@example.org") == [false, false])
        #expect(rights("local:root") == [true, true])
        #expect(rights("api-key:none") == [false, false] && rights("ldap:corp") == [false, false])
    }

    @Test func whoLeavesStaysAway() {
        var group = RecipientGroup(address: address("staff"), members: [address("a"), address("b")])
        group.source = GroupSource(server: "s", base: "", filter: "(a=b)")
        group.leave(address("a"))
        #expect(group.members == [address("b")] && group.left == [address("a")])
        let inner = RecipientGroup(address: address("inner"), members: [address("c"), address("d")])
        var outer = RecipientGroup(address: address("outer"), members: [inner.address, address("b")])
        outer.leave(address("c"))
        let groups = [inner.address: inner, outer.address: outer]
        #expect(GroupTable.people(in: outer.address, of: groups) == [address("d"), address("b")])
        #expect(GroupTable.ways(from: outer.address, of: groups).count == 2)
        #expect(GroupTable.people(in: inner.address, of: groups).count == 2, "it is one list that was left")
        group.join(address("a"))
        #expect(group.members == [address("b"), address("a")] && group.left.isEmpty)
    }

    @Test func aDirectoryServerKeepsItsPasswordToItself() async throws {
        let data = try await organisation()
        let set = SetLDAPServer(server: "corp", url: "ldaps://ldap.example.org", bindDN: "cn=gate", password: "hush")
        let view = try await data.perform(set)
        #expect(view.hasPassword && view.bindDN == "cn=gate")
        let kept = try await data.administration().directory().ldapServers["corp"]
        #expect(kept?.sealedPassword?.contains("hush") == false)
        // Another address gets no password that was given for this one.
        await refused(.invalid) { try await data.perform(SetLDAPServer(server: "corp", url: "ldaps://evil.test")) }
        await refused(.invalid) { try await data.perform(SetLDAPServer(server: "x", url: "http://ldap.example.org")) }
        let source = GroupSource(server: "corp", base: "dc=x", filter: "(a=b")
        await refused(.invalid) { try await data.perform(SetGroupSource(group: self.address("staff"), source: source)) }
        var good = source
        good.filter = "(a=b)"
        _ = try await data.perform(SetGroupSource(group: address("staff"), source: good))
        await refused(.conflict) { try await data.perform(RemoveLDAPServer(server: "corp")) }
        _ = try await data.perform(RemoveGroupSource(group: address("staff")))
        _ = try await data.perform(RemoveLDAPServer(server: "corp"))
    }
}
