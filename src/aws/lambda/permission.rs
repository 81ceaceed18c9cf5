//! One statement of a function's policy in AWS, read and written through the SDK.

use aws_sdk_lambda::types::FunctionUrlAuthType;

use super::remote::{Remote, absent};
use crate::api::permission::LambdaPermission;
use crate::core::attached::status::Answer;
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::kinds::permission::Query;
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::plan::{Addition, Removal, Step};
use crate::kinds::permission::statement;
use crate::kinds::permission::statement::{Policy, Statement};

impl Aws<LambdaPermission> for Remote {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.session.reserve(calls)
    }

    async fn observe(&self, query: &Query) -> Result<Option<Policy>, CallError> {
        let Query { qualifier, ids } = query;
        let policy = self.policy(qualifier.as_ref(), ids).await?;
        if policy.is_none() {
            self.session.check_account(Operation::GetPolicy).await?;
        }
        Ok(policy)
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        match step {
            Step::Add(addition) => {
                let Addition { id, permission, qualifier, revision, step: _, replaces: _, replacement: _ } =
                    &**addition;
                self.add_statement(id, permission, qualifier.as_ref(), revision.as_ref()).await
            }
            Step::Remove(Removal { id, qualifier, revision, cause: _ }) => {
                self.remove_statement(id, qualifier.as_ref(), revision.as_ref()).await
            }
        }
    }
}

impl Remote {
    /// The policy of the function, or of a version or alias; `None` if it has none, or does not exist.
    pub(super) async fn policy(&self, qualifier: Option<&String>, ids: &[String]) -> Result<Option<Policy>, CallError> {
        let text = self.policy_text(qualifier).await?;
        Ok(text.map(|(text, revision)| statement::policy(&text, revision, ids)))
    }

    /// Every statement of the policy of the function, or of a version or alias, for `lambda-operator import`.
    ///
    /// # Errors
    /// AWS's error.
    pub async fn statements(&self, qualifier: Option<&String>) -> Result<Vec<Statement>, CallError> {
        let text = self.policy_text(qualifier).await?;
        Ok(text.map(|(text, _)| statement::all(&text)).unwrap_or_default())
    }

    /// The policy as AWS writes it, and its revision.
    async fn policy_text(&self, qualifier: Option<&String>) -> Result<Option<(String, Option<String>)>, CallError> {
        let part = format!("policy {}", qualifier.map(String::as_str).unwrap_or_default());
        let answer = self.session.shared(&part, async {
            let request = self.session.client.get_policy().function_name(self.target.function());
            let request = request.set_qualifier(qualifier.cloned());
            match self.session.call(Operation::GetPolicy, request.send()).await {
                Ok(answer) => Ok(Some((answer.policy.unwrap_or_default(), answer.revision_id))),
                Err(error) => absent(error),
            }
        });
        answer.await
    }

    pub(super) async fn add_statement(
        &self,
        id: &str,
        permission: &Permission,
        qualifier: Option<&String>,
        revision: Option<&String>,
    ) -> Result<Answer, CallError> {
        let Permission {
            action,
            principal,
            source_arn,
            source_account,
            principal_org_id,
            event_source_token,
            function_url_auth_type,
            via_url,
            other: _,
        } = permission;
        self.session.check_account(Operation::AddPermission).await?;
        let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let request = self
            .session
            .client
            .add_permission()
            .function_name(self.target.function())
            .set_qualifier(qualifier.cloned())
            .statement_id(id)
            .action(action)
            .principal(principal)
            .set_source_arn(full(source_arn))
            .set_source_account(full(source_account))
            .set_principal_org_id(full(principal_org_id))
            .set_event_source_token(full(event_source_token))
            .set_function_url_auth_type(full(function_url_auth_type).map(|text| FunctionUrlAuthType::from(&*text)))
            .set_invoked_via_function_url(via_url.then_some(true))
            .set_revision_id(revision.cloned());
        let answer = self.session.call(Operation::AddPermission, request.send()).await?;
        let made = answer.statement.as_deref().and_then(statement::parse);
        Ok(Answer { revision: made.as_ref().map(Statement::fingerprint) })
    }

    /// Removes a statement. A 404 means that it no longer exists, independent of AWS's message.
    pub(super) async fn remove_statement(
        &self,
        id: &str,
        qualifier: Option<&String>,
        revision: Option<&String>,
    ) -> Result<Answer, CallError> {
        let request = self
            .session
            .client
            .remove_permission()
            .function_name(self.target.function())
            .set_qualifier(qualifier.cloned())
            .statement_id(id)
            .set_revision_id(revision.cloned());
        match self.session.call(Operation::RemovePermission, request.send()).await {
            Ok(_) => Ok(Answer::default()),
            Err(error) => {
                absent::<()>(error)?;
                self.session.check_account(Operation::RemovePermission).await.map(|()| Answer::default())
            }
        }
    }
}
