import MailModel
import ProviderTwin

extension ExchangeTwinSettings {
    /// Takes what a command line says; the problem, where there is one. `numbers`: `name=number`.
    package mutating func configure(
        numbers: [String], externalPerHour: Int, internalPerHour: Int, recipientsPerDay: Int, action: String
    ) -> String? {
        let change = TwinPolicyChange(
            externalPerHour: externalPerHour, internalPerHour: internalPerHour, recipientsPerDay: recipientsPerDay, action: action)
        guard change.apply(to: &tenant.defaultPolicy) else {
            return "limits of a policy are from 0 to 10000, and its actions Alert, BlockUser and BlockUserForToday"
        }
        for text in numbers {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]), tenant.settings.set(String(parts[0]), number) else {
                let names = ExchangeSettings.names.keys.sorted().joined(separator: ", ")
                return "\(text) is no setting of the twin; they are \(names), each a whole number of 0 or more"
            }
        }
        return nil
    }

    /// Takes the mailboxes of a file in place of those that there are. Throws `TwinMailboxFile.Mistake`.
    package mutating func replaceMailboxes(_ text: String) throws { try tenant.replaceMailboxes(TwinMailboxFile.read(text)) }

    /// `mailbox=address`: the right to send as that address; false where there is no such mailbox, or no address.
    package mutating func grant(_ right: String) -> Bool {
        let parts = right.split(separator: "=", maxSplits: 1).map { EmailAddress($0) }
        guard parts.count == 2, let mailbox = parts[0], let address = parts[1],
            let index = tenant.mailboxes.firstIndex(where: { $0.address == mailbox })
        else { return false }
        tenant.mailboxes[index].sendAs.insert(address)
        return true
    }
}
