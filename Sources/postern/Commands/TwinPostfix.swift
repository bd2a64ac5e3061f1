import ArgumentParser

struct TwinPostfix: TwinReceiverCommand {
    static let provider = "postfix"
    static let configuration: CommandConfiguration = receiverConfiguration("The receiver of an organisation, which greylists.")

    @OptionGroup var options: TwinOptions
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A number of the model, such as startVolume=50; may be repeated. docs/twin.md lists them.", valueName: "name=number"))
    var settings: [String] = []
}
