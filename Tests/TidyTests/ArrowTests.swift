import Testing

/// The house: arrows point down only. A target may use targets of lower floors, and none of its own floor or above.
@Suite struct ArrowTests {
    /// From the ground up. Within what is called one floor in conversation, a step says who stands on whom: planning uses the directory of
    /// policy, the core composes both; the store keeps the records of planning, and the services drive the core.
    static let floors: [(name: String, targets: [String])] = [
        ("values", ["MailModel"]),
        ("grammars", ["InternetMessage", "SMTPProtocol"]),
        ("decisions", ["OutboundPolicy", "ContentScan", "Campaigns", "MailAuthentication", "ProviderTwin"]),
        ("planning", ["DeliveryPlanning"]),
        ("the core", ["GateCore", "DomainHealth"]),
        ("simulation", ["Simulation"]),
        ("shell", ["SMTPTransport", "DNSClient", "ContentReading", "Storage"]),
        ("services", ["ReportReading", "Submission", "Delivery", "Console"]),
        ("runtime", ["PosternRuntime"]),
        ("program", ["postern"]),
    ]

    /// C libraries, each behind one target; libcrypto has keys behind one and certificates behind another.
    static let ownersOfLibraries = [
        "CLibCrypto": ["MailAuthentication", "SMTPTransport"], "CUnbound": ["DNSClient"], "CIDN2": ["DNSClient", "ContentReading"],
        "CLibPQ": ["Storage"], "CConsoleAssets": ["Console"], "CLibXML": ["ContentReading"], "CLibArchive": ["ReportReading"],
        "CPSL": ["ContentReading"], "CMailbox": ["PosternRuntime"], "CLDAP": ["PosternRuntime"], "CCMark": ["ContentReading"],
    ]

    /// Sentences about arrows that do not point down; empty where all do.
    static func broken(_ manifest: Manifest) -> [String] {
        var heights: [String: Int] = [:]
        for (height, floor) in floors.enumerated() {
            for target in floor.targets { heights[target] = height }
        }
        var broken: [String] = []
        for (target, dependencies) in manifest.targets.sorted(by: { $0.key < $1.key }) {
            guard let height = heights[target] else {
                broken.append("\(target) stands on no floor: add it to the list of floors")
                continue
            }
            for dependency in dependencies {
                if manifest.cLibraries.contains(dependency) {
                    if ownersOfLibraries[dependency]?.contains(target) != true {
                        broken.append("\(target) uses \(dependency), which is another target's")
                    }
                } else if let below = heights[dependency] {
                    if below >= height {
                        let direction =
                            below == height ? "sideways, on the floor \"\(floors[height].name)\"" : "up, to \"\(floors[below].name)\""
                        broken.append("\(target) → \(dependency) points \(direction)")
                    }
                } else {
                    broken.append("\(target) → \(dependency) leads to no target")
                }
            }
        }
        return broken
    }

    private func manifest() throws -> Manifest { Manifest(try #require(Tree.text("Package.swift"))) }

    @Test func arrowsPointDown() throws { #expect(try ArrowTests.broken(manifest()) == []) }

    @Test func everyFloorIsInTheManifestAndInTheTree() throws {
        let manifest = try manifest()
        let named = ArrowTests.floors.flatMap(\.targets).sorted()
        #expect(manifest.targets.keys.sorted() == named)
        #expect(Set(Tree.sources.compactMap { $0.path.split(separator: "/").dropFirst().first.map(String.init) }).sorted() == named)
        #expect(manifest.cLibraries.sorted() == ArrowTests.ownersOfLibraries.keys.sorted())
    }

    /// SwiftPM lets a target import what happens to be built before it; only what is declared counts here.
    @Test func eachTargetImportsOnlyWhatItDeclares() throws {
        let manifest = try manifest()
        for (target, dependencies) in manifest.targets {
            for source in Tree.sources(of: target) {
                for module in source.imports where manifest.targets[module] != nil || manifest.cLibraries.contains(module) {
                    #expect(dependencies.contains(module), "\(source.path) imports \(module), which \(target) does not declare")
                }
            }
        }
    }

    /// Decisions and grammars: no I/O, clock or tasks. Besides our own targets they import these, and nothing else.
    static let pure: [String: Set<String>] = [
        "MailModel": [], "InternetMessage": ["Glibc"], "SMTPProtocol": ["Glibc"], "OutboundPolicy": [], "ContentScan": [],
        // Templates of campaigns: text in, text out.
        "Campaigns": ["Mustache"],
        "MailAuthentication": ["CLibCrypto", "Glibc"],
        "DeliveryPlanning": ["DequeModule"], "GateCore": [], "DomainHealth": [], "ProviderTwin": [],
        "Simulation": ["HeapModule"],
    ]

    /// A mistake of ours must not pass on both sides: the models of providers know nothing of how we decide.
    @Test func theTwinsKnowNothingOfOurDecisions() throws {
        let dependencies = try #require(manifest().targets["ProviderTwin"])
        #expect(Set(dependencies).isSubset(of: ["MailModel", "InternetMessage", "SMTPProtocol"]))
    }

    @Test func pureTargetsImportNothingThatActs() throws {
        let manifest = try manifest()
        for (target, allowed) in ArrowTests.pure {
            #expect(manifest.targets[target] != nil)
            for source in Tree.sources(of: target) {
                for module in source.imports where manifest.targets[module] == nil {
                    #expect(allowed.contains(module), "\(source.path) imports \(module)")
                    if module == "Glibc" {
                        let calls = ["memchr", "memmem", "memcmp", "memcpy"].filter { !source.lines(withWord: $0).isEmpty }
                        #expect(calls == ["memchr"], "\(source.path): the C library is there for memchr alone")
                    }
                }
            }
        }
    }

    @Test func arrowsThatPointUpOrSidewaysAreFound() {
        let sample = Manifest(
            """
            func source(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target { }
            source("MailModel"),
            source("GateCore", ["MailModel", nioCore, .product(name: "X", package: "y")]),
            source(
                "OutboundPolicy",
                [
                    "MailModel", "GateCore", .product(name: "Z", package: "w"), "ProviderTwin",
                ]),
            source("Storage", ["Nowhere", "CUnbound"]),
            source("Helpers", []),
            .systemLibrary(name: "CUnbound", providers: [.apt(["libunbound-dev"])]),
            """)
        #expect(sample.targets["GateCore"] == ["MailModel"])
        #expect(sample.cLibraries == ["CUnbound"])
        #expect(
            ArrowTests.broken(sample) == [
                "Helpers stands on no floor: add it to the list of floors",
                "OutboundPolicy → GateCore points up, to \"the core\"",
                "OutboundPolicy → ProviderTwin points sideways, on the floor \"decisions\"",
                "Storage → Nowhere leads to no target",
                "Storage uses CUnbound, which is another target's",
            ])
    }
}
