import Storage

/// Whether this node's master key is that of the installation: what is secret in the store is sealed under one key, which every node has.
///
/// The first node leaves a sealed word in the store. Another node that opens it has the same key.
enum MasterKeyCheck {
    private static let name = "master-key-check"
    private static let context = "master key"

    /// What the store holds; nil where no node has left anything yet.
    static func word(_ store: any StoreAccess) async throws -> String? { try await store.read { try $0.fact(name) } }

    /// Leaves the word where there is none. Throws `AdministrationError` where it was sealed under another key.
    static func perform(_ store: any StoreAccess, _ vault: KeyVault, directory: DataDirectory) async throws {
        var word = try await word(store)
        if word == nil,
            case .fact(let standing) = try await store.perform(.putFact(name: name, value: try vault.seal([], context: context)))
        {
            word = standing
        }
        guard let word, (try? vault.open(word, context: context)) != nil else { throw otherKey(directory) }
    }

    private static func otherKey(_ directory: DataDirectory) -> AdministrationError {
        AdministrationError(
            .conflict, "the store was made under another master key than \(directory.masterKey)",
            "Copy secrets/master.key from a node that runs on the store, and give it with `postern init --master-key FILE`.")
    }

    static func missingKey(_ directory: DataDirectory) -> AdministrationError {
        AdministrationError(
            .invalid, "the store is in use by other nodes, and what is secret in it is sealed under their master key",
            "Copy secrets/master.key from one of them, and give it with `postern init --data \(directory) --master-key FILE`.")
    }
}
