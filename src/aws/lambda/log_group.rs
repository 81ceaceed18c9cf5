//! The log group of a function in CloudWatch Logs: read, created, and its retention set or removed.

use serde::Deserialize;
use serde_json::json;

use super::remote::{Remote, absent};
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::kinds::function::side::log_retention;

/// A log group, as AWS shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogGroup {
    log_group_name: String,
    arn: Option<String>,
    /// Days; `None` if its events never expire.
    pub(super) retention_in_days: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    log_groups: Vec<LogGroup>,
}

impl Remote {
    /// The function's log group; `None` if it does not exist.
    pub(super) async fn log_group(&self) -> Result<Option<LogGroup>, CallError> {
        let (name, operation) = (self.log_group_name(), Operation::DescribeLogGroups);
        let answer = self.session.logs(operation, &json!({"logGroupIdentifiers": [name]})).await?;
        let answer: Answer = serde_json::from_value(answer).map_err(|_| unreadable(operation))?;
        let group = answer.log_groups.into_iter().find(|group| group.log_group_name == name);
        match &group {
            Some(group) => self.session.check_arn(operation, group.arn.as_deref())?,
            // Before "does not exist" counts.
            None => self.session.check_account(operation).await?,
        }
        Ok(group)
    }

    /// Creates the log group. Lambda may have created it at an invocation in the meantime.
    pub(super) async fn create_log_group(&self) -> Result<(), CallError> {
        let operation = Operation::CreateLogGroup;
        self.session.check_account(operation).await?;
        match self.session.logs(operation, &json!({"logGroupName": self.log_group_name()})).await {
            Err(CallError::Failed(error)) if error.class == Class::AlreadyExists => Ok(()),
            answer => answer.map(drop),
        }
    }

    pub(super) async fn put_retention(&self, days: i32) -> Result<(), CallError> {
        let operation = Operation::PutRetentionPolicy;
        self.session.check_account(operation).await?;
        let request = json!({"logGroupName": self.log_group_name(), "retentionInDays": days});
        self.session.logs(operation, &request).await.map(drop)
    }

    /// Without a log group there is no retention to remove.
    pub(super) async fn delete_retention(&self) -> Result<(), CallError> {
        let operation = Operation::DeleteRetentionPolicy;
        self.session.check_account(operation).await?;
        let answer = self.session.logs(operation, &json!({"logGroupName": self.log_group_name()})).await;
        answer.map(drop).or_else(|halt| absent::<()>(halt).map(drop))
    }

    fn log_group_name(&self) -> String {
        log_retention::log_group(self.target.name.as_str())
    }
}

fn unreadable(operation: Operation) -> CallError {
    CallError::Failed(crate::core::error::Error::new(operation, "", 0, "the answer cannot be read"))
}
