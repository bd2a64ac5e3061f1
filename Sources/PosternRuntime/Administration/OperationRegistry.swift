package import Foundation

/// Operations by name, for those who send them as JSON.
package enum OperationRegistry {
    private struct Runner {
        /// The operation's type, by its name in the source.
        var type: String
        var run: @Sendable (Data, Administration, Act) async throws -> Data
    }

    /// Performs the operation called `name` with its fields in `json`; returns its outcome as JSON.
    package static func perform(_ name: String, json: Data, in administration: Administration, _ act: Act) async throws -> Data {
        guard let runner = runners[name] else {
            throw AdministrationError(.invalid, "no such operation: \(name)", "The gate may be older than the command; restart it.")
        }
        return try await runner.run(json, administration, act)
    }

    package static var names: [String] { runners.keys.sorted() }

    /// `AddAccount`, for the test that looks for the command of each.
    static var typeNames: [String] { runners.values.map(\.type).sorted() }

    private static let runners: [String: Runner] = Dictionary(
        uniqueKeysWithValues: [
            entry(AddAccount.self), entry(ListAccounts.self), entry(SetAccountEnabled.self), entry(SetPassword.self),
            entry(AddAppPassword.self), entry(RemoveAppPassword.self), entry(ChangeGrants.self),
            entry(AddConnector.self), entry(ChangeConnectorGrants.self), entry(ListConnectors.self), entry(RemoveConnector.self),
            entry(AddDomain.self), entry(ListDomains.self), entry(RemoveDomain.self), entry(CheckDomain.self),
            entry(LookAtDomain.self), entry(ListDomainHealth.self), entry(ShowDomainHistory.self),
            entry(ListDomainReports.self), entry(ShowDomainReport.self), entry(ImportDomainReport.self), entry(ShowReportSources.self),
            entry(ShowReportedTLS.self),
            entry(AddRoute.self), entry(ChangeRoute.self), entry(ListRoutes.self), entry(RemoveRoute.self), entry(TestRoute.self),
            entry(PreflightRoute.self),
            entry(ProbeRoute.self), entry(CheckTLS.self), entry(ReportTLS.self),
            entry(AddSource.self), entry(ListSources.self), entry(SetSourceEnabled.self), entry(RemoveSource.self),
            entry(SetRouteSources.self), entry(SetRoutePool.self), entry(SetSourcePool.self), entry(ListPools.self),
            entry(SetRewriting<RouteRewriting>.self), entry(SetRewriting<ConnectorRewriting>.self), entry(TestRewriting.self),
            entry(SetConnectorRelaying.self),
            entry(SetRouteIdentity.self), entry(RemoveRouteIdentity.self),
            entry(ListShaping.self), entry(ShowShaping.self), entry(SetShaping.self), entry(ApplyShapingPreset.self),
            entry(RemoveShaping.self),
            entry(ListWarmUps.self), entry(ShowWarmUp.self), entry(SetWarmUp.self), entry(PauseWarmUp.self), entry(RemoveWarmUp.self),
            entry(ListDeliveryRules.self), entry(SetDeliveryRule.self), entry(RemoveDeliveryRule.self), entry(TestDeliveryRules.self),
            entry(ReplayDeliveryRules.self),
            entry(AddPause.self), entry(RemovePause.self), entry(ListPauses.self),
            entry(AddAPIKey.self), entry(ListAPIKeys.self), entry(SetAPIKeyEnabled.self), entry(ChangeAPIKeyGrants.self),
            entry(RemoveAPIKey.self),
            entry(AddGroup.self), entry(ListGroups.self), entry(ShowGroup.self), entry(ChangeGroupMembers.self), entry(RemoveGroup.self),
            entry(SetGroup.self), entry(ExpandGroup.self), entry(ListGroupPosts.self), entry(ShowGroupPost.self),
            entry(DecideGroupPosts.self), entry(SetGroupSource.self), entry(RemoveGroupSource.self), entry(ShowGroupSync.self),
            entry(SyncGroup.self),
            entry(SetLDAPServer.self), entry(ListLDAPServers.self), entry(RemoveLDAPServer.self),
            entry(AddList.self), entry(ListLists.self), entry(ShowList.self), entry(RemoveList.self), entry(CountSegment.self),
            entry(ShowListDomains.self), entry(ListAddressLists.self), entry(FetchAddressLists.self),
            entry(BeginListImport.self), entry(StageListImport.self), entry(EndListImport.self), entry(ImportList.self),
            entry(ShowListPages.self), entry(SetListPages.self), entry(RecordConsent.self),
            entry(ListSubscribers.self), entry(ShowSubscriber.self), entry(SetSubscription.self), entry(EraseSubscriber.self),
            entry(AdviseSending.self),
            entry(CreateCampaign.self), entry(EditCampaign.self), entry(ListCampaigns.self), entry(ShowCampaign.self),
            entry(ShowCampaignContent.self), entry(RepeatCampaign.self), entry(AttachFile.self), entry(DetachFile.self),
            entry(ListStarters.self), entry(PreviewSamples.self),
            entry(PreviewCampaign.self), entry(CheckCampaign.self), entry(ApproveCampaign.self), entry(PilotCampaign.self),
            entry(StartCampaign.self), entry(PauseCampaign.self), entry(ResumeCampaign.self), entry(CancelCampaign.self),
            entry(ReportCampaign.self), entry(ListCampaignRecipients.self),
            entry(ChangeKnownAddresses.self), entry(ListKnownAddresses.self), entry(SetRecipientCheck.self),
            entry(SetAccountExpiry.self), entry(SetAccountRoles.self), entry(BeginSecondFactor.self), entry(ConfirmSecondFactor.self),
            entry(ListSignInProviders.self), entry(AddSignInProvider.self), entry(ChangeSignInProvider.self),
            entry(RemoveSignInProvider.self),
            entry(CheckSignInProvider.self), entry(UnlinkSignIn.self),
            entry(RemoveSecondFactor.self), entry(ListSessions.self), entry(EndSessions.self),
            entry(ApplyPreset.self), entry(ListPolicies.self), entry(AddPolicy.self), entry(ChangePolicy.self),
            entry(SetPolicyEnabled.self),
            entry(RemovePolicy.self), entry(TestPolicy.self), entry(ListServiceLimits.self), entry(SetServiceLimit.self),
            entry(ShowLimits.self), entry(TopLimits.self),
            entry(AskForLimit.self), entry(ListLimitRequests.self), entry(ApproveLimitRequest.self), entry(RefuseLimitRequest.self),
            entry(AddDKIMKeys.self), entry(ListDKIMKeys.self), entry(RemoveDKIMKey.self), entry(RotateDKIM.self), entry(CheckDKIM.self),
            entry(ListQueue.self), entry(ShowMessage.self), entry(ActOnQueue.self),
            entry(ListReturned.self), entry(ShowReturned.self),
            entry(SearchTrace.self), entry(ShowLedger.self), entry(ListAudit.self), entry(PurgeTrace.self), entry(ShowStatus.self),
            entry(ShowDayAhead.self),
            entry(ListRestrictions.self), entry(ShowRestriction.self), entry(AddRestriction.self), entry(ApproveRelease.self),
            entry(ReleaseRestriction.self), entry(ExportRestriction.self), entry(ListThrottles.self), entry(EndThrottle.self),
            entry(ShowStatistics.self), entry(ShowQueueShape.self), entry(FindTrace.self),
            entry(ListSavedSearches.self), entry(AddSavedSearch.self), entry(RemoveSavedSearch.self),
            entry(BackUp.self), entry(ListNodes.self), entry(Explain.self), entry(ScanMessage.self), entry(ListDuplicates.self),
            entry(ShowScanPolicy.self), entry(SetScanPolicy.self), entry(TryScanPolicy.self),
            entry(ListReview.self), entry(ShowReview.self), entry(DecideReview.self),
            entry(ListAlerts.self), entry(ShowAlert.self), entry(AcknowledgeAlert.self), entry(ResolveAlert.self),
            entry(ListAlertPolicies.self), entry(SetAlertPolicy.self),
            entry(AddWebhook.self), entry(ListWebhooks.self), entry(RemoveWebhook.self), entry(TestWebhook.self),
            entry(ListWebhookCalls.self), entry(ReplayWebhook.self),
            entry(ListSuppressions.self), entry(CheckSuppression.self), entry(AddSuppression.self), entry(RemoveSuppression.self),
            entry(RestoreSuppression.self), entry(EraseSuppression.self), entry(ImportSuppressions.self), entry(ExportSuppressions.self),
            entry(ShowSuppressionPolicy.self), entry(SetSuppressionPolicy.self), entry(ShowSendingRates.self), entry(ShowReturns.self),
            entry(ListReputation.self), entry(CheckReputation.self), entry(ListReputationEvents.self),
            entry(SetSourcePublicAddresses.self), entry(ListBlocklists.self), entry(ListEnrolments.self), entry(SetEnrolment.self),
            entry(ListFigures.self),
            entry(ImportFigures.self),
            entry(ShowTwin.self), entry(ControlTwin.self), entry(StartSimulation.self), entry(ListSimulations.self),
            entry(ShowSimulation.self), entry(StopSimulation.self),
        ])

    private static func entry<Operation: AdministrativeOperation>(_ type: Operation.Type) -> (String, Runner) {
        let runner = Runner(type: "\(type)") { json, administration, act in
            let operation: Operation
            do {
                operation = try JSONText.decode(type, from: json)
            } catch {
                throw AdministrationError(.invalid, "\(Operation.name): \(error)")
            }
            return try JSONText.data(try await administration.perform(operation, act))
        }
        return (Operation.name, runner)
    }
}
