import ArgumentParser
import PosternRuntime

/// What all twins are started with.
struct TwinOptions: ParsableArguments {
    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"
    @Option(help: "Port for SMTP; 0 takes a free one.")
    var port = 2526
    @Option(help: "Port for state, controls and tokens over HTTP; 0 takes a free one.")
    var httpPort = 0
    @Option(help: ArgumentHelp("How fast its clock runs: 1x, 60x …", valueName: "factor"))
    var clock = "1x"
    @Flag(help: "The ready line as JSON.")
    var json = false

    func makeClock() throws -> TwinClock {
        guard let factor = TwinClock.factor(clock) else { throw ValidationError("--clock is from 1x to 100000x") }
        return TwinClock(factor: factor, start: .now)
    }

    func announce(_ provider: String, smtp: Int, http: Int) {
        let literal = host.contains(":") ? "[\(host)]" : host
        if json {
            Output.line(
                "{\"ready\":true,\"provider\":\"\(provider)\",\"host\":\"\(host)\",\"smtpPort\":\(smtp),\"httpPort\":\(http),"
                    + "\"tokenURL\":\"http://\(literal):\(http)/contoso.test/oauth2/v2.0/token\"}")
        } else {
            Output.line("ready smtp=\(literal):\(smtp) http=\(literal):\(http)")
        }
    }
}
