//! The client of the proxy's control API: journal, rules, settings, executions.

use hyper::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::Error;
use crate::http::Http;
use crate::journal::{Call, Filter};
use crate::rules::{ActiveRule, Rule, RuleId};

/// What is on for every call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Every Lambda call takes this much longer.
    pub latency_ms: u64,
    /// AWS's quotas are enforced.
    pub quotas: bool,
}

/// A change of the settings; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// See [`Settings::latency_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// See [`Settings::quotas`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotas: Option<bool>,
}

impl Settings {
    pub(crate) fn apply(&mut self, change: &SettingsChange) {
        self.latency_ms = change.latency_ms.unwrap_or(self.latency_ms);
        self.quotas = change.quotas.unwrap_or(self.quotas);
    }
}

/// The control API of a running proxy.
#[derive(Debug, Clone)]
pub struct Manners {
    http: Http,
    endpoint: String,
}

impl Manners {
    /// Of the proxy at `endpoint`.
    pub fn new(endpoint: &str) -> Manners {
        Manners { http: Http::new(), endpoint: endpoint.to_owned() }
    }

    /// The calls that match, in the order of their arrival.
    pub async fn calls(&self, filter: &Filter) -> Result<Vec<Call>, Error> {
        self.send(Method::GET, &format!("calls?{}", filter.query()), None).await
    }

    /// The number of the newest call: `since(mark)` selects what comes later.
    pub async fn mark(&self) -> Result<u64, Error> {
        self.send(Method::GET, "calls/last", None).await
    }

    /// Switches a rule on.
    pub async fn add(&self, rule: &Rule) -> Result<RuleId, Error> {
        #[derive(Deserialize)]
        struct Added {
            id: RuleId,
        }
        let added: Added = self.send(Method::POST, "rules", Some(json!(rule))).await?;
        Ok(added.id)
    }

    /// Switches a rule off.
    pub async fn remove(&self, id: RuleId) -> Result<(), Error> {
        self.send::<Value>(Method::DELETE, &format!("rules/{}", id.0), None).await.map(drop)
    }

    /// The rules in force, with how often they acted.
    pub async fn rules(&self) -> Result<Vec<ActiveRule>, Error> {
        self.send(Method::GET, "rules", None).await
    }

    /// Changes the settings for all, returns what they are now.
    pub async fn settings(&self, change: &SettingsChange) -> Result<Settings, Error> {
        self.send(Method::PUT, "settings", Some(json!(change))).await
    }

    /// Starts executions of a durable function, which run until somebody stops them; returns their ARNs.
    pub async fn start_executions(
        &self,
        account: &str,
        region: &str,
        function: &str,
        count: u32,
    ) -> Result<Vec<String>, Error> {
        self.start_executions_as(account, region, function, count, "RUNNING").await
    }

    /// The same, in another status: `PAUSING` or `PAUSED`.
    pub async fn start_executions_as(
        &self,
        account: &str,
        region: &str,
        function: &str,
        count: u32,
        status: &str,
    ) -> Result<Vec<String>, Error> {
        #[derive(Deserialize)]
        struct Started {
            arns: Vec<String>,
        }
        let body =
            json!({"account": account, "region": region, "function": function, "count": count, "status": status});
        let started: Started = self.send(Method::POST, "executions", Some(body)).await?;
        Ok(started.arns)
    }

    async fn send<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<Value>) -> Result<T, Error> {
        let url = format!("{}/_testbed/{path}", self.endpoint);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.http.send(method, &url, &[], body).await?;
        let text = String::from_utf8_lossy(&answer.body);
        if answer.status != 200 {
            return Err(Error::unexpected(format!("200 from {url}"), format!("{}: {text}", answer.status)));
        }
        serde_json::from_str(&text).map_err(|error| Error::unexpected(format!("an answer of {url}"), error.to_string()))
    }
}
