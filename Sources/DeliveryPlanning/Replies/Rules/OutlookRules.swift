// What Outlook.com says, the service for consumers.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Reputation and authentication.
    static let outlook: [ReplyRule] = [
        ReplyRule(
            "outlook.com.5.7.515", .outlook, "550 5.7.515",
            "access denied, sending domain … does not meet the required authentication level",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "High-volume domain (over 5,000 a day) without SPF, DKIM and DMARC.",
            advice: "Make SPF and DKIM pass and publish DMARC with alignment.",
            example: "550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level.",
            counterexamples: [
                "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject."
            ]),
        ReplyRule(
            "outlook.com.rp-001", .outlook, "421", "rp-001",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Rate limit by IP or domain reputation.",
            advice: "Slow down, check SNDS and JMRP.",
            example: "421 RP-001 (BAY004-MC1F10) Unfortunately, some messages from 192.0.2.1 weren't sent.",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.rp-002", .outlook, "421", "rp-002",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Rate limit on this connection by reputation.",
            advice: "Slow down, check SNDS.",
            example: "421 Rp-002",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.rp-003", .outlook, "421", "rp-003",
            .connectionLimit, .gatewayOperator, .backoff,
            meaning: "Too many connections for this reputation.",
            advice: "Fewer connections.",
            example: "421 Rp-003",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.sc-001", .outlook, "550", "sc-001",
            .content, .sender, .no,
            meaning: "Spam-like content or bad reputation.",
            advice: "Clean content and list, check SNDS.",
            example: "550 SC-001 (BAY004-MC1F10) Unfortunately, messages from 192.0.2.1 weren't sent.",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.sc-002", .outlook, "550", "sc-002",
            .probing, .gatewayOperator, .no,
            meaning: "Namespace mining.",
            advice: "Stop address probing, clean the list.",
            example: "550 Sc-002",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.sc-003", .outlook, "550", "sc-003",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP looks like an open relay or proxy.",
            advice: "Close the relay, ask for delisting.",
            example: "550 Sc-003",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.sc-004", .outlook, "550", "sc-004",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Complaint-driven block on the IP.",
            advice: "Join JMRP, remove complainers, ask for delisting.",
            example: "550 Sc-004",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.dy-001", .outlook, "550", "dy-001",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Dynamic IP.",
            advice: "Use a static IP or smarthost.",
            example: "550 Dy-001",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.dy-002", .outlook, "550", "dy-002",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Host looks infected.",
            advice: "Clean the host.",
            example: "550 Dy-002",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.ou-001", .outlook, "550", "ou-001",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP listed by Spamhaus.",
            advice: "Delist at Spamhaus.",
            example: "550 Ou-001",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.ou-002", .outlook, "550", "ou-002",
            .content, .gatewayOperator, .afterFix,
            meaning: "Policy block by content or reputation.",
            advice: "Clean content and list.",
            example: "550 Ou-002",
            counterexamples: ["550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level."]),
        ReplyRule(
            "outlook.com.4.7.650", .outlook, "451 4.7.650", "the mail server … has been temporarily rate limited due to ip reputation",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "IP reputation throttle (S775 and similar).",
            advice: "Slow down strongly, warm up.",
            example: "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)",
            counterexamples: ["451 4.7.651 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation."]),
        ReplyRule(
            "outlook.com.4.7.651", .outlook, "451 4.7.651", "the mail server … has been temporarily rate limited due to ip reputation",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "IP reputation throttle, second form.",
            advice: "Slow down strongly, warm up.",
            example: "451 4.7.651 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.",
            counterexamples: ["451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)"]),
        ReplyRule(
            "outlook.com.s3150", .outlook, "550 (5.7.1)", "part of their network is on our block list (s3150)",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Network on the Outlook.com block list.",
            advice: "Ask for mitigation through the sender support form.",
            example: """
                550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since \
                part of their network is on our block list (S3150).
                """,
            counterexamples: ["550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140)."]),
        ReplyRule(
            "outlook.com.s3140", .outlook, "550 (5.7.1)", "(s3140)",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP on the Outlook.com block list (wording unverified).",
            advice: "Ask for mitigation through the sender support form.",
            example: "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140).",
            counterexamples: [
                "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150)."
            ]),
    ]
}
