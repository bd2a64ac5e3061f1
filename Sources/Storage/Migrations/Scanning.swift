extension Migration {
    /// What a scan said of each message.
    static let scanning = Migration(number: 13, name: "scanning") { _ in
        [
            // JSON; null where nothing was scanned.
            "ALTER TABLE message ADD COLUMN scan TEXT"
        ]
    }
}
