//! What somebody else does to what makes a function reachable, in one line each.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::Aws;
use crate::child::poll;
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(30);

impl Aws {
    /// AddPermission of `statement` (StatementId, Action, Principal, …); returns the statement as it is kept.
    pub async fn add_permission(
        &self,
        function: &str,
        qualifier: Option<&str>,
        statement: &Value,
    ) -> Result<Value, Error> {
        let path = of(function, "2015-03-31", "policy", qualifier);
        let added = self.done(201, "POST", &path, Some(statement)).await?;
        let text = added["Statement"].as_str().unwrap_or_default();
        serde_json::from_str(text).map_err(|error| Error::unexpected("a statement", format!("{text}: {error}")))
    }

    /// RemovePermission.
    pub async fn remove_permission(&self, function: &str, qualifier: Option<&str>, sid: &str) -> Result<(), Error> {
        let path = of(function, "2015-03-31", &format!("policy/{sid}"), qualifier);
        self.done(204, "DELETE", &path, None).await.map(drop)
    }

    /// GetPolicy. Any status is `Ok`.
    pub async fn get_policy(&self, function: &str, qualifier: Option<&str>) -> Result<(u16, Value), Error> {
        self.looked(&of(function, "2015-03-31", "policy", qualifier)).await
    }

    /// The statements of a policy, none where there is no policy.
    pub async fn statements(&self, function: &str, qualifier: Option<&str>) -> Result<Vec<Value>, Error> {
        let (status, answer) = self.get_policy(function, qualifier).await?;
        if status == 404 {
            return Ok(Vec::new());
        }
        let text = answer["Policy"].as_str().unwrap_or_default();
        let mut policy: Value = serde_json::from_str(text)
            .map_err(|error| Error::unexpected("a policy from GetPolicy", format!("{status}: {answer}: {error}")))?;
        Ok(policy["Statement"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Makes a queue; returns its ARN.
    pub async fn create_queue(&self, name: &str) -> Result<String, Error> {
        let (status, answer) = self.target("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": name })).await?;
        let made = answer.get("QueueUrl").is_some();
        let arn = format!("arn:aws:sqs:{}:{}:{name}", self.region(), self.account());
        if made { Ok(arn) } else { Err(Error::unexpected("a queue from CreateQueue", format!("{status}: {answer}"))) }
    }

    /// CreateEventSourceMapping; returns the mapping, which is Creating.
    pub async fn create_mapping(&self, wanted: &Value) -> Result<Value, Error> {
        self.done(202, "POST", "/2015-03-31/event-source-mappings", Some(wanted)).await
    }

    /// GetEventSourceMapping. Any status is `Ok`.
    pub async fn get_mapping(&self, uuid: &str) -> Result<(u16, Value), Error> {
        self.looked(&format!("/2015-03-31/event-source-mappings/{uuid}")).await
    }

    /// UpdateEventSourceMapping; returns the mapping, which is Updating, Enabling or Disabling.
    pub async fn update_mapping(&self, uuid: &str, change: &Value) -> Result<Value, Error> {
        self.done(202, "PUT", &format!("/2015-03-31/event-source-mappings/{uuid}"), Some(change)).await
    }

    /// DeleteEventSourceMapping; the mapping is Deleting.
    pub async fn delete_mapping(&self, uuid: &str) -> Result<(), Error> {
        self.done(202, "DELETE", &format!("/2015-03-31/event-source-mappings/{uuid}"), None).await.map(drop)
    }

    /// Waits until a mapping is in this state, or gone where none is wanted.
    pub async fn wait_until_mapping_is(&self, uuid: &str, state: Option<&str>) -> Result<Value, Error> {
        poll("a mapping to be in its state", PATIENCE, async || {
            let (status, answer) = self.get_mapping(uuid).await?;
            let reached = match state {
                Some(state) => answer["State"] == state,
                None => status == 404,
            };
            Ok(if reached { Ok(answer) } else { Err(format!("{status}: {answer}")) })
        })
        .await
    }

    /// A look at something that need not be there, repeated while AWS says that we are too fast.
    async fn looked(&self, path: &str) -> Result<(u16, Value), Error> {
        poll("an answer within AWS's quotas", PATIENCE, async || {
            let (status, answer) = self.lambda("GET", path, None).await?;
            Ok(if status == 429 { Err(answer.to_string()) } else { Ok((status, answer)) })
        })
        .await
    }

    /// Visits a function's URL as anybody can; returns the status and the body.
    pub async fn visit(&self, url: &Value) -> Result<(u16, Value), Error> {
        let address = url["FunctionUrl"].as_str().unwrap_or_default();
        let id = address.trim_start_matches("https://").split('.').next().unwrap_or_default();
        self.anonymous(&format!("/_aws/lambda-url/{id}/")).await
    }

    /// All mappings of the account in this region, as ListEventSourceMappings shows them.
    pub async fn list_mappings(&self) -> Result<Vec<Value>, Error> {
        self.pages("/2015-03-31/event-source-mappings", "EventSourceMappings").await
    }

    /// CreateFunctionUrlConfig of the function or of its alias; returns the URL.
    pub async fn create_url(&self, function: &str, alias: Option<&str>, wanted: &Value) -> Result<Value, Error> {
        self.done(201, "POST", &of(function, "2021-10-31", "url", alias), Some(wanted)).await
    }

    /// GetFunctionUrlConfig. Any status is `Ok`.
    pub async fn get_url(&self, function: &str, alias: Option<&str>) -> Result<(u16, Value), Error> {
        self.looked(&of(function, "2021-10-31", "url", alias)).await
    }

    /// UpdateFunctionUrlConfig, which keeps what `change` leaves out; returns the URL.
    pub async fn update_url(&self, function: &str, alias: Option<&str>, change: &Value) -> Result<Value, Error> {
        self.done(200, "PUT", &of(function, "2021-10-31", "url", alias), Some(change)).await
    }

    /// DeleteFunctionUrlConfig.
    pub async fn delete_url(&self, function: &str, alias: Option<&str>) -> Result<(), Error> {
        self.done(204, "DELETE", &of(function, "2021-10-31", "url", alias), None).await.map(drop)
    }

    /// PutFunctionEventInvokeConfig; returns the configuration.
    pub async fn put_invoke_config(
        &self,
        function: &str,
        qualifier: Option<&str>,
        wanted: &Value,
    ) -> Result<Value, Error> {
        self.done(200, "PUT", &of(function, "2019-09-25", "event-invoke-config", qualifier), Some(wanted)).await
    }

    /// GetFunctionEventInvokeConfig. Any status is `Ok`.
    pub async fn get_invoke_config(&self, function: &str, qualifier: Option<&str>) -> Result<(u16, Value), Error> {
        self.looked(&of(function, "2019-09-25", "event-invoke-config", qualifier)).await
    }

    /// PutProvisionedConcurrencyConfig; returns the configuration, which is IN_PROGRESS.
    pub async fn put_provisioned(&self, function: &str, qualifier: &str, amount: i64) -> Result<Value, Error> {
        let wanted = json!({ "ProvisionedConcurrentExecutions": amount });
        let path = of(function, "2019-09-30", "provisioned-concurrency", Some(qualifier));
        self.done(202, "PUT", &path, Some(&wanted)).await
    }

    /// GetProvisionedConcurrencyConfig. Any status is `Ok`.
    pub async fn get_provisioned(&self, function: &str, qualifier: &str) -> Result<(u16, Value), Error> {
        self.looked(&of(function, "2019-09-30", "provisioned-concurrency", Some(qualifier))).await
    }

    /// Waits until all that was requested is available.
    pub async fn wait_until_provisioned(&self, function: &str, qualifier: &str) -> Result<Value, Error> {
        poll("provisioned concurrency", PATIENCE, async || {
            let (status, answer) = self.get_provisioned(function, qualifier).await?;
            Ok(if answer["Status"] == "READY" { Ok(answer) } else { Err(format!("{status}: {answer}")) })
        })
        .await
    }
}

fn of(function: &str, date: &str, what: &str, qualifier: Option<&str>) -> String {
    let query = qualifier.map(|qualifier| format!("?Qualifier={qualifier}")).unwrap_or_default();
    format!("/{date}/functions/{function}/{what}{query}")
}
