import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct ServeTests {
    private func initialized() async throws -> TemporaryDirectory {
        let temporary = try TemporaryDirectory()
        var initialization = Initialization(directory: DataDirectory(temporary.path), hostName: DomainName("gate.example.org"))
        initialization.passwordCost = TestData.passwordCost
        _ = try await initialization.perform(now: TestData.now)
        return temporary
    }

    @Test func saysReadyWithAllAddressesAndAnswersCommandsUntilItIsStopped() async throws {
        let temporary = try await initialized()
        let directory = DataDirectory(temporary.path)
        let gate = RecordingGate()
        let (lines, signal) = AsyncStream.makeStream(of: String.self)
        let serve = Serve(
            directory: directory, overrides: ["http.port=0", "log.level=critical"], makeGate: { _ in gate },
            announce: { line in
                signal.yield(line)
                signal.finish()
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve.run() }
            for await line in lines {
                #expect(line.hasPrefix("ready http=127.0.0.1:"))
                #expect(line.hasSuffix(" submission=127.0.0.1:1"))
                let access = try await AdministrationAccess.open(directory)
                #expect(try await access.perform(ShowStatus()).hostName == "gate.example.org")
                #expect(try await access.perform(ListRoutes()).map(\.name) == ["built-in"])
                await #expect(throws: AdministrationError.self, "a second gate") { try await serve.run() }
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        #expect(gate.recorded == ["start", "stop"])
        let lock = try DirectoryLock.acquire(directory)
        #expect(lock != nil, "the directory is free again")
    }

    @Test func withoutADataDirectoryItSaysHowToMakeOne() async throws {
        let temporary = try TemporaryDirectory()
        let serve = Serve(
            directory: DataDirectory("\(temporary.path)/none"), overrides: [], makeGate: { _ in RecordingGate() }, announce: { _ in })
        let error = await #expect(throws: AdministrationError.self) { try await serve.run() }
        #expect(error?.advice.contains("postern init") == true)
    }

    @Test func connectionsLeaveRoomForOtherFiles() {
        #expect(FileLimit.connectionsMax(setting: 10_000, files: 1_048_576) == 10_000)
        #expect(FileLimit.connectionsMax(setting: 10_000, files: 1024) == 768)
        #expect(FileLimit.connectionsMax(setting: 10, files: 0) == 1)
    }
}
