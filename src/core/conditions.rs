//! Conditions and the clock of waits: which of their times move with a reconcile, and which stay because nothing changed.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use super::conclusion::{Seen, StatusInput};
use super::duration::written;
use super::kind::{Kind, Stated, StatusInputOf};
use super::outcome::Outcome;
use super::past::{Reported, is_past};
use super::reason::{Reason, Standing};
use super::shown::printable;
use super::summary::Summary;
use crate::api::condition;
use crate::api::shared::{Wait, WaitFor};

/// The clock of a wait: it starts with the wait, restarts with a new generation, and ends with the wait.
pub(super) fn wait<O, E>(
    before: Option<&impl Reported>,
    input: &StatusInput<'_, O, E>,
    summary: &Summary,
    now: Timestamp,
) -> Option<Wait> {
    if let Some(unproved) = unproved(before, input).filter(|wait| is_past(wait.since, now)) {
        return Some(unproved);
    }
    let ours = |wait: &Wait| wait.generation == input.generation && is_past(wait.since, now);
    let running = before.and_then(|status| status.record().wait.clone()).filter(ours);
    let Some(what) = summary.clock else {
        // A call that was throttled in between does not end the wait.
        return running.filter(|_| summary.reason.standing() == Standing::Reconciling);
    };
    let running = running.filter(|wait| wait.what == what);
    running.or_else(|| Some(Wait { what, since: whole_seconds(now), generation: input.generation }))
}

/// Keeps the running wait if the reconcile of a deleted object ended before it read AWS. Later reconciles recognise stale reads by it.
fn unproved<O, E>(before: Option<&impl Reported>, input: &StatusInput<'_, O, E>) -> Option<Wait> {
    let blind = input.deletion.is_some()
        && matches!(input.conclusion.seen, Seen::Nothing)
        && !matches!(input.conclusion.outcome, Outcome::InProgress(_));
    let before = before.filter(|_| blind)?;
    let begun = |wait: &Wait| wait.what == WaitFor::Aws && before.record().perhaps_created.is_some();
    before.record().wait.clone().filter(|wait| wait.what == WaitFor::Removal || begun(wait))
}

/// After the object's timeout a wait becomes `TimedOut`; retries continue.
pub(super) fn time_out(summary: &mut Summary, wait: Option<&Wait>, timeout: Duration, now: Timestamp) {
    let Some(wait) = wait.filter(|_| summary.clock.is_some()) else { return };
    let waited = Duration::try_from(now.duration_since(wait.since)).unwrap_or_default();
    if waited > timeout {
        summary.message = format!("Timed out after {}: {}", written(timeout), summary.message);
        summary.reason = Reason::TimedOut;
    }
}

/// Every condition; a transition time moves only if the condition's status changes.
pub(super) fn conditions<K: Kind>(
    before: Option<&K::Status>,
    status: &K::Status,
    input: &StatusInputOf<'_, K>,
    summary: &Summary,
    now: Timestamp,
) -> Vec<Condition> {
    let known = before.map(|status| status.common().conditions.as_slice()).unwrap_or_default();
    let shown = input.shown.unwrap_or(known);
    let stated = |type_: &str, value: &str, reason: &str, message: String| {
        // A status that is known but not shown was written without an answer, so the API server may hold it too.
        let old = shown.iter().chain(known).find(|c| c.type_ == type_ && c.status == value);
        Condition {
            type_: type_.into(),
            status: value.into(),
            reason: reason.into(),
            // A message can contain text from AWS, the API server, an admission policy or a spec, so it is escaped here.
            message: fitting(printable(&message).into_owned()),
            observed_generation: Some(input.generation),
            last_transition_time: old.map_or_else(|| Time(whole_seconds(now)), |c| c.last_transition_time.clone()),
        }
    };
    let said = |type_, value| stated(type_, value, summary.reason.name(), summary.message.clone());
    let mut all = match summary.reason.standing() {
        Standing::Ready => vec![said(condition::READY, "True")],
        Standing::Reconciling => vec![said(condition::READY, "False"), said(condition::RECONCILING, "True")],
        Standing::Stalled => vec![said(condition::READY, "False"), said(condition::STALLED, "True")],
        Standing::Unknown | Standing::Gone => vec![said(condition::READY, "Unknown")],
    };
    let created = match &status.common().arn {
        Some(arn) => Ok(Stated::new("Created", arn.clone())),
        None => Err(Stated::new("NotCreated", format!("This object has no {} in AWS.", K::NAMES.noun))),
    };
    for (type_, fact) in [(K::NAMES.created, created)].into_iter().chain(K::conditions(status)) {
        let (value, Stated { reason, message }) = match fact {
            Ok(stated) => ("True", stated),
            Err(stated) => ("False", stated),
        };
        all.push(stated(type_, value, reason, message));
    }
    all
}

/// The text, cut to the longest that the schema allows, so that writing a status does not fail because of its message.
pub(crate) fn fitting(text: String) -> String {
    if text.len() <= 32_768 { text } else { text.chars().take(32_768).collect() }
}

/// Kubernetes stores whole seconds; a finer time would differ from the one that it returns.
pub(crate) fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
