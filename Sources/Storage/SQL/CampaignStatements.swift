/// The SQL of campaigns.
enum CampaignStatements {
    static let keep = """
        INSERT INTO campaign_revision (tenant, campaign, revision, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, campaign, revision) DO NOTHING
        """
    static let keepFile = """
        INSERT INTO campaign_file (tenant, campaign, digest, content) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, campaign, digest) DO NOTHING
        """
    static let file = "SELECT content FROM campaign_file WHERE tenant = $1 AND campaign = $2 AND digest = $3"
    static let content = "SELECT value FROM campaign_revision WHERE tenant = $1 AND campaign = $2 AND revision = $3"
    static let freeze = """
        INSERT INTO campaign_frame (tenant, campaign, frame, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, campaign, frame) DO NOTHING
        """
    static let frame = "SELECT value FROM campaign_frame WHERE tenant = $1 AND campaign = $2 AND frame = $3"
    /// Who is there already stays, but for somebody of a pilot that is over, who gets it again.
    static let plan = """
        INSERT INTO campaign_recipient
            (tenant, campaign, phase, address, domain, place, state, changed_at, attributes, reason, has_left, zone)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)
        ON CONFLICT (tenant, campaign, phase, address) DO UPDATE SET state = excluded.state, message = NULL, day = NULL, queued_at = NULL,
            changed_at = excluded.changed_at, attributes = excluded.attributes, reason = excluded.reason
        WHERE campaign_recipient.phase = 0 AND campaign_recipient.state >= 4
        """
    /// Of no effect where the recipient's turn is over.
    static let queue = """
        UPDATE campaign_recipient SET state = 1, message = $1, day = $2, changed_at = $3, queued_at = $3
        WHERE tenant = $4 AND campaign = $5 AND phase = $6 AND address = $7 AND state = 0
        """
    static let takeBack = """
        UPDATE campaign_recipient SET state = 0, message = NULL, day = NULL, queued_at = NULL
        WHERE tenant = $1 AND campaign = $2 AND phase = $3 AND address = $4 AND state = 1 AND message = $5
        """
    /// Those in the queue whose copies are somewhere else by now, with where.
    static let following = """
        SELECT c.phase, c.address, c.state, c.has_left, r.state, r.attempts, r.last_reply
        FROM campaign_recipient c
        JOIN recipient r ON r.day = c.day AND r.message = c.message AND r.idx = 0 AND r.tenant = c.tenant
        WHERE c.tenant = $1 AND c.campaign = $2 AND c.phase = $3 AND c.state = $4
            AND NOT (c.state = 1 AND r.state = 0 AND r.attempts = 0) AND NOT (c.state = 2 AND r.state = 0 AND r.attempts > 0)
            AND NOT (c.state = 3 AND r.state = 1)
        ORDER BY c.place LIMIT $5
        """
    static let setState = """
        UPDATE campaign_recipient SET state = $1, reason = $2, changed_at = $3
        WHERE tenant = $4 AND campaign = $5 AND phase = $6 AND address = $7 AND state = $8
        """
    /// A copy that was taken came back; of no effect where its row has ended otherwise.
    static let returned = """
        UPDATE campaign_recipient SET state = 5, reason = $1, changed_at = $2
        WHERE tenant = $3 AND address = $4 AND message = $5 AND state BETWEEN 1 AND 4
        """
    static let complained = """
        UPDATE campaign_recipient SET has_complained = 1, changed_at = $1
        WHERE tenant = $2 AND address = $3 AND message = $4 AND has_complained = 0
        """
    static let cancel = """
        UPDATE campaign_recipient SET state = 9, reason = $1, changed_at = $2
        WHERE tenant = $3 AND campaign = $4 AND state = 0 AND address IN (
            SELECT address FROM campaign_recipient WHERE tenant = $3 AND campaign = $4 AND state = 0 LIMIT $5)
        """
    static let leave = """
        UPDATE campaign_recipient SET state = 8, reason = 'unsubscribed', changed_at = $1
        WHERE tenant = $2 AND campaign = $3 AND address = $4 AND state = 0
        """
    static let markLeft = "UPDATE campaign_recipient SET has_left = 1 WHERE tenant = $1 AND campaign = $2 AND address = $3 AND has_left = 0"
    static let endForgotten = """
        UPDATE campaign_recipient SET state = 9, reason = 'erased', changed_at = $1 WHERE tenant = $2 AND address = $3 AND state = 0
        """
    static let forget = """
        UPDATE campaign_recipient SET address = 'erased:' || CAST(place AS TEXT), attributes = '{}' WHERE tenant = $1 AND address = $2
        """

    static let respond = """
        INSERT INTO campaign_response (tenant, campaign, address, revision, link, rule, first_at, last_at, total)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1)
        ON CONFLICT (tenant, campaign, address, revision, link, rule)
        DO UPDATE SET last_at = excluded.last_at, total = campaign_response.total + 1
        """
    static let forgetResponses = "DELETE FROM campaign_response WHERE tenant = $1 AND address = $2"
    static let responses = """
        SELECT revision, link, rule, COUNT(*), CAST(SUM(total) AS BIGINT) FROM campaign_response WHERE tenant = $1 AND campaign = $2
        GROUP BY revision, link, rule ORDER BY revision, link, rule
        """

    private static let columns = "phase, address, attributes, state, reason, message, changed_at, has_complained"
    static let next = """
        SELECT \(columns) FROM campaign_recipient
        WHERE tenant = $1 AND campaign = $2 AND phase = $3 AND state = 0 AND (CAST(1 AS BIGINT) << zone) & $4 <> 0
        ORDER BY place LIMIT $5
        """
    static let recipients = """
        SELECT \(columns) FROM campaign_recipient
        WHERE tenant = $1 AND campaign = $2 AND phase = $3 AND address > $4 AND ($5 < 0 OR state = $5) AND ($6 = '' OR address = $6)
        ORDER BY address LIMIT $7
        """
    static let counts = "SELECT phase, state, COUNT(*) FROM campaign_recipient WHERE tenant = $1 AND campaign = $2 GROUP BY phase, state"
    static let subjects = """
        SELECT place & 1, state, has_left | has_complained, COUNT(*) FROM campaign_recipient
        WHERE tenant = $1 AND campaign = $2 AND phase = 1 AND place < $3 GROUP BY place & 1, state, has_left | has_complained
        """
    /// Of people who consented to its being counted (`Subscriber.countedName`, the first of their attributes).
    static let subjectClicks = """
        SELECT c.place & 1, COUNT(*), COUNT(r.address) FROM campaign_recipient c LEFT JOIN (
            SELECT DISTINCT address FROM campaign_response WHERE tenant = $1 AND campaign = $2 AND link >= 0 AND rule = '') r
        ON r.address = c.address
        WHERE c.tenant = $1 AND c.campaign = $2 AND c.phase = 1 AND c.place < $3 AND c.state = 4
            AND c.attributes LIKE '{" counted":"yes"%'
        GROUP BY c.place & 1
        """
    static let domains = """
        SELECT c.domain, c.state, COUNT(*) FROM campaign_recipient c JOIN (
            SELECT domain FROM campaign_recipient WHERE tenant = $1 AND campaign = $2 AND phase = 1
            GROUP BY domain ORDER BY COUNT(*) DESC, domain LIMIT $3) d ON d.domain = c.domain
        WHERE c.tenant = $1 AND c.campaign = $2 AND c.phase = 1 GROUP BY c.domain, c.state
        """
    static let pace = "SELECT COUNT(*), MIN(queued_at) FROM campaign_recipient WHERE tenant = $1 AND campaign = $2 AND queued_at >= $3"
    static let left = "SELECT COUNT(DISTINCT address) FROM campaign_recipient WHERE tenant = $1 AND campaign = $2 AND has_left = 1"
}
