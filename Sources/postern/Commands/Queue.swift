import ArgumentParser

struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recipients that are not final: look at them, hold, release, retry or cancel them.",
        subcommands: [
            QueueList.self, QueueShapeCommand.self, QueueShow.self, QueueHold.self, QueueRelease.self, QueueRetry.self, QueueCancel.self,
        ])
}
