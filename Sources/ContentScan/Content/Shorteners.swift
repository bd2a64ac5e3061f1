/// Hosts that only lead elsewhere: whose link is, a reader cannot see. The well-known ones; more come from a file.
package enum Shorteners {
    package static let builtIn: Set<String> = [
        "bit.ly", "bitly.com", "buff.ly", "cutt.ly", "dlvr.it", "fb.me", "goo.gl", "goo.su", "grabify.link", "hyperurl.co", "ift.tt",
        "is.gd",
        "j.mp", "lc.chat", "linktr.ee", "lnkd.in", "ow.ly", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "short.gy", "shorturl.at",
        "shorturl.gg",
        "snip.ly", "surl.li", "t.co", "t.ly", "t1p.de", "tiny.cc", "tinyurl.com", "tr.im", "trib.al", "u.to", "urlz.fr", "v.gd", "vk.cc",
        "wp.me", "x.gd", "zpr.io",
    ]
}
