import Glibc
import MailModel
import SMTPProtocol
import Testing

/// The dialogues of the folder `Dialogues`, each whole and with its input split at every octet.
struct DialogueTests {
    static let all: [Dialogue] = {
        let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Dialogues"
        var names: [String] = []
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(".smtp") { names.append(name) }
        }
        return names.sorted().compactMap { name in
            guard let file = fopen(folder + "/" + name, "r") else { return nil }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = fread(&bytes, 1, bytes.count, file)
            do { return try Dialogue(name: name, text: String(decoding: bytes[..<count], as: UTF8.self)) } catch {
                Issue.record("\(name): \(error)")
                return nil
            }
        }
    }()

    @Test func thereAreDialogues() { #expect(DialogueTests.all.count >= 12) }

    @Test(arguments: all)
    func runsAsWritten(_ dialogue: Dialogue) {
        for problem in DialogueTests.run(dialogue, cuts: { [$0] }) { Issue.record("\(dialogue.name): \(problem)") }
    }

    @Test(arguments: all)
    func runsAsWrittenWithTheInputSplitAnywhere(_ dialogue: Dialogue) {
        let longest = dialogue.steps.map { if case .write(let bytes) = $0 { bytes.count } else { 0 } }.max() ?? 0
        for position in 0...longest {
            let problems = DialogueTests.run(dialogue) { [Array($0.prefix(position)), Array($0.dropFirst(position))] }
            if let first = problems.first {
                Issue.record("\(dialogue.name), split at \(position): \(first)")
                return
            }
        }
    }

    @Test(arguments: all)
    func runsAsWrittenOctetByOctet(_ dialogue: Dialogue) {
        for problem in DialogueTests.run(dialogue, cuts: { $0.map { [$0] } }) { Issue.record("\(dialogue.name): \(problem)") }
    }

    static func run(_ dialogue: Dialogue, cuts: ([UInt8]) -> [[UInt8]]) -> [String] {
        let shell = ServerShell(dialogue.settings, isEncrypted: dialogue.isEncrypted)
        var problems: [String] = []
        for (number, step) in dialogue.steps.enumerated() {
            switch step {
            case .write(let bytes): for part in cuts(bytes) { shell.receive(part) }
            case .answer(let reply): shell.answer(reply)
            case .handshake: shell.machine.tlsEstablished()
            case .on(let question, let reply): shell.answers[question] = .some(reply)
            case .expect(let replies, let actions):
                let said = shell.takeReplies()
                let did = shell.takeLog()
                if said.count != replies.count || !zip(said, replies).allSatisfy({ matches($0, $1) }) {
                    problems.append("step \(number): said \(said), expected \(replies)")
                }
                if did.count != actions.count || !zip(did, actions).allSatisfy({ matches($0, $1) }) {
                    problems.append("step \(number): did \(did), expected \(actions)")
                }
            }
        }
        return problems
    }
}
