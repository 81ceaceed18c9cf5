//! From a pass to the status that reports it. Pure: the time is an argument, and moves only what is news.

pub mod conclusion;
mod conditions;
pub mod effects;
pub mod history;
pub mod summary;

use k8s_openapi::jiff::Timestamp;

use super::observed::{Attributes, Observed, Version};
use super::side::Sides;
use crate::api::function::status::{
    AppliedGeneration, FunctionRecord, LambdaFunctionStatus, Published, SnapStartStatus,
};
use crate::core::outcome::Outcome;
use crate::core::reason::Standing;
use crate::core::target;
use crate::core::target::Target;
use conclusion::{Seen, StatusInput};
use conditions::{conditions, fitting, time_out, wait};
use effects::Effects;
use summary::{sentences, summary};

/// The status after a pass, from the one before it.
#[must_use]
pub fn status(before: Option<&LambdaFunctionStatus>, input: &StatusInput<'_>, now: Timestamp) -> LambdaFunctionStatus {
    let mut status = before.cloned().unwrap_or_default();
    status.observed_generation = Some(input.generation);
    if let Some(Target { account, region, name }) = &input.conclusion.target {
        status.account = Some(account.clone());
        status.region = Some(region.clone());
        status.function_name = Some(name.clone());
    }
    if let Some(identity) = input.identity {
        status.identity = Some(identity.to_owned());
    }
    if matches!(input.conclusion.seen, Seen::Absent) {
        forget_function(&mut status);
    }
    remember(&mut status, input);
    if !matches!(input.conclusion.outcome, Outcome::Suspended) {
        status.last_handled_reconcile_at = input.requested.clone().map(fitting).or(status.last_handled_reconcile_at);
    }
    if let Seen::Ours(observed) = &input.conclusion.seen {
        show(&mut status, observed);
    }
    // Sent after the look, so that the next edit knows of it even if it comes before the next look.
    record_sides(&mut status, &input.conclusion.effects.sides);
    // Of the same kind: a later look that shows an older time shows what was before.
    if let Some(modified) = &input.conclusion.effects.modified {
        status.last_modified = Some(modified.clone());
    }
    let mut summary = summary(input);
    status.record.wait = wait(before, input, &summary, now);
    time_out(&mut summary, status.record.wait.as_ref(), input.timeout, now);
    if let (Some(deletion), Standing::Stalled) = (&input.deletion, summary.reason.standing()) {
        summary.message = sentences(&summary.message, &deletion.how_to_release(&input.conclusion.outcome));
    }
    status.conditions = conditions(before, &status, input, &summary, now);
    status
}

/// Takes over what the pass did and what it proved.
fn remember(status: &mut LambdaFunctionStatus, input: &StatusInput<'_>) {
    let Effects { deployed, published, sides: _, configured, regranted, modified: _ } = &input.conclusion.effects;
    let ours = AppliedGeneration { generation: input.generation, references: Some(input.references.clone()) };
    if let Some(deployed) = deployed {
        status.record.deployed = Some(deployed.clone());
    }
    if let Some(role) = regranted {
        status.record.last_regranted_role = Some(role.clone());
    }
    if *configured {
        status.record.last_configured = Some(ours.clone());
    }
    let held = input.conclusion.seen.ours().and_then(|observed| observed.published.as_ref());
    if let Some(Version { number, fingerprint }) = published.as_ref().or(held) {
        status.record.published = Some(Published { version: number.clone(), fingerprint: fingerprint.clone() });
    }
    if matches!(input.conclusion.outcome, Outcome::Settled) {
        status.record.last_reconciled = Some(ours);
    }
}

/// Nothing of a function that is not there; where it lives and how the wait goes stay.
fn forget_function(status: &mut LambdaFunctionStatus) {
    *status = LambdaFunctionStatus {
        observed_generation: status.observed_generation,
        conditions: std::mem::take(&mut status.conditions),
        account: status.account.take(),
        region: status.region.take(),
        function_name: status.function_name.take(),
        identity: status.identity.take(),
        last_handled_reconcile_at: status.last_handled_reconcile_at.take(),
        record: FunctionRecord {
            // What comes next is new.
            ever_active: Some(false),
            last_reconciled: status.record.last_reconciled.take(),
            last_regranted_role: status.record.last_regranted_role.take(),
            wait: status.record.wait.take(),
            ..FunctionRecord::default()
        },
        ..LambdaFunctionStatus::default()
    };
}

/// Every attribute that AWS gives.
fn show(status: &mut LambdaFunctionStatus, observed: &Observed) {
    let Attributes {
        arn,
        last_modified,
        code_size,
        code_sha256,
        vpc_id,
        signing_job_arn,
        signing_profile_version_arn,
        optimization_status,
        tags_all,
        state,
        state_reason,
        state_reason_code,
        last_update_status,
        last_update_status_reason,
        last_update_status_reason_code,
        runtime_version_arn,
        resolved_image_uri,
        environment_error: _,
    } = observed.attributes.clone();
    let region = status.region.clone().unwrap_or_default();
    let version = status.record.published.as_ref().map_or("$LATEST", |p| p.version.as_str()).to_owned();
    let qualified = format!("{arn}:{version}");
    status.invoke_arn = Some(target::invoke_arn(&region, &arn));
    status.response_streaming_invoke_arn = Some(target::response_streaming_invoke_arn(&region, &arn));
    status.qualified_invoke_arn = Some(target::invoke_arn(&region, &qualified));
    status.qualified_arn = Some(qualified);
    status.version = Some(version);
    status.arn = Some(arn);
    status.last_modified = last_modified;
    status.source_code_size = Some(code_size);
    status.code_sha256 = code_sha256;
    status.vpc_id = vpc_id;
    status.signing_job_arn = signing_job_arn;
    status.signing_profile_version_arn = signing_profile_version_arn;
    status.snap_start = optimization_status.map(|on| SnapStartStatus { optimization_status: Some(on) });
    status.tags_all = tags_all;
    if matches!(state.as_deref(), Some("Active" | "Inactive" | "ActiveNonInvocable")) {
        status.record.ever_active = Some(true);
    }
    status.state = state;
    status.state_reason = state_reason.map(fitting);
    status.state_reason_code = state_reason_code;
    status.last_update_status = last_update_status;
    status.last_update_status_reason = last_update_status_reason.map(fitting);
    status.last_update_status_reason_code = last_update_status_reason_code;
    status.runtime_version_arn = runtime_version_arn;
    status.resolved_image_uri = resolved_image_uri;
    status.memory_size = Some(observed.function.configuration.memory_size);
    status.timeout = Some(observed.function.configuration.timeout);
    status.architectures = observed.function.code.architecture.iter().cloned().collect();
    record_sides(status, &observed.function.sides);
}

/// What is known of side groups; of the others stays what was known.
fn record_sides(status: &mut LambdaFunctionStatus, sides: &Sides) {
    sides.iter().for_each(|(side, setting)| side.record(status, setting.as_ref()));
}

#[cfg(test)]
mod tests;
