import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct SettingsLoaderTests {
    private let host = DomainName("gate.example.org")!

    private func load(_ yaml: String?, overrides: [String] = [], environment: [String: String] = [:]) throws -> Settings {
        try SettingsLoader(overrides: overrides, environment: environment)
            .load(file: yaml.map { Array($0.utf8) }, fileName: "postern.yaml", machineName: host)
    }

    private func problems(_ yaml: String?, overrides: [String] = [], environment: [String: String] = [:]) -> [String] {
        do {
            _ = try load(yaml, overrides: overrides, environment: environment)
            return []
        } catch let error as SettingsError {
            return error.problems
        } catch {
            return ["another error: \(error)"]
        }
    }

    @Test func everyKeyHasADefaultThatLoads() throws {
        let settings = try load(nil)
        #expect(settings.submission.port == 2587)
        #expect(settings.submission.messageBytesMax == 36_700_160)
        #expect(settings.delivery.retry.map(\.components.seconds) == [300, 600, 1200, 1800, 3600, 7200, 14_400])
        #expect(settings.delivery.warnAfter == .seconds(14_400))
        #expect(settings.node.hostName == host)
        #expect(settings.delivery.helloName == host)
        #expect(settings.storage.freeBytesMin == 268_435_456)
    }

    @Test func theFileThatInitWritesLoadsToTheDefaults() throws {
        #expect(try load(SettingsFile.text()) == load(nil))
    }

    @Test func theFileThatInitWritesLoadsToTheDefaultsWithEveryKeyUncommented() throws {
        let lines = SettingsFile.text().split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { $0.hasPrefix("  #") && !$0.hasPrefix("  # ") ? "  " + $0.dropFirst(3) : String($0) }
        #expect(uncommented.count { $0.hasPrefix("  ") && !$0.hasPrefix("  #") } == SettingTable.keys.count)
        #expect(try load(uncommented.joined(separator: "\n")) == load(nil))
    }

    @Test func theCommandLineComesBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let yaml = "submission:\n  port: 1\n  tls-port: 1\n  relay-port: 1\n"
        let environment = ["POSTERN_SUBMISSION_PORT": "2", "POSTERN_SUBMISSION_TLS_PORT": "2"]
        let settings = try load(yaml, overrides: ["submission.port=3"], environment: environment)
        #expect(settings.submission.port == 3)
        #expect(settings.submission.tlsPort == 2)
        #expect(settings.submission.relayPort == 1)
    }

    @Test func listsAreSequencesInTheFileAndCommasElsewhere() throws {
        let expected = [Duration.seconds(60), .seconds(120)]
        #expect(try load("delivery:\n  retry: [1m, 2m]\n").delivery.retry == expected)
        #expect(try load("delivery:\n  retry:\n    - 1m\n    - 2m\n").delivery.retry == expected)
        #expect(try load(nil, overrides: ["delivery.retry=1m,2m"]).delivery.retry == expected)
        #expect(try load(nil, environment: ["POSTERN_DELIVERY_RETRY": "1m, 2m"]).delivery.retry == expected)
    }

    @Test func anUnknownKeyIsNamedWithFileLineAndTheNearestKey() {
        #expect(
            problems("submission:\n  port: 2587\n  tls-prot: 1\n") == [
                "postern.yaml:3: submission.tls-prot: no such setting; did you mean submission.tls-port?"
            ])
        #expect(problems("submision:\n  port: 2587\n") == ["postern.yaml:1: submision: no such section; did you mean submission?"])
        #expect(
            problems(nil, overrides: ["submission.prot=1"]) == [
                "--set submission.prot: no such setting; did you mean submission.port?"
            ])
    }

    @Test func aValueOutOfRangeIsNamedWithItsPlaceAndTheRange() {
        #expect(problems("http:\n\n  port: 70000\n") == ["postern.yaml:3: http.port: 70000 is out of range: 0…65535"])
        #expect(problems(nil, overrides: ["http.port=70000"]) == ["--set: http.port: 70000 is out of range: 0…65535"])
        #expect(problems(nil, environment: ["POSTERN_HTTP_PORT": "no"]) == ["environment: http.port: \"no\" is not a whole number"])
    }

    @Test func everyProblemIsSaidAtOnce() {
        #expect(problems("http:\n  port: x\n  adress: 127.0.0.1\n", overrides: ["log.level=loud", "nonsense"]).count == 3)
    }

    @Test(arguments: [
        "- a\n", "submission: [1]\n", "submission:\n  port: [1]\n", "submission:\n  port:\n    a: 1\n", "a: b: c\n", "submission: 1\n",
        "delivery:\n  retry: [[1m]]\n",
    ])
    func aFileOfAnotherShapeIsRefused(yaml: String) {
        #expect(!problems(yaml).isEmpty)
    }

    @Test(arguments: ["", "# nothing\n", "submission:\n", "submission:\n  # port: 1\nhttp:\n  port: 1\n"])
    func emptyFilesAndSectionsAreFine(yaml: String) {
        #expect(problems(yaml).isEmpty)
    }

    @Test func anEmptyOptionalTextMeansAbsent() throws {
        #expect(try load("delivery:\n  source-address: \"\"\n").delivery.sourceAddress == nil)
        #expect(try load("delivery:\n  source-address: 192.0.2.1\n").delivery.sourceAddress == IPAddress("192.0.2.1"))
        #expect(try load("delivery:\n  warn-after: 0\n").delivery.warnAfter == nil)
    }

    @Test func theDocumentationIsThatOfTheTable() throws {
        let file = try AtomicFile.read("\(SourceTree.root)/docs/settings.md", bytesMax: 1_000_000)
        #expect(
            String(decoding: file, as: UTF8.self) == SettingsFile.documentation(),
            "run `postern check-config --document > docs/settings.md`")
    }
}
