import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct WarmUpShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a warm-up with its calendar.")

    @Argument(help: "SOURCE:PROVIDER, or SOURCE:all.") var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowWarmUp(name: name))
        if format.json { return try Output.json([view]) }
        Output.line(
            "\(view.name): \(view.state.rawValue), day \(view.day) of \(view.days), \(view.cap.map { "\($0) messages" } ?? "no cap")")
        if !view.pausedUntil.isEmpty { Output.line("paused until \(view.pausedUntil)") }
        if !view.reason.isEmpty { Output.line("last: \(view.reason)") }
        Output.table(
            ["DATE", "", "CAP", "SENT", "WHAT HAPPENED"],
            (view.calendar ?? []).map {
                [
                    $0.date, $0.state.rawValue, $0.cap.map(String.init) ?? "", $0.sent.map(String.init) ?? "",
                    Output.cut($0.texts.joined(separator: "; "), 80),
                ]
            }, empty: "")
    }
}
