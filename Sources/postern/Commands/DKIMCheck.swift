import ArgumentParser
import MailModel
import PosternRuntime

struct DKIMCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look at the records in DNS now, and take rotations on. The running gate does so each hour.")

    @Argument(help: "Of this domain; of all otherwise.", transform: Arguments.domain)
    var domain: DomainName?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try await data.perform(CheckDKIM(domain: domain))
        try format.print(keys, ["NAME", "STATE", "DNS", "NEXT"], empty: "No DKIM keys: nothing is signed.") {
            [$0.recordName, $0.state, $0.dns.isEmpty ? "-" : $0.dns, $0.next]
        }
    }
}
