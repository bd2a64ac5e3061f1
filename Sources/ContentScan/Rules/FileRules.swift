extension RuleHits {
    mutating func lookAtFiles(_ content: MessageContent) {
        for part in content.parts where !part.name.isEmpty || part.isAttachment {
            let labels = part.name.lowercased().split(separator: ".").map { $0.trimmingSpaces }
            let kind = labels.count > 1 ? labels[labels.count - 1] : ""
            let isProgram = part.start.starts(with: [0x4D, 0x5A]) || part.start.starts(with: [0x7F, 0x45, 0x4C, 0x46])
            if RuleHits.programs.contains(kind) {
                add(.executable, part.name)
                if labels.count > 2, RuleHits.documents.contains(labels[labels.count - 2]) { add(.doubleExtension, part.name) }
            } else if isProgram {
                add(.disguised, part.name.isEmpty ? part.type : part.name)
            }
            if RuleHits.macroDocuments.contains(kind) { add(.macros, part.name) }
            if ["html", "htm", "shtml", "svg", "xhtml"].contains(kind), part.isAttachment { add(.htmlFile, part.name) }
            // Turns what follows round: `gpj.exe` is shown as `exe.jpg`.
            if part.name.unicodeScalars.contains("\u{202E}") { add(.doubleExtension, part.name) }
        }
    }

    private static let programs: Set<String> = [
        "exe", "com", "scr", "pif", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "msi", "msp", "jar", "ps1", "lnk", "cpl",
        "reg", "dll", "iso", "img", "vhd", "appx", "apk", "chm", "one", "xll", "sct", "application", "gadget", "url",
    ]
    private static let documents: Set<String> = [
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "jpg", "jpeg", "png", "gif", "mp3", "mp4", "zip", "htm", "html", "csv",
        "rtf",
    ]
    private static let macroDocuments: Set<String> = ["docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppam", "ppsm", "sldm"]
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(self.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
