/// Plans to begin with.
struct SimulationExample: Sendable {
    var title: String
    var yaml: String

    static let all = [
        SimulationExample(
            title: "9 000 invitations from one mailbox, paced by Postern",
            yaml: """
                start: 2026-11-23T09:00:00Z
                mailbox: app@contoso.test
                send:
                  - {name: invitations, messages: 9000}
                provider:
                  policy: {externalPerHour: 500, action: BlockUser}
                through: {way: gate, preset: microsoft-365-mailbox}
                """),
        SimulationExample(
            title: "The same by a script that takes no notice of refusals",
            yaml: """
                start: 2026-11-23T09:00:00Z
                mailbox: app@contoso.test
                send:
                  - {name: invitations, messages: 9000}
                provider:
                  policy: {externalPerHour: 500, action: BlockUser}
                through: {way: script}
                """),
        SimulationExample(
            title: "6 000 newsletters straight to the receivers, from a new address",
            yaml: """
                start: 2026-11-23T09:00:00Z
                mailbox: news@example.org
                send:
                  - name: newsletter
                    messages: 6000
                    domains: {gmail.com: 45, outlook.com: 25, yahoo.com: 15, icloud.com: 5, example.net: 10}
                through: {way: direct, warmUp: none}
                """),
        SimulationExample(
            title: "A stolen password: Postern's own limits stop 3 000 messages, and another account's mail goes on",
            yaml: """
                start: 2026-11-23T09:00:00Z
                send:
                  - {name: spree, sender: kim@contoso.test, messages: 3000, over: 1h}
                  - {name: invoices, sender: shop@contoso.test, messages: 60, over: 1h}
                limits: {externalPerHour: 500, action: restrict}
                longest: 1d
                """),
    ]
}
