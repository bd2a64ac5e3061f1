import ArgumentParser

struct TwinOutlook: TwinReceiverCommand {
    static let provider = "outlook"
    static let configuration: CommandConfiguration = receiverConfiguration("Outlook.com as a receiver.")

    @OptionGroup var options: TwinOptions
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A number of the model, such as startVolume=50; may be repeated. docs/twin.md lists them.", valueName: "name=number"))
    var settings: [String] = []
}
