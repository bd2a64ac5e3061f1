import Console
import OutboundPolicy

extension APIRoutes {
    var policyRoutes: [APIRoute] {
        [
            list(
                "/v1/policies", "List the outbound policies in the order in which they are tried", PageInput.self,
                operation: { _ in ListPolicies() }, page: { try $0.page($1) { $0.name } }),
            route(
                Way(.post, "/v1/policies", "Add an outbound policy; those behind its place move down", status: 201), PolicyInput.self,
                location: { "/v1/policies/\(PercentText.encode($0.name, plain: "@:"))" },
                operation: { input, _ in input.operation }),
            route(
                Way(.patch, "/v1/policies/{policy}", "Change fields of a policy; a list takes the place of the one before"),
                PolicyChangesInput.self
            ) { input, _ in ChangePolicy(policy: input.policy, changes: input.fields) },
            route(Way(.put, "/v1/policies/{policy}/state", "Disable or enable a policy"), PolicyStateInput.self) { input, _ in
                SetPolicyEnabled(policy: input.policy, isEnabled: input.enabled)
            },
            route(Way(.delete, "/v1/policies/{policy}", "Remove a policy", status: 204), RemovePolicy.self),
            route(
                Way(.put, "/v1/policy-preset", "Put the default policy and the service limits of a preset"), PresetInput.self
            ) { input, _ in
                ApplyPreset(preset: input.preset, licences: input.licences, isTrial: input.trial ?? false, timeZone: input.timeZone)
            },
            route(
                Way(.post, "/v1/policy-tests", "What would become of a message by what counts now; nothing is counted"),
                PolicyTestInput.self
            ) { input, _ in input.operation },
            list(
                "/v1/limits", "The service limits; none until a preset or a limit was put", PageInput.self,
                operation: { _ in ListServiceLimits() }, page: { try $0.page($1) { $0.name } }),
            route(Way(.put, "/v1/limits/{limit}", "Set a service limit, or a setting beside them"), ServiceLimitInput.self) { input, _ in
                SetServiceLimit(limit: input.limit, value: input.value, action: input.action, failsOpen: input.failsOpen)
            },
            route(
                Way(.get, "/v1/usage/{subject}", "How a sender, a connector or the organisation stands against its limits"),
                ShowLimits.self),
            route(Way(.get, "/v1/usage", "Who is nearest to a limit"), TopInput.self) { input, _ in
                TopLimits(limit: input.limit?.count ?? PageInputs.limitStandard)
            },
        ]
    }
}
