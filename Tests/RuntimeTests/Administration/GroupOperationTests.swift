import MailModel
import OutboundPolicy
import OwnThreads
import Submission
import Testing

@testable import PosternRuntime

/// Groups, known addresses and expiry on a real store.
@Suite(.ownThreads) struct GroupOperationTests {
    private func address(_ text: String) -> EmailAddress { EmailAddress("\(text)@example.org")! }

    private func problem(
        _ kind: AdministrationError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
    ) async -> String {
        let error = await #expect(throws: AdministrationError.self, sourceLocation: sourceLocation) { _ = try await body() }
        #expect(error?.kind == kind, sourceLocation: sourceLocation)
        return error?.problem ?? ""
    }

    private func organisation() async throws -> TestData {
        let data = try await TestData()
        _ = try await data.perform(AddDomain(domain: AcceptedDomain(name: DomainName("example.org")!)))
        return data
    }

    @Test func membersOfGroupsWithinGroupsCountOnce() async throws {
        let data = try await organisation()
        let inner = try await data.perform(AddGroup(group: address("inner"), members: [address("a"), address("b"), address("a")]))
        #expect(inner.members == 2)
        let outer = try await data.perform(AddGroup(group: address("outer"), members: [address("inner"), address("b"), address("c")]))
        #expect(outer.members == 3 && outer.people == 3)
        let changed = try await data.perform(
            ChangeGroupMembers(group: address("inner"), add: [address("d"), address("d")], remove: [address("a")]))
        #expect(changed.members == 2)
        #expect(try await data.perform(ShowGroup(group: address("outer"))).people == 3)
        let replaced = try await data.perform(
            ChangeGroupMembers(group: address("inner"), add: [address("e")], remove: [], replaces: true))
        #expect(replaced.members == 1)
        #expect(try await data.perform(ListGroups()).map(\.address) == ["inner@example.org", "outer@example.org"])
        let shown = try await data.perform(ShowGroup(group: address("outer")))
        #expect(shown.members == ["inner@example.org", "b@example.org", "c@example.org"])
    }

    @Test func aLoopIsRefusedWithItsPath() async throws {
        let data = try await organisation()
        _ = try await data.perform(AddGroup(group: address("a"), members: [address("x")]))
        _ = try await data.perform(AddGroup(group: address("b"), members: [address("a")]))
        let text = await problem(.invalid) {
            try await data.perform(ChangeGroupMembers(group: self.address("a"), add: [self.address("b")], remove: []))
        }
        #expect(text.contains("a@example.org → b@example.org → a@example.org"), "\(text)")
        _ = await problem(.invalid) { try await data.perform(AddGroup(group: self.address("c"), members: [self.address("c")])) }
        var inner = address("a")
        for depth in 1..<RecipientGroup.depthMax {
            let outer = address("d\(depth)")
            _ = try await data.perform(AddGroup(group: outer, members: [inner]))
            inner = outer
        }
        let last = inner
        let deep = await problem(.invalid) { try await data.perform(AddGroup(group: self.address("deepest"), members: [last])) }
        #expect(deep.contains("more than 10 deep"), "\(deep)")
    }

    @Test func aGroupHasAnAddressOfItsOwnInTheOrganisation() async throws {
        let data = try await organisation()
        _ = try await data.perform(AddAccount(address: address("kim"), password: "long enough"))
        _ = await problem(.conflict) { try await data.perform(AddGroup(group: self.address("kim"), members: [])) }
        _ = await problem(.invalid) { try await data.perform(AddGroup(group: EmailAddress("x@elsewhere.test")!, members: [])) }
        let many = (0...RecipientGroup.membersMax).map { address("m\($0)") }
        _ = await problem(.invalid) { try await data.perform(AddGroup(group: self.address("all"), members: many)) }
        _ = try await data.perform(AddGroup(group: address("all"), members: Array(many.dropLast())))
        _ = await problem(.conflict) { try await data.perform(AddGroup(group: self.address("all"), members: [])) }
        _ = await problem(.conflict) { try await data.perform(AddAccount(address: self.address("all"), password: "long enough")) }
        _ = await problem(.notFound) { try await data.perform(RemoveGroup(group: self.address("none"))) }
    }

    @Test func aGroupThatIsInUseStays() async throws {
        let data = try await organisation()
        _ = try await data.perform(AddGroup(group: address("inner"), members: [address("a")]))
        _ = try await data.perform(AddGroup(group: address("outer"), members: [address("inner")]))
        var policy = SendingPolicy(name: "staff", priority: 0)
        policy.scope.groups = [address("outer").key]
        _ = try await data.perform(AddPolicy(policy: policy, place: nil))
        _ = await problem(.conflict) { try await data.perform(RemoveGroup(group: self.address("inner"))) }
        _ = await problem(.conflict) { try await data.perform(RemoveGroup(group: self.address("outer"))) }
        _ = try await data.perform(RemovePolicy(policy: "staff"))
        _ = try await data.perform(RemoveGroup(group: address("outer")))
        _ = try await data.perform(RemoveGroup(group: address("inner")))
    }

    @Test func theAddressesOfADomainAreKept() async throws {
        let data = try await organisation()
        let domain = DomainName("example.org")!
        _ = await problem(.invalid) { try await data.perform(SetRecipientCheck(domain: domain, isChecked: true)) }
        let known = try await data.perform(ChangeKnownAddresses(domain: domain, add: [address("b"), address("a")], remove: []))
        #expect(known.count == 2 && !known.isChecked)
        #expect(try await data.perform(SetRecipientCheck(domain: domain, isChecked: true)).isChecked)
        #expect(try await data.perform(ListDomains()).map(\.isChecked) == [true])
        _ = try await data.perform(AddGroup(group: address("c"), members: [address("a")]))
        #expect(
            try await data.perform(ListKnownAddresses(domain: domain)).map { "\($0.address) \($0.kind)" } == [
                "a@example.org listed", "b@example.org listed", "c@example.org group",
            ])
        _ = await problem(.invalid) {
            try await data.perform(ChangeKnownAddresses(domain: domain, add: [EmailAddress("x@other.test")!], remove: []))
        }
        _ = await problem(.notFound) {
            try await data.perform(ChangeKnownAddresses(domain: DomainName("other.test")!, add: [], remove: []))
        }
        let replaced = try await data.perform(ChangeKnownAddresses(domain: domain, add: [address("z")], remove: [], replaces: true))
        #expect(replaced.count == 1)
        _ = try await data.perform(RemoveDomain(domain: domain))
        #expect(try await data.administration().directory().knownAddresses.isEmpty)
    }

    @Test func anAccountExpiresAndIsRenewed() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddAccount(address: address("a"), password: "long enough"))
        let end = TestData.now + .seconds(10)
        let expiring = try await data.perform(SetAccountExpiry(address: address("a"), expiresAt: end))
        #expect(expiring.account.expires == end.rfc3339)
        let account = try await data.administration().account(address("a"))
        func verdict(_ time: Timestamp) -> Verdict {
            SubmissionRules().sender(
                .address(address("a")), MailParameters(), submitter: Submitter(account), isEncrypted: true, peer: nil, at: time)
        }
        #expect(verdict(end - .milliseconds(1)) == .accept([]))
        guard case .refuse(let reply, let findings) = verdict(end) else {
            Issue.record("an expired account submits")
            return
        }
        #expect(reply.description.hasPrefix("550 5.7.1") && findings.map(\.rule) == ["submission.account-expired"])
        #expect(PasswordHash.accepts(Array("long enough".utf8), for: account), "it still signs in")
        let renewed = try await data.perform(SetAccountExpiry(address: address("a"), expiresAt: nil))
        #expect(renewed.account.expires == "")
    }
}
