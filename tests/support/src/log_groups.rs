//! Log groups in CloudWatch Logs, as tests and other programs read and write them.

use serde_json::{Value, json};

use crate::world::World;

/// The log group that Lambda gives to a function.
pub fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

impl World {
    /// A call of CloudWatch Logs by somebody else.
    pub async fn logs(&self, operation: &str, body: &Value) -> (u16, Value) {
        self.aws.target("logs", &format!("Logs_20140328.{operation}"), body).await.unwrap()
    }

    /// Somebody else creates the log group of a function, as Lambda does at the first invocation.
    pub async fn make_log_group(&self, function: &str) {
        let (status, answer) = self.logs("CreateLogGroup", &json!({"logGroupName": log_group(function)})).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Somebody else sets the retention.
    pub async fn keep_logs(&self, function: &str, days: u32) {
        let body = json!({"logGroupName": log_group(function), "retentionInDays": days});
        let (status, answer) = self.logs("PutRetentionPolicy", &body).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// The retention of a function's log group in days, `Null` without an end; `None` without a log group.
    pub async fn log_retention(&self, function: &str) -> Option<Value> {
        let name = log_group(function);
        let (status, mut answer) = self.logs("DescribeLogGroups", &json!({"logGroupIdentifiers": [name]})).await;
        assert_eq!(status, 200, "{answer}");
        answer["logGroups"].as_array_mut().and_then(Vec::pop).map(|mut group| group["retentionInDays"].take())
    }

    /// Waits until the log group has this retention.
    pub async fn until_logs_are_kept(&self, function: &str, days: u32) {
        self.until(&format!("{days} days"), async |world: &Self| match world.log_retention(function).await {
            Some(found) if found == json!(days) => Ok(()),
            found => Err(format!("{found:?}")),
        })
        .await;
    }
}
