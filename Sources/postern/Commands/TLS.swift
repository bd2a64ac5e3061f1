import ArgumentParser
import MailModel
import PosternRuntime

struct TLS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "TLS towards other hosts: which policy holds for a domain, and what was counted for TLS reports.",
        subcommands: [TLSCheckCommand.self, TLSReportCommand.self])
}
