import DeliveryPlanning
import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct FigureFileTests {
    @Test func `Postmaster Tools by names, in any order`() throws {
        let file = FigureFile(
            """
            Date,Domain,Spam rate,Domain reputation,SPF success rate,DKIM,DMARC
            2026-11-20,News.Example,0.12%,HIGH,100%,99.5%,
            20261121,news.example,0.003,Low,1,1,1
            """, .postmaster, domain: nil)
        #expect(file.problems.isEmpty)
        #expect(file.figures.map(\.subject) == ["news.example", "news.example"])
        #expect(file.figures.map(\.complaintPercent) == [0.12, 0.3])
        #expect(file.figures.map(\.verdict) == ["high", "low"])
        #expect(file.figures[1].day == file.figures[0].day + 1)
        #expect(file.figures[0].dkimPercent == 99.5 && file.figures[0].dmarcPercent == nil && file.figures[1].spfPercent == 100)
        #expect(
            FigureFile("Date;Spam rate\n2026-11-20;0,12", .postmaster, domain: DomainName("a.example")).problems.map(\.description) == [
                "line 2, column 2: \"0,12\" is no rate"
            ])
        #expect(FigureFile("Spam rate\n1", .postmaster, domain: nil).problems.first?.text == "no column is called Date")
        #expect(FigureFile("Date\n2026-11-20", .postmaster, domain: nil).problems.first?.text.contains("Domain") == true)
    }

    @Test func `SNDS by its columns`() throws {
        let file = FigureFile(
            """
            5.6.7.8,11/20/2026 7:00 AM,11/21/2026 12:00 AM,990,980,"1,970",YELLOW,0.4%,11/20/2026 8:00 AM,11/20/2026 9:00 AM,3,mx,a@b.example,
            5.6.7.9,11/20/2026,11/21/2026,1,1,1,RED,< 0.1%,,,,,,
            """, .snds, domain: nil)
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.figures.map(\.messages) == [1970, 1])
        #expect(file.figures.map(\.complaintPercent) == [0.4, 0.05])
        #expect(file.figures.map(\.trapHits) == [3, 0])
        let short = FigureFile("5.6.7.8,11/20/2026,11/21/2026,1", .snds, domain: nil)
        #expect(short.problems.map(\.description) == ["line 1, column 4: SNDS lines have 14 columns; this one has 4"])
        #expect(FigureFile("5.6.7.8,13/20/2026,x,1,1,1,RED,1%,,,,,,", .snds, domain: nil).problems.first?.column == 2)
    }
}
