// swift-tools-version: 6.2
import PackageDescription

/// One settings list for every target: Swift 6 mode, explicit imports, warnings as errors.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // The tests run with the checks on; in a release build they cost some percent of each message. So do calls that stop at the border
    // of a target: generic code is then not specialised, and a getter not inlined.
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
]

func source(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// `fixtures`: files and folders that the tests read from the source tree.
func tests(_ name: String, _ dependencies: [Target.Dependency], fixtures: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: fixtures, swiftSettings: settings)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

let package = Package(
    name: "postern",
    products: [.executable(name: "postern", targets: ["postern"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Values and grammars.
        source("MailModel"),
        source("InternetMessage", ["MailModel"]),
        source("SMTPProtocol", ["MailModel"]),

        // Decisions: no I/O, no clock, no tasks.
        source("OutboundPolicy", ["MailModel", "InternetMessage"]),
        source("ContentScan", ["MailModel", "InternetMessage"]),
        source("MailAuthentication", ["MailModel", "InternetMessage", "CLibCrypto"]),
        source("DeliveryPlanning", ["MailModel", "OutboundPolicy", deque]),
        source("Campaigns", ["MailModel", "InternetMessage", .product(name: "Mustache", package: "swift-mustache")]),
        source("DomainHealth", ["MailModel", "MailAuthentication", "DeliveryPlanning"]),
        source("GateCore", ["MailModel", "InternetMessage", "SMTPProtocol", "OutboundPolicy", "DeliveryPlanning"]),
        source("ProviderTwin", ["MailModel", "InternetMessage"]),
        source("Simulation", ["MailModel", "InternetMessage", "OutboundPolicy", "DeliveryPlanning", "GateCore", "ProviderTwin", heap]),

        // The shell: does what the decisions say.
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CUnbound", providers: [.apt(["libunbound-dev"])]),
        source("SMTPTransport", ["MailModel", "SMTPProtocol", "CLibCrypto", nioCore, nioPosix, nioSSL, nioTLS, crypto]),
        .systemLibrary(name: "CIDN2", providers: [.apt(["libidn2-dev"])]),
        source("DNSClient", ["MailModel", "CUnbound", "CIDN2"]),
        .systemLibrary(name: "CLibXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CPSL", providers: [.apt(["libpsl-dev"])]),
        .systemLibrary(name: "CCMark", providers: [.apt(["libcmark-gfm-dev"])]),
        source("ContentReading", ["MailModel", "InternetMessage", "ContentScan", "CLibXML", "CPSL", "CIDN2", "CCMark"]),
        .systemLibrary(name: "CLibArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        source("ReportReading", ["MailModel", "InternetMessage", "ContentReading", "CLibArchive"]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        source(
            "Storage",
            [
                "MailModel", "OutboundPolicy", "DeliveryPlanning", "Campaigns", "CLibPQ", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        // IMAP and POP3 by libcurl, whose options Swift cannot set.
        .target(name: "CMailbox", linkerSettings: [.linkedLibrary("curl")]),
        // Groups' members by libldap, whose options and results are C's.
        .target(name: "CLDAP", linkerSettings: [.linkedLibrary("ldap"), .linkedLibrary("lber")]),
        source(
            "Submission",
            [
                "MailModel", "InternetMessage", "SMTPProtocol", "OutboundPolicy", "DeliveryPlanning", "GateCore", "SMTPTransport",
                nioCore, nioPosix, nioSSL, logging, crypto, cryptoExtras,
            ]),
        source(
            "Delivery",
            [
                "MailModel", "InternetMessage", "SMTPProtocol", "OutboundPolicy", "DeliveryPlanning", "GateCore", "SMTPTransport",
                "MailAuthentication", nioCore, nioPosix, nioSSL, logging,
            ]),
        // Templates, style and script of the pages, embedded.
        .target(name: "CConsoleAssets", exclude: ["assets"]),
        source(
            "Console",
            [
                "MailModel", "CConsoleAssets", logging, coreMetrics, lifecycle, crypto, nioCore, nioSSL,
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ]),

        // The program.
        source(
            "PosternRuntime",
            [
                "MailModel", "InternetMessage", "SMTPProtocol", "OutboundPolicy", "MailAuthentication", "DeliveryPlanning",
                "GateCore", "ProviderTwin", "Simulation", "SMTPTransport", "DNSClient", "Storage", "Submission", "Delivery", "Console",
                "ContentScan", "ContentReading", "DomainHealth", "ReportReading", "Campaigns", "CMailbox", "CLDAP",
                nioCore, nioHTTP1, nioPosix, nioSSL, logging, metrics, lifecycle, signals, crypto, cryptoExtras,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "postern",
            dependencies: [
                "MailModel", "InternetMessage", "SMTPProtocol", "OutboundPolicy", "DeliveryPlanning", "DomainHealth", "DNSClient",
                "ReportReading", "Campaigns",
                "Storage", "PosternRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // Reads the collections of mail beside the package, for the tests of several targets.
        .target(name: "MailCorpus", path: "Tests/MailCorpus", swiftSettings: settings),
        // Keeps tests that block from the threads that all share.
        .target(name: "OwnThreads", path: "Tests/OwnThreads", swiftSettings: settings),
        tests("MailModelTests", ["MailModel"]),
        tests("InternetMessageTests", ["InternetMessage", "MailModel", "MailCorpus"]),
        tests("SMTPProtocolTests", ["SMTPProtocol", "MailModel"], fixtures: ["Dialogues"]),
        tests("OutboundPolicyTests", ["OutboundPolicy", "MailModel", "InternetMessage"]),
        tests("ContentScanTests", ["ContentScan", "ContentReading", "InternetMessage", "MailModel", "MailCorpus"]),
        tests(
            "MailAuthenticationTests",
            ["MailAuthentication", "InternetMessage", "MailModel", "MailCorpus", .product(name: "Yams", package: "Yams")]),
        tests("DomainHealthTests", ["DomainHealth", "MailAuthentication", "DeliveryPlanning", "MailModel"]),
        tests("ReportReadingTests", ["ReportReading", "MailModel", "MailCorpus"], fixtures: ["Reports"]),
        tests("DeliveryPlanningTests", ["DeliveryPlanning", "OutboundPolicy", "MailModel", "Storage"]),
        tests("CampaignsTests", ["Campaigns", "InternetMessage", "MailModel"]),
        tests("GateCoreTests", ["GateCore", "MailModel", "InternetMessage", "OutboundPolicy", "DeliveryPlanning"]),
        tests("BuiltInReceiverTests", ["OwnThreads", "PosternRuntime", "MailModel", "ProviderTwin", nioCore, nioPosix]),
        tests("ProviderTwinTests", ["ProviderTwin", "MailModel"], fixtures: ["Dialogues"]),
        tests("SimulationTests", ["Simulation", "ProviderTwin", "OutboundPolicy", "MailModel"]),
        tests("DNSClientTests", ["OwnThreads", "DNSClient", "MailModel"]),
        tests("SMTPTransportTests", ["OwnThreads", "SMTPTransport", "SMTPProtocol", "MailModel", nioCore, nioPosix, nioEmbedded, nioSSL]),
        // Starts and stops a real PostgreSQL for the tests of several targets.
        .target(name: "PostgresTestServer", dependencies: ["CLibPQ"], path: "Tests/PostgresServer", swiftSettings: settings),
        tests(
            "StorageTests",
            ["OwnThreads", "Storage", "PostgresTestServer", "MailModel", "OutboundPolicy", "DeliveryPlanning", "Campaigns"],
            fixtures: ["Databases"]),
        tests(
            "RuntimeTests",
            [
                "OwnThreads", "PosternRuntime", "postern", "Console", "Submission", "Storage", "SMTPProtocol", "OutboundPolicy",
                "DeliveryPlanning",
                "MailModel", "GateCore", "InternetMessage", "MailAuthentication", "ContentScan", "MailCorpus",
                nioCore, nioPosix, logging, coreMetrics, lifecycle, crypto, cryptoExtras,
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        tests("ConsoleTests", ["Console"]),
        // A VFS for SQLite that logs and fails, for the tests that crash it.
        .target(name: "CRecordingVFS", path: "Tests/CRecordingVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        tests("CrashTests", ["OwnThreads", "CRecordingVFS", "Storage", "MailModel", "OutboundPolicy", "DeliveryPlanning"]),
        // Gates as processes of their own, and servers and clients around them, for the tests of several targets.
        .target(name: "GateSupport", dependencies: ["PosternRuntime"], path: "Tests/GateSupport", swiftSettings: settings),
        tests(
            "GateTests",
            [
                "OwnThreads", "Campaigns", "GateSupport", "PosternRuntime", "PostgresTestServer", "MailCorpus", "Storage", "Console",
                "OutboundPolicy",
                "DNSClient",
                "DomainHealth", "MailModel", logging, crypto,
            ],
            fixtures: ["Fixtures"]),
        tests(
            "TwinTests", ["OwnThreads", "Campaigns", "GateSupport", "OutboundPolicy", "PosternRuntime", "ProviderTwin", "MailModel"],
            fixtures: ["twin_dialogue.py"]),
        tests("ClusterTests", ["OwnThreads", "GateSupport", "PostgresTestServer", "PosternRuntime"]),
        tests("TidyTests", []),
    ]
)
