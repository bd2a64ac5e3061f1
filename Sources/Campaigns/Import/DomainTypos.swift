/// Which frequent provider's domain was probably meant by one that looks like it.
package enum DomainTypos {
    /// Domains of many mailboxes. Those that are near another one stand here too, so that nothing is suggested for them.
    package static let frequent: [String] = [
        "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "ymail.com", "rocketmail.com", "outlook.com",
        "hotmail.com",
        "hotmail.co.uk", "hotmail.fr", "hotmail.de", "live.com", "msn.com", "icloud.com", "me.com", "mac.com", "aol.com", "aim.com",
        "comcast.net",
        "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "charter.net", "cox.net", "earthlink.net", "juno.com", "gmx.com",
        "gmx.net", "gmx.de",
        "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "mail.com", "email.com", "mail.ru", "yandex.ru", "yandex.com", "qq.com",
        "163.com",
        "126.com", "sina.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it",
        "btinternet.com",
        "sky.com", "ntlworld.com", "talktalk.net", "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "fastmail.com", "fastmail.fm",
        "zoho.com",
        "hey.com", "tutanota.com", "rogers.com", "shaw.ca", "sympatico.ca", "telus.net", "bigpond.com", "optusnet.com.au", "xtra.co.nz",
        "seznam.cz",
        "wp.pl", "o2.pl", "onet.pl", "interia.pl", "ziggo.nl", "kpnmail.nl", "planet.nl", "telenet.be", "skynet.be", "bluewin.ch",
        "uol.com.br",
        "bol.com.br", "terra.com.br", "rediffmail.com", "naver.com", "daum.net", "hanmail.net", "docomo.ne.jp", "ezweb.ne.jp",
    ]

    private static let frequentSet = Set(frequent)
    private static let octets = frequent.map { Array($0.utf8) }

    /// `domain` in lower case. Nil where it is frequent itself, or near none.
    package static func suggestion(for domain: String) -> String? {
        guard !frequentSet.contains(domain), domain.utf8.count >= 5 else { return nil }
        let given = Array(domain.utf8)
        var best: (name: String, distance: Int)?
        for (index, name) in octets.enumerated() {
            // Short names are near much that is right.
            let allowed = name.count >= 9 ? 2 : name.count >= 7 ? 1 : 0
            guard allowed > 0, abs(name.count - given.count) <= allowed else { continue }
            let distance = distance(given, name, atMost: allowed)
            // Two errors count only where the name begins as it should: `hotmial.cm`, not `postmail.com`.
            guard distance <= allowed, distance < 2 || given[0] == name[0] else { continue }
            if distance < best?.distance ?? Int.max { best = (frequent[index], distance) }
        }
        return best?.name
    }

    /// Edits (octets put in, left out, replaced, or two neighbours exchanged) from one to the other; `atMost` + 1 where there are more.
    package static func distance(_ one: [UInt8], _ other: [UInt8], atMost limit: Int) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for row in 0..<one.count {
            var current = [row + 1]
            current.reserveCapacity(other.count + 1)
            for column in 0..<other.count {
                let isSame = one[row] == other[column]
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            if current.allSatisfy({ $0 > limit }) { return limit + 1 }
            (before, last) = (last, current)
        }
        return min(last[other.count], limit + 1)
    }
}
