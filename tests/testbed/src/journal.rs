//! The journal: what every AWS call was and how it was answered.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::glob;

/// One AWS call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// 1, 2, 3, … over all calls of this test bed.
    pub number: u64,
    /// When it arrived, in milliseconds since the proxy started.
    pub at_ms: u64,
    /// How long it took; absent while it is under way.
    pub duration_ms: Option<u64>,
    /// The service of the credential scope: lambda, s3, sts, …
    pub service: String,
    /// CreateFunction, GetCallerIdentity, …; METHOD and path where there is no name for it.
    pub operation: String,
    /// The account: the access key itself where it has 12 digits.
    pub account: String,
    /// The region of the credential scope.
    pub region: String,
    /// The Lambda function's name.
    pub function: Option<String>,
    /// Version or alias.
    pub qualifier: Option<String>,
    /// The names of what its JSON body says, in alphabetical order; what is null is not said.
    pub members: Vec<String>,
    /// The first word of the User-Agent: `testbed` where a test called, `aws-sdk-rust/…` or `lambda-operator/…` where the operator did.
    pub agent: String,
    /// The namespace that the User-Agent names (`md/ns#…`), as CloudTrail would show it.
    pub namespace: Option<String>,
    /// The name that AssumeRole asks for its session.
    pub session: Option<String>,
    /// The tags that AssumeRole asks for its session, as `key=value`.
    #[serde(default)]
    pub session_tags: Vec<String>,
    /// The HTTP status; 0 where the connection was dropped (and while there is no answer).
    pub status: u16,
    /// AWS's error code.
    pub error_code: Option<String>,
    /// The names of the rules that acted, joined by commas; there while a call is held, too.
    pub rule: Option<String>,
}

/// Which calls; what is `None` matches all. Texts are globs (`*`, `?`).
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this account.
    pub account: Option<String>,
    /// About this function.
    pub function: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Of this service.
    pub service: Option<String>,
    /// By this program, see [`Call::agent`].
    pub agent: Option<String>,
    /// Later than the call of this number.
    pub since: Option<u64>,
}

impl Filter {
    /// All calls of one account.
    pub fn account(account: &str) -> Filter {
        Filter { account: Some(account.to_owned()), ..Filter::default() }
    }

    /// Only about this function.
    pub fn function(self, function: &str) -> Filter {
        Filter { function: Some(function.to_owned()), ..self }
    }

    /// Only this operation.
    pub fn operation(self, operation: &str) -> Filter {
        Filter { operation: Some(operation.to_owned()), ..self }
    }

    /// Only of this service.
    pub fn service(self, service: &str) -> Filter {
        Filter { service: Some(service.to_owned()), ..self }
    }

    /// Only what the tests themselves did not do.
    pub fn not_by_tests(self) -> Filter {
        // programs name their version, the tests do not
        Filter { agent: Some("*/*".to_owned()), ..self }
    }

    /// Only after the call of this number.
    pub fn since(self, number: u64) -> Filter {
        Filter { since: Some(number), ..self }
    }

    /// Does it match?
    pub fn matches(&self, call: &Call) -> bool {
        glob::optional(self.account.as_deref(), Some(&call.account))
            && glob::optional(self.function.as_deref(), call.function.as_deref())
            && glob::optional(self.operation.as_deref(), Some(&call.operation))
            && glob::optional(self.service.as_deref(), Some(&call.service))
            && glob::optional(self.agent.as_deref(), Some(&call.agent))
            && self.since.is_none_or(|since| call.number > since)
    }

    /// As a query string.
    pub(crate) fn query(&self) -> String {
        let mut pairs = Vec::new();
        for (name, value) in [
            ("account", &self.account),
            ("function", &self.function),
            ("operation", &self.operation),
            ("service", &self.service),
            ("agent", &self.agent),
        ] {
            if let Some(value) = value {
                let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
                pairs.push(format!("{name}={value}"));
            }
        }
        pairs.extend(self.since.map(|since| format!("since={since}")));
        pairs.join("&")
    }
}

/// How many of `calls` per operation, the most frequent first.
pub fn by_operation(calls: &[Call]) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation.clone()).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// All calls since the proxy started.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    calls: Mutex<Vec<Call>>,
}

impl Journal {
    pub(crate) fn new() -> Journal {
        Journal { started: Instant::now(), calls: Mutex::new(Vec::new()) }
    }

    /// Writes down a call that has just arrived; `describe` gets its number and its time.
    pub(crate) fn arrived(&self, describe: impl FnOnce(u64, u64) -> Call) -> u64 {
        let mut calls = self.calls();
        let number = calls.len() as u64 + 1;
        let call = describe(number, self.now());
        calls.push(call);
        number
    }

    /// A rule holds call `number` from now on; `status` is 0 unless there is an answer already.
    pub(crate) fn held(&self, number: u64, status: u16, rules: &[String]) {
        self.change(number, |call, _| {
            call.status = status;
            call.rule = joined(rules);
        });
    }

    /// Completes the entry of call `number`.
    pub(crate) fn answered(&self, number: u64, status: u16, error_code: Option<String>, rules: &[String]) {
        self.change(number, |call, now| {
            call.duration_ms = Some(now.saturating_sub(call.at_ms));
            call.status = status;
            call.error_code = error_code;
            call.rule = joined(rules);
        });
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Call, u64)) {
        let now = self.now();
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        if let Some(call) = self.calls().get_mut(index) {
            change(call, now);
        }
    }

    pub(crate) fn select(&self, filter: &Filter) -> Vec<Call> {
        self.calls().iter().filter(|call| filter.matches(call)).cloned().collect()
    }

    /// The number of the newest call.
    pub(crate) fn last(&self) -> u64 {
        self.calls().len() as u64
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn joined(rules: &[String]) -> Option<String> {
    (!rules.is_empty()).then(|| rules.join(","))
}
