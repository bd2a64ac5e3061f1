import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct GroupsSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change who owns a group, who may write to it, what waits for an owner, and whether it is a discussion list.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Option(help: "An owner more; may be repeated.", transform: Arguments.address)
    var owner: [EmailAddress] = []
    @Option(help: "An owner less; may be repeated.", transform: Arguments.address)
    var removeOwner: [EmailAddress] = []
    @Option(help: "Who may write to it beside owners and named senders: anyone, organisation, members, owners, named.")
    var posting: GroupPosting?
    @Option(
        help: "A named sender: an address, @domain, *.domain or *; may be repeated. In place of those there are.",
        transform: Arguments.grant)
    var senders: [AddressGrant] = []
    @Option(help: "Whose mail waits for an owner: none, others (those who are no members), all.")
    var moderation: GroupModeration?
    @Option(help: "Recipients that mail to it may have; 0: as many as a message may have.")
    var recipientsMax: Int?
    @Flag(inversion: .prefixedNo, help: "A discussion list.")
    var list: Bool?
    @Option(help: "The list's name for people.")
    var title: String?
    @Option(help: "Before the subject, in brackets; \"\" for none.")
    var prefix: String?
    @Option(help: "What From says: safe (the list where receivers would refuse the author's domain), list, author.")
    var from: DiscussionList.AuthorField?
    @Option(help: "Where answers go: author, list.")
    var answers: DiscussionList.Answers?
    @Option(help: "Who may join by mail: anyone, organisation, closed.")
    var joining: DiscussionList.Joining?
    @Flag(inversion: .prefixedNo, help: "Authors get a copy of what they wrote.")
    var authorCopy: Bool?
    @Option(help: "Size of a message in KiB; 0: what the gate takes.")
    var sizeMax: Int?
    @Option(help: "Where its mail can be read, https; \"\" for nowhere.")
    var archive: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var change = DiscussionChange()
        (change.isOn, change.title, change.prefix, change.author, change.answers) = (list, title, prefix, from, answers)
        (change.joining, change.copiesAuthor, change.kibibytesMax, change.archive) = (joining, authorCopy, sizeMax, archive)
        var operation = SetGroup(group: address)
        operation.addOwners = owner.isEmpty ? nil : owner
        operation.removeOwners = removeOwner.isEmpty ? nil : removeOwner
        (operation.posting, operation.moderation, operation.expansionMax) = (posting, moderation, recipientsMax)
        operation.senders = senders.isEmpty ? nil : senders
        operation.list = change.isEmpty ? nil : change
        Groups.show(try await data.perform(operation, reason: reason.reason), "changed")
    }
}

extension GroupPosting: ExpressibleByArgument {}
extension GroupModeration: ExpressibleByArgument {}
extension DiscussionList.AuthorField: ExpressibleByArgument {}
extension DiscussionList.Answers: ExpressibleByArgument {}
extension DiscussionList.Joining: ExpressibleByArgument {}
