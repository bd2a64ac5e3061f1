import Glibc
import MailModel
import Testing

@Suite struct TimestampTests {
    static let moments: [(milliseconds: Int64, rfc3339: String, rfc5322: String)] = [
        (0, "1970-01-01T00:00:00.000Z", "Thu, 1 Jan 1970 00:00:00 +0000"),
        (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 +0000"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z", "Thu, 29 Feb 2024 00:00:00 +0000"),
        (1_795_311_831_007, "2026-11-22T01:43:51.007Z", "Sun, 22 Nov 2026 01:43:51 +0000"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z", "Thu, 1 Mar 1900 00:00:00 +0000"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 1 Mar 2100 00:00:00 +0000"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z", "Mon, 1 Jan 0001 00:00:00 +0000"),
        (253_402_300_799_000, "9999-12-31T23:59:59.000Z", "Fri, 31 Dec 9999 23:59:59 +0000"),
    ]

    @Test(arguments: moments) func bothTextFormsAreWrittenInUTC(moment: (milliseconds: Int64, rfc3339: String, rfc5322: String)) {
        let time = Timestamp(milliseconds: moment.milliseconds)
        #expect(time.rfc3339 == moment.rfc3339)
        #expect(time.rfc5322 == moment.rfc5322)
        #expect(Timestamp(rfc3339: moment.rfc3339) == time)
    }

    static let readings: [(text: String, milliseconds: Int64)] = [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01t00:00:01z", 1000),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.123456789Z", 123),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T23:59:60Z", 0),
        ("2000-02-29T00:00:00Z", 951_782_400_000),
    ]

    @Test(arguments: readings) func fractionsOffsetsAndLeapSecondsAreRead(reading: (text: String, milliseconds: Int64)) {
        #expect(Timestamp(rfc3339: reading.text)?.milliseconds == reading.milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T01:43:51", "2026-11-22 01:43:51Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00.5", "+026-01-01T00:00:00Z", "２０２６-01-01T00:00:00Z", "2026-01-01T00:00:00+01:0",
    ])
    func whatIsNoTimeIsNotRead(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    /// The C library's calendar is the other party.
    @Test func theCalendarAgreesWithTheCLibrary() {
        var random = SeededGenerator(1)
        for _ in 0..<5000 {
            let time = Timestamp(milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random))
            var seconds = time_t(time.seconds)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            let calendar = CalendarTime(time)
            #expect(calendar.year == Int(parts.tm_year) + 1900)
            #expect(calendar.month == Int(parts.tm_mon) + 1)
            #expect(calendar.dayOfMonth == Int(parts.tm_mday))
            #expect(calendar.hour == Int(parts.tm_hour))
            #expect(calendar.minute == Int(parts.tm_min))
            #expect(calendar.second == Int(parts.tm_sec))
            #expect(calendar.weekday == Int(parts.tm_wday))
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }

    @Test func daysAndSecondsAreRoundedDownAlsoBefore1970() {
        #expect(Timestamp(milliseconds: -1).seconds == -1)
        #expect(Timestamp(milliseconds: -1000).seconds == -1)
        #expect(Timestamp(milliseconds: -1001).seconds == -2)
        #expect(Timestamp(milliseconds: -1).day == -1)
        #expect(Timestamp(seconds: -86_400).day == -1)
        #expect(Timestamp(seconds: -86_401).day == -2)
        #expect(Timestamp(seconds: 86_399).day == 0)
        #expect(Timestamp(seconds: 86_400).day == 1)
    }

    @Test func timesAddAndSubtract() {
        let time = Timestamp(seconds: 100)
        #expect(time + .milliseconds(1500) == Timestamp(milliseconds: 101_500))
        #expect(time - .seconds(101) == Timestamp(seconds: -1))
        #expect(time - Timestamp(seconds: 40) == .seconds(60))
        #expect(Timestamp.distantFuture + .seconds(86_400) > .distantFuture)
    }
}
