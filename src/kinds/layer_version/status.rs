//! The status of a LambdaLayerVersion: the effects of a reconcile, its records and its report.

use super::desired::{Desired, Goal};
use super::history::History;
use super::model::{Given, Layer, NOUN, Observed, Publication, Step, Version};
use super::{history, permissions, plan};
use crate::api::layer_version::{
    Fate, LambdaLayerVersion, LambdaLayerVersionStatus, MOST_VERSIONS, Publishing, RecordedStatement,
};
use crate::api::shared::{CommonRecord, CommonStatus};
use crate::core::applied::Applied;
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::error::CallError;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::past::Reported;
use crate::core::reason::Reason;
use crate::core::references::{Parent, stalled};
use crate::core::staleness::proves_nothing_was_made;

/// The answer to a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The number of the version that was published.
    pub number: Option<i64>,
}

/// The effects of a reconcile that later reconciles must know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// The newest version.
    pub holds: Option<Holding>,
    /// A version that is the object's, though not the newest.
    pub own: Option<i64>,
    /// The newest version, if it has the package and the members of the spec.
    pub published: Option<i64>,
    /// The versions that were deleted.
    pub deleted: Vec<i64>,
    /// The publication that is about to be sent.
    pub publishing: Option<Publishing>,
    /// The fate of the publication that was sent.
    pub fate: Option<Fate>,
    /// The version of the publication without an answer was found and deleted.
    pub resolved: bool,
    /// Changes of the policies of its versions, in their order.
    pub statements: Vec<StatementChange>,
}

/// A change of the statements that are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementChange {
    /// It is about to be added, or the addition got no answer.
    Sent(Given),
    /// The policy has it.
    Added(Given),
    /// The policy of the version with this number has no statement with this id.
    Gone(i64, String),
}

/// A version, and what it was published from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its number.
    pub number: i64,
    /// Identity of its package.
    pub source: String,
    /// Hash of each of its members.
    pub applied: Applied,
}

/// Write-ahead, because AWS has no tags for a layer: before a publication everything by which its version is found again, and before the first addition
/// to a policy the statements that are then the object's.
#[must_use]
pub fn write_ahead(observed: Option<&Observed>, steps: &[Step]) -> Vec<(Progress, Effects)> {
    let begun = steps.iter().find_map(|step| match step {
        Step::Publish(publication) => Some(begun(observed, publication)),
        Step::Delete(_) | Step::AddPermission(_) | Step::RemovePermission(_) => None,
    });
    let sent: Vec<_> = steps.iter().filter_map(sent).collect();
    let sends = Some(sent).filter(|sent| !sent.is_empty());
    let publishes = begun.map(|effects| (Progress::Creating, effects));
    let shares = sends.map(|statements| {
        let effects = Effects { statements, published: published(observed), ..Effects::default() };
        (Progress::Sent(vec![Operation::AddLayerVersionPermission]), effects)
    });
    publishes.into_iter().chain(shares).collect()
}

fn sent(step: &Step) -> Option<StatementChange> {
    match step {
        Step::AddPermission(addition) => Some(StatementChange::Sent(addition.given.clone())),
        Step::Publish(_) | Step::Delete(_) | Step::RemovePermission(_) => None,
    }
}

fn begun(observed: Option<&Observed>, publication: &Publication) -> Effects {
    let Publication { name: _, layer: _, source: _, publishing, gone: _ } = publication;
    Effects { publishing: Some(publishing.clone()), own: found(observed), ..Effects::default() }
}

/// The newest version, as it was read.
fn published(observed: Option<&Observed>) -> Option<i64> {
    observed.and_then(Observed::held).map(|version| version.number)
}

/// The version of an earlier publication without an answer, which is the object's.
fn found(observed: Option<&Observed>) -> Option<i64> {
    observed.and_then(|observed| observed.found.as_ref()).map(|version| version.number)
}

/// Records a step that AWS accepted.
pub fn accepted(effects: &mut Effects, step: &Step, answer: &Answer, observed: Option<&Observed>) {
    match step {
        Step::Publish(publication) => {
            let Publication { name: _, layer: _, source: _, publishing, gone } = &**publication;
            let Publishing { source, applied, after: _, since: _, code_sha256: _, fate: _ } = publishing;
            let holding = |number| Holding { number, source: source.clone(), applied: applied.clone() };
            *effects = Effects { holds: answer.number.map(holding), ..begun(observed, publication) };
            effects.fate = answer.number.is_none().then_some(Fate::Lost);
            effects.deleted = gone.iter().copied().collect();
        }
        Step::Delete(deletion) => {
            let found = observed.and_then(|observed| observed.found.as_ref());
            effects.resolved |= found.is_some_and(|version| version.number == deletion.number);
            effects.deleted.push(deletion.number);
        }
        Step::AddPermission(addition) => effects.statements.push(StatementChange::Added(addition.given.clone())),
        Step::RemovePermission(removal) => {
            effects.statements.push(StatementChange::Gone(removal.number, removal.id.clone()));
        }
    }
}

/// Records a step that failed. AWS may have carried it out, so the report repeats the write-ahead record.
pub fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, observed: Option<&Observed>) {
    let refused = match error {
        CallError::Postponed(_) => true,
        CallError::Failed(error) => proves_nothing_was_made(error.class),
    };
    match step {
        Step::Publish(publication) => {
            let fate = Some(if refused { Fate::Refused } else { Fate::Lost });
            *effects = Effects { fate, ..begun(observed, publication) };
        }
        Step::AddPermission(_) if !refused => effects.statements.extend(sent(step)),
        Step::Delete(_) | Step::AddPermission(_) | Step::RemovePermission(_) => {}
    }
}

/// The newest version that was read, if it has the package and the members of the spec: functions use it, whatever its statements or older versions
/// wait for.
pub fn shown(effects: &mut Effects, goal: &Goal, history: &History, observed: Option<&Observed>) {
    let is_published = goal.desired().is_some_and(|desired| plan::is_published(desired, history, observed));
    if is_published {
        effects.published = published(observed);
    }
}

/// The effects of a reconcile that found no difference: the newest version holds what the spec says.
#[must_use]
pub fn proved(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
    let holding = |version: &Version| Holding {
        number: version.number,
        source: desired.identity.clone(),
        applied: desired.layer.applied(Layer::MEMBERS),
    };
    let (added, gone) = observed.map(|observed| permissions::settled(desired, history, observed)).unwrap_or_default();
    let gone = gone.into_iter().map(|(number, id)| StatementChange::Gone(number, id));
    let statements = added.into_iter().map(StatementChange::Added).chain(gone).collect();
    Effects { holds: observed.and_then(Observed::held).map(holding), statements, ..Effects::default() }
}

/// Records in the status what the reconcile observed, did and proved.
pub fn remember(status: &mut LambdaLayerVersionStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects { holds, own, published, deleted, publishing, fate, resolved, statements } = &input.conclusion.effects;
    let record = &mut status.record;
    if *resolved {
        record.publishing = None;
    }
    if let Some(publishing) = publishing {
        record.publishing = Some(publishing.clone());
    }
    if let (Some(publishing), Some(fate)) = (&mut record.publishing, fate) {
        publishing.fate = Some(*fate);
    }
    if let Some(Holding { number, source, applied }) = holds {
        (record.current, record.source) = (Some(*number), Some(source.clone()));
        record.applied.clone_from(applied);
        record.publishing = None;
    }
    let newest = holds.as_ref().map(|holds| holds.number).or(*published);
    let added = newest.into_iter().chain(*own);
    record.versions.extend(added);
    record.versions.retain(|number| !deleted.contains(number));
    record.versions.sort_unstable();
    record.versions.dedup();
    let forgotten = record.versions.len().saturating_sub(MOST_VERSIONS);
    record.versions.drain(..forgotten);
    record.current = record.current.filter(|number| !deleted.contains(number));
    record.statements = changed(&record.statements, statements, &record.versions);
    if let Seen::Ours(observed) = &input.conclusion.seen {
        show(status, observed);
        // Not of a version that was just published: the attributes in the status are still those of the one before.
        if observed.held().is_some_and(|held| Some(held.number) == newest) {
            status.record.published_generation = Some(input.generation);
        }
    }
    let newest = status.version.as_ref().and_then(|version| version.parse().ok()).or(status.record.current);
    let older = status.record.versions.iter().filter(|number| newest.is_some_and(|newest| **number < newest));
    status.older_versions = older.map(i64::to_string).collect();
}

/// The record of statements after these changes. A version that is gone has no policy.
fn changed(before: &[RecordedStatement], changes: &[StatementChange], versions: &[i64]) -> Vec<RecordedStatement> {
    let (mut given, mut unanswered) = history::given(before);
    for change in changes {
        match change {
            StatementChange::Sent(one) => drop(unanswered.insert(one.clone())),
            StatementChange::Added(one) => {
                let other = |given: &Given| (given.number, &given.id) != (one.number, &one.id);
                given.retain(other);
                unanswered.retain(other);
                given.insert(one.clone());
            }
            StatementChange::Gone(number, id) => {
                let other = |given: &Given| (given.number, &given.id) != (*number, id);
                given.retain(other);
                unanswered.retain(other);
            }
        }
    }
    for all in [&mut given, &mut unanswered] {
        all.retain(|given| versions.contains(&given.number));
    }
    history::recorded(&given, &unanswered)
}

/// Copies the attributes that AWS shows of the newest version.
fn show(status: &mut LambdaLayerVersionStatus, observed: &Observed) {
    let Some(version) = observed.held() else { return };
    let Version { number, arn, layer_arn, layer: _, code_sha256, code_size, created, signing_job, signing_profile } =
        version;
    let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    status.common.arn = full(arn);
    status.layer_arn = full(layer_arn);
    status.version = Some(number.to_string());
    status.code_sha256 = full(code_sha256);
    status.source_code_size = Some(*code_size);
    status.created_date = full(created);
    status.signing_job_arn.clone_from(signing_job);
    status.signing_profile_version_arn.clone_from(signing_profile);
}

/// Clears the attributes of a version that is absent. The target, the wait and the record stay.
pub fn forget(status: &mut LambdaLayerVersionStatus) {
    *status = LambdaLayerVersionStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        record: std::mem::take(&mut status.record),
        ..LambdaLayerVersionStatus::default()
    };
}

/// Reason and message for a cause of `Stalled`: what happened, then what to do.
#[must_use]
pub fn explain(blocked: &Blocked) -> (Reason, String) {
    match blocked {
        Blocked::NotOwned(_) => (
            Reason::NotOwned,
            "The layer exists in AWS and this object published no version of it, so none is published: set adoptionPolicy: Adopt to publish beside others where the namespace allows adoption, or delete this object and create one with another spec.layerName.".into(),
        ),
        Blocked::Immutable(field) => (
            Reason::Immutable,
            format!("AWS cannot change {field} of an existing {NOUN}: restore the old value, or delete this object and create another."),
        ),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::DeletionProtected(sentence) => (Reason::DeletionProtected, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        // Of resources with tags, and of those that belong to a function.
        Blocked::OtherCluster(_)
        | Blocked::OwnershipUnknown
        | Blocked::UpdateFailed(_)
        | Blocked::FunctionFailed(_)
        | Blocked::FunctionInactive
        | Blocked::DisabledByAws(_)
        | Blocked::VersionFailed(_)
        | Blocked::AllocationFailed(_)
        | Blocked::CodeHashMismatch { .. } => {
            (Reason::FunctionFailed, "The function has failed: see its LambdaFunction.".into())
        }
    }
}

impl Reported for LambdaLayerVersionStatus {
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

/// The facts that functions see of a layer. An object whose newest generation is not published shows no version: its spec may just have been changed
/// together with that of the function. Nothing else that it waits for holds back a function. A suspended object keeps what it has.
pub(crate) fn parent(object: &LambdaLayerVersion) -> Parent {
    let status = object.status.as_ref();
    let suspended = object.spec.common.suspend.unwrap_or_default();
    let is_published = status.is_some_and(|status| {
        suspended || status.record.published_generation.is_some_and(|it| Some(it) == object.metadata.generation)
    });
    let arn = status.and_then(|status| status.common.arn.clone()).filter(|_| is_published);
    let blocked = stalled(status).filter(|_| arn.is_none());
    Parent { arn, blocked, ..Parent::of(&object.metadata, status) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::conclusion::Conclusion;
    use crate::core::error::Error;
    use crate::core::outcome::Outcome;
    use crate::core::zip_source::{Origin, Zip};
    use crate::kinds::layer_version::model::Deletion;

    fn step() -> Step {
        let source = Zip::Package { origin: Origin::Inline, digest: "d".into(), sha256: "a".into() };
        let publishing = Publishing {
            after: 4,
            since: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            source: source.identity(),
            code_sha256: Some("a".into()),
            applied: Applied::default(),
            fate: None,
        };
        Step::Publish(Box::new(Publication {
            name: "l".into(),
            layer: Layer::default(),
            source,
            publishing,
            gone: None,
        }))
    }

    #[test]
    fn before_a_publication_the_status_tells_how_its_version_is_found() {
        let all = write_ahead(None, &[step()]);
        let [(Progress::Creating, effects)] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(effects.publishing.as_ref().map(|publishing| publishing.after), Some(4));
        // A report is made from the status before the reconcile, so it must say the same again.
        let mut failed = Effects::default();
        uncertain(&mut failed, &step(), &CallError::Postponed(std::time::Duration::ZERO), None);
        assert_eq!(failed.publishing, effects.publishing);
        let deletion = Step::Delete(Deletion { name: "l".into(), number: 1, is_last: false });
        assert!(write_ahead(None, &[deletion]).is_empty());
    }

    #[test]
    fn the_fate_of_a_publication_is_recorded() {
        let fate = |error: CallError| {
            let mut effects = Effects::default();
            uncertain(&mut effects, &step(), &error, None);
            effects.fate
        };
        let failed = |code: &str, status| {
            fate(CallError::Failed(Error::new(Operation::PublishLayerVersion, code, status, "the test says so")))
        };
        assert_eq!(failed("CodeStorageExceededException", 400), Some(Fate::Refused));
        assert_eq!(failed("", 0), Some(Fate::Lost));
        assert_eq!(fate(CallError::Postponed(std::time::Duration::ZERO)), Some(Fate::Refused));
        let mut answered = Effects::default();
        accepted(&mut answered, &step(), &Answer { number: Some(3) }, None);
        assert_eq!((answered.fate, answered.holds.map(|holds| holds.number)), (None, Some(3)));
    }

    /// The status after a reconcile of generation 2 that saw this version and had these effects.
    fn remembered(before: &LambdaLayerVersionStatus, seen: &Version, effects: Effects) -> LambdaLayerVersionStatus {
        let observed = Observed { current: Some(seen.clone()), ..Observed::default() };
        let conclusion = Conclusion::new(Outcome::Settled).saw(Seen::Ours(Box::new(observed))).did(effects);
        let mut status = before.clone();
        remember(
            &mut status,
            &StatusInput {
                conclusion: &conclusion,
                generation: 2,
                identity: None,
                references: String::new(),
                timeout: std::time::Duration::ZERO,
                requested: None,
                shown: None,
                deletion: None,
            },
        );
        status
    }

    fn version(number: i64) -> Version {
        Version { number, arn: format!("arn:{number}"), ..Version::default() }
    }

    #[test]
    fn functions_see_the_version_of_the_newest_generation_whatever_else_the_object_waits_for() {
        let mut object = LambdaLayerVersion::new("l", crate::api::layer_version::LambdaLayerVersionSpec::default());
        object.metadata.generation = Some(2);
        let none = LambdaLayerVersionStatus::default();
        let holds = Some(Holding { number: 3, source: String::new(), applied: Applied::default() });
        let proved = remembered(&none, &version(3), Effects { holds: holds.clone(), ..Effects::default() });
        let unfinished = remembered(&none, &version(3), Effects { published: Some(3), ..Effects::default() });
        let just_published = remembered(&none, &version(2), Effects { holds, ..Effects::default() });
        for (status, seen) in [(&proved, Some("arn:3")), (&unfinished, Some("arn:3")), (&just_published, None)] {
            object.status = Some(status.clone());
            assert_eq!(parent(&object).arn.as_deref(), seen, "{:?}", status.record);
        }
        object.status = Some(proved);
        object.metadata.generation = Some(3);
        assert_eq!(parent(&object).arn, None, "an edit");
        object.spec.common.suspend = Some(true);
        assert_eq!(parent(&object).arn.as_deref(), Some("arn:3"), "it keeps what it has");
        object.status = None;
        assert_eq!(parent(&object).arn, None);
    }

    #[test]
    fn the_statements_of_a_version_that_was_taken_over_are_recorded_with_it() {
        let given = Given { number: 3, id: "a".into(), hash: "h".into() };
        let addition = Step::AddPermission(Box::new(crate::kinds::layer_version::model::Addition {
            name: "l".into(),
            given: given.clone(),
            permission: crate::kinds::permission::model::Permission::default(),
        }));
        let desired = crate::kinds::layer_version::plan::tests::desired();
        let newest = Version { code_sha256: "a".into(), layer: desired.layer.clone(), ..version(3) };
        let observed = Observed { adoptable: Some(newest), ..Observed::default() };
        let ahead = write_ahead(Some(&observed), std::slice::from_ref(&addition));
        let [(_, effects)] = ahead.as_slice() else { panic!("{ahead:?}") };
        let status = remembered(&LambdaLayerVersionStatus::default(), &version(3), effects.clone());
        assert_eq!((status.record.versions.as_slice(), status.record.statements.len()), (&[3_i64][..], 1));
        let mut effects = Effects::default();
        accepted(&mut effects, &addition, &Answer::default(), Some(&observed));
        shown(&mut effects, &Goal::Present(Box::new(desired)), &History::default(), Some(&observed));
        let status = remembered(&status, &version(3), effects);
        assert_eq!(status.record.statements[0].versions, [3]);
    }
}
