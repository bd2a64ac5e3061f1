import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct SourceTableTests {
    private static let start = Timestamp(seconds: 0)

    private func source(_ name: String, _ ipv4: String? = nil, ipv6: String? = nil) -> EgressSource {
        EgressSource(
            name: name, ipv4: ipv4.flatMap { IPAddress($0) }, ipv6: ipv6.flatMap { IPAddress($0) }, createdAt: SourceTableTests.start)
    }

    private func route(_ name: String, _ sources: [String]) -> Route {
        var route = Route(name: name, kind: .mx, createdAt: SourceTableTests.start)
        route.sources = sources
        return route
    }

    private func directory(_ sources: [EgressSource], _ routes: [Route]) -> Directory {
        var directory = Directory(routes: Dictionary(uniqueKeysWithValues: routes.map { ($0.name, $0) }))
        directory.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) })
        return directory
    }

    private func reach(_ local: [String], elsewhere: Set<String> = [], only: Set<String> = []) -> SourceReach {
        var reach = SourceReach()
        reach.local = LocalAddresses(addresses: Set(local.compactMap { IPAddress($0) }))
        reach.elsewhere = elsewhere
        reach.only = only
        return reach
    }

    private func text(_ choice: SourceTable.Choice) -> String {
        switch choice {
        case .here(let source): source.name
        case .elsewhere: "elsewhere"
        case .nowhere: "nowhere"
        }
    }

    private static let rows: [(list: [String], local: [String], elsewhere: Set<String>, only: Set<String>, choice: String)] = [
        ([], [], [], [], "default"),
        (["a"], ["192.0.2.1"], [], [], "a"),
        (["a"], [], [], [], "nowhere"),
        (["a"], [], ["a"], [], "elsewhere"),
        (["a", "b"], ["192.0.2.2"], [], [], "b"),
        (["a", "b"], ["192.0.2.2"], ["a"], [], "elsewhere"),
        (["a", "b"], ["192.0.2.1", "192.0.2.2"], ["b"], [], "a"),
        (["b", "a"], ["192.0.2.1", "192.0.2.2"], [], [], "b"),
        (["a", "default"], [], [], [], "default"),
        (["a", "default"], [], ["a"], [], "elsewhere"),
        (["default", "a"], ["192.0.2.1"], [], [], "default"),
        (["a", "b"], ["192.0.2.1", "192.0.2.2"], [], ["b"], "b"),
        (["a"], ["192.0.2.1"], [], ["b"], "nowhere"),
        // Disabled, and not there at all.
        (["off"], ["192.0.2.3"], ["off"], [], "nowhere"),
        (["gone", "b"], ["192.0.2.2"], ["gone"], [], "b"),
        // Both of its addresses are wanted.
        (["both"], ["192.0.2.4"], [], [], "nowhere"),
        (["both"], ["192.0.2.4", "2001:db8::4"], [], [], "both"),
        // Only a name for EHLO: every node has it.
        (["name"], [], [], [], "name"),
    ]

    @Test(arguments: rows.indices) func theFirstLivingSourceOfTheListIsChosen(_ index: Int) {
        let row = SourceTableTests.rows[index]
        var off = source("off", "192.0.2.3")
        off.isDisabled = true
        var name = source("name")
        name.helloName = DomainName("out.example.org")
        let sources = [
            source("a", "192.0.2.1"), source("b", "192.0.2.2"), off, source("both", "192.0.2.4", ipv6: "2001:db8::4"), name,
        ]
        let route = route("r", row.list)
        let table = SourceTable(directory(sources, [route]), reach(row.local, elsewhere: row.elsewhere, only: row.only))
        #expect(text(table.choose(for: route)) == row.choice)
        #expect(table.lateLists == (row.choice == "elsewhere" || row.choice == "nowhere" ? [SourceTable.list(of: route)] : []))
    }

    @Test func aListHasANumberOfItsOwnThatChangesWithIt() {
        let lists = [route("r", ["a"]), route("s", ["a"]), route("r", ["a", "b"]), route("r", ["b", "a"]), route("r", ["ab"])]
        let numbers = lists.map(SourceTable.list)
        #expect(Set(numbers).count == lists.count)
        #expect(numbers.allSatisfy { $0 > 0 })
        // Rows keep it: it must be the same in every run and on every machine.
        #expect(SourceTable.list(of: route("r", ["a"])) == numbers[0])
    }

    @Test func sourcesThatRoutesNameAndNobodyHasAreMissing() {
        let sources = [source("a", "192.0.2.1"), source("b", "192.0.2.2"), source("c", "192.0.2.3"), source("unused", "192.0.2.9")]
        let routes = [route("one", ["a"]), route("two", ["a", "b"]), route("three", ["c"])]
        let table = SourceTable(directory(sources, routes), reach(["192.0.2.2"], elsewhere: ["c"]))
        #expect(table.missing.map(\.source) == ["a"])
        // Mail by route two goes by b meanwhile; only that of route one waits.
        #expect(table.missing.first?.lists == [SourceTable.list(of: routes[0])])
        #expect(table.here == ["b"])
    }

    @Test func aMissingSourceIsAConditionFromWhenItsNodeWasLastHeardOf() throws {
        let route = route("one", ["a"])
        let directory = directory([source("a", "192.0.2.1")], [route])
        let (with, without) = (SourceTable(directory, reach(["192.0.2.1"])), SourceTable(directory, reach([])))
        var watch = SourceWatch()
        let now = Timestamp(seconds: 1000)
        #expect(watch.looked(with, lastSeen: [:], at: now).lost == [])
        #expect(watch.looked(without, lastSeen: ["a": Timestamp(seconds: 970)], at: now).lost == ["a"])
        #expect(watch.looked(without, lastSeen: [:], at: now + .seconds(5)).lost == [])
        let conditions = watch.conditions(without, waiting: [SourceTable.list(of: route): 12, 5: 3])
        #expect(conditions == [SourceCondition(source: "a", since: Timestamp(seconds: 970), recipients: 12)])
        let alert = try #require(conditions.first).alert(at: now)
        #expect(alert.kind == .sourceUnreachable && alert.subject == "source:a" && alert.text.contains("12 recipients"))
        let after = watch.looked(with, lastSeen: [:], at: now + .seconds(9))
        #expect(after.back == ["a"] && after.lost == [])
        #expect(watch.conditions(without, waiting: [:]) == [])
    }
}
