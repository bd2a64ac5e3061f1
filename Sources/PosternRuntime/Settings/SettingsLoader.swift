import Configuration
import Foundation
package import MailModel

/// What is wrong with the settings: every problem found, not the first alone.
package struct SettingsError: Error, CustomStringConvertible {
    package var problems: [String]

    package init(problems: [String]) { self.problems = problems }

    package var description: String { problems.joined(separator: "\n") }
}

/// Reads the settings. Of several sources, the first that has a key decides: `--set KEY=VALUE`, then the environment (`POSTERN_` and the
/// key in capitals, `_` for `.` and `-`), then the settings file, then the default.
package struct SettingsLoader {
    private var overrides: [String: String] = [:]
    private var environment: [String: String]
    private var problems: [String] = []

    /// `overrides`: `KEY=VALUE` as on the command line.
    package init(overrides: [String] = [], environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
        for text in overrides {
            guard let equals = text.firstIndex(of: "=") else {
                problems.append("--set \(text): write KEY=VALUE")
                continue
            }
            let name = text[..<equals].trimmed
            if SettingTable.byName[name] == nil {
                problems.append("--set \(name): no such setting\(Self.suggestion(for: name))")
            } else {
                self.overrides[name] = text[text.index(after: equals)...].trimmed
            }
        }
    }

    /// `file`: the settings file's content, nil where there is none; `fileName` names it in messages.
    package func load(file: [UInt8]?, fileName: String, machineName: DomainName = .ofThisMachine) throws -> Settings {
        var problems = problems
        var lines: [String: Int] = [:]
        var sources: [Source] = [
            Source(name: "--set") { overrides[$0.name].map(SourceValue.text) },
            Source(name: "environment", read: environmentSource()),
        ]
        if let file {
            switch SettingsFile.outline(file, fileName: fileName) {
            case .failure(let error): throw error
            case .success(let outline):
                problems += outline.problems
                lines = outline.lines
                if outline.hasContent, outline.problems.isEmpty {
                    let snapshot = try YAMLSnapshot(data: file.span.bytes, providerName: fileName, parsingOptions: .default)
                    sources.append(Source(name: fileName) { key in try Self.value(of: key, in: snapshot) })
                }
            }
        }
        var values: [String: SettingValue] = [:]
        for key in SettingTable.keys {
            do {
                values[key.name] = try Self.value(of: key, from: sources)
            } catch let fault as LocatedFault {
                let place = fault.source == fileName ? "\(fileName):\(lines[key.name] ?? 0)" : fault.source
                problems.append("\(place): \(key.name): \(fault.text)")
            }
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        let settings = Settings(SettingValues(values), machineName: machineName)
        if let problem = settings.http.problem { throw SettingsError(problems: [problem]) }
        return settings
    }

    private struct Source {
        var name: String
        var read: (SettingKey) throws -> SourceValue?
    }

    private enum SourceValue {
        case text(String)
        case items([String])
    }

    private struct LocatedFault: Error {
        var source: String
        var text: String
    }

    private func environmentSource() -> (SettingKey) throws -> SourceValue? {
        let provider = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: ["postern"])
        return { key in
            let found = try provider.value(forKey: Self.absolute(key), type: .string).value
            guard case .string(let text)? = found?.content else { return nil }
            return .text(text)
        }
    }

    private static func value(of key: SettingKey, in snapshot: YAMLSnapshot) throws -> SourceValue? {
        if key.kind.isList, let list = try? snapshot.value(forKey: absolute(key), type: .stringArray).value,
            case .stringArray(let items) = list.content
        {
            return .items(items)
        }
        guard let found = try snapshot.value(forKey: absolute(key), type: .string).value, case .string(let text) = found.content else {
            return nil
        }
        return .text(text)
    }

    private static func absolute(_ key: SettingKey) -> AbsoluteConfigKey {
        AbsoluteConfigKey(key.name.split(separator: ".").map(String.init))
    }

    private static func value(of key: SettingKey, from sources: [Source]) throws -> SettingValue {
        for source in sources {
            do {
                switch try source.read(key) {
                case .text(let text): return try key.kind.read(text)
                case .items(let items): return try key.kind.read(items: items)
                case nil: continue
                }
            } catch {
                throw LocatedFault(source: source.name, text: "\(error)")
            }
        }
        let text = key.defaultText
        let isBracketed = key.kind.isList && text.hasPrefix("[")
        return try key.kind.read(isBracketed ? String(text.dropFirst().dropLast()) : text)
    }

    /// `; did you mean submission.port?`, or nothing where no key is near.
    static func suggestion(for name: String) -> String {
        let nearest = SettingTable.keys.map { ($0.name, editDistance(name, $0.name)) }.min { $0.1 < $1.1 }
        guard let nearest, nearest.1 <= max(3, name.count / 3) else { return "" }
        return "; did you mean \(nearest.0)?"
    }
}

extension DomainName {
    /// The machine's own name; `localhost.localdomain` where it has none that mail could use.
    package static var ofThisMachine: DomainName {
        DomainName(ProcessInfo.processInfo.hostName) ?? localFallback
    }

    private static var localFallback: DomainName {
        guard let name = DomainName("localhost.localdomain") else { preconditionFailure("a constant that is a valid name") }
        return name
    }
}

/// Insertions, removals and replacements that make one word of the other (Levenshtein).
func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, byte) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let replaced = diagonal + (right[column] == byte ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, min(row[column], row[column + 1]) + 1)
        }
    }
    return row[right.count]
}
