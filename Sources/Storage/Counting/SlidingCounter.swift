package import MailModel

/// Something that is counted over a sliding window, by all nodes together: the external recipients of a sender in an hour.
package struct CounterKey: Hashable, Sendable, Codable {
    package var tenant: TenantID
    /// Unique for what is counted and its window: `account:a@example.org/external-hour`.
    package var name: String
    /// 1 s…366 days. What was used counts for at least as long, and for at most a sixtieth (or a second) longer.
    package var window: Duration

    package init(tenant: TenantID = .standard, name: String, window: Duration) {
        self.tenant = tenant
        self.name = name
        self.window = window
    }

    static let windowRange = Duration.seconds(1)...Duration.seconds(366 * 86_400)

    /// What is used is kept in sums over this long.
    var bucketLength: Duration { max(.seconds(1), .milliseconds(window.milliseconds / 60)) }

    /// The beginning of the sum that a use at this time belongs to.
    func bucket(at time: Timestamp) -> Timestamp {
        let length = bucketLength.milliseconds
        let milliseconds = time.milliseconds
        return Timestamp(milliseconds: milliseconds - ((milliseconds % length) + length) % length)
    }

    /// Sums from this one on hold what was used within the window that ends now; the first of them may hold older use too.
    func oldestBucket(at now: Timestamp) -> Timestamp { bucket(at: now - window) }

    /// When what this sum holds is out of every window.
    func end(ofBucket bucket: Timestamp) -> Timestamp { bucket + bucketLength + window }

    /// Days since 1970, of when a sum is out of every window.
    func lastDay(ofBucket bucket: Timestamp) -> Int64 { CounterKey.day(end(ofBucket: bucket)) }

    static func day(_ time: Timestamp) -> Int64 { time.seconds / 86_400 }
}

/// One run settles what it used of the portion that it had, gives the rest back, and asks for the next portion.
///
/// No window ever holds more than the limit: a portion counts as used from the moment it is granted until it is settled, and what was used
/// counts from its settling on. The portion of a run that is over counts as used then.
package struct CounterCall: Hashable, Sendable {
    package var key: CounterKey
    /// The run.
    package var owner: Int64
    /// Since the run's last call. More than its portion is counted all the same.
    package var used: Int
    /// The next portion; 0 for none.
    package var wanted: Int
    /// In any window; 0 grants nothing.
    package var limit: Int
    /// By the node's clock: counts only where the store has no clock of its own.
    package var at: Timestamp

    package init(key: CounterKey, owner: Int64, used: Int, wanted: Int, limit: Int, at: Timestamp) {
        self.key = key
        self.owner = owner
        self.used = used
        self.wanted = wanted
        self.limit = limit
        self.at = at
    }
}

/// What a counter stands at.
package struct CounterReading: Hashable, Sendable, Codable {
    /// In the window that ends now.
    package var used: Int
    /// Portions that runs hold.
    package var reserved: Int
    /// When the oldest of what was used leaves the window; nil where nothing was used.
    package var nextFreeAt: Timestamp?

    package init(used: Int, reserved: Int, nextFreeAt: Timestamp?) {
        self.used = used
        self.reserved = reserved
        self.nextFreeAt = nextFreeAt
    }
}

/// A call's answer.
package struct CounterGrant: Hashable, Sendable {
    /// The run's portion from now on: 0…wanted.
    package var granted: Int
    /// After the call, the new portion included.
    package var reading: CounterReading

    package init(granted: Int, reading: CounterReading) {
        self.granted = granted
        self.reading = reading
    }
}
