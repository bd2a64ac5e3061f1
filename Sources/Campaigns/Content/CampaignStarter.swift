/// A text to begin a campaign with: readable in light and dark, with headings in order, a way out and the postal address.
package struct CampaignStarter: Hashable, Sendable, Codable {
    package var name: String
    /// What it is for, in one line.
    package var purpose: String
    package var subject: String
    package var format: CampaignContent.Format
    package var body: String

    package static let all = [announcement, newsletter, event, letter, alert]

    package static func named(_ name: String) -> CampaignStarter? { all.first { $0.name == name } }

    private init(_ name: String, _ purpose: String, subject: String, _ main: String, accent: String = "#0b57d0") {
        self.name = name
        self.purpose = purpose
        self.subject = subject
        format = .html
        body = CampaignStarter.page(subject, main, accent: accent)
    }

    private static let announcement = CampaignStarter(
        "announcement", "One thing that people should know, with one link", subject: "What changes on 1 March",
        """
        <h1>What changes on 1 March</h1>
        <p>Dear {{first name|reader}},</p>
        <p>say in two sentences what changes, for whom, and from when.</p>
        <p>Then say what people have to do, if anything.</p>
        <p><a class="button" href="https://www.example.org/changes">Read what changes</a></p>
        """)

    private static let newsletter = CampaignStarter(
        "newsletter", "Several short pieces, each with a link", subject: "News of the month",
        """
        <h1>News of the month</h1>
        <p>Dear {{first name|reader}}, here is what is new.</p>
        <h2>First piece of news</h2>
        <p>Two or three sentences that say what it is about.
        <a href="https://www.example.org/first">Read about the first piece</a></p>
        <h2>Second piece of news</h2>
        <p>Two or three sentences that say what it is about.
        <a href="https://www.example.org/second">Read about the second piece</a></p>
        <h2>Dates</h2>
        <ul><li>3 March: what takes place, and where</li><li>17 March: what takes place, and where</li></ul>
        """)

    private static let event = CampaignStarter(
        "event", "An invitation with time, place and a way to answer", subject: "You are invited: open house on 12 March",
        """
        <h1>Open house on 12 March</h1>
        <p>Dear {{first name|reader}},</p>
        <p>we would be glad to see you{{#city}}, also if you come from {{city}}{{/city}}. Say in a sentence what awaits people.</p>
        <table role="presentation" class="facts">
        <tr><td class="term">When</td><td>Thursday, 12 March, 18:00 to 20:00</td></tr>
        <tr><td class="term">Where</td><td>1 Main Street, ground floor; without steps</td></tr>
        <tr><td class="term">Cost</td><td>None</td></tr>
        </table>
        <p><a class="button" href="https://www.example.org/answer">Say that you are coming</a></p>
        """, accent: "#7a2fb8")

    private static let letter = CampaignStarter(
        "letter", "A plain letter, as one person writes to another", subject: "A word about the coming year",
        """
        <p>Dear {{first name|reader}},</p>
        <p>write here as you would to one person: what it is about first, then why it matters to them.</p>
        <p>Say what you would like them to do, and until when. You will find more on
        <a href="https://www.example.org/letter">our page about it</a>.</p>
        <p>With kind regards,<br>your name</p>
        """)

    private static let alert = CampaignStarter(
        "alert", "Something urgent: what happened, what to do, where to ask", subject: "Closed today: the main building",
        """
        <p class="flag"><strong>Please read: this concerns today</strong></p>
        <h1>The main building is closed today</h1>
        <p><strong>What happened:</strong> one sentence.</p>
        <p><strong>What to do:</strong> one sentence that begins with a verb.</p>
        <p><strong>Until when:</strong> when you will write again.</p>
        <p><a class="button" href="https://www.example.org/status">See how things stand</a></p>
        """, accent: "#b3261e")

    /// The colours have a contrast of 4.5 to 1 and more, in light and in dark.
    private static func page(_ title: String, _ main: String, accent: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>\(title)</title>
        <style>
        body { margin: 0; padding: 0; background-color: #f2f4f7; color: #1f2328; font-family: Arial, Helvetica, sans-serif; }
        .sheet { max-width: 600px; margin: 0 auto; padding: 24px; background-color: #ffffff; color: #1f2328; }
        .sheet p, .sheet li, .sheet td { font-size: 16px; line-height: 1.5; }
        h1 { font-size: 26px; line-height: 1.25; margin: 0 0 16px; color: #1f2328; }
        h2 { font-size: 20px; line-height: 1.3; margin: 24px 0 8px; color: #1f2328; }
        a { color: #0b57d0; }
        a.button { display: inline-block; padding: 12px 20px; background-color: \(accent); color: #ffffff; border-radius: 6px;
          font-weight: bold; text-decoration: none; }
        .facts td { padding: 4px 16px 4px 0; vertical-align: top; }
        td.term { font-weight: bold; }
        .flag { padding: 8px 12px; border-left: 6px solid \(accent); background-color: #fdecea; color: #1f2328; }
        .footer { max-width: 600px; margin: 0 auto; padding: 16px 24px; background-color: #f2f4f7; }
        .footer p { font-size: 14px; line-height: 1.5; color: #424a53; }
        @media (prefers-color-scheme: dark) {
        body, .footer { background-color: #14171b; color: #e6e8eb; }
        .sheet, h1, h2 { background-color: #1d2126; color: #e6e8eb; }
        .footer p { color: #b7bec6; }
        a { color: #8ab4ff; }
        a.button { color: #ffffff; }
        .flag { background-color: #43201d; color: #ffffff; }
        }
        </style>
        </head>
        <body>
        <div class="sheet" role="article" aria-roledescription="email" lang="en">
        \(main)
        </div>
        <div class="footer" role="contentinfo">
        <p>{{postal}}</p>
        <p>You get this as {{email}} is on the list {{list}}.<br><a href="{{unsubscribe}}">Unsubscribe</a></p>
        </div>
        </body>
        </html>

        """
    }
}
