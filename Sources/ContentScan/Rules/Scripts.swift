/// Alphabets, and letters that look the same.
enum Scripts {
    /// True where one label has letters of two of Latin, Greek and Cyrillic.
    static func mixed(_ host: String) -> Bool {
        guard host.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        return host.split(separator: ".").contains { label in Set(label.unicodeScalars.compactMap(script)).count > 1 }
    }

    private static func script(_ scalar: Unicode.Scalar) -> Int? {
        switch scalar.value {
        case 0x61...0x7A, 0xC0...0x24F: 0
        case 0x370...0x3FF: 1
        case 0x400...0x52F: 2
        default: nil
        }
    }

    /// The well-known name, or one of our own, that the host looks like without being it.
    static func lookAlike(_ host: LinkHost, own: Set<String>) -> String? {
        let label = name(of: host.site == host.name ? host.shown : shownSite(host))
        guard label.utf8.count > 4 else { return nil }
        let form = skeleton(label)
        if form != label, known.contains(form) { return form }
        for site in own where site != host.site {
            let ours = name(of: site)
            if ours != label, ours.utf8.count > 4, form == skeleton(ours) { return site }
        }
        return nil
    }

    private static func shownSite(_ host: LinkHost) -> String {
        host.shown.split(separator: ".").suffix(host.site.split(separator: ".").count).joined(separator: ".")
    }

    private static func name(of site: String) -> String { String(site.prefix { $0 != "." }) }

    /// What the eye makes of a label.
    static func skeleton(_ label: String) -> String {
        var text: [Unicode.Scalar] = []
        for scalar in label.unicodeScalars {
            let seen = scalar.value > 0x39 && scalar.value < 0x80 ? scalar : alike[scalar] ?? scalar
            switch (text.last, seen) {
            case ("r", "n"): text[text.count - 1] = "m"
            case ("v", "v"): text[text.count - 1] = "w"
            default: text.append(seen)
            }
        }
        var result = ""
        result.unicodeScalars.append(contentsOf: text)
        return result
    }

    private static let alike: [Unicode.Scalar: Unicode.Scalar] = [
        "0": "o", "1": "l", "3": "e", "5": "s", "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ѕ": "s",
        "ј": "j", "ԁ": "d", "һ": "h", "ո": "n", "ɡ": "g", "ο": "o", "α": "a", "ν": "v", "ρ": "p", "τ": "t", "κ": "k", "ι": "i",
        "à": "a", "á": "a", "â": "a", "ä": "a", "ã": "a", "å": "a", "è": "e", "é": "e", "ê": "e", "ë": "e", "ì": "i", "í": "i", "î": "i",
        "ï": "i", "ò": "o", "ó": "o", "ô": "o", "õ": "o", "ö": "o", "ù": "u", "ú": "u", "û": "u", "ü": "u", "ñ": "n", "ç": "c", "ı": "i",
        "ł": "l", "ø": "o",
    ]

    /// Names that are imitated most.
    private static let known: Set<String> = [
        "paypal", "microsoft", "google", "apple", "amazon", "facebook", "instagram", "netflix", "linkedin", "dropbox", "docusign", "adobe",
        "office365", "outlook", "icloud", "whatsapp", "telegram", "coinbase", "binance", "chase", "wellsfargo", "santander", "sparkasse",
        "deutschebank", "commerzbank", "postbank", "fedex", "github", "yahoo", "steam", "steampowered", "walmart", "spotify",
    ]
}
