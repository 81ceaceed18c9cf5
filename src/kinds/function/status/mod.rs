//! The part of a status that only LambdaFunction has: every attribute that AWS shows, and records of facts that it does not show.

pub mod effects;
pub mod history;
pub mod words;

use super::observed::{Attributes, Lifecycle, Observed};
use super::plan::{updates, version};
use super::side::Sides;
use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::{FunctionRecord, LambdaFunctionStatus, Published, SnapStartStatus, Updates};
use crate::api::shared::{CommonRecord, CommonStatus};
use crate::core::brake::Repeated;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::conditions::fitting;
use crate::core::kind::Stated;
use crate::core::operation::Operation;
use crate::core::outcome::Outcome;
use crate::core::past::Reported;
use crate::core::references::{Parent, stalled};
use crate::core::target;
use effects::Effects;

/// The qualifier of a function without a published version.
const LATEST: &str = "$LATEST";

impl Reported for LambdaFunctionStatus {
    fn common(&self) -> &CommonStatus {
        &self.common
    }

    fn common_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }

    fn record(&self) -> &CommonRecord {
        &self.record.common
    }

    fn record_mut(&mut self) -> &mut CommonRecord {
        &mut self.record.common
    }
}

/// Records in the status what the reconcile observed, did and proved.
pub(crate) fn remember(status: &mut LambdaFunctionStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects {
        deployed,
        published,
        sides,
        applied,
        outlived,
        updated,
        since,
        members,
        regranted,
        modified,
        adopted,
        adopted_from,
    } = &input.conclusion.effects;
    if let Seen::Ours(observed) = &input.conclusion.seen {
        // Uses the record from before this reconcile, because no read has shown a version that it published.
        show(status, observed);
    }
    let record = &mut status.record;
    record.deployed = deployed.clone().or(record.deployed.take());
    record.published = published.clone().or(record.published.take());
    record.last_regranted_role = regranted.clone().or(record.last_regranted_role.take());
    if *adopted || matches!(input.conclusion.outcome, Outcome::Settled) {
        record.creation_pending = None;
    }
    if *adopted {
        record.adopted = Some(true);
    }
    record.adopted_from = adopted_from.clone().or(record.adopted_from.take());
    if input.conclusion.sent.contains(&Operation::DeleteFunction) {
        // The function is recreated, so the values that AWS had accepted no longer count.
        record.applied.clear();
    }
    if input.conclusion.sent.contains(&Operation::CreateFunction) {
        record.applied.clear();
        record.updates = Updates::default();
    }
    record.applied.retain(|name, _| !outlived.contains(name));
    record.applied.extend(applied.clone());
    if updated.is_some() {
        (record.updates.last, record.updates.since) = (*updated, since.clone());
    }
    record.updates.members.extend(members.iter().map(|member| member.name().to_owned()));
    // These were sent after the read. Recording them lets the next edit know them even if it comes before the next read.
    record_sides(status, sides);
    // A later read with an older time is recognised as stale.
    if let Some(modified) = modified {
        status.last_modified = Some(modified.clone());
    }
}

/// The conditions that only a function has.
pub(crate) fn conditions(status: &LambdaFunctionStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
    let version = match status.version.as_ref().filter(|version| *version != LATEST) {
        Some(version) => Ok(Stated::new("Published", version.clone())),
        None => Err(Stated::new("NotPublished", "No version is published.".into())),
    };
    let vpc = match status.vpc_id.as_ref().filter(|id| !id.is_empty()) {
        Some(vpc) => Ok(Stated::new("Connected", vpc.clone())),
        None => Err(Stated::new("NotConnected", "The function is not attached to a VPC.".into())),
    };
    vec![(condition::VERSION_PUBLISHED, version), (condition::VPC_CONNECTED, vpc)]
}

/// The facts about the function for the LambdaAliases that refer to it.
pub(crate) fn parent(object: &LambdaFunction) -> Parent {
    let status = object.status.as_ref();
    let version = status.and_then(|status| status.version.clone());
    let version = version.filter(|version| version.bytes().all(|byte| byte.is_ascii_digit()));
    let parent = Parent::of(&object.metadata, status);
    let publishes = object.spec.publish.unwrap_or_default();
    // A function that exists can still lack the version that its aliases wait for.
    let unpublished = stalled(status).filter(|_| publishes && version.is_none());
    Parent { publishes, version, blocked: parent.blocked.or(unpublished), ..parent }
}

/// Clears everything about a function that does not exist. Its target and the wait stay.
pub(crate) fn forget(status: &mut LambdaFunctionStatus) {
    *status = LambdaFunctionStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        record: FunctionRecord {
            // The next function with this name is a new one.
            ever_active: Some(false),
            creation_pending: Some(true),
            last_regranted_role: status.record.last_regranted_role.take(),
            // `adoptFrom` stays used, also for another function with this name.
            adopted_from: status.record.adopted_from.take(),
            // The values that AWS accepted last are kept: they show whether somebody else deleted the function.
            applied: std::mem::take(&mut status.record.applied),
            common: CommonRecord {
                last_reconciled: status.record.common.last_reconciled.take(),
                wait: status.record.common.wait.take(),
                last_write: status.record.common.last_write.take(),
                perhaps_created: status.record.common.perhaps_created.take(),
                repeated: Repeated::new(),
            },
            ..FunctionRecord::default()
        },
        ..LambdaFunctionStatus::default()
    };
}

/// The version that holds `$LATEST`, once it can be invoked. Until then status shows the previous one.
fn usable_version(published: Option<&Published>, observed: &Observed) -> Option<String> {
    let ready = observed.version.as_ref().is_none_or(|version| version.lifecycle == Lifecycle::Ready);
    let recorded = published.filter(|published| version::holds(published, observed));
    let number = observed.published.as_ref().or(recorded.map(|published| &published.version));
    number.filter(|_| ready).cloned()
}

/// Copies every attribute that AWS shows.
fn show(status: &mut LambdaFunctionStatus, observed: &Observed) {
    let Attributes {
        arn,
        last_modified,
        code_size,
        code_sha256,
        // Needed only for the next call.
        revision_id: _,
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
        image_config_error: _,
        referenced: _,
    } = observed.attributes.clone();
    name(status, arn, observed);
    status.record.updates =
        updates::outcome(std::mem::take(&mut status.record.updates), status.last_modified.as_ref(), observed);
    status.last_modified = last_modified;
    status.source_code_size = Some(code_size);
    status.code_sha256 = code_sha256;
    status.vpc_id = vpc_id;
    status.signing_job_arn = signing_job_arn;
    status.signing_profile_version_arn = signing_profile_version_arn;
    status.snap_start = optimization_status.map(|on| SnapStartStatus { optimization_status: Some(on) });
    status.tags_all = tags_all;
    if matches!(state.as_deref(), Some("Active" | "Inactive" | "ActiveNonInvocable" | "Deactivated")) {
        status.record.ever_active = Some(true);
    }
    status.state = state;
    status.state_reason = state_reason.map(String::from).map(fitting);
    status.state_reason_code = state_reason_code;
    status.last_update_status = last_update_status;
    status.last_update_status_reason = last_update_status_reason.map(String::from).map(fitting);
    status.last_update_status_reason_code = last_update_status_reason_code;
    status.runtime_version_arn = runtime_version_arn;
    status.resolved_image_uri = resolved_image_uri;
    status.memory_size = Some(observed.function.configuration.memory_size);
    status.timeout = Some(observed.function.configuration.timeout);
    status.architectures = observed.function.code.architecture.iter().cloned().collect();
    record_sides(status, &observed.function.sides);
}

/// Sets the ARNs of the function and its version, and those by which API Gateway invokes them.
fn name(status: &mut LambdaFunctionStatus, arn: String, observed: &Observed) {
    let region = status.common.region.clone().unwrap_or_default();
    let version = usable_version(status.record.published.as_ref(), observed)
        .or_else(|| status.version.take())
        .unwrap_or_else(|| LATEST.to_owned());
    let qualified = format!("{arn}:{version}");
    status.invoke_arn = Some(target::invoke_arn(&region, &arn));
    status.response_streaming_invoke_arn = Some(target::response_streaming_invoke_arn(&region, &arn));
    status.qualified_invoke_arn = Some(target::invoke_arn(&region, &qualified));
    status.qualified_arn = Some(qualified);
    status.version = Some(version);
    status.common.arn = Some(arn);
}

/// Records the known side groups. The records of the others stay.
fn record_sides(status: &mut LambdaFunctionStatus, sides: &Sides) {
    sides.iter().for_each(|(side, setting)| side.record(status, setting.as_ref()));
}

#[cfg(test)]
mod tests;
