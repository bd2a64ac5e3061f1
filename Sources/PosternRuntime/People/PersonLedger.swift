import Campaigns
import Storage

/// The consent ledger of one person: the person's own entries, and what the imports say that brought the person.
enum PersonLedger {
    /// In order of time.
    static func entries(_ own: [ConsentEntry], _ run: ListImport?, list: String) -> [ConsentEntry] {
        guard let imported = run?.consent(list: list) else { return own }
        return adding(imported, to: own)
    }

    /// Of entries of one time, what an import says comes first: what the person does counts after it.
    static func adding(_ imported: ConsentEntry, to entries: [ConsentEntry]) -> [ConsentEntry] {
        var entries = entries
        entries.insert(imported, at: entries.firstIndex { $0.at >= imported.at } ?? entries.endIndex)
        return entries
    }
}
