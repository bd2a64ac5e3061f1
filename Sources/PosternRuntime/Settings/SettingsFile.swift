import Yams

/// The settings file as text: what `postern init` writes, and which keys stand in it where.
package enum SettingsFile {
    package static let name = "postern.yaml"
    /// Larger files are not read.
    static let bytesMax = 1_048_576

    struct Outline {
        /// Line of each known key, from 1.
        var lines: [String: Int] = [:]
        /// Unknown keys and wrong shapes, each with file and line.
        var problems: [String] = []
        var hasContent = false
    }

    /// Which keys stand in the file. Fails where it is no YAML.
    static func outline(_ bytes: [UInt8], fileName: String) -> Result<Outline, SettingsError> {
        guard bytes.count <= bytesMax, let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(SettingsError(problems: ["\(fileName): not UTF-8 text of at most \(bytesMax) octets"]))
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            return .failure(SettingsError(problems: ["\(fileName): not YAML: \(error)"]))
        }
        var outline = Outline()
        guard let root else { return .success(outline) }
        guard let sections = root.mapping else {
            return .failure(SettingsError(problems: ["\(fileName): sections are wanted at the top, such as `submission:`"]))
        }
        outline.hasContent = true
        for (name, node) in sections { read(section: name, node, fileName: fileName, into: &outline) }
        return .success(outline)
    }

    private static func read(section nameNode: Node, _ node: Node, fileName: String, into outline: inout Outline) {
        let name = nameNode.string ?? ""
        let place = "\(fileName):\(nameNode.mark?.line ?? 0)"
        guard SettingTable.sections.contains(where: { $0.name == name }) else {
            let known = SettingTable.sections.map(\.name)
            let nearest = known.min { editDistance(name, $0) < editDistance(name, $1) } ?? ""
            outline.problems.append("\(place): \(name): no such section; did you mean \(nearest)?")
            return
        }
        guard let keys = node.mapping else {
            // A section whose keys are all commented out reads as null.
            if node.scalar?.string.isEmpty != true { outline.problems.append("\(place): \(name): keys are wanted below it") }
            return
        }
        for (keyNode, value) in keys {
            let key = "\(name).\(keyNode.string ?? "")"
            let keyPlace = "\(fileName):\(keyNode.mark?.line ?? 0)"
            guard let known = SettingTable.byName[key] else {
                outline.problems.append("\(keyPlace): \(key): no such setting\(SettingsLoader.suggestion(for: key))")
                continue
            }
            outline.lines[key] = keyNode.mark?.line ?? 0
            let isScalarList = value.sequence?.allSatisfy { $0.scalar != nil } ?? false
            if value.scalar == nil, !(known.kind.isList && isScalarList) {
                outline.problems.append("\(keyPlace): \(key): wants \(known.kind.typeName)")
            }
        }
    }

    /// The file that `postern init` writes: every key with its type, range and default, commented out unless `values` gives it.
    package static func text(values: [String: String] = [:]) -> String {
        var text = """
            # Settings of Postern: what the process needs to start. Accounts, connectors, routes and all else that changes while it runs
            # are set with the `postern` command and kept in the store.
            #
            # A key with a `#` before it has the default shown. Each can be given as `--set section.key=value` or as an environment variable
            # (POSTERN_SECTION_KEY) too; the command line comes first, then the environment, then this file.
            # `postern check-config` checks it. Durations: 500ms, 30s, 5m, 2h, 3d. Sizes: 64KiB, 35MiB, 1GiB.

            """
        for section in SettingTable.sections {
            text += "\n# \(section.documentation)\n\(section.name):\n"
            for key in section.keys {
                for line in wrapped(key.documentation, width: 120) { text += "  # \(line)\n" }
                let range = key.kind.rangeText.isEmpty ? "" : ", \(key.kind.rangeText)"
                text += "  # Type: \(key.kind.typeName)\(range). Default: \(shown(key.defaultText)).\n"
                if let value = values[key.name] {
                    text += "  \(key.key): \(value)\n"
                } else {
                    text += "  #\(key.key): \(key.defaultText.isEmpty ? "\"\"" : key.defaultText)\n"
                }
            }
        }
        return text
    }

    /// `docs/settings.md`.
    package static func documentation() -> String {
        var text = """
            # Settings

            `DATA/postern.yaml` holds what the process needs to start; `postern init` writes it with every key commented. Of several sources the
            first that has a key decides:

            1. `--set section.key=value` on the command line (may be repeated),
            2. the environment: `POSTERN_SECTION_KEY`, with `_` for `.` and `-` (`submission.tls-port` is `POSTERN_SUBMISSION_TLS_PORT`),
            3. the settings file,
            4. the default.

            An unknown key, or a value out of its range, stops the start with file, line and the nearest key; `postern check-config` says the same
            without starting. Durations are written `500ms`, `30s`, `5m`, `2h`, `3d`; sizes `64KiB`, `35MiB`, `1GiB`; lists `[a, b]` in the file
            and `a,b` elsewhere. SIGHUP has the gate read all of this again, and the certificate's files: what
            the tables mark with "SIGHUP" changes at once, for new connections and new mail; dialogues that are open go on as they began. The rest
            takes effect with a restart, and the log names it.

            This page is made from the table in `Sources/PosternRuntime/Settings/SettingTable.swift` by `postern check-config --document`.

            """
        for section in SettingTable.sections {
            text +=
                "\n## \(section.name)\n\(section.documentation)\n\n| key | default | type | changes with | what it does |\n| --- | --- | --- | --- | --- |\n"
            for key in section.keys {
                let range = key.kind.rangeText.isEmpty ? "" : ", \(key.kind.rangeText)"
                text += "| `\(key.name)` | \(key.defaultText.isEmpty ? "empty" : "`\(key.defaultText)`") | \(key.kind.typeName)\(range) "
                text += "| \(key.needsRestart ? "a restart" : "SIGHUP") | \(key.documentation) |\n"
            }
        }
        return text
    }

    private static func shown(_ defaultText: String) -> String { defaultText.isEmpty ? "empty" : defaultText }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(word)
            } else {
                line += line.isEmpty ? String(word) : " \(word)"
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
