//! The way of one call: journal, latency, quota, rules, emulator.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::http::request::Parts;

use super::accounts::Accounts;
use super::lambda::Lambda;
use super::place::Place;
use super::quota::Quotas;
use super::recognise::{Recognised, recognise};
use super::refusal::{Refusal, error_code};
use super::upstream::Upstream;
use crate::caller::Caller;
use crate::http::Answer;
use crate::journal::{Call, Journal};
use crate::manners::Settings;
use crate::rules::{Action, RuleId, Rules, Verdict, merge_patch};

/// Everything that the proxy knows.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) journal: Journal,
    pub(crate) rules: Rules,
    settings: Mutex<Settings>,
    quotas: Quotas,
    accounts: Accounts,
    upstream: Upstream,
    pub(crate) lambda: Lambda,
}

impl Pipeline {
    pub(crate) fn new(authority: String, settings: Settings, transition: Duration) -> Pipeline {
        let upstream = Upstream::new(authority);
        Pipeline {
            journal: Journal::new(),
            rules: Rules::default(),
            settings: Mutex::new(settings),
            quotas: Quotas::default(),
            accounts: Accounts::default(),
            lambda: Lambda::new(upstream.clone(), transition),
            upstream,
        }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a call; `None`: drop the connection.
    pub(crate) async fn answer(&self, parts: Parts, body: Bytes, caller: &Caller) -> Option<Answer> {
        let recognised = recognise(&parts.method, &parts.uri, &parts.headers, &body);
        let account = self.accounts.of(&recognised.access_key);
        let mut call = entry(&recognised, account, agent(&parts));
        let number = self.journal.arrived(|number, at_ms| {
            call.number = number;
            call.at_ms = at_ms;
            call.clone()
        });
        let mut rules = Vec::new();
        let answer = self.decide(&recognised, &call, &parts, body, caller, &mut rules).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        self.journal.answered(number, status, answer.as_ref().and_then(error_code), &rules);
        answer
    }

    async fn decide(
        &self,
        recognised: &Recognised,
        call: &Call,
        parts: &Parts,
        body: Bytes,
        caller: &Caller,
        rules: &mut Vec<String>,
    ) -> Option<Answer> {
        let settings = self.settings().clone();
        let lambda = recognised.service == "lambda";
        if lambda && settings.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(settings.latency_ms)).await;
        }
        if lambda && settings.quotas && !self.quotas.admit(&call.account, &call.region, &call.operation, Instant::now())
        {
            return Some(Refusal::rate_exceeded().answer("lambda"));
        }
        let Verdict { names, delay_ms, patches, last, by } = self.rules.judge(call);
        *rules = names;
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        match &last {
            Some(Action::LoseRequest) => return None,
            Some(Action::Error { status, code, message }) => {
                return Some(Refusal::new(*status, code, message.clone()).answer(&recognised.service));
            }
            Some(Action::HoldRequest) => {
                self.journal.held(call.number, 0, rules);
                caller.stays_until(self.released(by)).await.ok()?;
            }
            _ => {}
        }
        let mut answer = match self.pass_on(recognised, call, parts, body).await {
            Ok(answer) => answer,
            Err(reason) => {
                let message = format!("the test bed's emulator gave no answer: {reason}");
                Refusal::new(502, "EmulatorUnavailable", message).answer(&recognised.service)
            }
        };
        for patch in &patches {
            answer.edit(|body| merge_patch(body, patch));
        }
        if last == Some(Action::HoldAnswer) {
            self.journal.held(call.number, answer.status, rules);
            // the work is done, whether anybody waits for the answer or not
            let _ = caller.stays_until(self.released(by)).await;
        }
        (last != Some(Action::LoseAnswer)).then_some(answer)
    }

    async fn released(&self, by: Option<RuleId>) {
        if let Some(id) = by {
            self.rules.removed(id).await;
        }
    }

    /// To the emulator and back, with AWS's manners.
    async fn pass_on(
        &self,
        recognised: &Recognised,
        call: &Call,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, String> {
        if recognised.service == "lambda" {
            return self.lambda.answer(recognised, &Place::of(call), parts, body).await;
        }
        let answer = self.upstream.forward(parts, body).await?;
        if recognised.operation.starts_with("AssumeRole") {
            self.accounts.learn(&answer);
        }
        Ok(answer)
    }
}

fn agent(parts: &Parts) -> String {
    let agent = parts.headers.get(hyper::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.split_whitespace().next().unwrap_or_default().to_owned()
}

fn entry(recognised: &Recognised, account: String, agent: String) -> Call {
    Call {
        number: 0,
        at_ms: 0,
        duration_ms: None,
        service: recognised.service.clone(),
        operation: recognised.operation.clone(),
        account,
        region: recognised.region.clone(),
        function: recognised.function.clone(),
        qualifier: recognised.qualifier.clone(),
        agent,
        status: 0,
        error_code: None,
        rule: None,
    }
}
