import ArgumentParser
import PosternRuntime

struct DKIMList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try await data.perform(ListDKIMKeys(domain: nil))
        try format.print(keys, ["DOMAIN", "SELECTOR", "ALGORITHM", "STATE", "DNS", "NEXT"], empty: "No DKIM keys: nothing is signed.") {
            [$0.domain, $0.selector, $0.algorithm, $0.state, $0.dns.isEmpty ? "-" : $0.dns, $0.next]
        }
    }
}
