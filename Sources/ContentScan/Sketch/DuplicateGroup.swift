package import MailModel

/// Copies of one text.
package struct DuplicateGroup: Sendable {
    package struct Member: Hashable, Sendable {
        package var message: String
        package var sender: String
        /// Empty where none brought it.
        package var connector: String
        package var recipients: Int
        package var at: Timestamp

        package init(message: String, sender: String, connector: String, recipients: Int, at: Timestamp) {
            (self.message, self.sender, self.connector) = (message, sender, connector)
            (self.recipients, self.at) = (recipients, at)
        }
    }

    /// What was counted within one step of the window.
    private struct Step: Hashable, Sendable {
        var number: Int64
        var messages: Int
        var recipients: Int
    }

    package let id: UInt64
    /// Of its first message.
    package let sketch: Sketch
    /// The last ones, oldest first.
    package private(set) var members: [Member] = []
    private var steps: [Step] = []
    package private(set) var lastAt = Timestamp(milliseconds: 0)

    private static let stepCount: Int64 = 24

    init(id: UInt64, sketch: Sketch) { (self.id, self.sketch) = (id, sketch) }

    mutating func add(_ member: Member, _ limits: DuplicateIndex.Limits) {
        // Of a sender that is there already, the older ones go first: the list is to show who takes part.
        if members.count >= limits.membersMax {
            let senders = members.reduce(into: [:]) { $0[$1.sender, default: 0] += 1 }
            members.remove(at: members.firstIndex { senders[$0.sender, default: 0] > 1 } ?? 0)
        }
        members.append(member)
        lastAt = max(lastAt, member.at)
        let number = DuplicateGroup.step(member.at, limits)
        steps.removeAll { $0.number <= number - DuplicateGroup.stepCount }
        if let place = steps.firstIndex(where: { $0.number == number }) {
            steps[place].messages += 1
            steps[place].recipients += member.recipients
        } else {
            steps.append(Step(number: number, messages: 1, recipients: member.recipients))
        }
    }

    func figures(at time: Timestamp, _ limits: DuplicateIndex.Limits) -> DuplicateFigures {
        let first = DuplicateGroup.step(time, limits) - DuplicateGroup.stepCount
        let inWindow = steps.filter { $0.number > first }
        let present = members.filter { DuplicateGroup.step($0.at, limits) > first }
        return DuplicateFigures(
            messages: inWindow.reduce(0) { $0 + $1.messages }, recipients: inWindow.reduce(0) { $0 + $1.recipients },
            senders: Set(present.map(\.sender)).count, connectors: Set(present.map(\.connector)).count)
    }

    private static func step(_ time: Timestamp, _ limits: DuplicateIndex.Limits) -> Int64 {
        time.milliseconds / (limits.windowMilliseconds / stepCount)
    }
}

extension DuplicateGroup {
    func write(to octets: inout [UInt8]) {
        octets.append(little: id)
        octets += sketch.octets
        octets.append(UInt8(steps.count))
        for step in steps {
            octets.append(little: step.number)
            octets.append(little: UInt64(step.messages))
            octets.append(little: UInt64(step.recipients))
        }
        octets.append(little: UInt32(members.count))
        for member in members {
            for text in [member.message, member.sender, member.connector] {
                let utf8 = Array(text.utf8.prefix(Int(UInt16.max)))
                octets.append(little: UInt16(utf8.count))
                octets += utf8
            }
            octets.append(little: UInt64(member.recipients))
            octets.append(little: member.at.milliseconds)
        }
    }

    /// Nil where the octets are no group.
    init?(_ reader: inout OctetReader, _ limits: DuplicateIndex.Limits) {
        guard let id = reader.read(UInt64.self), let sketch = Sketch(&reader), let count = reader.read(UInt8.self) else { return nil }
        self.init(id: id, sketch: sketch)
        for _ in 0..<count {
            guard let number = reader.read(Int64.self), let messages = reader.count, let recipients = reader.count else { return nil }
            steps.append(Step(number: number, messages: messages, recipients: recipients))
        }
        guard let memberCount = reader.read(UInt32.self) else { return nil }
        for _ in 0..<memberCount {
            guard let message = reader.text, let sender = reader.text, let connector = reader.text, let recipients = reader.count,
                let at = reader.read(Int64.self)
            else { return nil }
            members.append(
                Member(message: message, sender: sender, connector: connector, recipients: recipients, at: Timestamp(milliseconds: at)))
        }
        if members.count > limits.membersMax { members.removeFirst(members.count - limits.membersMax) }
        lastAt = members.map(\.at).max() ?? lastAt
    }
}

extension OctetReader {
    /// Nil for what no honest count is.
    fileprivate var count: Int? {
        mutating get { read(UInt64.self).flatMap { $0 < 1 << 40 ? Int($0) : nil } }
    }

    fileprivate var text: String? {
        mutating get { read(UInt16.self).flatMap { take(Int($0)) }.map { String(decoding: $0, as: UTF8.self) } }
    }
}
