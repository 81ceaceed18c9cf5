//! One function in AWS, read and written through the SDK.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{ExecutionStatus, FunctionVersionLatestPublished};

use super::convert::{read, write};
use super::remote::{Remote, absent};
use crate::api::function::spec::LambdaFunction;
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::ownership::OWNER_TAG;
use crate::core::plan::Write;
use crate::kinds::function::Answer;
use crate::kinds::function::observed::query::{Query, VersionQuery};
use crate::kinds::function::observed::{Lifecycle, Observed, VersionState};
use crate::kinds::function::plan::step::{Step, Tagging, Untagging};

/// The qualifier to which `publishTo: LATEST_PUBLISHED` publishes.
const LATEST_PUBLISHED: &str = "$LATEST.PUBLISHED";

/// Statuses of executions that have not ended.
const OPEN: [&str; 3] = ["RUNNING", "PAUSING", "PAUSED"];

/// The most executions that AWS lists in one call.
const MOST_EXECUTIONS: i32 = 1000;

impl Aws<LambdaFunction> for Remote {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.session.reserve(calls)
    }

    async fn observe(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let Some(mut observed) = self.get(None).await? else {
            self.session.check_account(Operation::GetFunction).await?;
            return Ok(None);
        };
        let Query { sides, versions, default_group, executions } = query;
        // A function without an owner is not deleted, so the reads for a deletion are skipped.
        let owned = observed.owner.known().is_some_and(Option::is_some);
        (observed.function.sides, observed.log_group) = self.sides(sides, observed.function.package).await?;
        // During an update, or after a failed one, nothing can be published.
        let settled = matches!(observed.lifecycle, Lifecycle::Ready | Lifecycle::Impaired);
        if let Some(versions) = versions.as_ref().filter(|_| settled) {
            (observed.published, observed.version) = self.versions(&observed, versions).await?;
        }
        if let Some(vpc) = observed.attributes.vpc_id.as_ref().filter(|_| *default_group && owned) {
            observed.default_group = self.default_group(vpc).await?;
        }
        if *executions && owned && observed.function.configuration.durable.is_some() {
            observed.executions = self.open_executions().await?;
        }
        Ok(Some(observed))
    }

    async fn execute(&self, step: &Step, package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let package = package.map(Blob::new);
        match step {
            Step::CreateFunction(creation) => {
                self.session.check_account(step.operation()).await?;
                let request = write::create(self.session.client.create_function(), &self.target, creation, package);
                let answer = self.session.call(step.operation(), request.send()).await?;
                self.session.check_arn(step.operation(), answer.function_arn.as_deref())?;
                let version =
                    answer.version.filter(|_| creation.publish.is_some()).filter(|version| version != "$LATEST");
                Ok(Answer { code_sha256: answer.code_sha256, version, modified: answer.last_modified })
            }
            Step::UpdateFunctionConfiguration(change) => {
                let request = self.session.client.update_function_configuration().function_name(self.target.function());
                let request = write::update_configuration(request, change);
                let answer = self.session.call(step.operation(), request.send()).await?;
                self.session.check_arn(step.operation(), answer.function_arn.as_deref())?;
                Ok(Answer { modified: answer.last_modified, ..Answer::default() })
            }
            Step::UpdateFunctionCode(deployment) => {
                let request = self.session.client.update_function_code().function_name(self.target.function());
                let request = write::update_code(request, deployment, package);
                let answer = self.session.call(step.operation(), request.send()).await?;
                self.session.check_arn(step.operation(), answer.function_arn.as_deref())?;
                Ok(Answer { code_sha256: answer.code_sha256, version: None, modified: answer.last_modified })
            }
            Step::PublishVersion { code_sha256, revision, to } => {
                let to = to.as_deref().map(FunctionVersionLatestPublished::from);
                let request =
                    self.session.client.publish_version().function_name(self.target.function()).set_publish_to(to);
                let request = request.set_code_sha256(Some(code_sha256.clone()).filter(|hash| !hash.is_empty()));
                let request = request.set_revision_id(revision.clone());
                let answer = self.session.call(step.operation(), request.send()).await?;
                self.session.check_arn(step.operation(), answer.function_arn.as_deref())?;
                Ok(Answer { version: answer.version, ..Answer::default() })
            }
            Step::CreateLogGroup
            | Step::DescribeLogGroups
            | Step::PutSide(_)
            | Step::RemoveSide(_)
            | Step::PutFunctionConcurrency(_)
            | Step::DeleteFunctionConcurrency
            | Step::TagResource(_)
            | Step::UntagResource(_)
            | Step::StopDurableExecution(_)
            | Step::DeleteFunction => self.set(step).await.map(|()| Answer::default()),
        }
    }
}

impl Remote {
    /// Calls `GetFunction` for `$LATEST` or for a version.
    async fn get(&self, qualifier: Option<&str>) -> Result<Option<Observed>, CallError> {
        let request = self
            .session
            .client
            .get_function()
            .function_name(self.target.function())
            .set_qualifier(qualifier.map(Into::into));
        match self.session.call(Operation::GetFunction, request.send()).await {
            Ok(answer) => {
                let arn = answer.configuration.as_ref().and_then(|configuration| configuration.function_arn.as_deref());
                self.session.check_arn(Operation::GetFunction, arn)?;
                read::observed(answer, &self.target, &self.session.withheld).map(Some).map_err(CallError::Failed)
            }
            Err(halt) => absent(halt),
        }
    }

    /// The security group named `default` in a VPC.
    async fn default_group(&self, vpc: &str) -> Result<Option<String>, CallError> {
        self.session.default_group(&self.target.region, vpc).await
    }

    /// The executions that block a deletion. AWS waits for paused ones too.
    async fn open_executions(&self) -> Result<Vec<String>, CallError> {
        let mut open = Vec::new();
        let mut marker = None;
        loop {
            let request = self.session.client.list_durable_executions_by_function();
            let request = request.function_name(self.target.function());
            let statuses = OPEN.map(ExecutionStatus::from).to_vec();
            let request = request.set_statuses(Some(statuses)).max_items(MOST_EXECUTIONS).set_marker(marker);
            let page = self.session.call(Operation::ListDurableExecutionsByFunction, request.send()).await?;
            open.extend(page.durable_executions.unwrap_or_default().into_iter().map(|one| one.durable_execution_arn));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(open);
            }
        }
    }

    /// The state of the version that was published last. If none is recorded: whether the newest existing version holds the same as `$LATEST`.
    async fn versions(
        &self,
        latest: &Observed,
        query: &VersionQuery,
    ) -> Result<(Option<String>, Option<VersionState>), CallError> {
        let VersionQuery { known, to_latest, state } = query;
        let number = match known {
            Some(known) if *state => Some(known.version.clone()),
            Some(_) => return Ok((None, None)),
            None if *to_latest => Some(LATEST_PUBLISHED.to_owned()),
            None => self.newest_version().await?,
        };
        let Some(number) = number else { return Ok((None, None)) };
        let Some(version) = self.get(Some(&number)).await? else { return Ok((None, None)) };
        let how = &version.attributes;
        let words = [how.state_reason_code.as_deref(), how.state_reason.as_deref()];
        let reason = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
        let how = VersionState { lifecycle: version.lifecycle, reason };
        match known {
            Some(_) => Ok((None, Some(how))),
            None if version.function.holds_same(&latest.function) => Ok((Some(number), Some(how))),
            None => Ok((None, None)),
        }
    }

    async fn newest_version(&self) -> Result<Option<String>, CallError> {
        let mut newest = None;
        let mut marker = None;
        loop {
            let request = self
                .session
                .client
                .list_versions_by_function()
                .function_name(self.target.function())
                .set_marker(marker);
            let page = self.session.call(Operation::ListVersionsByFunction, request.send()).await?;
            let numbers = page.versions.unwrap_or_default().into_iter().filter_map(|version| version.version);
            newest = numbers.filter_map(|number| number.parse::<u64>().ok()).chain(newest).max();
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(newest.map(|number| number.to_string()));
            }
        }
    }

    /// Executes steps with an answer that is not recorded.
    async fn set(&self, step: &Step) -> Result<(), CallError> {
        let name = &self.target.function();
        let operation = step.operation();
        let client = &self.session.client;
        match step {
            Step::CreateLogGroup => self.create_log_group().await,
            Step::DescribeLogGroups => self.log_group().await.map(drop),
            Step::PutSide(setting) => self.put_side(setting).await,
            Step::RemoveSide(side) => self.remove_side(*side).await,
            Step::PutFunctionConcurrency(reserved) => {
                let request =
                    client.put_function_concurrency().function_name(name).reserved_concurrent_executions(*reserved);
                self.session.call(operation, request.send()).await.map(drop)
            }
            Step::DeleteFunctionConcurrency => self
                .session
                .call(operation, client.delete_function_concurrency().function_name(name).send())
                .await
                .map(drop),
            Step::TagResource(tagging) => self.tag(tagging).await,
            Step::UntagResource(untagging) => self.untag(untagging).await,
            Step::StopDurableExecution(arn) => {
                let stopped = self
                    .session
                    .call(operation, client.stop_durable_execution().durable_execution_arn(arn).send())
                    .await;
                // The execution has ended by itself meanwhile.
                stopped.map(drop).or_else(|halt| absent::<()>(halt).map(drop))
            }
            Step::DeleteFunction => {
                match self.session.call(operation, client.delete_function().function_name(name).send()).await {
                    Ok(_) => Ok(()),
                    Err(halt) => {
                        absent::<()>(halt)?;
                        self.session.check_account(operation).await
                    }
                }
            }
            Step::CreateFunction(_)
            | Step::UpdateFunctionConfiguration(_)
            | Step::UpdateFunctionCode(_)
            | Step::PublishVersion { .. } => Ok(()),
        }
    }

    async fn tag(&self, tagging: &Tagging) -> Result<(), CallError> {
        let tags = match tagging {
            Tagging::Set(tags) => tags.get().clone().into_iter().collect(),
            Tagging::Owner(owner) => [(OWNER_TAG.to_owned(), owner.clone())].into(),
        };
        let request = self.session.client.tag_resource().resource(self.target.arn()).set_tags(Some(tags));
        self.session.call(Operation::TagResource, request.send()).await.map(drop)
    }

    async fn untag(&self, untagging: &Untagging) -> Result<(), CallError> {
        let keys = match untagging {
            Untagging::Remove(keys) => keys.clone(),
            Untagging::Owner => vec![OWNER_TAG.to_owned()],
        };
        let request = self.session.client.untag_resource().resource(self.target.arn()).set_tag_keys(Some(keys));
        self.session.call(Operation::UntagResource, request.send()).await.map(drop)
    }
}
