//! The way of one call: journal, latency, quota, rules, checks, emulator, mending.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::{Value, json};

use super::accounts::Accounts;
use super::quota::Quotas;
use super::recognise::{Recognised, recognise};
use super::refusal::{Refusal, error_code};
use super::upstream::Upstream;
use super::{busy, logging, mend, references, validate};
use crate::http::Answer;
use crate::journal::{Call, Journal};
use crate::manners::Settings;
use crate::rules::{Action, Rules, Verdict, merge_patch};

type Lock = Arc<tokio::sync::Mutex<()>>;

/// Everything that the proxy knows.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) journal: Journal,
    pub(crate) rules: Rules,
    settings: Mutex<Settings>,
    quotas: Quotas,
    accounts: Accounts,
    upstream: Upstream,
    /// One per function: between "is it at rest?" and the change no other change may slip in.
    locks: Mutex<HashMap<String, Lock>>,
}

impl Pipeline {
    pub(crate) fn new(authority: String, settings: Settings) -> Pipeline {
        Pipeline {
            journal: Journal::new(),
            rules: Rules::default(),
            settings: Mutex::new(settings),
            quotas: Quotas::default(),
            accounts: Accounts::default(),
            upstream: Upstream::new(authority),
            locks: Mutex::new(HashMap::new()),
        }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a call; `None`: drop the connection.
    pub(crate) async fn answer(&self, parts: Parts, body: Bytes) -> Option<Answer> {
        let recognised = recognise(&parts.method, &parts.uri, &parts.headers, &body);
        let account = self.accounts.of(&recognised.access_key);
        let mut call = entry(&recognised, account, agent(&parts));
        let number = self.journal.arrived(|number, at_ms| {
            call.number = number;
            call.at_ms = at_ms;
            call.clone()
        });
        let mut rules = Vec::new();
        let answer = self.decide(&recognised, &call, &parts, body, &mut rules).await;
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
        let Verdict { names, delay_ms, patches, last } = self.rules.judge(call);
        *rules = names;
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        match &last {
            Some(Action::LoseRequest) => return None,
            Some(Action::Error { status, code, message }) => {
                return Some(Refusal::new(*status, code, message.clone()).answer(&recognised.service));
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
            patch_answer(&mut answer, patch);
        }
        (last != Some(Action::LoseAnswer)).then_some(answer)
    }

    /// To the emulator and back, with AWS's manners.
    async fn pass_on(
        &self,
        recognised: &Recognised,
        call: &Call,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, String> {
        if recognised.service != "lambda" {
            let answer = self.upstream.forward(parts, body).await?;
            if recognised.operation.starts_with("AssumeRole") {
                self.accounts.learn(&answer);
            }
            return Ok(answer);
        }
        let _lock = if busy::needs_rest(&recognised.operation) { Some(self.lock(call).await) } else { None };
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let current = if busy::needs_rest(&recognised.operation) {
            busy::current(recognised, &self.upstream).await?
        } else {
            None
        };
        if let Some(refusal) = self.refusal(recognised, &request, current.as_ref()).await? {
            return Ok(refusal.answer("lambda"));
        }
        if recognised.operation == "UpdateFunctionCode" && request.get("DryRun") == Some(&Value::Bool(true)) {
            return self.dry_run(recognised).await;
        }
        let body = match current.and_then(|current| logging::complete(&recognised.operation, &request, &current)) {
            Some(completed) => completed.to_string().into(),
            None => body,
        };
        let mut answer = self.upstream.forward(parts, body).await?;
        if answer.status < 300 {
            self.link_code_signing(recognised, &request).await?;
            edit_json(&mut answer, |body| mend::mend(recognised, body));
        } else if answer.status == 404 {
            edit_json(&mut answer, |body| mend::mend_not_found(recognised, body));
        }
        Ok(answer)
    }

    /// The emulator accepts CodeSigningConfigArn in CreateFunction and forgets it.
    async fn link_code_signing(&self, call: &Recognised, request: &Value) -> Result<(), String> {
        let arn = request.get("CodeSigningConfigArn").and_then(Value::as_str).filter(|arn| !arn.is_empty());
        if let ("CreateFunction", Some(arn), Some(function)) = (call.operation.as_str(), arn, &call.function) {
            let path = format!("/2020-06-30/functions/{function}/code-signing-config");
            let body = json!({"CodeSigningConfigArn": arn}).to_string();
            self.upstream.ask(call, "lambda", hyper::Method::PUT, &path, &body).await?;
        }
        Ok(())
    }

    async fn refusal(
        &self,
        call: &Recognised,
        request: &Value,
        current: Option<&Value>,
    ) -> Result<Option<Refusal>, String> {
        if call.operation == "DeleteFunction" && call.qualifier.as_deref() == Some("$LATEST") {
            let text = "$LATEST version cannot be deleted without deleting the function.";
            return Ok(Some(Refusal::invalid(text)));
        }
        if let Some(refusal) = validate::check(&call.operation, request) {
            return Ok(Some(refusal));
        }
        if let Some(refusal) = current.and_then(busy::not_at_rest) {
            return Ok(Some(refusal));
        }
        if call.operation == "PublishVersion"
            && let Some(refusal) = current.and_then(|current| busy::other_than_meant(request, current))
        {
            return Ok(Some(refusal));
        }
        if call.operation == "PutFunctionConcurrency" {
            return busy::check_concurrency(call, request, &self.upstream).await;
        }
        references::check(call, request, &self.upstream).await
    }

    /// The emulator would change the function; AWS only says what it is.
    async fn dry_run(&self, call: &Recognised) -> Result<Answer, String> {
        let path = format!("/2015-03-31/functions/{}/configuration", call.function.as_deref().unwrap_or_default());
        let mut answer = self.upstream.ask(call, "lambda", hyper::Method::GET, &path, "").await?;
        answer.headers.remove(hyper::header::CONTENT_LENGTH);
        if answer.status < 300 {
            edit_json(&mut answer, |body| mend::mend(call, body));
        }
        Ok(answer)
    }

    async fn lock(&self, call: &Call) -> tokio::sync::OwnedMutexGuard<()> {
        let key = format!("{}/{}/{}", call.account, call.region, call.function.as_deref().unwrap_or_default());
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(key).or_default())
        };
        lock.lock_owned().await
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

fn edit_json(answer: &mut Answer, edit: impl FnOnce(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        edit(&mut body);
        answer.body = body.to_string().into();
    }
}

fn patch_answer(answer: &mut Answer, patch: &Value) {
    edit_json(answer, |body| merge_patch(body, patch));
}
