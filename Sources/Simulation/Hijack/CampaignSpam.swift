import MailModel

/// One campaign that goes out through accounts of others: the same offer with other words put in, other subjects, other links.
struct CampaignSpam: Sendable {
    private let text: [String]

    /// `texts`: to choose from besides our own.
    init(_ more: [String], _ random: inout SplitMix) {
        let all = CampaignSpam.texts + more
        text = all[Int.random(in: 0..<all.count, using: &random)].split(whereSeparator: \.isWhitespace).prefix(200).map(String.init)
    }

    /// Every sixth word or so is another one; the link is new each time.
    func body(_ random: inout SplitMix) -> String {
        var words: [String] = []
        for word in text {
            if Int.random(in: 0..<6, using: &random) == 0 { words.append(CampaignSpam.word(&random)) }
            if Int.random(in: 0..<12, using: &random) > 0 { words.append(word) }
        }
        let host =
            "\(CampaignSpam.word(&random))-\(CampaignSpam.word(&random)).\(["com", "net", "shop", "info"][Int.random(in: 0..<4, using: &random)])"
        let link = "http://\(host)/\(CampaignSpam.word(&random))?id=\(random.next() & 0xFFFFFF)"
        var lines: [String] = []
        for start in stride(from: 0, to: words.count, by: 12) {
            lines.append(words[start..<min(start + 12, words.count)].joined(separator: " "))
        }
        return (lines + ["", link, "", CampaignSpam.word(&random)]).joined(separator: "\r\n") + "\r\n"
    }

    func subject(_ random: inout SplitMix) -> String {
        (0..<Int.random(in: 2...5, using: &random)).map { _ in CampaignSpam.word(&random) }.joined(separator: " ")
    }

    private static func word(_ random: inout SplitMix) -> String {
        let syllables = ["ba", "co", "di", "fe", "gu", "ka", "lo", "mi", "ne", "pa", "ri", "so", "tu", "ve", "wa", "zo"]
        return (0..<Int.random(in: 2...4, using: &random)).map { _ in syllables[Int.random(in: 0..<16, using: &random)] }.joined()
    }

    private static let texts = [
        "Lose ten pounds in one week without any diet or exercise. Our new herbal pill was shown on television and doctors are amazed. Order "
            + "today and get the second bottle free. This offer ends at midnight so do not wait, click the link below and start a new life.",
        "Congratulations, your address has won a prize of two million in the international lottery. To claim your winnings send your full "
            + "name and bank account to our agent without delay. The money will be paid within three days. Visit the page to claim.",
        "Refinance your home now at the lowest rates in forty years. Bad credit is no problem, no fees and no obligation. Over one thousand "
            + "lenders compete for your loan. Fill in the short form on our page and save hundreds each month.",
        "Earn five thousand a week working from home. No experience is needed, we show you everything. Thousands of people have already "
            + "quit their jobs. Places are limited and this message will not be repeated. Follow the link to reserve your place.",
        "Your mailbox is almost full and incoming messages will be returned. To keep your account active confirm your password within "
            + "twenty four hours. Accounts that are not confirmed will be closed. Sign in on the page below to upgrade your storage.",
        "Genuine replica watches at unbelievable prices. Every famous brand is in stock and shipped worldwide in a plain package. Nobody "
            + "can tell the difference. Buy two and the third is free. See our whole collection and order online now.",
        "This stock is about to explode. Insiders expect a rise of four hundred percent within days after the big announcement on Monday. "
            + "Do not miss your chance to get in early. Read the full report on our page before everyone else does.",
        "Lonely singles in your town are waiting to meet you tonight. Joining is completely free and discreet. View photos and chat live "
            + "with thousands of members. You must be eighteen or older. Click here to see who is near you.",
    ]
}
