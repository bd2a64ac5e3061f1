/// Makes the gate that `postern serve` runs.
package enum GateFactory {
    package static func make(_ context: GateContext) throws -> any GateRunner { Gate(context) }
}
