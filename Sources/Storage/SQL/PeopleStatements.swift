/// The SQL of lists, imports and consent.
enum PeopleStatements {
    static let nextImport = "SELECT COALESCE(MAX(number), 0) + 1 FROM list_import WHERE tenant = $1"
    static let insertImport = """
        INSERT INTO list_import (tenant, number, list, state, line, touched_at, value) VALUES ($1, $2, $3, 0, 0, $4, $5)
        """
    /// Of no effect where it is not under way.
    static let touchImport = """
        UPDATE list_import SET line = CASE WHEN line < $1 THEN $1 ELSE line END, touched_at = $2 WHERE tenant = $3 AND number = $4 AND state = 0
        """
    static let endImport = "UPDATE list_import SET state = 1, touched_at = $1, value = $2 WHERE tenant = $3 AND number = $4 AND state = 0"
    static let giveUpImport = "UPDATE list_import SET state = 2 WHERE tenant = $1 AND number = $2 AND state = 0"
    static let insertMember = """
        INSERT INTO list_member (tenant, list, address, import_number, state, added_at, written, attributes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, list, address) DO NOTHING
        """
    static let join = """
        INSERT INTO list_member (tenant, list, address, import_number, state, added_at, written, attributes)
        VALUES ($1, $2, $3, $4, 0, $5, $6, $7) ON CONFLICT (tenant, list, address) DO UPDATE SET state = 0, import_number = CASE WHEN EXISTS (
            SELECT 1 FROM list_import i WHERE i.tenant = $1 AND i.number = list_member.import_number AND i.state = 1)
            THEN list_member.import_number ELSE $4 END
        """
    static let keepWording = "INSERT INTO consent_wording (tenant, hash, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    static let wording = "SELECT value FROM consent_wording WHERE tenant = $1 AND hash = $2"
    static let dropImported = """
        DELETE FROM list_member WHERE tenant = $1 AND list = $2 AND address IN (
            SELECT address FROM list_member WHERE tenant = $1 AND list = $2 AND import_number = $3 LIMIT $4)
        """
    static let dropMembers = """
        DELETE FROM list_member WHERE tenant = $1 AND list = $2 AND address IN (
            SELECT address FROM list_member WHERE tenant = $1 AND list = $2 LIMIT $3)
        """
    static let setState = """
        UPDATE list_member SET state = $1 WHERE tenant = $2 AND list = $3 AND address = $4 AND state <> $1
        """
    static let eraseMember = "DELETE FROM list_member WHERE tenant = $1 AND address = $2"
    static let eraseConsent = "DELETE FROM consent_entry WHERE tenant = $1 AND address = $2"
    static let insertConsent = """
        INSERT INTO consent_entry (tenant, address, seq, value)
        VALUES ($1, $2, (SELECT COALESCE(MAX(seq), 0) + 1 FROM consent_entry WHERE tenant = $1 AND address = $2), $3)
        """

    private static let memberColumns = "m.address, m.import_number, m.state, m.added_at, m.written, m.attributes, m.list"
    private static let visible = """
        list_member m JOIN list_import i ON i.tenant = m.tenant AND i.number = m.import_number AND i.state = 1
        """
    static let members = """
        SELECT \(memberColumns) FROM \(visible) WHERE m.tenant = $1 AND m.list = $2 AND m.address > $3 ORDER BY m.address LIMIT $4
        """
    static let memberships = "SELECT \(memberColumns) FROM \(visible) WHERE m.tenant = $1 AND m.address = $2 ORDER BY m.list"
    static let counts = "SELECT m.state, COUNT(*) FROM \(visible) WHERE m.tenant = $1 AND m.list = $2 GROUP BY m.state"
    static let imports = """
        SELECT number, state, line, touched_at, value FROM list_import WHERE tenant = $1 AND list = $2 ORDER BY number DESC LIMIT $3
        """
    static let consent = """
        SELECT address, value FROM consent_entry WHERE tenant = $1 AND address >= $2 AND address <= $3 ORDER BY address, seq
        """
}
