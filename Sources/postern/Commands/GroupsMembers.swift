import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsMembers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members", abstract: "Change who is in a group.", subcommands: [Add.self, Remove.self, Import.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add members.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @Argument(transform: Arguments.address)
        var members: [EmailAddress]
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            Groups.show(
                try await data.perform(ChangeGroupMembers(group: address, add: members, remove: []), reason: reason.reason), "changed")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove members.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @Argument(transform: Arguments.address)
        var members: [EmailAddress]
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            Groups.show(
                try await data.perform(ChangeGroupMembers(group: address, add: [], remove: members), reason: reason.reason), "changed")
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add the members of a CSV file.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @OptionGroup var file: AddressFileOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            for (part, isFirst) in try file.read() {
                let operation = ChangeGroupMembers(group: address, add: part, remove: [], replaces: file.replace && isFirst)
                Groups.show(try await data.perform(operation, reason: reason.reason), "changed")
            }
        }
    }
}
