import DeliveryPlanning
import MailModel
import OutboundPolicy

/// The step that is missing where a route's host refuses, in terms of this route.
struct PreflightAdvice {
    var hop: NextHop
    /// Of the token that was tried.
    var claims: TokenClaims?
    /// As which mail was offered.
    var sender: String?

    private var mailbox: String { hop.userName ?? "MAILBOX" }
    private var isMicrosoftToken: Bool { hop.oauth?.provider == .microsoft }

    /// Nil where nothing certain can be said.
    func text(for failure: DeliveryFailure) -> String? {
        guard !failure.isLocal else { return nil }
        let reply = failure.reply
        let code = reply.enhancedCode.map { "\($0)" } ?? ""
        let words = reply.text.lowercased()
        if hop.api == .graph, failure.stage == .auth, let claims, claims.roles?.contains("Mail.Send") != true {
            return
                "The token lacks the role Mail.Send. At API permissions of the app registration add Microsoft Graph, Application permissions, "
                + "Mail.Send, then choose \"Grant admin consent\"."
        }
        if isMicrosoftToken, hop.api == nil, failure.stage == .auth {
            if let missing = missingRight { return missing }
            if (reply.code, code) == (535, "5.7.3") { return principal }
        }
        switch (reply.code, code) {
        case (535, "5.7.139") where words.contains("disabled for the mailbox"):
            return "Set-CASMailbox -Identity \(mailbox) -SmtpClientAuthenticationDisabled $false"
        case (535, "5.7.139") where words.contains("disabled for the tenant"):
            return
                "SMTP AUTH is off for the organisation. Allow it for this mailbox: Set-CASMailbox -Identity \(mailbox) "
                + "-SmtpClientAuthenticationDisabled $false"
        case (430, "4.2.0"):
            return
                "The application may not open the mailbox, or --user is not its address: Add-MailboxPermission -Identity \(mailbox) -User "
                + "\(principalID) -AccessRights FullAccess"
        case (550, "5.7.30"): return "Passwords are no longer taken. Remove the route and add it again with --oauth microsoft."
        case (550, "5.7.60"), (554, "5.2.252"):
            let address = sender ?? "SENDER"
            return
                "\(mailbox) may not send as \(address): Add-RecipientPermission -Identity \(address) -Trustee \(mailbox) -AccessRights SendAs"
        default:
            let explained = Explanation.ofReply("\(reply)", host: hop.host)
            return explained.advice.isEmpty ? nil : explained.advice
        }
    }

    /// What the token itself lacks.
    private var missingRight: String? {
        guard let claims else { return nil }
        if let aud = claims.aud, !aud.contains("outlook.office"), aud != PreflightAdvice.exchangeOnline {
            return "The token is for \(aud), not for Exchange Online (https://outlook.office365.com)."
        }
        guard claims.roles?.contains("SMTP.SendAsApp") != true else { return nil }
        return
            "The token lacks the role SMTP.SendAsApp. At API permissions of the app registration add Office 365 Exchange Online, Application "
            + "permissions, SMTP.SendAsApp, then choose \"Grant admin consent\". (Not needed where the role was given in Exchange with "
            + "New-ManagementRoleAssignment -Role \"Application SMTP.SendAsApp\".)"
    }

    /// Application id of Office 365 Exchange Online.
    private static let exchangeOnline = "00000002-0000-0ff1-ce00-000000000000"

    private var principalID: String { claims?.oid ?? "OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION" }

    private var principal: String {
        "Exchange does not know the application, knows it by a wrong object id (it has to be that of the enterprise application, not of the "
            + "app registration), or it has no right on the mailbox: New-ServicePrincipal -AppId \(claims?.appid ?? hop.oauth?.clientID ?? "") "
            + "-ObjectId \(principalID); Add-MailboxPermission -Identity \(mailbox) -User \(principalID) -AccessRights FullAccess"
    }
}
