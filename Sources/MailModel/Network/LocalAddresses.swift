/// The addresses of a machine, as its interfaces have them.
package struct LocalAddresses: Hashable, Sendable {
    package var addresses: Set<IPAddress>
    /// Blocks of loopback interfaces: every address in one is the machine's own.
    package var blocks: [IPNetwork]

    package init(addresses: Set<IPAddress> = [], blocks: [IPNetwork] = []) {
        self.addresses = addresses
        self.blocks = blocks
    }

    package func contains(_ address: IPAddress) -> Bool { addresses.contains(address) || blocks.contains { $0.contains(address) } }
}
