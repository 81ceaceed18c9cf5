//! The status of a LambdaEventSourceMapping: the effects of a reconcile, its records and its report.

use k8s_openapi::jiff::Timestamp;

use super::desired::{Desired, perhaps_made};
use super::history::History;
use super::observed::{Observed, State};
use super::step::{Creation, Step};
use crate::api::condition;
use crate::api::event_source_mapping::status::{LambdaEventSourceMappingStatus, MappingRecord};
use crate::api::shared::{AdoptedFrom, CommonRecord, CommonStatus};
use crate::core::applied::{Applied, hash};
use crate::core::blocked::Blocked;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::kind::Stated;
use crate::core::operation::{Access, Operation};
use crate::core::outcome::Progress;
use crate::core::ownership::cluster_advice;
use crate::core::past::Reported;
use crate::core::plan::Write;
use crate::core::reason::Reason;
use crate::core::tagged;
use crate::core::target::Target;
use crate::kinds::function::plan::step::{Tagging, Untagging};

/// The answer to a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The mapping's UUID.
    pub uuid: Option<String>,
    /// The time of the change.
    pub modified: Option<Timestamp>,
}

/// The effects of a reconcile that later reconciles must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// UUID of the mapping, if it is the object's.
    pub uuid: Option<String>,
    /// Hash of the values that AWS accepted, by member and by tag.
    pub applied: Applied,
    /// Names of records that are no longer valid.
    pub outlived: Vec<String>,
    /// The time of the change, from AWS's last answer.
    pub modified: Option<Timestamp>,
    /// The former owner, after a takeover with `adoptFrom`.
    pub adopted_from: Option<AdoptedFrom>,
}

/// Write-ahead: before the creation, records the target, and the fact that the mapping can exist from now on. Its owner tag later shows whether it is
/// ours.
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
    let Answer { uuid, modified } = answer;
    effects.uuid = uuid.or(effects.uuid.take());
    effects.modified = modified.or(effects.modified.take());
    match step {
        Step::Create(creation) => {
            let Creation { origin: _, start: _, settings: _, tags, owner: _ } = &**creation;
            effects.applied.extend(desired.map(|desired| desired.compared().applied()).unwrap_or_default());
            effects.applied.extend(tagged::record(tags));
        }
        Step::Update(update) => effects.applied.extend(update.settings.applied()),
        Step::Tag(_, Tagging::Set(tags)) => effects.applied.extend(tagged::record(tags.get())),
        // AWS accepted the removal, so the removed tags are recorded as absent.
        Step::Untag(_, Untagging::Remove(keys)) => {
            effects.applied.extend(tagged::record_removed(keys));
        }
        Step::Tag(uuid, Tagging::Owner(owner)) => {
            effects.uuid = Some(uuid.clone());
            effects.applied.insert(tagged::OWNER.into(), hash(owner));
            let from = observed.and_then(|observed| observed.tags.owner());
            let from = from.as_ref().and_then(|owner| owner.known()).cloned().flatten();
            let spent = desired.and_then(|desired| desired.ownership.spends());
            effects.adopted_from = spent.filter(|spent| from.as_ref() == Some(&spent.owner));
        }
        Step::Untag(_, Untagging::Owner) | Step::Delete(_) => {}
    }
}

/// The effects of a reconcile that found no difference: AWS accepted everything that is not ignored.
#[must_use]
pub fn proved(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
    let applied = desired.applied();
    let outlived = history.applied.keys().filter(|name| !applied.contains_key(*name)).cloned().collect();
    let uuid = observed.map(|observed| observed.uuid.clone());
    // A mapping that the object can have made itself was not taken over. Any other was, and the answer to TagResource was lost.
    let adopted_from = desired.ownership.spends().filter(|_| observed.is_some() && !perhaps_made(history));
    Effects { uuid, applied, outlived, modified: None, adopted_from }
}

/// If the record was lost, a reported difference counts as drift from now on.
#[must_use]
pub fn left(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
    let Some(observed) = observed else { return Effects::default() };
    let applied = if history.is_lost() { desired.applied() } else { Applied::default() };
    Effects { uuid: Some(observed.uuid.clone()), applied, ..Effects::default() }
}

/// Records in the status what the reconcile observed, did and proved.
pub fn remember(status: &mut LambdaEventSourceMappingStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects { uuid, applied, outlived, modified, adopted_from } = &input.conclusion.effects;
    if let Seen::Ours(observed) = &input.conclusion.seen {
        show(status, observed);
    }
    let creates = input.conclusion.sent.contains(&Operation::CreateEventSourceMapping);
    let record = &mut status.record;
    if creates || input.conclusion.sent.contains(&Operation::DeleteEventSourceMapping) {
        record.applied.clear();
    }
    record.applied.retain(|name, _| !outlived.contains(name));
    record.applied.extend(applied.clone());
    record.uuid = uuid.clone().or(record.uuid.take());
    record.modified = modified.or(record.modified);
    record.adopted_from = adopted_from.clone().or(record.adopted_from.take());
}

/// Copies the attributes that AWS shows.
fn show(status: &mut LambdaEventSourceMappingStatus, observed: &Observed) {
    let text = |shown: &str| Some(shown.to_owned()).filter(|text| !text.is_empty());
    status.common.arn = Some(observed.arn.clone());
    status.uuid = Some(observed.uuid.clone());
    status.record.uuid = Some(observed.uuid.clone());
    status.function_arn = text(&observed.function_arn);
    status.qualifier = observed.qualifier().cloned();
    status.state = Some(observed.state.name().to_owned());
    status.state_transition_reason = text(&observed.reason);
    status.last_processing_result = text(&observed.result);
    status.last_modified = observed.modified;
    if let Some(users) = observed.tags.users() {
        status.tags_all.clone_from(users);
    }
}

/// Clears the attributes of a mapping that is absent. The target, the wait and the record stay.
pub fn forget(status: &mut LambdaEventSourceMappingStatus) {
    *status = LambdaEventSourceMappingStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        record: MappingRecord { modified: None, ..std::mem::take(&mut status.record) },
        ..LambdaEventSourceMappingStatus::default()
    };
}

/// The prefix of the result of an invocation that failed.
const PROBLEM: &str = "PROBLEM";

/// The condition that only a mapping has: whether records reach the function.
#[must_use]
pub fn conditions(status: &LambdaEventSourceMappingStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
    let result = status.last_processing_result.clone().unwrap_or_default();
    let reason = status.state_transition_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let fact = if status.state.is_none() {
        Err(Stated::new("NotEnabled", "The mapping does not exist in AWS yet.".into()))
    } else if let Some(state) = status.state.as_ref().filter(|state| *state != State::Enabled.name()) {
        Err(Stated::new("NotEnabled", format!("The state of the mapping is {state}{reason}.")))
    } else if result.starts_with(PROBLEM) {
        Err(Stated::new(
            "Problem",
            format!("{result}. Check the function's log and the permissions of its role on the event source."),
        ))
    } else {
        Ok(Stated::new("Enabled", if result.is_empty() { "The mapping is enabled.".into() } else { result }))
    };
    vec![(condition::PROCESSING, fact)]
}

/// Reason and message for the change that AWS is applying.
#[must_use]
pub fn working(observed: Option<&Observed>) -> (Reason, String) {
    match observed.map(|observed| observed.state) {
        Some(State::Creating) => (Reason::Creating, "AWS is creating the event source mapping.".into()),
        Some(state) => (Reason::Updating, format!("AWS is changing the event source mapping ({}).", state.name())),
        None => (Reason::Updating, "AWS is applying an update.".into()),
    }
}

/// The message of a mapping that is in sync. It names the values that AWS does not show, because they cannot be compared.
#[must_use]
pub fn settled(seen: &Seen<Observed>) -> String {
    let withheld = seen.ours().and_then(|observed| observed.filters_withheld.as_ref());
    match withheld {
        None => "The event source mapping in AWS matches the spec.".into(),
        Some(error) => format!(
            "The event source mapping in AWS matches the spec, as far as AWS shows it. AWS does not show the filters, so drift there is not corrected ({}): allow the operator's AWS identity kms:Decrypt for the key in kmsKeyArn.",
            error.as_str()
        ),
    }
}

/// Reason and message for a cause of `Stalled`: what happened, then what to do.
#[must_use]
pub fn explain(blocked: &Blocked) -> (Reason, String) {
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!("The function, or its mapping of this event source, belongs to {owner}, so nothing is changed: create the mapping in the namespace that manages the function, or delete that owner's mapping first. To take the mapping over, set adoptFrom: {owner}, and set the annotation lambda-operator.io/hand-over-to on that object."),
        ),
        Blocked::OtherCluster(owner) => (
            Reason::NotOwned,
            format!("The function, or its mapping of this event source, belongs to {owner}, of another cluster, so nothing is changed. {}", cluster_advice(owner)),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            "The function has a mapping of this event source in AWS without an owner tag of this operator, so it is not changed: set adoptionPolicy: Adopt to take it over, if the namespace allows adoption, delete it in AWS, or delete this object.".into(),
        ),
        Blocked::OwnershipUnknown => (
            Reason::OwnershipUnknown,
            "The tags of the event source mapping, or of its function, cannot be read, so the owner is unknown and nothing is written: allow the operator's AWS identity lambda:ListTags.".into(),
        ),
        Blocked::DisabledByAws(reason) => (
            Reason::MappingDisabled,
            format!("AWS disabled the event source mapping ({reason}). Remove the cause. Then enable the mapping again: set enabled to false, wait until the object is Ready, and set enabled to true."),
        ),
        Blocked::Immutable(field) => (
            Reason::Immutable,
            format!("The event source mapping in AWS has another {field} than the spec, and AWS cannot change it: set the value that the mapping has, or remove the field. If the API server refuses that, set skipDestroy: true, delete this object, and create one with that value and adoptionPolicy: Adopt. Without skipDestroy, the operator deletes the mapping, and a new one does not continue where it stopped."),
        ),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::DeletionProtected(sentence) => (Reason::DeletionProtected, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        // This occurs only with provisioned concurrency.
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

impl Reported for LambdaEventSourceMappingStatus {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::jiff::SignedDuration;

    use super::*;
    use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
    use crate::core::conclusion::Conclusion;
    use crate::core::error::Error;
    use crate::core::outcome::Outcome;
    use crate::core::plan::Plan;
    use crate::core::status::status;
    use crate::kinds::event_source_mapping::plan::plan;
    use crate::kinds::event_source_mapping::plan::tests::{desired, present};

    /// The status after a reconcile that found no mapping and whose creation was refused, because AWS has one.
    fn refused(
        before: Option<LambdaEventSourceMappingStatus>,
        target: &Target,
        now: Timestamp,
    ) -> LambdaEventSourceMappingStatus {
        let history = History::of(before.as_ref());
        let Plan::Steps(steps) = plan(&present(&desired(&[])), &history, None) else { panic!("a creation") };
        let ahead = write_ahead(target, &history, &steps).into_iter().map(|(work, _)| Outcome::InProgress(work));
        let text = "An event source mapping with that source and function already exists.";
        let code = "ResourceConflictException";
        let exists = Error::new(Operation::CreateEventSourceMapping, code, 409, text);
        let after = ahead.chain([Outcome::Failed(exists)]).fold(before, |before, outcome| {
            let conclusion = Conclusion::new(outcome).at(target).saw(Seen::Absent);
            let input = StatusInput {
                conclusion: &conclusion,
                generation: 1,
                identity: None,
                references: String::new(),
                timeout: Duration::from_secs(60),
                requested: None,
                shown: None,
                deletion: None,
            };
            Some(status::<LambdaEventSourceMapping>(before.as_ref(), &input, now))
        });
        after.unwrap_or_default()
    }

    #[test]
    fn a_mapping_that_exists_for_aws_and_that_no_read_finds_times_out() {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let (mut status, mut told) = (None, Vec::new());
        for seconds in [0, 10, 60, 61, 120] {
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
            let after = refused(status, &target, now);
            let ready = after.common.conditions.iter().find(|one| one.type_ == condition::READY);
            told.push(ready.map(|ready| ready.reason.clone()).unwrap_or_default());
            status = Some(after);
        }
        assert_eq!(told, ["AlreadyExists", "AlreadyExists", "AlreadyExists", "TimedOut", "TimedOut"]);
    }

    #[test]
    fn a_mapping_that_reads_nothing_says_why() {
        let says = |state: Option<&str>, reason: Option<&str>| {
            let [state, state_transition_reason] = [state, reason].map(|text| text.map(str::to_owned));
            let status = LambdaEventSourceMappingStatus { state, state_transition_reason, ..Default::default() };
            conditions(&status).remove(0).1.map_or_else(|stated| stated.message, |stated| stated.message)
        };
        assert_eq!(says(None, None), "The mapping does not exist in AWS yet.");
        assert_eq!(says(Some("Creating"), None), "The state of the mapping is Creating.");
        assert_eq!(says(Some("Disabled"), Some("why")), "The state of the mapping is Disabled (why).");
        assert_eq!(says(Some("Enabled"), None), "The mapping is enabled.");
    }

    #[test]
    fn the_way_out_of_an_immutable_field_keeps_the_position() {
        let (_, message) = explain(&Blocked::Immutable("startingPosition"));
        let [skip, delete] = ["set skipDestroy: true", "delete this object"].map(|words| message.find(words));
        assert!(skip.is_some() && skip < delete, "{message}");
    }
}
