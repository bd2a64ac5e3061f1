import Delivery
import DeliveryPlanning
import GateCore
import MailModel
import NIOCore
import NIOPosix
import OutboundPolicy
import SMTPProtocol
import SMTPTransport
import Submission

/// From the settings to what each part is made with, and again while it runs.
extension RunningGate {
    /// Connections, messages and attempts that have begun keep what they began with. Throws where the certificate does not load, with nothing
    /// changed.
    func reload(_ settings: Settings) throws {
        try tls.replace(
            certificateFile: context.directory.path(of: settings.tls.certificate), keyFile: context.directory.path(of: settings.tls.key),
            requestsClientCertificates: settings.submission.requestsClientCertificates)
        signers.use(settings.dkim.signs)
        scans.use(settings.scan)
        let (directory, actions) = engine.decide { core, now in
            (core.directory, core.settingsChanged(RunningGate.coreSettings(settings, isShared: core.settings.isShared), at: now))
        }
        engine.perform(actions)
        signers.load(directory)
        for (listener, wanted) in listeners { listener.replace(wanted(settings, listener.localPort)) }
        let options = RunningGate.deliveryOptions(settings, tlsContexts, context.vault)
        for lane in engine.lanes { lane.eventLoop.execute { lane.delivery?.settings = options } }
    }

    static func coreSettings(_ settings: Settings, isShared: Bool) -> GateSettings {
        var core = GateSettings()
        core.isShared = isShared
        let releaseDays = settings.submission.futureReleaseDaysMax
        core.rules = SubmissionRules(
            receivedMax: settings.submission.receivedMax, futureReleaseMax: releaseDays > 0 ? .seconds(86_400 * releaseDays) : nil)
        core.rules.identity = settings.domain.identity
        core.connections.connectionsMax = FileLimit.connectionsMax(setting: settings.submission.connectionsMax, files: FileLimit.raise())
        core.connections.connectionsPerAddressMax = settings.submission.connectionsPerAddressMax
        core.connections.contentBytesMax = settings.submission.memoryBytesMax
        core.errors.errorsMax = settings.submission.throttleErrors
        core.errors.window = settings.submission.throttleWindow
        core.errors.period = settings.submission.throttlePeriod
        core.zone = TimeZones.day
        core.leaseMargin = settings.node.lease / 6
        core.queue.leasedMax = settings.queue.window
        core.queue.freshBytesMax = settings.queue.freshBytesMax
        core.queue.connectionsMax = settings.delivery.attemptsMaxInFlight
        core.queue.retry = RetrySchedule(waits: settings.delivery.retry)
        core.queue.sources = settings.delivery.sources
        core.queue.upstream.access = settings.delivery.upstreamAccessWait
        core.queue.upstream.window = settings.delivery.upstreamLimitWait
        core.queue.upstream.slowPause = settings.delivery.upstreamConnectionsWait
        core.queue.transactionalShare = Double(settings.delivery.transactionalShare) / 100
        core.queue.hasOwnReturnPaths = settings.bulk.returnPathDomain != nil
        core.queue.lanes = System.coreCount
        core.queue.mxPort = settings.delivery.port
        core.queue.allowsSpecialAddresses = settings.delivery.allowsSpecialAddresses
        core.expiry = settings.delivery.expire
        core.reportsPerMinute = settings.delivery.reportsPerMinute
        core.warnAfter = settings.delivery.warnAfter
        core.unscanned = settings.scan.unscanned
        return core
    }

    static func deliveryOptions(_ settings: Settings, _ tlsContexts: ClientTLSContexts, _ vault: KeyVault) -> DeliveryOptions {
        var options = DeliveryOptions(
            helloName: settings.delivery.helloName.text, sourceAddress: settings.delivery.sourceAddress,
            connectTimeout: settings.delivery.connectTimeout, timeouts: settings.delivery.timeouts, tlsContexts: tlsContexts)
        options.bulk = BulkMarks(
            feedbackID: settings.bulk.feedbackID,
            returnPaths: settings.bulk.returnPathDomain.map { BulkMarks.ReturnPaths(domain: $0, key: vault.key(for: "return-path")) },
            senderRewritingKey: vault.key(for: "sender-rewriting"))
        options.bulk.listLeaving = BulkMarks.ListLeavingLinks(
            publicURL: settings.campaigns.publicURL, key: vault.key(for: GroupDesk.keyName))
        return options
    }

    static func submissionOptions(_ settings: Settings) -> SubmissionOptions {
        SubmissionOptions(hostName: settings.node.hostName, messageBytesMax: settings.submission.messageBytesMax)
    }

    static func listenerSettings(_ settings: Settings, port: Int, isImplicitTLS: Bool) -> SMTPListenerSettings {
        let submission = settings.submission
        var limits = SMTPServerLimits()
        limits.messageBytesMax = submission.messageBytesMax
        limits.recipientsMax = submission.recipientsMax
        let machine = SMTPServerSettings(
            hostName: settings.node.hostName.text, limits: limits, offersStartTLS: !isImplicitTLS, offersAuth: true,
            futureReleaseMax: submission.futureReleaseDaysMax > 0 ? .seconds(86_400 * submission.futureReleaseDaysMax) : nil)
        var listener = SMTPListenerSettings(machine: machine)
        listener.host = submission.address.description
        listener.port = port
        listener.implicitTLS = isImplicitTLS
        listener.proxyNetworks = submission.proxyNetworks
        listener.idleTimeout = submission.idleTimeout
        return listener
    }
}

// Listening.
extension RunningGate {
    static func listen(_ made: Made, _ context: GateContext) async throws -> ([BoundListener], [String: String]) {
        let settings = context.settings.submission
        var listeners: [BoundListener] = []
        var addresses: [String: String] = [:]
        let wanted = [
            ("submission", settings.port, false, true), ("submission-tls", settings.tlsPort, true, settings.tlsPort != 0),
            ("relay", settings.relayPort, false, settings.relayPort != 0),
        ]
        for (name, port, isImplicitTLS, isOn) in wanted where isOn {
            let listener = try await listen(made, context, port: port, isImplicitTLS: isImplicitTLS)
            listeners.append((listener, { listenerSettings($0, port: $1, isImplicitTLS: isImplicitTLS) }))
            addresses[name] = "\(settings.address.isV6 ? "[\(settings.address)]" : "\(settings.address)"):\(listener.localPort)"
        }
        if context.settings.reports.port != 0 {
            let listener = try await listenForReports(made, context)
            listeners.append((listener, { reportSettings($0, port: $1) }))
            let address = context.settings.reports.address
            addresses["reports"] = "\(address.isV6 ? "[\(address)]" : "\(address)"):\(listener.localPort)"
        }
        return (listeners, addresses)
    }

    /// Anybody may come here, and say little.
    private static func listenForReports(_ made: Made, _ context: GateContext) async throws -> SMTPListener {
        let settings = context.settings.reports
        let desk = made.reports
        do {
            return try await SMTPListener.start(reportSettings(context.settings, port: settings.port), group: made.group, tls: made.tls) {
                _ in
                ReportSession(desk)
            }
        } catch {
            throw AdministrationError(
                .failed, "cannot listen on \(settings.address) port \(settings.port): \(error)",
                "Another program may use the port; choose one with --set reports.port=…")
        }
    }

    private static func reportSettings(_ settings: Settings, port: Int) -> SMTPListenerSettings {
        var limits = SMTPServerLimits()
        limits.messageBytesMax = settings.reports.messageBytesMax
        limits.recipientsMax = 100
        var listener = SMTPListenerSettings(
            machine: SMTPServerSettings(hostName: settings.node.hostName.text, limits: limits, offersStartTLS: true))
        listener.host = settings.reports.address.description
        listener.port = port
        listener.sessionDurationMax = .seconds(3600)
        return listener
    }

    private static func listen(_ made: Made, _ context: GateContext, port: Int, isImplicitTLS: Bool) async throws -> SMTPListener {
        let settings = context.settings.submission
        let listener = listenerSettings(context.settings, port: port, isImplicitTLS: isImplicitTLS)
        let live = context.live
        let lanes = made.lanes
        do {
            return try await SMTPListener.start(listener, group: made.group, tls: made.tls) { loop in
                guard let lane = lanes.first(where: { $0.eventLoop === loop }) else { preconditionFailure("a loop of another group") }
                return SubmissionSession(port: lane, settings: submissionOptions(live.current))
            }
        } catch {
            throw AdministrationError(
                .failed, "cannot listen on \(settings.address) port \(port): \(error)",
                "Another program may use the port; choose one with --set submission.port=…")
        }
    }
}
