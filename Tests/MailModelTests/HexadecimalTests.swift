import MailModel
import Testing

struct HexadecimalTests {
    @Test func octetsAreTwoDigitsEach() {
        #expect([UInt8]([0, 1, 15, 16, 171, 255]).hexadecimal == "00010f10abff")
        #expect([UInt8]().hexadecimal.isEmpty)
    }
}
