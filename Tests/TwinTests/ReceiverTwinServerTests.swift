import Foundation
import GateSupport
import OwnThreads
import Testing

/// Receivers as servers: stock clients see what the models say.
@Suite(.timeLimit(.minutes(10)), .ownThreads) struct ReceiverTwinServerTests {
    private static let script = """
        import json, smtplib, ssl, sys, urllib.request
        smtp, http = int(sys.argv[1]), int(sys.argv[2])

        def ask(method, place, value):
            request = urllib.request.Request(f"http://127.0.0.1:{http}{place}", json.dumps(value).encode(), method=method)
            return json.load(urllib.request.urlopen(request))

        def send(to):
            with smtplib.SMTP("127.0.0.1", smtp) as client:
                client.starttls(context=ssl._create_unverified_context())
                client.sendmail("a@example.org", [to], "From: a@example.org\\r\\nSubject: s\\r\\n\\r\\nhello\\r\\n")

        def refusal(to):
            try:
                send(to)
            except smtplib.SMTPRecipientsRefused as error:
                code, text = list(error.recipients.values())[0]
            except smtplib.SMTPResponseException as error:
                code, text = error.smtp_code, error.smtp_error
            else:
                return "taken"
            return f"{code} {text.decode()}"

        print(refusal("x@receiver.test"))
        print(refusal("unknown@receiver.test"))
        ask("PATCH", "/v1/settings", {"startVolume": 1})
        print(refusal("x@receiver.test"))
        ask("PATCH", "/v1/settings", {"startVolume": 1000})
        ask("POST", "/v1/clock", {"seconds": 700})
        ask("PATCH", "/v1/domains/example.org", {"spf": False, "dkim": False})
        print(refusal("x@receiver.test"))
        print(len(json.load(urllib.request.urlopen(f"http://127.0.0.1:{http}/v1/messages"))))
        """

    @Test(
        .enabled(if: Program.isThere(Program.python), "needs Python"),
        arguments: [
            ("gmail", "550 5.1.1 ", "421 4.7.28 ", "550 5.7.26 "), ("outlook", "550 5.5.0 ", "451 4.7.650 ", "550 5.7.515 "),
            ("yahoo", "554 delivery error: dd ", "421 4.7.0 [TSS04] ", "554 5.7.9 "),
            ("apple", "550 5.1.1 ", "421 4.7.1 ", "554 5.7.1 [HME1] "),
        ]) func `each provider refuses in its own words`(_ provider: String, _ unknown: String, _ tooMuch: String, _ demand: String) throws
    {
        let twin = try TwinProcess(provider)
        let run = try Program.run(
            Program.python, ["-c", ReceiverTwinServerTests.script, "\(twin.smtpPort)", "\(twin.httpPort)"])
        let lines = run.output.split(separator: "\n")
        #expect(run.status == 0 && lines.count == 5, "\(run)")
        guard lines.count == 5 else { return }
        #expect(lines[0] == "taken" && lines[1].hasPrefix(unknown) && lines[2].hasPrefix(tooMuch) && lines[3].hasPrefix(demand), "\(lines)")
        #expect(lines[4] == "1")
        #expect(twin.stop() == 0)
    }

    @Test func `the receiver of an organisation greylists`() throws {
        let twin = try TwinProcess("postfix")
        defer { twin.stop() }
        let run = try Program.run(
            Program.python, ["-c", ReceiverTwinServerTests.script, "\(twin.smtpPort)", "\(twin.httpPort)"])
        #expect(run.output.hasPrefix("450 4.2.0 Recipient address rejected: Greylisted"), "\(run)")
    }
}
