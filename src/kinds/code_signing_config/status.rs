//! The status of a LambdaCodeSigningConfig: the effects of a reconcile, its records and its report.

use k8s_openapi::jiff::Timestamp;

use super::desired::Desired;
use super::history::History;
use super::model::{Config, Creation, NOUN, Observed, Step};
use crate::api::code_signing_config::{LambdaCodeSigningConfig, LambdaCodeSigningConfigStatus, SigningRecord};
use crate::api::shared::{AdoptedFrom, CommonRecord, CommonStatus};
use crate::core::applied::{Applied, hash};
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::operation::{Access, Operation};
use crate::core::outcome::Progress;
use crate::core::ownership::cluster_advice;
use crate::core::past::Reported;
use crate::core::plan::Write;
use crate::core::reason::Reason;
use crate::core::references::Parent;
use crate::core::tagged;
use crate::core::target::Target;
use crate::kinds::function::plan::step::{Tagging, Untagging};

/// The answer to a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The ARN.
    pub arn: Option<String>,
    /// The time of the change.
    pub modified: Option<Timestamp>,
}

/// The effects of a reconcile that later reconciles must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// ARN of the code signing configuration, if it is the object's.
    pub arn: Option<String>,
    /// Hash of the values that AWS accepted, by member and by tag.
    pub applied: Applied,
    /// Names of records that are no longer valid.
    pub outlived: Vec<String>,
    /// The time of the change, from AWS's last answer.
    pub modified: Option<Timestamp>,
    /// The former owner, after a takeover with `adoptFrom`.
    pub adopted_from: Option<AdoptedFrom>,
}

/// Write-ahead: before the creation, records the target, and the fact that the configuration can exist from now on. Its owner tag later shows whether
/// it is ours.
#[must_use]
pub fn write_ahead(target: &Target, recorded: &History, steps: &[Step]) -> Vec<(Progress, Effects)> {
    let creates = steps.iter().any(|step| step.operation().access() == Access::Create);
    let known = recorded.past.target.as_ref() == Some(target) && recorded.past.perhaps_created.is_some();
    if creates && !known { vec![(Progress::Creating, Effects::default())] } else { Vec::new() }
}

/// Records a step that AWS accepted.
pub fn accepted(
    effects: &mut Effects,
    step: &Step,
    answer: Answer,
    desired: Option<&Desired>,
    observed: Option<&Observed>,
) {
    let Answer { arn, modified } = answer;
    effects.arn = arn.or(effects.arn.take());
    effects.modified = modified.or(effects.modified.take());
    match step {
        Step::Create(creation) => {
            let Creation { config, tags, owner: _ } = &**creation;
            let compared = desired.map(Desired::compared).unwrap_or_default();
            effects.applied.extend(config.applied(&compared));
            effects.applied.extend(tagged::record(tags));
        }
        Step::Update(_, config, members) => effects.applied.extend(config.applied(members)),
        Step::Tag(_, Tagging::Set(tags)) => effects.applied.extend(tagged::record(tags.get())),
        // AWS accepted the removal, so the removed tags are recorded as absent.
        Step::Untag(_, Untagging::Remove(keys)) => effects.applied.extend(tagged::record_removed(keys)),
        Step::Tag(arn, Tagging::Owner(owner)) => {
            effects.arn = Some(arn.clone());
            effects.applied.insert(tagged::OWNER.into(), hash(owner));
            let from = observed.and_then(|observed| observed.tags.owner_name());
            let spent = desired.and_then(|desired| desired.ownership.spends());
            effects.adopted_from = spent.filter(|spent| from == Some(spent.owner.as_str()));
        }
        Step::Untag(_, Untagging::Owner) | Step::Delete(_) => {}
    }
}

/// The effects of a reconcile that found no difference: AWS accepted everything that is not ignored.
#[must_use]
pub fn proved(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
    let applied = desired.applied();
    let outlived = history.applied.keys().filter(|name| !applied.contains_key(*name)).cloned().collect();
    let arn = observed.map(|observed| observed.arn.clone());
    Effects { arn, applied, outlived, modified: None, adopted_from: desired.ownership.spends() }
}

/// The effects of a reconcile that only reports drift: AWS accepted the members and tags without a difference. If the record was lost, a reported
/// difference counts as drift from now on.
#[must_use]
pub fn left(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
    let Some(observed) = observed else { return Effects::default() };
    let mut applied = desired.applied();
    if !history.is_lost() {
        let differing = desired.config.differences(&observed.config);
        let is_member = |name: &str| differing.iter().any(|member| Config::name(*member) == name);
        // A tag that was not read is no proof.
        let shown = observed.tags.users().map(tagged::record).unwrap_or_default();
        let is_tag = |name: &str| name.starts_with(&tagged::record_name(""));
        applied.retain(|name, hash| if is_tag(name) { shown.get(name) == Some(hash) } else { !is_member(name) });
    }
    Effects { arn: Some(observed.arn.clone()), applied, ..Effects::default() }
}

/// Records in the status what the reconcile observed, did and proved.
pub fn remember(status: &mut LambdaCodeSigningConfigStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects { arn, applied, outlived, modified, adopted_from } = &input.conclusion.effects;
    if let Seen::Ours(observed) = &input.conclusion.seen {
        show(status, observed);
    }
    let sent = |operation| input.conclusion.sent.contains(&operation);
    let record = &mut status.record;
    if sent(Operation::CreateCodeSigningConfig) || sent(Operation::DeleteCodeSigningConfig) {
        record.applied.clear();
    }
    record.applied.retain(|name, _| !outlived.contains(name));
    record.applied.extend(applied.clone());
    record.config_arn = arn.clone().or(record.config_arn.take());
    record.modified = modified.or(record.modified);
    record.adopted_from = adopted_from.clone().or(record.adopted_from.take());
}

/// Copies the attributes that AWS shows.
fn show(status: &mut LambdaCodeSigningConfigStatus, observed: &Observed) {
    let Observed { arn, id, config, modified, tags, functions: _ } = observed;
    let Config { publishers: _, untrusted, description: _ } = config;
    status.common.arn = Some(arn.clone());
    status.record.config_arn = Some(arn.clone());
    status.config_id = Some(id.clone()).filter(|id| !id.is_empty());
    status.untrusted_artifact_on_deployment = Some(untrusted.clone());
    status.last_modified = *modified;
    if let Some(users) = tags.users() {
        status.tags_all.clone_from(users);
    }
}

/// Clears the attributes of a configuration that is absent. The target, the wait and the record stay.
pub fn forget(status: &mut LambdaCodeSigningConfigStatus) {
    *status = LambdaCodeSigningConfigStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        record: SigningRecord { modified: None, ..std::mem::take(&mut status.record) },
        ..LambdaCodeSigningConfigStatus::default()
    };
}

/// The facts about the configuration for the functions that refer to it.
pub(super) fn parent(object: &LambdaCodeSigningConfig) -> Parent {
    let status = object.status.as_ref();
    Parent { arn: status.and_then(|status| status.common.arn.clone()), ..Parent::of(&object.metadata, status) }
}

/// The number of functions that a message lists.
const MOST_FUNCTIONS: usize = 10;

/// The message about functions that block the deletion.
#[must_use]
pub fn held(observed: &Observed) -> Option<String> {
    let functions = &observed.functions;
    if functions.is_empty() {
        return None;
    }
    let listed = functions.iter().take(MOST_FUNCTIONS).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = functions.len().saturating_sub(MOST_FUNCTIONS);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Some(format!(
        "AWS does not delete the {NOUN} while functions use it: {listed}{more}. Remove codeSigningConfigRef or codeSigningConfigArn from these functions. To keep the {NOUN} in AWS, set spec.skipDestroy: true."
    ))
}

/// Reason and message for a cause of `Stalled`: what happened, then what to do.
#[must_use]
pub fn explain(blocked: &Blocked) -> (Reason, String) {
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!(
                "The {NOUN} belongs to {owner}, so nothing is changed: delete this object, or set adoptFrom: {owner} and set the annotation lambda-operator.io/hand-over-to on that object."
            ),
        ),
        Blocked::OtherCluster(owner) => (
            Reason::NotOwned,
            format!(
                "The {NOUN} belongs to {owner}, of another cluster, so nothing is changed. {}",
                cluster_advice(owner)
            ),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            format!(
                "The {NOUN} has no owner tag of this operator, so it is not changed: set adoptionPolicy: Adopt to take it over, if the namespace allows adoption, or delete this object."
            ),
        ),
        Blocked::OwnershipUnknown => (
            Reason::OwnershipUnknown,
            format!(
                "AWS does not show the tags of the {NOUN}, so the owner is unknown and nothing is written: allow the operator's AWS identity lambda:ListTags."
            ),
        ),
        Blocked::Immutable(field) => (
            Reason::Immutable,
            format!(
                "AWS cannot change {field} of an existing {NOUN}: restore the old value, or delete this object and create another."
            ),
        ),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::DeletionProtected(sentence) => (Reason::DeletionProtected, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        // These occur only with event source mappings and provisioned concurrency.
        Blocked::DisabledByAws(said) => (Reason::MappingDisabled, said.clone()),
        Blocked::AllocationFailed(said) => (Reason::AllocationFailed, said.clone()),
        // These occur only with LambdaFunctions.
        Blocked::UpdateFailed(_)
        | Blocked::FunctionFailed(_)
        | Blocked::FunctionInactive
        | Blocked::VersionFailed(_)
        | Blocked::CodeHashMismatch { .. } => {
            (Reason::FunctionFailed, "The function has failed: see its LambdaFunction.".into())
        }
    }
}

impl Reported for LambdaCodeSigningConfigStatus {
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
