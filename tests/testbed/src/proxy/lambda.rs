//! The handling of a Lambda call: checks, completion of the request, the emulator's answer, and its correction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use hyper::{Method, Request};
use serde_json::Value;

use super::executions::Executions;
use super::family::{self, Family, Kind};
use super::lag::Look;
use super::place::Place;
use super::published::{self, Published};
use super::recognise::Recognised;
use super::refusal::Refusal;
use super::runtimes::{self, Runtimes};
use super::storage::Storage;
use super::upstream::{self, Upstream};
use super::{aliases, busy, complete, durable, files, images, managed, mend, network, references, signing, validate};
use crate::http::Answer;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// Lambda as AWS behaves: the emulator, and the parts that it lacks.
#[derive(Debug)]
pub(crate) struct Lambda {
    upstream: Upstream,
    published: Published,
    runtimes: Runtimes,
    storage: Storage,
    pub(crate) executions: Executions,
    pub(crate) family: Family,
    /// One lock for each function, so that no other change comes between the check of the state and the change.
    locks: Mutex<HashMap<Place, Lock>>,
}

impl Lambda {
    pub(crate) fn new(upstream: Upstream, transition: Duration, signatures: bool) -> Lambda {
        Lambda {
            family: Family::new(upstream.clone(), transition, signatures),
            upstream,
            published: Published::new(transition),
            runtimes: Runtimes::default(),
            storage: Storage::default(),
            executions: Executions::default(),
            locks: Mutex::default(),
        }
    }

    /// The answer to a call about the function at `place`. `Err` if the emulator gave no answer.
    pub(crate) async fn answer(
        &self,
        call: &Recognised,
        place: &Place,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, String> {
        if let Some(refusal) = family::refusal_of_the_unknown(call) {
            return Ok(refusal.answer("lambda"));
        }
        if let Some(kind) = Kind::of(call) {
            return self.about_the_family(kind, call, place, parts, body).await;
        }
        if let Some(answer) = self.own(call, place, parts).await? {
            return Ok(answer);
        }
        let rest = busy::needs_rest(&call.operation);
        let checked = rest || aliases::is_checked_first(call);
        let _lock = if checked { Some(self.lock(place).await) } else { None };
        if aliases::is_about_aliases(&call.operation) {
            return self.about_aliases(call, place, parts, body).await;
        }
        let current = if rest { busy::current(call, &self.upstream).await? } else { None };
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut whole = complete::whole(&call.operation, &request, current.as_ref());
        if let Some(refusal) = self.refusal(call, &request, &whole, current.as_ref()).await? {
            return Ok(refusal.answer("lambda"));
        }
        if runtimes::is_about_runtimes(&call.operation) {
            return self.runtime(call, place, parts, body).await;
        }
        if let Some(refusal) = images::pin(call, &mut whole, &self.upstream).await? {
            return Ok(refusal.answer("lambda"));
        }
        if call.operation == "UpdateFunctionCode" && request.get("DryRun") == Some(&Value::Bool(true)) {
            return self.dry_run(call).await;
        }
        let publishes = published::is_wanted(&call.operation, &request);
        if publishes && let Value::Object(fields) = &mut whole {
            // the emulator would create a numbered version
            fields.retain(|name, _| name != "Publish" && name != "PublishTo");
        }
        let mut answer = if publishes && call.operation == "PublishVersion" {
            // without a function, the emulator's answer is returned
            self.configuration(call).await?
        } else {
            let body = if whole == request { body } else { whole.to_string().into() };
            self.upstream.forward(parts, body).await?
        };
        self.mend(call, place, &request, &mut answer).await?;
        if publishes && answer.status < 300 {
            self.publish(call, place, &mut answer).await?;
        }
        Ok(answer)
    }

    /// A call about the family. Some of these changes are refused while another change is in progress.
    async fn about_the_family(
        &self,
        kind: Kind,
        call: &Recognised,
        place: &Place,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, String> {
        let refusal = family::refusal_of_a_second_change(call, place);
        let lock = if refusal.is_some() { self.try_lock(place) } else { None };
        match refusal {
            Some(refusal) if lock.is_none() => Ok(refusal.answer("lambda")),
            _ => self.family.answer(kind, call, place, parts, body, &self.published).await,
        }
    }

    /// A call about aliases, and its effects on resources of the family.
    async fn about_aliases(
        &self,
        call: &Recognised,
        place: &Place,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, String> {
        let alias = call.qualifier.as_deref();
        let moves = call.operation == "UpdateAlias" && self.family.provisioned.has(place, alias);
        let before = if moves { self.alias_version(call, place).await? } else { None };
        let mut answer = aliases::answer(call, place, parts, body, &self.upstream, &self.published).await?;
        if answer.status >= 300 {
            return Ok(answer);
        }
        if call.operation == "DeleteAlias" && alias.is_some() {
            self.family.gone(call, place, alias).await?;
        }
        let after = if moves { self.alias_version(call, place).await? } else { None };
        if let (Some(alias), Some(before)) = (alias, before.filter(|before| after.as_ref() != Some(before))) {
            self.family.provisioned.alias_moved(place, alias, &before, Instant::now());
        }
        answer.edit(|body| self.family.show_moving_aliases(place, body));
        Ok(answer)
    }

    /// The version that an alias points to.
    async fn alias_version(&self, call: &Recognised, place: &Place) -> Result<Option<String>, String> {
        let alias = call.qualifier.as_deref().unwrap_or_default();
        let path = format!("/2015-03-31/functions/{}/aliases/{alias}", place.function);
        let shown = self.upstream.lambda(call, &path).await?;
        Ok(shown.and_then(|alias| alias["FunctionVersion"].as_str().map(str::to_owned)))
    }

    /// The current answer to a read.
    pub(crate) async fn shown(&self, call: &Recognised, look: &Look) -> Result<Answer, String> {
        let request = Request::builder().uri(look.path()).header(AUTHORIZATION, upstream::credential(call, "lambda"));
        let (parts, ()) = request.body(()).map_err(|error| error.to_string())?.into_parts();
        let question =
            Recognised { operation: look.operation.clone(), qualifier: look.qualifier.clone(), ..call.clone() };
        self.answer(&question, &look.place, &parts, Bytes::new()).await
    }

    /// The answer to a call about a part that the emulator does not have.
    async fn own(&self, call: &Recognised, place: &Place, parts: &Parts) -> Result<Option<Answer>, String> {
        let path = parts.uri.path();
        if call.qualifier.as_deref() == Some(published::VERSION)
            && let Some(answer) = self.own_version(call, place)
        {
            return Ok(Some(answer));
        }
        match call.operation.as_str() {
            "StopDurableExecution" => return Ok(Some(self.executions.stop(path))),
            "GetDurableExecution" => return Ok(Some(self.executions.get(path))),
            "ListDurableExecutionsByFunction" => {}
            operation if signing::is_about_the_link(operation) => {}
            _ => return Ok(None),
        }
        let mut exists = self.configuration(call).await?;
        if exists.status >= 300 {
            exists.edit(|body| mend::mend_not_found(call, body));
            return Ok(Some(exists));
        }
        let listed = call.operation == "ListDurableExecutionsByFunction";
        Ok(listed.then(|| self.executions.list(place, parts.uri.query().unwrap_or_default())))
    }

    /// The answer about `$LATEST.PUBLISHED`; `None` if the function has none, so that the emulator answers.
    fn own_version(&self, call: &Recognised, place: &Place) -> Option<Answer> {
        match call.operation.as_str() {
            "GetFunction" => self.published.show(place).map(|answer| Answer::json(200, &answer)),
            "GetFunctionConfiguration" => {
                self.published.show(place).map(|answer| Answer::json(200, &answer["Configuration"]))
            }
            "DeleteFunction" => self.published.forget(place).then(Answer::no_content),
            _ => None,
        }
    }

    /// AWS's first refusal: of the original request, then of the completed one in `whole`.
    async fn refusal(
        &self,
        call: &Recognised,
        request: &Value,
        whole: &Value,
        current: Option<&Value>,
    ) -> Result<Option<Refusal>, String> {
        let operation = call.operation.as_str();
        if operation == "DeleteFunction" && call.qualifier.as_deref() == Some("$LATEST") {
            let text = "$LATEST version cannot be deleted without deleting the function.";
            return Ok(Some(Refusal::invalid(text)));
        }
        if operation == "DeleteFunction" {
            return aliases::refusal_of_deletion(call, &self.upstream).await;
        }
        let refusal = validate::check(operation, request, managed::is_managed(request, current))
            .or_else(|| aliases::refusal_of_tags(call))
            .or_else(|| current.and_then(busy::not_at_rest))
            .or_else(|| images::refusal(operation, request, current))
            .or_else(|| durable::refusal(operation, request, current))
            .or_else(|| managed::refusal(operation, request, current))
            .or_else(|| runtimes::refusal(operation, request, current))
            .or_else(|| files::refusal(request))
            .or_else(|| network::refusal(whole));
        if refusal.is_some() {
            return Ok(refusal);
        }
        if let Some(refusal) = current.and_then(|current| busy::other_than_meant(request, current)) {
            return Ok(Some(refusal));
        }
        if operation == "PutFunctionConcurrency" {
            return busy::check_concurrency(call, request, &self.upstream).await;
        }
        references::check(call, request, &self.upstream).await
    }

    /// A call about runtime management.
    async fn runtime(&self, call: &Recognised, place: &Place, parts: &Parts, body: Bytes) -> Result<Answer, String> {
        // the emulator does not have this call, but it checks the permissions of the caller
        let unknown = self.upstream.forward(parts, body.clone()).await?;
        if unknown.status != 404 {
            return Ok(unknown);
        }
        let version = call.qualifier.as_deref().unwrap_or("$LATEST").replace('$', "%24");
        let path = format!("/2015-03-31/functions/{}/configuration?Qualifier={version}", place.function);
        if self.upstream.lambda(call, &path).await?.is_none() {
            let text = format!("Function not found: {}", place.qualified(call.qualifier.as_deref()));
            return Ok(Refusal::new(404, "ResourceNotFoundException", text).answer("lambda"));
        }
        let request = serde_json::from_slice(&body).unwrap_or_default();
        Ok(self.runtimes.answer(call, place, &request))
    }

    /// A dry run. AWS only returns the configuration; the emulator would change the function.
    async fn dry_run(&self, call: &Recognised) -> Result<Answer, String> {
        let mut answer = self.configuration(call).await?;
        if answer.status < 300 {
            answer.edit(|body| mend::mend(call, body));
        }
        Ok(answer)
    }

    async fn mend(&self, call: &Recognised, place: &Place, request: &Value, answer: &mut Answer) -> Result<(), String> {
        if answer.status < 300 {
            signing::link(call, request, &self.upstream).await?;
            self.family.signing_configs.link(call, place, request);
            answer.edit(|body| {
                mend::mend(call, body);
                self.runtimes.show(place, body);
                self.storage.pass(call, place, request, body);
            });
            if call.operation == "DeleteFunction" {
                self.family.gone(call, place, call.qualifier.as_deref()).await?;
                self.runtimes.forget(place, call.qualifier.as_deref());
                if call.qualifier.is_none() {
                    self.published.forget(place);
                    self.executions.forget(place);
                }
            }
        } else if answer.status == 404 {
            answer.edit(|body| mend::mend_not_found(call, body));
        }
        Ok(())
    }

    /// Stores `$LATEST` as `$LATEST.PUBLISHED`, and names that version in the answer.
    async fn publish(&self, call: &Recognised, place: &Place, answer: &mut Answer) -> Result<(), String> {
        let path = format!("/2015-03-31/functions/{}", place.function);
        let Some(mut latest) = self.upstream.lambda(call, &path).await? else { return Ok(()) };
        let question = Recognised { operation: "GetFunction".to_owned(), qualifier: None, ..call.clone() };
        mend::mend(&question, &mut latest);
        let version = self.published.keep(place, &latest);
        if call.operation == "PublishVersion" {
            *answer = Answer::json(201, &version);
        } else {
            answer.edit(|body| body["Version"] = published::VERSION.into());
        }
        Ok(())
    }

    /// The configuration of the function's `$LATEST` in the emulator.
    async fn configuration(&self, call: &Recognised) -> Result<Answer, String> {
        let path = format!("/2015-03-31/functions/{}/configuration", call.function.as_deref().unwrap_or_default());
        let mut answer = self.upstream.ask(call, "lambda", Method::GET, &path, "").await?;
        answer.headers.remove(hyper::header::CONTENT_LENGTH);
        Ok(answer)
    }

    async fn lock(&self, place: &Place) -> tokio::sync::OwnedMutexGuard<()> {
        self.lock_of(place).lock_owned().await
    }

    /// `None` if another call is changing the function.
    fn try_lock(&self, place: &Place) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        self.lock_of(place).try_lock_owned().ok()
    }

    fn lock_of(&self, place: &Place) -> Lock {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(place.clone()).or_default())
    }
}
