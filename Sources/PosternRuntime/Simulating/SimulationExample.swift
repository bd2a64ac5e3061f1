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
    ]
}
