import ArgumentParser
import PosternRuntime

struct Groups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses that stand for others: mail to a group goes to each member, and each counts as a recipient.",
        subcommands: [
            GroupsAdd.self, GroupsList.self, GroupsShow.self, GroupsSet.self, GroupsMembers.self, GroupsExpand.self, GroupsPosts.self,
            GroupsPost.self, GroupsApprove.self, GroupsReject.self, GroupsSource.self, GroupsSync.self, GroupsRemove.self,
        ])

    static func show(_ view: GroupView, _ done: String) {
        Output.line("group \(view.address) \(done): \(view.members) members, \(view.people) recipients")
    }
}
