//! Builds the status that reports a reconcile, for every kind. Pure: the time is an argument, and a time in the status moves only if something changed.

use k8s_openapi::jiff::Timestamp;

use super::conclusion::Seen;
use super::conditions::{conditions, fitting, time_out, wait};
use super::kind::{Kind, StatusInputOf};
use super::outcome::Outcome;
use super::past::Reported;
use super::reason::Standing;
use super::staleness::{last_write, perhaps_created};
use super::summary::{sentences, summary};
use super::target::Target;

/// The status after a reconcile, from the one before it.
#[must_use]
pub fn status<K: Kind>(before: Option<&K::Status>, input: &StatusInputOf<'_, K>, now: Timestamp) -> K::Status {
    let mut status = before.cloned().unwrap_or_default();
    head::<K>(&mut status, input);
    if matches!(input.conclusion.seen, Seen::Absent) {
        K::forget(&mut status);
    }
    K::remember(&mut status, input);
    let record = status.record_mut();
    record.last_write = last_write(record.last_write, input.conclusion, now);
    record.perhaps_created = perhaps_created(record.perhaps_created, input.conclusion, now);
    if matches!(input.conclusion.outcome, Outcome::Settled) {
        status.record_mut().last_reconciled = Some(input.revision());
    }
    if let Some(repeated) = &input.conclusion.repeated {
        status.record_mut().repeated.clone_from(repeated);
    }
    let mut summary = summary::<K>(input);
    let wait = wait(before, input, &summary, now);
    time_out(&mut summary, wait.as_ref(), input.timeout, now);
    status.record_mut().wait = wait;
    if let (Some(deletion), Standing::Stalled) = (&input.deletion, summary.reason.standing()) {
        let release = deletion.how_to_release(&input.conclusion.outcome, K::NAMES.noun, K::NAMES.short);
        summary.message = sentences(&summary.message, &release);
    }
    let conditions = conditions::<K>(before, &status, input, &summary, now);
    status.common_mut().conditions = conditions;
    status
}

/// Sets the generation, the target and the acting identity.
fn head<K: Kind>(status: &mut K::Status, input: &StatusInputOf<'_, K>) {
    let common = status.common_mut();
    common.observed_generation = Some(input.generation);
    if let Some(target @ Target { account, region, name: _ }) = &input.conclusion.target {
        common.account = Some(account.clone());
        common.region = Some(region.clone());
        common.function_name = target.function_name().map(str::to_owned);
    }
    if let Some(identity) = input.identity {
        common.identity = Some(identity.to_owned());
    }
    if !matches!(input.conclusion.outcome, Outcome::Suspended | Outcome::Unselected(_) | Outcome::HandingOver(_)) {
        let handled = input.requested.clone().map(fitting);
        common.last_handled_reconcile_at = handled.or(common.last_handled_reconcile_at.take());
    }
}
