import MailModel
import SMTPProtocol
import Testing

/// SplitMix64: the same walk for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Dialogues with octets changed, dropped, doubled and moved: the machines end every pull loop, hold little, and never trap.
struct MutationTests {
    static let tokens: [[UInt8]] =
        [
            "\r\n", "\n", "\r", "\0", ".", "\r\n.\r\n", "<", ">", "\"", "\\", "@", ":", ",", " ", "=", "+", "-", "LAST", "BDAT 5",
            "BDAT 0 LAST",
            "STARTTLS\r\n", "AUTH PLAIN ", "*\r\n", "QUIT\r\n", "RSET\r\n", "EHLO x\r\n", "DATA\r\n", "SIZE=9223372036854775808",
            "\\x{110000}",
            "\\x{", "ORCPT=utf-8;", "HOLDUNTIL=9999-99-99T99:99:99Z", "250 ", "250-", "354 go\r\n", "421 \r\n", "550 5.1.1 x\r\n", "999",
            "[IPv6:",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3, 0xA4], [0xED, 0xA0, 0x80]]

    static func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, position + Int.random(in: 0...20, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: position)
            case 1: bytes.removeSubrange(position..<end)
            case 2: bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 3: if position < bytes.count { bytes[position] = UInt8.random(in: 0...255, using: &random) }
            default:
                bytes.insert(
                    contentsOf: [UInt8](repeating: 0x41, count: Int.random(in: 0...3000, using: &random)), at: position)
            }
        }
        return bytes
    }

    static func portions(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        var portions: [ArraySlice<UInt8>] = []
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, position + Int.random(in: 1...400, using: &random))
            portions.append(bytes[position..<end])
            position = end
        }
        return portions
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func theServerSurvivesAnything(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let dialogues = DialogueTests.all
        for _ in 0..<50 {
            guard let dialogue = dialogues.randomElement(using: &random) else { return }
            let input = dialogue.steps.flatMap { if case .write(let bytes) = $0 { bytes } else { [UInt8]() } }
            let bytes = MutationTests.mutated(input, &random)
            let whole = ServerShell(dialogue.settings, isEncrypted: true)
            whole.receive(bytes)
            let split = ServerShell(dialogue.settings, isEncrypted: true)
            for portion in MutationTests.portions(bytes, &random) {
                split.receive(portion)
                #expect(split.unreadBytes <= 12_288, "seed \(seed)")
            }
            // Under TLS from the start nothing depends on where the reads fall.
            #expect(whole.sent == split.sent, "seed \(seed)")
            #expect(whole.log == split.log, "seed \(seed)")
            #expect(whole.messages == split.messages, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func theClientSurvivesAnything(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let replies = Array(
            ("220 mx.test\r\n250-mx.test\r\n250-SIZE 1000\r\n250-DSN\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n250 a\r\n"
                + "250 b\r\n550 5.1.1 c\r\n354 d\r\n"
                + "250 2.0.0 e\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n").utf8)
        for _ in 0..<100 {
            let isRaw = Bool.random(using: &random)
            let shell = ClientShell(
                SMTPClientSettings(
                    helloName: "c", tls: [.none, .opportunistic, .required].randomElement(using: &random) ?? .none, serverName: "s"))
            var begun = 0
            var finished = 0
            // The replies come as a server gives them, each after what it answers, or all at once.
            let input = isRaw ? MutationTests.mutated(replies, &random) : replies
            for portion in isRaw ? MutationTests.portions(input, &random) : MutationTests.lines(input, &random) {
                portion.withUnsafeBytes { shell.machine.received($0) }
                shell.pull()
                for case .finished(let results, _) in shell.actions {
                    finished += 1
                    #expect(results.count == 2, "seed \(seed)")
                }
                shell.actions = []
                if shell.isReady {
                    shell.begin(message(to: "b@example.net", "c@example.net"))
                    begun += 1
                }
            }
            shell.closedByPeer()
            for case .finished in shell.actions { finished += 1 }
            #expect(shell.machine.next() == nil)
            #expect(begun == finished, "seed \(seed)")
        }
    }

    /// Line by line, some of them changed.
    static func lines(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: 10) {
            let whole = Array(line) + [10]
            lines.append((Int.random(in: 0..<12, using: &random) == 0 ? mutated(whole, &random) : whole)[...])
        }
        return lines
    }

    @Test func theProxyHeaderSurvivesAnything() {
        var random = SeededGenerator(state: 1)
        for _ in 0..<20_000 {
            let seed = Bool.random(using: &random) ? ProxyHeaderTests.v6 : Array("PROXY TCP4 192.0.2.1 198.51.100.1 12345 25\r\n".utf8)
            let bytes = MutationTests.mutated(seed, &random)
            if case .complete(_, _, let consumed) = ProxyHeaderTests.parse(bytes) { #expect(consumed <= bytes.count) }
        }
    }
}
