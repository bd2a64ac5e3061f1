import MailModel

/// Words that many hosts and reports use, beside those that `ReplyRules` knows of single providers.
struct BounceWords: Sendable {
    let bounceClass: BounceClass
    let pattern: ReplyPattern
    /// False where the words are also said of addresses that live: only the code or the command tells (`550 User unknown` behind DATA).
    let isSure: Bool

    private init(_ bounceClass: BounceClass, _ words: String, isSure: Bool = true) {
        self.bounceClass = bounceClass
        self.isSure = isSure
        pattern = ReplyPattern(words)
    }

    static func isNullMX(_ words: String) -> Bool { nullMX.matches(ReplyText.whole(of: words)) }
    private static let nullMX = ReplyPattern("{null mx|no smtp service|does not accept mail|doesn't receive email|nullmx}")

    /// The first that fits decides: what names one cause comes before what many causes share.
    static let all: [BounceWords] = firstOfAll + causes + mailboxes + users + hosts + faults + vague

    /// Whole sentences of one program, which name other causes too.
    private static let firstOfAll = [
        BounceWords(.addressDead, "account or domain may not exist"),
        BounceWords(.content, "spam classification"),
        BounceWords(.expired, "{envelope expired|message expired|delivery time expired}"),
        // au says so where the recipient's own filter refuses: the address that should stand there is left out.
        BounceWords(.policy, "^: user unknown"),
        BounceWords(.addressDead, "^<…>: user unknown"),
        BounceWords(.undetermined, "{: on hold|delivery report unavailable}"),
    ]

    /// What the receiver holds against the message or its sender.
    private static let causes = [
        BounceWords(.virus, "{virus|malware|infected with|mcspamsignature|ransomware}"),
        BounceWords(.authentication, "{dmarc|domainkeys|dkim }…{fail|reject|policy|not pass|invalid}"),
        BounceWords(.authentication, "{bad spf|spf check|spf record|spf fail|spf validation|failed spf|not allowed by spf|spf hard}"),
        BounceWords(
            .authentication,
            "{reverse dns|rdns|ptr record|dns ptr|ip name lookup failed|unverifyable sending ip|mismatches client ip|no ptr|cannot find your hostname}"
        ),
        BounceWords(.authentication, "{cannot resolve your address|client host rejected: cannot find|without a valid sender domain}"),
        BounceWords(
            .content, "{spam classification|classified as spam|considered spam|identified as spam|looks like spam|detected as spam}"),
        BounceWords(
            .content,
            "{spam detected|spam message|is spam|high spam|spam score|spam content|spamassassin|spam mail|mail rejete. mail rejected}"),
        BounceWords(
            .content, "{blacklisted url|blacklisted link|message content rejected|media error|content rejected|unwanted content|uribl}"),
        BounceWords(
            .protocolError,
            "{multiple addresses in from|not rfc 5322|rfc 5322 compliant|not rfc compliant|duplicate header|rfc2822|bare lf|missing header}"
        ),
        BounceWords(.protocolError, "{malformed address|command parameter not implemented|syntax error|unrecognized command}"),
        BounceWords(
            .relaying, "{relay access denied|relaying denied|no relaying|relay not permitted|unable to relay|not permitted to relay}"),
        BounceWords(
            .relaying, "{insecure mail relay|relaying not allowed|email address is not verified|we do not relay|relay operation rejected}"),
        BounceWords(
            .rate,
            "{rate limit|frequency limited|too many connections|too many messages|too many recipients|too many concurrent|message rate|too fast}"
        ),
        BounceWords(.rate, "{daily relay quota|sending limit|hourly limit|receiving mail at a rate|throttl}"),
        BounceWords(
            .reputation,
            "{banned sending ip|block list|blocklist|blacklist|spamhaus|blocked using|dnsbl|/rbl/|spamcop|barracudacentral|sorbs}"),
        BounceWords(
            .reputation,
            "{poor reputation|ip reputation|low reputation|bad reputation|domain reputation|weren't sent|not accepting connections}"),
        BounceWords(
            .reputation,
            "{service refused|service refuse|invalid domain name|dynamic ip|you cannot send e-mail to yourself|blocked ip|your ip|access denied by ip}"
        ),
        BounceWords(.reputation, "{refused to talk to me: 421 service not available|client host rejected|connection refused by policy}"),
        BounceWords(
            .size, "{mail size limit|message length exceeds|exceeds size|message size exceeds|message too large|message too big|too large}"),
        BounceWords(.size, "{maximum message size|size exceeds|exceeds the maximum|exceeded maximum}"),
        BounceWords(
            .policy,
            "{sender address rejected|domain of sender address|sender rejected|unauthenticated senders|authentication required|header error}"
        ),
        BounceWords(
            .policy, "{policy violation|policy reasons|protocol violation|content presents a potential|security error|security policies}"),
        BounceWords(
            .policy, "{refused due to recipient preferences|not a member of|not a registered gateway user|all recipient addresses rejected}"
        ),
        BounceWords(.policy, "{google groups|rejected by the recipient domain|5.1.7 no such domain|administrative prohibition}"),
    ]

    /// What the receiver says of a mailbox that is there.
    private static let mailboxes = [
        BounceWords(
            .mailboxFull, "{mailbox full|mailbox is full|over quota|overquota|quota exceeded|mailfolder is full|quota exceed|inbox is full}"
        ),
        BounceWords(.mailboxFull, "{out of storage|exceeded storage|mailbox quota|mailbox size limit|insufficient storage space}"),
        BounceWords(.mailboxFull, "{in recipient's mailbox exceeded|storage quota|shutoffquotaexceeded|user is over|disk quota}"),
        BounceWords(
            .suspended,
            "{account is disabled|account is locked|mailbox is frozen|mailbox disabled|account is blocked|recipient account is blocked|account disabled}"
        ),
        BounceWords(
            .suspended,
            "{account has been disabled|inactive user|account inactive|is inactive|account suspended|mailbox is inactive|disabled recipient|user suspended}"
        ),
        BounceWords(
            .suspended, "{mailbox is disabled|account has been suspended|temporarily disabled|not accepting messages|account expired}"),
    ]

    /// That there is no such user.
    private static let users = [
        BounceWords(
            .addressDead,
            "{unknown user|user unknown|no such user|user not exist|no such recipient|unknown recipient|recipient not found|recipnotfound}",
            isSure: false),
        BounceWords(
            .addressDead,
            "{recipient name is not recognized|mailbox does not exist|mailbox unavailable|mailbox not found|address does not exist|no such mailbox}",
            isSure: false),
        BounceWords(
            .addressDead,
            "{email account that you tried to reach does not exist|doesn't have a|not listed in|invalid recipient|unknown address|unknown or illegal alias}",
            isSure: false),
        BounceWords(
            .addressDead,
            "{no valid recipients|invalid user|not our customer|user does not exist|user doesn't exist|does not exist|account not found|no mailbox here}",
            isSure: false),
        BounceWords(
            .addressDead,
            "{recipient no longer on server|mailbox has moved|has moved|not our user|no longer valid|unknown mailbox|undeliverable address}",
            isSure: false),
        BounceWords(.addressDead, "check if address is correct", isSure: false),
        BounceWords(.addressDead, "{user|recipient|account}…{not found|not exist}", isSure: false),
        BounceWords(.addressDead, "{** address not found **|because the address couldn't be found}"),
    ]

    /// That there is no such host, or none that takes mail. What only could not be looked up may be there.
    private static let hosts = [
        BounceWords(.addressDead, "{null mx|no smtp service|does not accept mail|doesn't receive email|no mx found for domain|nullmx}"),
        BounceWords(.temporary, "{not found, try again|lookup failure|malformed or unexpected name server reply|temporary lookup}"),
        BounceWords(
            .addressDead,
            "{host unknown|unknown host|no such domain|domain name not found|host not found|unrouteable address|couldn't find any host named}"
        ),
        BounceWords(
            .addressDead,
            "{couldn't find a mail exchanger|domain is not reachable. please check|invalid domain|bad destination system|nxdomain|non-existent domain}"
        ),
    ]

    /// What did not work, the special before the general.
    private static let faults = [
        BounceWords(.notAccepting, "{not accepting network messages|does not accept messages|system not accepting|not accepting mail}"),
        BounceWords(
            .temporary,
            "{internal system error|could not load|unable to contact ldap|service currently unavailable|system error|local error|lookup failure}"
        ),
        BounceWords(
            .temporary, "{no route to host|mail loop|too many hops|routing loop|hop count|name service error|had no relevant answers}"),
        BounceWords(.temporary, "{insufficient disk|insufficient system|out of memory|service unavailable|local configuration error}"),
        BounceWords(.temporary, "{pipe to |exit status #|unknown mailer error|child process|command died|command time limit}"),
        BounceWords(.temporary, "more than the maximum allowed times"),
        BounceWords(
            .expired,
            "{giving up|retry timeout|has been in the queue too long|retry time not reached|timed out|connection timeout|could not be delivered for}"
        ),
        BounceWords(
            .expired, "{did not accept our requests to connect|unable to connect successfully|being unable to connect|was aborted after}"),
        BounceWords(.expired, "{all hosts have been failing|delivery failed # attempts|still undelivered|after multiple retries}"),
        BounceWords(.expired, "{notification about a delay|not been delivered|is delayed for more|message still}"),
        BounceWords(.temporary, "{temporary failure|try again|try later|server is busy|able to establish an smtp connection}"),
    ]

    /// What is said for many reasons, and most often for this one.
    private static let vague = [
        BounceWords(.addressDead, "address rejected", isSure: false)
    ]
}
