//! The stages of one call: journal, latency, quota, rules, emulator.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::Value;

use super::accounts::Accounts;
use super::audit;
use super::echo;
use super::elsewhere;
use super::lag::{self, Lags, Look};
use super::lambda::Lambda;
use super::logs;
use super::place::Place;
use super::quota::Quotas;
use super::recognise::{Recognised, recognise};
use super::refusal::{Refusal, error_code};
use super::upstream::Upstream;
use crate::caller::Caller;
use crate::http::Answer;
use crate::journal::{Call, Journal};
use crate::manners::Settings;
use crate::rules::{ACCOUNT, Action, Lag, RuleId, Rules, Verdict, merge_patch};

/// The state of the proxy.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) journal: Journal,
    pub(crate) rules: Rules,
    settings: Mutex<Settings>,
    quotas: Quotas,
    accounts: Accounts,
    upstream: Upstream,
    pub(crate) lambda: Lambda,
    lags: Lags,
    revisions: AtomicU64,
}

/// What becomes of a call.
#[derive(Debug)]
pub(crate) enum Reply {
    /// An answer; each byte takes this long.
    Answer { answer: Answer, dribble_ms: u64 },
    /// The connection is dropped without an answer.
    Drop,
    /// The connection is reset.
    Reset,
}

impl Reply {
    fn answer(&self) -> Option<&Answer> {
        match self {
            Reply::Answer { answer, dribble_ms: _ } => Some(answer),
            Reply::Drop | Reply::Reset => None,
        }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Reply {
        Reply::Answer { answer, dribble_ms: 0 }
    }
}

impl Pipeline {
    pub(crate) fn new(authority: String, settings: Settings, transition: Duration, signatures: bool) -> Pipeline {
        let upstream = Upstream::new(authority);
        Pipeline {
            journal: Journal::new(),
            rules: Rules::default(),
            settings: Mutex::new(settings),
            quotas: Quotas::default(),
            accounts: Accounts::default(),
            lambda: Lambda::new(upstream.clone(), transition, signatures),
            lags: Lags::default(),
            revisions: AtomicU64::new(0),
            upstream,
        }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a call.
    pub(crate) async fn answer(&self, parts: Parts, body: Bytes, caller: &Caller) -> Reply {
        let recognised = recognise(&parts.method, &parts.uri, &parts.headers, &body);
        let account = self.accounts.of(&recognised.access_key);
        // the proxy's own calls use the account's root user, because the emulator checks no signature for it
        let recognised = Recognised { access_key: account.clone(), ..recognised };
        let recognised = self.lambda.family.named(recognised, &parts);
        let mut call = entry(&recognised, account, agent(&parts), members(&body));
        call.namespace = audit::namespace(&parts.headers);
        (call.session, call.session_tags) = audit::session(&call.operation, &body);
        let number = self.journal.arrived(|number, at_ms| {
            call.number = number;
            call.at_ms = at_ms;
            call.clone()
        });
        let mut rules = Vec::new();
        let reply = self.decide(&recognised, &call, &parts, body, caller, &mut rules).await;
        let status = reply.answer().map_or(0, |answer| answer.status);
        self.journal.answered(number, status, reply.answer().and_then(error_code), &rules);
        reply
    }

    async fn decide(
        &self,
        recognised: &Recognised,
        call: &Call,
        parts: &Parts,
        body: Bytes,
        caller: &Caller,
        rules: &mut Vec<String>,
    ) -> Reply {
        let settings = self.settings().clone();
        let lambda = recognised.service == "lambda";
        if lambda && settings.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(settings.latency_ms)).await;
        }
        if lambda && settings.quotas && !self.quotas.admit(&call.account, &call.region, &call.operation, Instant::now())
        {
            return Refusal::rate_exceeded().answer("lambda").into();
        }
        let Verdict { names, delay_ms, dribble_ms, patches, moves_revision, lags, last, by } = self.rules.judge(call);
        *rules = names;
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        if let Some(reply) = last.as_ref().and_then(|last| instead(last, call, &body)) {
            return reply;
        }
        if last == Some(Action::HoldRequest) {
            self.journal.held(call.number, 0, rules);
            if caller.stays_until(self.released(by)).await.is_err() {
                return Reply::Drop;
            }
        }
        let passed = self.pass_behind(recognised, call, parts, body, &lags, rules).await;
        let mut answer = passed.unwrap_or_else(|reason| {
            let message = format!("the test bed's emulator gave no answer: {reason}");
            Refusal::new(502, "EmulatorUnavailable", message).answer(&recognised.service)
        });
        for patch in &patches {
            answer.edit(|body| merge_patch(body, patch));
        }
        if moves_revision {
            answer.edit(|body| self.move_revision(body));
        }
        if last == Some(Action::HoldAnswer) {
            self.journal.held(call.number, answer.status, rules);
            // the call is carried out even if the client no longer waits for the answer
            let _ = caller.stays_until(self.released(by)).await;
        }
        if let Some(Action::ErrorAfter { status, code, message }) = &last
            && answer.status < 300
        {
            answer = Refusal::new(*status, code, message.clone()).answer(&recognised.service);
        }
        if last == Some(Action::LoseAnswer) { Reply::Drop } else { Reply::Answer { answer, dribble_ms } }
    }

    fn move_revision(&self, body: &mut Value) {
        let number = self.revisions.fetch_add(1, Ordering::Relaxed);
        if let Some(Value::Object(configuration)) = body.get_mut("Configuration") {
            configuration.insert("RevisionId".to_owned(), format!("7e57bed0-0000-4000-9000-{number:012x}").into());
        }
    }

    /// Forwards the call to the emulator. A stale read gets an old answer instead.
    async fn pass_behind(
        &self,
        recognised: &Recognised,
        call: &Call,
        parts: &Parts,
        body: Bytes,
        lags: &[(String, Lag)],
        rules: &mut Vec<String>,
    ) -> Result<Answer, String> {
        if !lags.is_empty()
            && let Some((rule, old)) = self.lags.old(&Look::of(call), lags)
        {
            rules.push(rule);
            return Ok(old);
        }
        let Some(lag) = lag::after(lags, &call.operation).filter(|_| call.function.is_some()) else {
            return self.pass_on(recognised, call, parts, body).await;
        };
        let mut before = Vec::new();
        for look in Look::changed_by(call) {
            let shown = self.lambda.shown(recognised, &look).await?;
            before.push((look, shown));
        }
        let answer = self.pass_on(recognised, call, parts, body).await?;
        if answer.status < 300 {
            before.into_iter().for_each(|(look, shown)| self.lags.begin(look, lag, shown));
        }
        Ok(answer)
    }

    async fn released(&self, by: Option<RuleId>) {
        if let Some(id) = by {
            self.rules.removed(id).await;
        }
    }

    /// Forwards the call to the emulator, with AWS's checks and answers.
    async fn pass_on(
        &self,
        recognised: &Recognised,
        call: &Call,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, String> {
        if recognised.service == "lambda" {
            if let Some(refusal) = elsewhere::refusal(recognised, &call.account) {
                return Ok(refusal.answer("lambda"));
            }
            return self.lambda.answer(recognised, &Place::of(call), parts, body).await;
        }
        if let Some(forbidden) = self.lambda.family.refusal_of_a_visit(parts) {
            return Ok(forbidden);
        }
        let answer = self.upstream.forward(parts, body.clone()).await?;
        if recognised.service == "logs" && answer.status == 200 {
            let own = logs::answer(recognised, &body, &self.upstream).await?;
            return Ok(own.unwrap_or(answer));
        }
        if recognised.operation.starts_with("AssumeRole") || recognised.operation == "CreateAccessKey" {
            self.accounts.learn(&answer, &call.account);
        }
        Ok(answer)
    }
}

/// The reply of a fault that replaces the call, if there is one.
fn instead(action: &Action, call: &Call, body: &[u8]) -> Option<Reply> {
    match action {
        Action::LoseRequest => Some(Reply::Drop),
        Action::Reset => Some(Reply::Reset),
        Action::Error { status, code, message } => {
            // AWS names the caller.
            let message = message.replace(ACCOUNT, &call.account);
            Some(Refusal::new(*status, code, message).answer(&call.service).into())
        }
        Action::Echo(coding) => {
            let message = echo::message(body, *coding);
            Some(Refusal::new(400, "InvalidParameterValueException", message).answer(&call.service).into())
        }
        Action::Answer { status, form, body } => Some(Answer::raw(*status, form, body).into()),
        Action::HoldRequest
        | Action::HoldAnswer
        | Action::LoseAnswer
        | Action::ErrorAfter { .. }
        | Action::Delay { .. }
        | Action::PatchAnswer(_)
        | Action::Dribble { .. }
        | Action::MoveRevision
        | Action::Lag(_) => None,
    }
}

fn agent(parts: &Parts) -> String {
    let agent = parts.headers.get(hyper::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.split_whitespace().next().unwrap_or_default().to_owned()
}

/// The names of a JSON object's members that are not null.
fn members(body: &[u8]) -> Vec<String> {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return Vec::new() };
    let mut names: Vec<_> = body.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name).collect();
    names.sort();
    names
}

fn entry(recognised: &Recognised, account: String, agent: String, members: Vec<String>) -> Call {
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
        members,
        agent,
        namespace: None,
        session: None,
        session_tags: Vec::new(),
        status: 0,
        error_code: None,
        rule: None,
    }
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn a_body_is_known_by_what_it_says() {
        assert_eq!(members(br#"{"Tags": {}, "Role": "r", "Layers": null}"#), ["Role", "Tags"]);
        assert_eq!(members(b"Action=GetCallerIdentity"), [""; 0]);
        assert_eq!(members(b""), [""; 0]);
    }
}
