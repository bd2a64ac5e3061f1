import MailModel
import OutboundPolicy
import Testing

/// Which policy is for whom, and what it comes to.
@Suite struct PolicyTableTests {
    private func address(_ text: String) -> EmailAddress { EmailAddress(text)! }

    private func directory(_ policies: SendingPolicy...) -> Directory {
        var directory = Directory()
        for policy in policies { directory.policies[policy.name] = policy }
        return directory
    }

    private func policy(_ name: String, _ priority: Int, external: Int = 0, _ change: (inout PolicyScope) -> Void = { _ in })
        -> SendingPolicy
    {
        var policy = SendingPolicy(name: name, priority: priority)
        policy.externalPerHour = external
        change(&policy.scope)
        return policy
    }

    @Test func theFirstThatMatchesCountsAndTheDefaultComesLast() {
        let table = PolicyTable(
            directory(
                policy("default", 0), policy("sales", 2) { $0.domains = [DomainName("sales.test")!] },
                policy("ceo", 1) { $0.senders = [EmailAddress("ceo@sales.test")!] }))
        #expect(table.policy(for: address("ceo@sales.test"))?.name == "ceo")
        #expect(table.policy(for: address("kim@sales.test"))?.name == "sales")
        #expect(table.policy(for: address("kim@eu.sales.test"))?.name == "sales", "subdomains are meant too")
        #expect(table.policy(for: address("kim@presales.test"))?.name == "default")
        #expect(table.policy(for: nil)?.name == "default")
    }

    @Test func kindsMustAllMatchAndExceptionsGoFirst() {
        var all = directory(
            policy("x", 0) {
                $0.domains = [DomainName("a.test")!]
                $0.groups = ["staff@a.test"]
                $0.exceptSenders = [EmailAddress("boss@a.test")!]
            })
        all.groups[address("staff@a.test")] = RecipientGroup(
            address: address("staff@a.test"), members: [address("kim@a.test"), address("boss@a.test"), address("kim@b.test")])
        let table = PolicyTable(all)
        #expect(table.policy(for: address("kim@a.test"))?.name == "x")
        #expect(table.policy(for: address("boss@a.test")) == nil)
        #expect(table.policy(for: address("kim@b.test")) == nil, "a member of another domain")
        #expect(table.policy(for: address("pat@a.test")) == nil, "no member")
    }

    @Test func nothingIsLimitedUntilAPresetIsChosen() {
        #expect(!PolicyTable(Directory()).isCounting)
        for preset in PolicyPreset.allCases {
            var chosen = directory(preset.policy)
            chosen.service = preset.service(licences: nil)
            #expect(PolicyTable(chosen).isCounting)
        }
        #expect(PolicyPreset.standard.policy.limits.map(\.value) == [500, 1000, 1000])
        #expect(PolicyPreset.strict.policy.limits.map(\.value) == [400, 800, 800])
    }

    /// The table that Microsoft publishes.
    @Test(arguments: [
        (1, 10_000), (2, 10_312), (10, 12_006), (25, 14_259), (100, 22_059), (1000, 72_446), (10_000, 324_979), (100_000, 1_590_639),
    ])
    func theOrganisationsQuotaFollowsItsLicences(_ licences: Int, _ quota: Int) {
        #expect(ServiceLimits.organisationExternal(licences: licences) == quota)
    }

    @Test func campaignsCountForTheOrganisationAlone() {
        var chosen = directory(PolicyPreset.standard.policy)
        chosen.service = PolicyPreset.standard.service(licences: 10)
        let table = PolicyTable(chosen)
        var message = CountedMessage(
            sender: "kim@a.test", tenant: .standard, principal: .connector("app"), trafficClass: .personal, from: address("kim@a.test"),
            external: [address("x@out.test")], internalCount: 1, octets: 2000)
        #expect(table.claims(for: message, at: Timestamp(seconds: 0)).map(\.holder.name) == ["sender:kim@a.test", "organisation"])
        message.trafficClass = .campaign
        #expect(table.claims(for: message, at: Timestamp(seconds: 0)).map(\.holder.name) == ["organisation"])
        message.trafficClass = .notice
        #expect(table.claims(for: message, at: Timestamp(seconds: 0)).isEmpty)
    }

    @Test func aSenderThatWasReleasedTodayIsNotRestrictedAgainByVolume() {
        let table = PolicyTable(directory(PolicyPreset.standard.policy))
        let message = CountedMessage(
            sender: "kim@a.test", tenant: .standard, principal: .account(address("kim@a.test")), trafficClass: .personal,
            from: address("kim@a.test"), external: [], internalCount: 1, octets: 1, isVolumeExempt: true)
        #expect(table.senderLimits(message, at: Timestamp(seconds: 0)).allSatisfy { $0.action == .alert })
    }

    @Test func aDayEndsWhereTheOrganisationIs() throws {
        let berlin = OrganisationDay(
            zoneName: "Europe/Berlin",
            offsets: [(1_761_440_400, 3600), (1_774_746_000, 7200), (1_792_890_000, 3600)].map {
                OrganisationDay.Offset(since: Timestamp(seconds: $0.0), seconds: $0.1)
            })
        // 2026-03-28T22:30Z is 23:30 there; the day after has 23 hours, that of 2026-10-25 has 25.
        let evening = Timestamp(seconds: 1_774_737_000)
        #expect(berlin.nextMidnight(after: evening) == evening + .seconds(1800))
        #expect(berlin.nextMidnight(after: evening + .seconds(1800)) == evening + .seconds(1800 + 23 * 3600))
        let autumn = Timestamp(seconds: 1_792_879_200)
        #expect(berlin.nextMidnight(after: autumn) - autumn == .seconds(25 * 3600))
        #expect(berlin.text(evening, from: evening) == "23:30")
        // Azores, 2026-03-29: at midnight the clocks go to one o'clock, so the day begins then.
        let azores = OrganisationDay(
            zoneName: "Atlantic/Azores",
            offsets: [(1_761_440_400, -3600), (1_774_746_000, 0)].map { .init(since: Timestamp(seconds: $0.0), seconds: $0.1) })
        #expect(azores.nextMidnight(after: Timestamp(seconds: 1_774_740_000)) == Timestamp(seconds: 1_774_746_000))
    }

    @Test func groupsWithinGroupsAndLoops() {
        let (inner, outer) = (address("inner@a.test"), address("outer@a.test"))
        let groups = [
            inner: RecipientGroup(address: inner, members: [address("x@a.test"), address("y@a.test")]),
            outer: RecipientGroup(address: outer, members: [inner, address("x@a.test"), address("z@a.test")]),
        ]
        let table = GroupTable(groups)
        #expect(table.people(in: outer)?.map(\.key) == ["x@a.test", "y@a.test", "z@a.test"], "each once")
        #expect(table.isMember(address("y@a.test"), of: "outer@a.test"))
        #expect(GroupTable.loop(through: RecipientGroup(address: inner, members: [outer]), in: groups) == [inner, outer, inner])
        #expect(GroupTable.loop(through: RecipientGroup(address: inner, members: [inner]), in: groups) == [inner, inner])
        #expect(GroupTable.loop(through: RecipientGroup(address: inner, members: []), in: groups) == nil)
    }

    /// Ten floors of thirty groups, each of which holds all of the floor below: as many ways down as thirty to the ninth.
    @Test func sharedGroupsAreLookedAtOnce() {
        func group(_ floor: Int, _ number: Int) -> EmailAddress { address("g\(floor)-\(number)@a.test") }
        var groups: [EmailAddress: RecipientGroup] = [:]
        for floor in 0..<RecipientGroup.depthMax {
            for number in 0..<30 {
                let members = floor == 0 ? [address("x@a.test")] : (0..<30).map { group(floor - 1, $0) }
                groups[group(floor, number)] = RecipientGroup(address: group(floor, number), members: members)
            }
        }
        let top = RecipientGroup(address: group(9, 0), members: (0..<30).map { group(8, $0) })
        #expect(GroupTable.loop(through: top, in: groups) == nil)
        let above = RecipientGroup(address: address("above@a.test"), members: [group(9, 1)])
        #expect(GroupTable.loop(through: above, in: groups)?.count == RecipientGroup.depthMax + 1, "one floor too many")
        let low = RecipientGroup(address: group(0, 29), members: [group(9, 29)])
        #expect(GroupTable.loop(through: low, in: groups)?.first == low.address)
    }
}
