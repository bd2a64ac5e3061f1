// What Microsoft 365 says as a receiver about sources of mail.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Addresses of hosts, authentication, rates.
    static let exchangeReceiving: [ReplyRule] = [
        ReplyRule(
            "exchange-online-inbound.5.7.506", .exchangeOnlineInbound, "550 5.7.506", "access denied, bad helo",
            .identity, .gatewayOperator, .afterFix,
            meaning: "Client used the receiver name in HELO.",
            advice: "Set HELO to your own FQDN.",
            example: "550 5.7.506 Access denied, bad helo",
            counterexamples: ["550 5.7.505 Access denied, banned recipient"]),
        ReplyRule(
            "exchange-online-inbound.5.7.507", .exchangeOnlineInbound, "550 5.7.507", "access denied, rejected by recipient",
            .blockList, .recipientAdministrator, .no,
            meaning: "Recipient organisation blocks the IP.",
            advice: "Ask the recipient organisation.",
            example: "550 5.7.507 Access denied, rejected by recipient",
            counterexamples: ["550 5.7.505 Access denied, banned recipient"]),
        ReplyRule(
            "exchange-online-inbound.5.7.508", .exchangeOnlineInbound, "550 5.7.508",
            "access denied, … has exceeded permitted limits within",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "IPv6 range sends too much.",
            advice: "Slow down or use IPv4.",
            example: "550 5.7.508 Access denied, 2001:db8::1 has exceeded permitted limits within 2001:db8::/64 range",
            counterexamples: [
                "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject."
            ]),
        ReplyRule(
            "exchange-online-inbound.5.7.509", .exchangeOnlineInbound, "550 5.7.509",
            "access denied, sending domain … does not pass dmarc verification",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "DMARC failed with policy reject.",
            advice: "Fix SPF or DKIM alignment.",
            example: """
                550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject.
                """,
            counterexamples: ["550 5.7.510 Access denied, contoso.example does not accept email over IPv6"]),
        ReplyRule(
            "exchange-online-inbound.5.7.510", .exchangeOnlineInbound, "550 5.7.510", "access denied, … does not accept email over ipv6",
            .identity, .gatewayOperator, .afterFix,
            meaning: "Recipient takes IPv4 only.",
            advice: "Use IPv4.",
            example: "550 5.7.510 Access denied, contoso.example does not accept email over IPv6",
            counterexamples: [
                "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject."
            ]),
        ReplyRule(
            "exchange-online-inbound.5.7.511", .exchangeOnlineInbound, "550 5.7.511", "access denied, banned sender",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Sending IP banned (not self-service).",
            advice: "Mail delist@microsoft.com with the full NDR.",
            example: "550 5.7.511 Access denied, banned sender",
            counterexamples: ["550 5.7.505 Access denied, banned recipient"]),
        ReplyRule(
            "exchange-online-inbound.5.7.512", .exchangeOnlineInbound, "550 5.7.512",
            "access denied, message must be rfc 5322 section 3.6.2 compliant",
            .messageFormat, .sender, .afterFix,
            meaning: "No valid From address.",
            advice: "Send one valid From address.",
            example: "550 5.7.512 Access denied, message must be rfc 5322 section 3.6.2 compliant",
            counterexamples: [
                "450 4.7.26 Access denied, a message sent over IPv6 [2001:db8::1] must pass either SPF or DKIM validation, this message is not signed"
            ]),
        ReplyRule(
            "exchange-online-inbound.5.7.513", .exchangeOnlineInbound, "550 5.7.513",
            "service unavailable, client host …using customer block list (as16012607)",
            .blockList, .recipientAdministrator, .no,
            meaning: "Recipient organisation blocks the IP.",
            advice: "Ask the recipient organisation.",
            example: """
                550 5.7.513 Service unavailable, Client host [192.0.2.1] blocked by contoso.example using Customer Block list \
                (AS16012607)
                """,
            counterexamples: [
                "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.1 AS16012611"
            ]),
        ReplyRule(
            "exchange-online-inbound.5.7.606-649", .exchangeOnlineInbound, "550 5.7.606-649", "access denied, banned sending ip",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP on the Microsoft block list.",
            advice: "Ask for removal at sender.office.com (up to 24 h).",
            example: """
                550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit \
                https://sender.office.com/
                """,
            counterexamples: ["550 5.7.505 Access denied, banned recipient"]),
        ReplyRule(
            "exchange-online-inbound.5.7.1-spamhaus", .exchangeOnlineInbound, "550 (5.7.1)",
            "service unavailable, client host …blocked using spamhaus…as16012611",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP listed by Spamhaus.",
            advice: "Remove the cause, delist at Spamhaus.",
            example: """
                550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list see \
                https://www.spamhaus.org/query/ip/192.0.2.1 AS16012611
                """,
            counterexamples: ["530 5.7.1 Client was not authenticated"]),
        ReplyRule(
            "exchange-online-inbound.5.7.23", .exchangeOnlineInbound, "550 5.7.23",
            "the message was rejected because of sender policy framework violation",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "SPF check failed at the receiver.",
            advice: "Add the sending IP to SPF.",
            example: "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
            counterexamples: ["The message can't be submitted because the sender's submission quota was exceeded."]),
        ReplyRule(
            "exchange-online-inbound.5.7.25", .exchangeOnlineInbound, "550 5.7.25",
            "access denied, the sending ipv6 address … must have a reverse dns record",
            .reverseDNS, .gatewayOperator, .afterFix,
            meaning: "IPv6 source without PTR.",
            advice: "Publish PTR or use IPv4.",
            example: "550 5.7.25 Access denied, the sending IPv6 address [2001:db8::1] must have a reverse DNS record",
            counterexamples: [
                "450 4.7.26 Access denied, a message sent over IPv6 [2001:db8::1] must pass either SPF or DKIM validation, this message is not signed"
            ]),
        ReplyRule(
            "exchange-online-inbound.4.7.26", .exchangeOnlineInbound, "450 4.7.26",
            "access denied, a message sent over ipv6 … must pass either spf or dkim",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "IPv6 mail without authentication.",
            advice: "Publish SPF or sign with DKIM.",
            example: """
                450 4.7.26 Access denied, a message sent over IPv6 [2001:db8::1] must pass either SPF or DKIM validation, this message \
                is not signed
                """,
            counterexamples: ["550 5.7.25 Access denied, the sending IPv6 address [2001:db8::1] must have a reverse DNS record"]),
        ReplyRule(
            "exchange-online-inbound.4.7.500-busy", .exchangeOnlineInbound, "451 4.7.500",
            "server busy. please try again later from …{(as761)|(as77712}",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Rate limit on the IP.",
            advice: "Slow down, warm up the IP.",
            example: "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712344)",
            counterexamples: ["451 4.7.550 Access denied, please try again later"]),
        ReplyRule(
            "exchange-online-inbound.4.7.550", .exchangeOnlineInbound, "451 4.7.550", "access denied, please try again later",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Temporary refusal.",
            advice: "Slow down.",
            example: "451 4.7.550 Access denied, please try again later",
            counterexamples: ["451 4.7.620 Access denied, please try again later"]),
        ReplyRule(
            "exchange-online-inbound.4.7.652-699", .exchangeOnlineInbound, "451 4.7.500-649 4.7.652-699",
            "access denied, please try again later",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Suspicious sending, temporary.",
            advice: "Slow down; clears by itself if legitimate.",
            example: "451 4.7.620 Access denied, please try again later",
            counterexamples: ["451 4.7.860 Access denied, please try again later"]),
        ReplyRule(
            "exchange-online-inbound.4.7.850-899", .exchangeOnlineInbound, "451 4.7.850-899", "access denied, please try again later",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "IP under review.",
            advice: "Slow down; clears by itself if legitimate.",
            example: "451 4.7.860 Access denied, please try again later",
            counterexamples: ["451 4.7.550 Access denied, please try again later"]),
        ReplyRule(
            "exchange-online-inbound.4.3.2", .exchangeOnlineInbound, "421 4.3.2",
            "the maximum number of concurrent connections … has exceeded a limit",
            .connectionLimit, .gatewayOperator, .backoff,
            meaning: "Too many parallel connections.",
            advice: "Fewer connections.",
            example: """
                421 4.3.2 The maximum number of concurrent connections for this source has exceeded a limit, closing transmission \
                channel
                """,
            counterexamples: [
                "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=DB9PR01MB0001.prod.exchangelabs.com]"
            ]),
        ReplyRule(
            "exchange-online-inbound.4.7.700", .exchangeOnlineInbound, "451 4.7.700", "pfa agent busy",
            .serverBusy, .nobody, .backoff,
            meaning: "Filter component busy.",
            advice: "Retry.",
            example: "451 4.7.700 Pfa agent busy",
            counterexamples: ["452 4.5.3 Too many recipients"]),
    ]
}
