import ArgumentParser
import Foundation
import MailModel
import PosternRuntime

/// A CSV file of addresses.
struct AddressFileOptions: ParsableArguments {
    @Argument(help: "A CSV file: the column address, email or mail where its first line names one, else the first; - for standard input.")
    var file: String
    @Flag(help: "Its addresses take the place of those there are.")
    var replace = false

    /// Its addresses in parts that one request can carry; whether a part is the first.
    func read() throws -> [(addresses: [EmailAddress], isFirst: Bool)] {
        let bytes = file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
        guard let bytes else { throw ValidationError("\(file) cannot be read") }
        guard let text = String(data: bytes, encoding: .utf8) else { throw ValidationError("\(file) is not UTF-8") }
        return AddressFile.batches(try AddressFile.addresses(text, name: file)).enumerated().map { ($0.element, $0.offset == 0) }
    }
}
