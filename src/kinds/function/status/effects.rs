//! The effects of a reconcile that later reconciles must know: collected from each step and its answer, recorded in the status.

use std::collections::BTreeSet;

use crate::api::function::status::{Deployed, Published, Update};
use crate::api::shared::AdoptedFrom;
use crate::core::applied::Applied;
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::operation::Access;
use crate::core::outcome::Progress;
use crate::core::plan::Write;
use crate::core::target::Target;
use crate::kinds::function::Answer;
use crate::kinds::function::applied;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::member::Member;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::plan::step::{Step, Tagging};
use crate::kinds::function::plan::{updates, version};
use crate::kinds::function::side;
use crate::kinds::function::side::{Setting, Sides};
use crate::kinds::function::status::history::History;

/// Write-ahead. Before CreateFunction: record the target, which binds the object to it, and clear the records of a previous function, so that
/// they are not attributed to the new one. Before a side group is set: record its value, because GetFunction does not report it, and a
/// crash here would leave it set forever. Before an update while another has failed: record which one it is, because AWS reports only the last result.
pub(crate) fn write_ahead(
    target: &Target,
    recorded: &History,
    observed: Option<&Observed>,
    steps: &[Step],
) -> Vec<(Progress, Effects)> {
    let creates = steps.iter().any(|step| step.operation().access() == Access::Create);
    let unbound = creates && (recorded.past.target.as_ref() != Some(target) || recorded.ever_active);
    let creation = unbound.then(|| (Progress::Creating, Effects::default()));
    let sides = Effects::intended(steps, recorded).map(|effects| (Progress::Waiting, effects));
    let update = observed.and_then(|observed| updates::intended(recorded, observed, steps)).map(|update| {
        let mut effects = Effects::default();
        effects.update(update, observed);
        (Progress::Waiting, effects)
    });
    creation.into_iter().chain(sides).chain(update).collect()
}

/// The effects of a reconcile that later reconciles must know.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The code that is now deployed, if code was sent.
    pub deployed: Option<Deployed>,
    /// The version that was published, if one was.
    pub published: Option<Published>,
    /// The side groups that were set, those of a creation included.
    pub sides: Sides,
    /// Hash of the value that AWS accepted, by member.
    pub applied: Applied,
    /// Names of members that are recorded as accepted and no longer desired, if the object is in sync.
    pub outlived: BTreeSet<String>,
    /// The update that AWS accepted, if it accepted one.
    pub updated: Option<Update>,
    /// `LastModified` before that update.
    pub since: Option<String>,
    /// The members of the configuration that were sent.
    pub members: BTreeSet<Member>,
    /// The temporary role of a regrant, if it was given.
    pub regranted: Option<String>,
    /// `LastModified` in the answer to the last write, if there was one.
    pub modified: Option<String>,
    /// Whether the function was adopted: somebody else had created it.
    pub adopted: bool,
    /// The former owner, after a takeover with `adoptFrom`.
    pub adopted_from: Option<AdoptedFrom>,
}

impl Effects {
    /// The effects of a reconcile that found no difference. It proves that the deployed code came from the source and the configuration is ours,
    /// even if a crash or a lost answer kept an earlier reconcile from recording it.
    #[must_use]
    pub fn proved(desired: &Desired, recorded: &History, observed: Option<&Observed>) -> Self {
        let Some(observed) = observed else { return Self::default() };
        let code_sha256 = observed.attributes.code_sha256.clone().filter(|_| desired.deploys_code());
        let deployed = code_sha256.map(|code_sha256| Deployed { source: desired.identity.clone(), code_sha256 });
        // `$LATEST` equals the desired state, so a version that holds one holds the other.
        let is_held =
            |one: &&Published| version::holds(one, observed) || version::holds_desired(one, desired, observed);
        let held = recorded.published.as_ref().filter(is_held).map(|one| one.version.clone());
        let published = observed.published.clone().or(held).map(|number| published(number, Some(desired), observed));
        let applied = applied::everything_of_ours(desired);
        // The adoption is recorded even if the answer to TagResource was lost: the function has our tag, and the spec asks for the adoption.
        let adopted_from = desired.ownership.spends();
        let adopted = adopted_from.is_some() || desired.ownership.adopt;
        let is_outlived = |name: &&String| !applied.contains_key(*name) && !desired.ignored.covers(name);
        let outlived = recorded.applied.keys().filter(is_outlived).cloned().collect();
        let adopted = adopted && !recorded.adopted;
        Self { deployed, published, applied, outlived, adopted, adopted_from, ..Self::default() }
    }

    /// The side groups that these steps set and that are not recorded with this value yet. They are recorded before the call: GetFunction
    /// does not show them, and a crash between the call and the record would leave them set forever.
    #[must_use]
    pub fn intended(steps: &[Step], recorded: &History) -> Option<Self> {
        let mut intended = Self::default();
        // All steps count: if a step that ends the reconcile is refused, the steps after it are sent.
        let sent = steps.iter().filter_map(Step::puts);
        sent.filter(|setting| recorded.sides.get(&setting.side()) != Some(setting)).for_each(|one| intended.put(one));
        (!intended.sides.is_empty()).then_some(intended)
    }

    /// Records a step that AWS accepted. `observed` is the result of the read before it.
    pub fn record(&mut self, step: &Step, answer: Answer, desired: Option<&Desired>, observed: Option<&Observed>) {
        let Answer { code_sha256, version, modified } = answer;
        if let (Some((_, identity)), Some(code_sha256)) = (step.deploys(), code_sha256.clone()) {
            self.deployed = Some(Deployed { source: identity.to_owned(), code_sha256 });
        }
        self.published = match (version, observed) {
            (Some(version), Some(observed)) => Some(published(version, desired, observed)),
            (Some(version), None) => {
                let fingerprint = desired.and_then(version::fingerprint_at_creation);
                Some(Published { version, last_modified: modified.clone(), code_sha256, fingerprint })
            }
            (None, _) => self.published.take(),
        };
        self.modified = modified.or(self.modified.take());
        if let Some(desired) = desired {
            self.applied.extend(applied::of(step, desired));
        }
        if let Some(update) = step.updates() {
            self.update(update, observed);
        }
        match step {
            Step::CreateFunction(creation) => self.sides = side::carried(&creation.function.sides),
            Step::PutSide(setting) => self.put(setting),
            Step::TagResource(Tagging::Owner(_)) => {
                self.adopted = true;
                let from = observed.and_then(|observed| observed.owner.known()).and_then(Option::as_ref);
                let spent = desired.and_then(|desired| desired.ownership.spends());
                self.adopted_from = spent.filter(|spent| from == Some(&spent.owner));
            }
            Step::UpdateFunctionConfiguration(change) => {
                self.members.extend(&change.members);
            }
            // The next read shows the effect of these.
            Step::CreateLogGroup
            | Step::DescribeLogGroups
            | Step::RemoveSide(_)
            | Step::UpdateFunctionCode(_)
            | Step::PutFunctionConcurrency(_)
            | Step::DeleteFunctionConcurrency
            | Step::TagResource(Tagging::Set(_))
            | Step::UntagResource(_)
            | Step::PublishVersion { .. }
            | Step::StopDurableExecution(_)
            | Step::DeleteFunction => {}
        }
    }

    /// Records an update that was sent.
    fn update(&mut self, update: Update, observed: Option<&Observed>) {
        self.updated = Some(update);
        self.since = observed.and_then(|observed| observed.attributes.last_modified.clone());
    }

    /// Records a step that failed. If its answer was lost, AWS may have carried it out, and a later edit that reverts it must
    /// know that.
    pub fn record_uncertain(&mut self, step: &Step, halt: &CallError, observed: Option<&Observed>) {
        let lost = matches!(halt, CallError::Failed(error) if error.class == Class::Unavailable);
        if let (true, Some(setting)) = (lost, step.puts()) {
            self.put(setting);
        }
        if let (true, Some(update)) = (lost, step.updates()) {
            self.update(update, observed);
        }
    }

    fn put(&mut self, setting: &Setting) {
        self.sides.insert(setting.side(), Some(setting.clone()));
    }
}

/// The record of a version that was published from the observed state.
fn published(version: String, desired: Option<&Desired>, observed: &Observed) -> Published {
    let attributes = &observed.attributes;
    Published {
        version,
        last_modified: attributes.last_modified.clone(),
        code_sha256: attributes.code_sha256.clone(),
        fingerprint: desired.and_then(|desired| version::fingerprint(desired, observed)),
    }
}
