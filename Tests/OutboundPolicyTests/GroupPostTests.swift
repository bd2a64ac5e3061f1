import MailModel
import OutboundPolicy
import Testing

/// Who may write to a group, what waits for an owner, and what a list refuses.
@Suite struct GroupPostTests {
    private let owner = EmailAddress("olga@example.org")!
    private let member = EmailAddress("max@example.org")!
    private let stranger = EmailAddress("sue@elsewhere.test")!

    private func group(_ edit: (inout RecipientGroup) -> Void = { _ in }) -> RecipientGroup {
        var group = RecipientGroup(address: EmailAddress("staff@example.org")!, members: [member])
        group.owners = [owner]
        edit(&group)
        return group
    }

    private func post(_ author: EmailAddress?, isProven: Bool = true, _ edit: (inout GroupPost) -> Void = { _ in }) -> GroupPost {
        var post = GroupPost(
            author: author, isProven: isProven, isInternal: author?.domain == DomainName("example.org"), isMember: author == member)
        edit(&post)
        return post
    }

    private func rule(_ verdict: Verdict?) -> String? {
        guard case .refuse(_, let findings)? = verdict else { return nil }
        return findings.first?.rule
    }

    @Test func aGroupOfBeforeTakesWhatItTook() {
        let named = group { $0.senders = [.domain(DomainName("elsewhere.test")!)] }
        #expect(group().refusal(of: post(stranger, isProven: false)) == nil)
        #expect(named.refusal(of: post(stranger)) == nil)
        #expect(rule(named.refusal(of: post(member))) == "group.not-allowed")
    }

    @Test func eachRuleLetsInWhoItNames() {
        let other = EmailAddress("otto@example.org")!
        let cases: [(GroupPosting, [Bool])] = [
            // An owner, a member, somebody of the organisation, a stranger.
            (.anyone, [true, true, true, true]), (.organisation, [true, true, true, false]), (.members, [true, true, false, false]),
            (.owners, [true, false, false, false]), (.named, [true, false, false, false]),
        ]
        for (posting, wanted) in cases {
            let group = group { $0.posting = posting }
            let found = [owner, member, other, stranger].map { group.refusal(of: post($0)) == nil }
            #expect(found == wanted, "\(posting)")
        }
    }

    @Test func whoCannotBeProvenMayNotPassForAnOwner() {
        let closed = group { $0.posting = .members }
        #expect(rule(closed.refusal(of: post(member, isProven: false))) == "group.not-proven")
        let moderated = group { $0.moderation = .others }
        #expect(moderated.moderationReason(of: post(member)) == nil)
        #expect(moderated.moderationReason(of: post(owner)) == nil)
        #expect(moderated.moderationReason(of: post(member, isProven: false)) != nil)
        #expect(moderated.moderationReason(of: post(stranger)) != nil)
        let all = group { $0.moderation = .all }
        #expect(all.moderationReason(of: post(member)) != nil && all.moderationReason(of: post(owner)) == nil)
        #expect(group().moderationReason(of: post(stranger, isProven: false)) == nil)
    }

    @Test func aListTakesNoMailOfListsAndPrograms() {
        let list = group { $0.discussion = DiscussionList(kibibytesMax: 10) }
        #expect(list.refusal(of: post(member)) == nil)
        #expect(rule(list.refusal(of: post(member) { $0.listIDs = ["other.test", "staff.example.org"] })) == "group.loop")
        #expect(rule(list.refusal(of: post(member) { $0.isReport = true })) == "group.automatic")
        #expect(rule(list.refusal(of: post(member) { $0.isAutomatic = true })) == "group.automatic")
        for word in ["bulk", "junk", "list"] {
            #expect(rule(list.refusal(of: post(member) { $0.precedence = word })) == "group.automatic")
        }
        #expect(list.refusal(of: post(member) { $0.precedence = "first-class" }) == nil)
        #expect(list.refusal(of: post(member) { $0.bytes = 10_240 }) == nil)
        #expect(rule(list.refusal(of: post(member) { $0.bytes = 10_241 })) == "group.message-too-large")
        // A group that is no list expands; programs write to those.
        #expect(group().refusal(of: post(member) { $0.isAutomatic = true }) == nil)
    }

    @Test func commandsAreTheListsOwnAddresses() {
        let list = group { $0.discussion = DiscussionList() }
        let plain = RecipientGroup(address: EmailAddress("plain@example.org")!, members: [member])
        let groups = [list.address: list, plain.address: plain]
        #expect(GroupPlace(EmailAddress("staff@example.org")!, in: groups)?.command == nil)
        #expect(GroupPlace(EmailAddress("Staff-Leave@example.org")!, in: groups)?.command == .leave)
        #expect(GroupPlace(EmailAddress("staff-other@example.org")!, in: groups) == nil)
        #expect(GroupPlace(EmailAddress("plain-leave@example.org")!, in: groups) == nil)
        #expect(list.address(of: .join) == EmailAddress("staff-join@example.org")!)
        #expect(DiscussionList().id(of: EmailAddress("A+b@Example.org")!) == "a_b.example.org")
        var directory = Directory()
        directory.groups = groups
        #expect(directory.goesToGroupDesk(list.address) && !directory.goesToGroupDesk(plain.address))
        #expect(directory.goesToGroupDesk(EmailAddress("staff-join@example.org")!))
        #expect(!directory.goesToGroupDesk(EmailAddress("staff-owner@example.org")!), "its owners get it as it is")
    }

    @Test func eachRecipientIsShownWithItsWay() {
        let inner = RecipientGroup(address: EmailAddress("inner@example.org")!, members: [member, stranger])
        let outer = RecipientGroup(address: EmailAddress("outer@example.org")!, members: [stranger, inner.address, owner])
        let ways = GroupTable.ways(from: outer.address, of: [inner.address: inner, outer.address: outer])
        #expect(ways.map(\.person) == [stranger, member, owner])
        #expect(ways.map(\.through) == [[outer.address], [outer.address, inner.address], [outer.address]])
    }

    @Test func othersAreProvenByTheirOwnDomainAlone() {
        func findings(_ text: String) -> [Finding] {
            [Finding(rule: PassedDomains.rule, matched: "arc=none d=example.org passed=yes", explanation: text)]
        }
        #expect(PassedDomains.prove(member, []))
        #expect(!PassedDomains.prove(member, findings("spf=pass smtp.mailfrom=evil.test; dkim=none")))
        #expect(PassedDomains.prove(member, findings("spf=fail smtp.mailfrom=evil.test; dkim=pass header.d=example.org header.s=a")))
        #expect(PassedDomains.prove(EmailAddress("a@mail.example.org")!, findings("spf=pass smtp.mailfrom=example.org; dkim=none")))
        #expect(!PassedDomains.prove(member, findings("dkim=pass (not all of the body is signed) header.d=example.org header.s=a")))
        #expect(!PassedDomains.prove(member, findings("dkim=fail header.d=example.org header.s=a")))
        #expect(!PassedDomains.prove(nil, findings("dkim=pass header.d=example.org")))
    }
}
