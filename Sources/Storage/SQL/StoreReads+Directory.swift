import OutboundPolicy

/// The directory: whole, or from what was read before on.
extension StoreReads {
    static func directory(_ connection: some StoreConnection, since known: Directory?) throws -> DirectoryReading {
        let version = try directoryVersion(connection)
        guard let known, known.version <= version else {
            return DirectoryReading(directory: try wholeDirectory(connection, version: version), readWhole: true)
        }
        guard known.version < version else { return DirectoryReading(directory: known, readWhole: false) }
        return DirectoryReading(directory: try changedDirectory(connection, known, to: version), readWhole: false)
    }

    private static func wholeDirectory(_ connection: some StoreConnection, version: Int64) throws -> Directory {
        var directory = Directory(version: version)
        let statement = try connection.prepare(ReadStatements.directoryObjects).begin()
        while try statement.step() {
            try DirectoryCoding.add(
                kind: statement.readText(), name: statement.readText(), value: statement.readText(), version: statement.readInt64(),
                to: &directory)
        }
        return directory
    }

    /// An object as one version left it; without a value where that removed it.
    private struct Changed {
        var tenant: Int64
        var kind: String
        var name: String
        var value: String?
        var version: Int64
    }

    /// First everything that was changed goes, as it was known; then comes what stands in its place.
    private static func changedDirectory(_ connection: some StoreConnection, _ known: Directory, to version: Int64) throws -> Directory {
        var directory = known
        directory.version = version
        let changed = try changedObjects(connection, after: known.version, to: version)
        let before = try connection.prepare(ReadStatements.directoryObjectBefore)
        for object in changed {
            before.begin().bind(object.tenant).bind(object.kind).bind(object.name).bind(known.version)
            defer { before.end() }
            guard try before.step() else { continue }
            let value = before.readText()
            guard !before.readBool() else { continue }
            var part = Directory()
            try DirectoryCoding.add(kind: object.kind, name: object.name, value: value, to: &part)
            directory.remove(part)
        }
        for object in changed {
            guard let value = object.value else { continue }
            try DirectoryCoding.add(kind: object.kind, name: object.name, value: value, version: object.version, to: &directory)
        }
        return directory
    }

    /// The last version of each, in the order in which the whole directory has them.
    private static func changedObjects(
        _ connection: some StoreConnection, after old: Int64, to new: Int64
    ) throws -> [Changed] {
        let statement = try connection.prepare(ReadStatements.directoryChanges).begin().bind(old).bind(new)
        var changed: [Changed] = []
        while try statement.step() {
            let (tenant, kind, name) = (statement.readInt64(), statement.readText(), statement.readText())
            let (value, version, isRemoved) = (statement.readText(), statement.readInt64(), statement.readBool())
            if let last = changed.last, last.tenant == tenant, last.kind == kind, last.name == name { changed.removeLast() }
            changed.append(Changed(tenant: tenant, kind: kind, name: name, value: isRemoved ? nil : value, version: version))
        }
        return changed
    }
}
