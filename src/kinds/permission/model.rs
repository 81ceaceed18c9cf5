//! The model of a permission, for both the desired and the observed state: the parameters of AddPermission, and the rest of the statement that AWS
//! shows.

use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;

/// The permission that a statement grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// The action.
    pub action: String,
    /// The principal: a service, an account, an ARN, or `*`.
    pub principal: String,
    /// ARN of the source; empty for any.
    pub source_arn: String,
    /// Account of the source; empty for any.
    pub source_account: String,
    /// Organization of the principal; empty for any.
    pub principal_org_id: String,
    /// Token of the event source; empty for none.
    pub event_source_token: String,
    /// Authorization type of the function URL; empty for any.
    pub function_url_auth_type: String,
    /// Whether the function can be invoked only through its URL.
    pub via_url: bool,
    /// The parts of a statement that AddPermission cannot create, as text; empty for none.
    pub other: String,
}

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `Action`.
    Action,
    /// `Principal`.
    Principal,
    /// `SourceArn`.
    SourceArn,
    /// `SourceAccount`.
    SourceAccount,
    /// `PrincipalOrgID`.
    PrincipalOrgId,
    /// `EventSourceToken`.
    EventSourceToken,
    /// `FunctionUrlAuthType`.
    FunctionUrlAuthType,
    /// `InvokedViaFunctionUrl`.
    InvokedViaFunctionUrl,
    /// Conditions and effects that AddPermission cannot create.
    Other,
}

impl Member {
    /// Every member.
    pub const ALL: [Self; 9] = [
        Self::Action,
        Self::Principal,
        Self::SourceArn,
        Self::SourceAccount,
        Self::PrincipalOrgId,
        Self::EventSourceToken,
        Self::FunctionUrlAuthType,
        Self::InvokedViaFunctionUrl,
        Self::Other,
    ];
}

impl Model for Permission {
    type Member = Member;

    const MEMBERS: &'static [Member] = &Member::ALL;
    const CALLS: Calls = Calls {
        create: Operation::AddPermission,
        update: Operation::AddPermission,
        delete: Operation::RemovePermission,
    };
    const WORDS: Words = Words {
        kind: "LambdaPermission",
        noun: "permission",
        another: "create one with another spec.statementId, or without it",
    };

    fn name(member: Member) -> &'static str {
        match member {
            Member::Action => "Action",
            Member::Principal => "Principal",
            Member::SourceArn => "SourceArn",
            Member::SourceAccount => "SourceAccount",
            Member::PrincipalOrgId => "PrincipalOrgID",
            Member::EventSourceToken => "EventSourceToken",
            Member::FunctionUrlAuthType => "FunctionUrlAuthType",
            Member::InvokedViaFunctionUrl => "InvokedViaFunctionUrl",
            Member::Other => "Other",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::Action => "action",
            Member::Principal => "principal",
            Member::SourceArn => "sourceArn",
            Member::SourceAccount => "sourceAccount",
            Member::PrincipalOrgId => "principalOrgId",
            Member::EventSourceToken => "eventSourceToken",
            Member::FunctionUrlAuthType => "functionUrlAuthType",
            Member::InvokedViaFunctionUrl => "invokedViaFunctionUrl",
            Member::Other => "effects and conditions that the spec does not have",
        }
    }

    fn text(&self, member: Member) -> String {
        let Self {
            action,
            principal,
            source_arn,
            source_account,
            principal_org_id,
            event_source_token,
            function_url_auth_type,
            via_url,
            other,
        } = self;
        match member {
            Member::Action => action.clone(),
            Member::Principal => principal.clone(),
            Member::SourceArn => source_arn.clone(),
            Member::SourceAccount => source_account.clone(),
            Member::PrincipalOrgId => principal_org_id.clone(),
            Member::EventSourceToken => event_source_token.clone(),
            Member::FunctionUrlAuthType => function_url_auth_type.clone(),
            Member::InvokedViaFunctionUrl => if *via_url { "true" } else { "" }.to_owned(),
            Member::Other => other.clone(),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self {
            action,
            principal,
            source_arn,
            source_account,
            principal_org_id,
            event_source_token,
            function_url_auth_type,
            via_url,
            other,
        } = self;
        let text = |own: String, theirs: &String, member| if is_ignored(member) { theirs.clone() } else { own };
        Self {
            action: text(action, &have.action, Member::Action),
            principal: text(principal, &have.principal, Member::Principal),
            source_arn: text(source_arn, &have.source_arn, Member::SourceArn),
            source_account: text(source_account, &have.source_account, Member::SourceAccount),
            principal_org_id: text(principal_org_id, &have.principal_org_id, Member::PrincipalOrgId),
            event_source_token: text(event_source_token, &have.event_source_token, Member::EventSourceToken),
            function_url_auth_type: text(
                function_url_auth_type,
                &have.function_url_auth_type,
                Member::FunctionUrlAuthType,
            ),
            via_url: if is_ignored(Member::InvokedViaFunctionUrl) { have.via_url } else { via_url },
            other: text(other, &have.other, Member::Other),
        }
    }
}
