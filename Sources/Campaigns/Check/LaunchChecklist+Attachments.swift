// What hangs on it.
extension LaunchChecklist {
    /// Kinds that every program of readers opens, and none runs.
    private static let harmless: Set<String> = ["pdf", "ics", "png", "jpg", "jpeg", "gif", "webp", "txt", "csv", "vcf"]
    /// Kinds that large receivers refuse in any mail (Gmail's list of blocked types), or that hide what is in them.
    private static let refused: Set<String> = [
        "ade", "adp", "apk", "appx", "appxbundle", "bat", "cab", "chm", "cmd", "com", "cpl", "diagcab", "diagcfg", "diagpkg", "dll", "dmg",
        "ex", "ex_", "exe", "hta", "img", "ins", "iso", "isp", "jar", "jnlp", "js", "jse", "lib", "lnk", "mde", "mjs", "msc", "msi", "msix",
        "msixbundle", "msp", "mst", "nsh", "pif", "ps1", "scr", "sct", "shb", "sys", "vb", "vbe", "vbs", "vhd", "vxd", "wsc", "wsf", "wsh",
        "xll", "docm", "xlsm", "pptm", "htm", "html", "svg",
    ]
    /// Of all together, in octets: more is slow to send to many, and a link does as well.
    private static let octetsAdvised = 262_144

    static func attachments(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let files = facts.attachments
        guard !files.isEmpty else { return [ChecklistLine("ATTACH", .green, "Attachments", why: "There are none.")] }
        func kind(_ file: ChecklistFacts.Attachment) -> String {
            file.name.lastIndex(of: ".").map { file.name[file.name.index(after: $0)...].lowercased() } ?? ""
        }
        let octets = files.reduce(0) { $0 + $1.octets }
        let all = Double(octets) * 4 / 3 * Double(facts.audience.planned) / 1_000_000
        let volume = all >= 1000 ? "\(Int(all / 1000)) GB" : "\(Int(all.rounded(.up))) MB"
        let bad = files.first { refused.contains(kind($0)) }
        let unusual = files.first { !harmless.contains(kind($0)) }
        return [
            line(
                "ATTACH", bad == nil, .red, "Attachments", good: "Receivers take files of these kinds: \(files.count).",
                why: "Receivers refuse files such as \(bad?.name ?? ""), since programs and scripts come that way.",
                fix: "Leave it out, make a PDF of it, or link to it."),
            line(
                "ATTACH-KIND", unusual == nil || bad != nil, .amber, "Kinds of files", good: "Everybody can open them.",
                why:
                    "Not everybody can open \(unusual?.name ?? ""), and filters look hard at archives and documents with programs in them.",
                fix: "Make a PDF of it, or link to it."),
            line(
                "ATTACH-SIZE", octets <= octetsAdvised, .amber, "Size of attachments",
                good: "\((octets + 1023) / 1024) KiB in each copy, \(volume) in all.",
                why: "\((octets + 1023) / 1024) KiB in each copy are \(volume) for all: it is slow, and fills people's mailboxes.",
                fix: "Put the file on a web page, and link to it."),
        ]
    }
}
