extension Migration {
    /// What the copies of a campaign that wait in the queue are written from.
    static let campaignFrames = Migration(number: 20, name: "campaign-frames") { _ in
        [
            // `value`: JSON, whose digest `frame` is. Rows are added and never changed.
            """
            CREATE TABLE campaign_frame (
                tenant INTEGER NOT NULL,
                campaign BIGINT NOT NULL,
                frame BIGINT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (tenant, campaign, frame)
            )
            """
        ]
    }
}
