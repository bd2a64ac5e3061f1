// What Microsoft 365 says to its customers about mail that it could not hand on.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Hosts, queues and messages.
    static let exchangeTransport: [ReplyRule] = [
        ReplyRule(
            "exchange-online.4.3.2-recipient-threads", .exchangeOnline, "432 4.3.2", "storedrv.deliver; recipient thread limit exceeded",
            .recipientRate, .nobody, .backoff,
            meaning: "Recipient mailbox gets too much at once.",
            advice: "Retry later, fewer parallel messages to it.",
            example: "432 4.3.2 Storedrv.deliver; recipient thread limit exceeded",
            counterexamples: ["432 4.3.2 Storedrv.clientsubmit; sender thread limit exceeded"]),
        ReplyRule(
            "exchange-online.4.4.316", .exchangeOnline, "450 4.4.316", "connection refused",
            .unreachable, .recipientAdministrator, .backoff,
            meaning: "Remote server refused the TCP connection.",
            advice: "Keep retrying to expiry; tell the remote operator.",
            example: "450 4.4.316 Connection refused",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.4.4.317", .exchangeOnline, "450 4.4.317", "{cannot connect to remote server|starttls is required}",
            .tls, .recipientAdministrator, .backoff,
            meaning: "TLS to the remote server failed (for example UntrustedRoot) or STARTTLS missing.",
            advice: "Check certificate and TLS policy of the remote side.",
            example: "450 4.4.317 Cannot connect to remote server [Message=UntrustedRoot] [LastAttemptedServerName=mx.example.net]",
            counterexamples: ["550 5.7.367 Remote server returned not permitted to relay"]),
        ReplyRule(
            "exchange-online.4.4.318", .exchangeOnline, "450 4.4.318", "suspiciousremoteservererror",
            .unreachable, .recipientAdministrator, .backoff,
            meaning: "Remote server cut the connection.",
            advice: "Retry; remote operator must look at firewall or filter.",
            example: "450 4.4.318 Connection was closed abruptly (SuspiciousRemoteServerError)",
            counterexamples: ["550 5.4.318 Message expired, connection was closed abruptly (SuspiciousRemoteServerError)"]),
        ReplyRule(
            "exchange-online.5.4.318", .exchangeOnline, "550 5.4.318", "suspiciousremoteservererror",
            .unreachable, .recipientAdministrator, .afterFix,
            meaning: "Expired after repeated connection resets.",
            advice: "Contact the remote operator.",
            example: "550 5.4.318 Message expired, connection was closed abruptly (SuspiciousRemoteServerError)",
            counterexamples: ["450 4.4.318 Connection was closed abruptly (SuspiciousRemoteServerError)"]),
        ReplyRule(
            "exchange-online.4.4.7", .exchangeOnline, "4.4.7", "{message expired|queue expired|message delayed}",
            .expired, .recipientAdministrator, .afterFix,
            meaning: "Queue time used up (Exchange Online default 24 h).",
            advice: "Check domain and remote server, then resend.",
            example: "550 4.4.7 QUEUE.Expired; message expired",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.4.300", .exchangeOnline, "550 5.4.300", "message expired",
            .expired, .recipientAdministrator, .afterFix,
            meaning: "Queue time used up.",
            advice: "Check domain and remote server, then resend.",
            example: "550 5.4.300 Message expired",
            counterexamples: ["550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients"]),
        ReplyRule(
            "exchange-online.5.4.310", .exchangeOnline, "550 5.4.310", "dns domain … does not exist",
            .noSuchDomain, .sender, .no,
            meaning: "Recipient domain has no DNS.",
            advice: "Correct the address.",
            example: "550 5.4.310 DNS domain example.invalid does not exist [Message=InfoDomainNonexistent]",
            counterexamples: [
                "550 5.7.520 Access denied, Your organization does not allow external forwarding. Please contact your administrator for further assistance. AS(7555)"
            ]),
        ReplyRule(
            "exchange-online.5.4.14", .exchangeOnline, "554 5.4.6 5.4.14", "{routing loop detected|hop count exceeded}",
            .routing, .senderAdministrator, .afterFix,
            meaning: "Mail loop (20 iterations).",
            advice: "Remove the forwarding or connector loop.",
            example: "554 5.4.14 Hop count exceeded - possible mail loop ATTR34",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.321", .exchangeOnline, "4.7.321 5.7.321", "starttls-not-supported",
            .tls, .recipientAdministrator, .backoff,
            meaning: "DANE domain without STARTTLS.",
            advice: "Remote operator must offer TLS.",
            example: "550 4.7.321 Starttls-not-supported",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.322", .exchangeOnline, "4.7.322 5.7.322", "certificate-expired",
            .tls, .recipientAdministrator, .backoff,
            meaning: "DANE domain with expired certificate.",
            advice: "Remote operator must renew the certificate.",
            example: "550 4.7.322 Certificate-expired",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.323", .exchangeOnline, "4.7.323 5.7.323", "tlsa-invalid",
            .tls, .recipientAdministrator, .backoff,
            meaning: "TLSA record does not fit the certificate.",
            advice: "Remote operator must fix TLSA; may be an attack.",
            example: "550 4.7.323 Tlsa-invalid",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.324", .exchangeOnline, "4.7.324 5.7.324", "dnssec-invalid",
            .tls, .recipientAdministrator, .backoff,
            meaning: "Remote DNSSEC is broken.",
            advice: "Remote operator must repair DNSSEC.",
            example: "550 4.7.324 Dnssec-invalid",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.325", .exchangeOnline, "4.7.325 5.7.325", "certificate-host-mismatch",
            .tls, .recipientAdministrator, .backoff,
            meaning: "Remote certificate name does not fit the MX host (DANE).",
            advice: "Remote operator must fix the certificate name.",
            example: "550 4.7.325 Certificate-host-mismatch",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.5", .exchangeOnline, "4.7.5 5.7.5", "mta-sts",
            .tls, .recipientAdministrator, .backoff,
            meaning: "Remote certificate fails MTA-STS.",
            advice: "Remote operator must fix certificate or policy.",
            example: "550 5.7.5 Remote certificate failed MTA-STS validation. Reason: validityStatus",
            counterexamples: ["550 5.4.8 MX hosts of 'example.net' failed MTA-STS validation."]),
        ReplyRule(
            "exchange-online.5.4.8", .exchangeOnline, "4.4.8 5.4.8", "mta-sts",
            .tls, .recipientAdministrator, .backoff,
            meaning: "MX host not in the MTA-STS policy.",
            advice: "Remote operator must align MX and policy.",
            example: "550 5.4.8 MX hosts of 'example.net' failed MTA-STS validation.",
            counterexamples: ["550 5.7.5 Remote certificate failed MTA-STS validation. Reason: validityStatus"]),
        ReplyRule(
            "exchange-online.5.0.350-x-dg-ref", .exchangeOnline, "550 5.0.350", "x-dg-ref header is too long",
            .messageFormat, .sender, .afterFix,
            meaning: "Remote refused a rich-text (TNEF) message header.",
            advice: "Resend as HTML or plain text.",
            example: "550 5.0.350 Remote server returned an error -> 550 X-DG-Ref header is too long",
            counterexamples: ["550 5.0.350 Remote server returned an error"]),
        ReplyRule(
            "exchange-online.5.0.350", .exchangeOnline, "550 5.0.350", "",
            .wrapper, .unknown, .no,
            meaning: "A wrapper around another host's refusal; what counts stands behind the arrow.",
            advice: "Explain the inner reply.",
            example: "550 5.0.350 Remote server returned an error",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.1.351", .exchangeOnline, "550 5.1.351", "remote server returned unknown recipient or mailbox unavailable",
            .noSuchRecipient, .sender, .no,
            meaning: "Wrapper: remote says unknown recipient.",
            advice: "Correct the address, suppress it.",
            example: "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable",
            counterexamples: ["550 5.7.367 Remote server returned not permitted to relay"]),
        ReplyRule(
            "exchange-online.5.7.367", .exchangeOnline, "550 5.7.367", "remote server returned not permitted to relay",
            .relaying, .recipientAdministrator, .afterFix,
            meaning: "Wrapper: remote refused relaying; also seen when mail left through the relay pool.",
            advice: "Check MX, connector and relay pool use.",
            example: "550 5.7.367 Remote server returned not permitted to relay",
            counterexamples: ["550 5.1.351 Remote server returned unknown recipient or mailbox unavailable"]),
        ReplyRule(
            "exchange-online.4.4.28", .exchangeOnline, "4.4.0 4.4.24-25 4.4.28", "message failed to be replicated",
            .serverBusy, .nobody, .backoff,
            meaning: "Shadow copy could not be made on the receiving side.",
            advice: "Retry.",
            example: "451 4.4.0 Message failed to be replicated",
            counterexamples: [
                "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)"
            ]),
        ReplyRule(
            "exchange-online.4.7.0", .exchangeOnline, "451 4.7.0", "temporary server error. please try again later…prx",
            .serverBusy, .nobody, .backoff,
            meaning: "Front-end proxy trouble.",
            advice: "Retry.",
            example: "451 4.7.0 Temporary server error. Please try again later. PRX5",
            counterexamples: [
                "421 4.7.0 The IP address sending this message does not have a PTR record, or the corresponding forward DNS entry does not match the sending IP"
            ]),
        ReplyRule(
            "exchange-online.4.3.1", .exchangeOnline, "452 4.3.1", "insufficient system resources",
            .serverBusy, .nobody, .backoff,
            meaning: "Server under back pressure.",
            advice: "Retry with longer delay.",
            example: "452 4.3.1 Insufficient system resources",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.6.11", .exchangeOnline, "550 5.6.11", "invalid characters",
            .messageFormat, .sender, .afterFix,
            meaning: "Message contains bare line feeds.",
            advice: "Emit CRLF line ends only.",
            example: "550 5.6.11 Invalid characters",
            counterexamples: ["550 5.2.253 Sender throttled due to continuous invalid license errors"]),
        ReplyRule(
            "exchange-online.5.1.20", .exchangeOnline, "550 5.1.20", "multiple from addresses are not allowed without sender address",
            .messageFormat, .sender, .afterFix,
            meaning: "Several From addresses and no Sender field.",
            advice: "Use one From or add Sender.",
            example: "550 5.1.20 Multiple from addresses are not allowed without sender address",
            counterexamples: ["550 5.7.708 Access denied, traffic not accepted from this IP. AS(7230)"]),
        ReplyRule(
            "exchange-online.5.1.0", .exchangeOnline, "550 5.1.0", "sender denied",
            .messageFormat, .sender, .afterFix,
            meaning: "Stale internal address used in a reply, or sender filtered.",
            advice: "Compose a new message with a fresh address.",
            example: "550 5.1.0 Sender denied",
            counterexamples: ["550 5.2.252 Sender throttled due to continuous send as denied errors"]),
        ReplyRule(
            "exchange-online.5.3.190", .exchangeOnline, "550 5.3.190", "journaling",
            .routing, .senderAdministrator, .afterFix,
            meaning: "Journaling archive not enabled for relayed journal mail.",
            advice: "Enable it or change the journal target.",
            example: "550 5.3.190 Journaling",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
    ]
}
