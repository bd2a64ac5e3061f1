import ContentReading
package import ContentScan
import Glibc
import MailModel

/// What scans of messages in files cost: reading, rules, words where they were trained, sketch and near-duplicates.
package enum ScanCost {
    package struct View: Codable, Sendable {
        package var messages = 0
        package var processorSeconds = 0.0
        package var messagesPerProcessorSecond = 0.0
        /// Of messages below 64 KiB, milliseconds of processor time.
        package var medianMilliseconds = 0.0
        package var percentile99Milliseconds = 0.0
        /// Of all messages.
        package var longestMilliseconds = 0.0
    }

    package static func measure(_ path: String, rounds: Int, knowledge: ScanKnowledge) throws -> View {
        var contents: [[UInt8]] = []
        try MailFiles.forEach(path) { _, content in contents.append(content) }
        let reader = ContentReader()
        var index = DuplicateIndex()
        var (all, small): ([Double], [Double]) = ([], [])
        for round in 0..<rounds {
            for (number, content) in contents.enumerated() {
                let began = processorMilliseconds
                let time = Timestamp(seconds: Int64(number))
                let verdict = ContentScan.scan(reader.facts(content), knowledge: knowledge, at: time)
                let member = DuplicateGroup.Member(message: "\(round).\(number)", sender: "measure", connector: "", recipients: 1, at: time)
                _ = index.seen(verdict.sketch, member)
                let spent = processorMilliseconds - began
                all.append(spent)
                if content.count < 64 << 10 { small.append(spent) }
            }
        }
        small.sort()
        var view = View()
        view.messages = all.count
        view.processorSeconds = all.reduce(0, +) / 1_000
        guard let longest = all.max(), !small.isEmpty else { return view }
        view.messagesPerProcessorSecond = (Double(all.count) / view.processorSeconds).rounded()
        view.medianMilliseconds = small[small.count / 2]
        view.percentile99Milliseconds = small[small.count * 99 / 100]
        view.longestMilliseconds = longest
        return view
    }

    private static var processorMilliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}
