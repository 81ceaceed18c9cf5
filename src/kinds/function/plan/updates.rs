//! The updates of configuration and code: those that are due, their order, and the failed ones that are sent again.

use std::collections::{BTreeMap, BTreeSet};

use super::diff;
use super::step::{Deployment, Step};
use crate::api::function::status::{Update, Updates};
use crate::core::blocked::Half;
use crate::kinds::function::applied;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::member;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::Configuration;
use crate::kinds::function::observed::{Lifecycle, Observed};
use crate::kinds::function::part;
use crate::kinds::function::status::history::History;

/// The record of updates after a read. `modified` is the recorded `LastModified`.
#[must_use]
pub fn outcome(updates: Updates, modified: Option<&String>, observed: &Observed) -> Updates {
    let failed = failed(&updates, modified, observed);
    let guessed = attributed(&updates, modified, observed).is_none() && updates.failed != failed;
    let succeeded = matches!(observed.lifecycle, Lifecycle::Ready | Lifecycle::Impaired);
    let under_way = updates.last.is_some() && updates.since == observed.attributes.last_modified;
    if succeeded && failed.is_empty() && !under_way {
        return Updates::default();
    }
    let Updates { last, since, failed: _, members } = updates;
    let (last, since) = if guessed { (failed.first().copied(), None) } else { (last, since) };
    let confirmed = succeeded && !failed.contains(&Update::Configuration);
    Updates { last, since, failed, members: if confirmed { BTreeSet::new() } else { members } }
}

/// The updates that failed and have not succeeded since. After `LastUpdateStatus=Failed` the update that AWS accepted last is the one that
/// failed; the success of another clears nothing.
fn failed(updates: &Updates, modified: Option<&String>, observed: &Observed) -> BTreeSet<Update> {
    let mut failed = updates.failed.clone();
    let last = attributed(updates, modified, observed);
    match (observed.lifecycle, last) {
        (Lifecycle::UpdateFailed(_), Some(last)) => {
            failed.insert(last);
        }
        // The reason code allows only a guess, because AWS has one list of codes for both updates.
        (Lifecycle::UpdateFailed(guess), None) if failed.is_empty() => {
            failed.insert(guess);
        }
        (Lifecycle::Ready | Lifecycle::Impaired, Some(last)) => {
            failed.remove(&last);
        }
        (
            Lifecycle::UpdateFailed(_)
            | Lifecycle::Ready
            | Lifecycle::Impaired
            | Lifecycle::Busy
            | Lifecycle::Deleting
            | Lifecycle::Failed { .. },
            _,
        ) => {}
    }
    failed
}

/// The update that `LastUpdateStatus` is about, if it is known: the last recorded one, if AWS carried it out and no unrecorded update
/// came after it.
fn attributed(updates: &Updates, modified: Option<&String>, observed: &Observed) -> Option<Update> {
    let Updates { last, since, failed: _, members: _ } = updates;
    let seen = observed.attributes.last_modified.as_ref();
    let carried_out = seen != since.as_ref();
    let is_newest = modified == seen || modified == since.as_ref();
    last.filter(|_| carried_out && is_newest)
}

/// The failed updates that the operator sends again. Code that another pipeline deploys is not among them.
pub(super) fn to_repeat(desired: &Desired, history: &History, observed: &Observed) -> BTreeSet<Update> {
    let ours = |update: &Update| match update {
        Update::Configuration => true,
        Update::Code => desired.deploys_code(),
    };
    failed(&history.updates, history.modified.as_ref(), observed).into_iter().filter(ours).collect()
}

/// The half of the function whose last update did not succeed; `None` where none failed.
pub(super) fn failed_half(repeated: &BTreeSet<Update>, observed: &Observed) -> Option<Half> {
    let guess = match observed.lifecycle {
        // The code that another pipeline deployed has failed, and the operator does not send it again.
        Lifecycle::UpdateFailed(guess) if repeated.is_empty() => Some(guess),
        Lifecycle::UpdateFailed(_)
        | Lifecycle::Ready
        | Lifecycle::Impaired
        | Lifecycle::Busy
        | Lifecycle::Deleting
        | Lifecycle::Failed { .. } => None,
    };
    let has = |update| repeated.contains(&update) || guess == Some(update);
    match (has(Update::Configuration), has(Update::Code)) {
        (true, true) => Some(Half::Both),
        (true, false) => Some(Half::Configuration),
        (false, true) => Some(Half::Code),
        (false, false) => None,
    }
}

/// The updates that are due, in their order. Configuration comes first, as in Terraform, so that new code never runs on the old handler. If the
/// update of the configuration failed, the code comes first, because the new configuration may need the new code.
pub(super) fn due(
    desired: &Desired,
    history: &History,
    observed: &Observed,
    takes: &dyn Fn(&str) -> bool,
    repeated: &BTreeSet<Update>,
) -> Vec<Step> {
    let repeats = |update| repeated.contains(&update);
    // A failed update is not repeated before status has reported the failure, unless the user has edited the spec since. A failed configuration may
    // need the new code.
    let helped = !repeats(Update::Code) && history.updates.last == Some(Update::Code);
    let told =
        |update| history.past.stalled.is_some() || helped || applied::is_edited(desired, &history.applied, update);
    let configuration = match (repeats(Update::Configuration), told(Update::Configuration)) {
        (true, true) => once_more(desired, history, observed, takes),
        (true, false) => Vec::new(),
        (false, _) => reconfigure(desired, history, observed, takes),
    };
    let code = match (repeats(Update::Code), told(Update::Code)) {
        (true, true) => update_code(desired, observed),
        (true, false) => None,
        (false, _) => {
            let differs = takes(part::CODE) && diff::deployment(&desired.function, &observed.function);
            differs.then(|| update_code(desired, observed)).flatten()
        }
    };
    let code_first = repeats(Update::Configuration) && history.updates.last != Some(Update::Code);
    if code_first {
        code.into_iter().chain(configuration).collect()
    } else {
        configuration.into_iter().chain(code).collect()
    }
}

/// Sends everything again, even if AWS shows the desired values, because it can show values that it rolled back. If that is rejected, the members that
/// changed since the last successful update are sent alone.
fn once_more(desired: &Desired, history: &History, observed: &Observed, takes: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let configuration = &desired.function.configuration;
    let is_ours = |member: &Member| !desired.ignored.has_member(*member);
    let sent = history.updates.members.iter().filter_map(|name| Member::named(name));
    let unconfirmed: BTreeSet<_> = sent.filter(is_ours).collect();
    // A value that was sent and rolled back is not drift.
    let differing = differing(desired, history, observed);
    let reported = differing.into_iter().filter(|member| !takes(member.name()) && !unconfirmed.contains(member));
    let reported = member::complete(reported);
    let is_sent = |member: &Member| is_ours(member) && (!reported.contains(member) || unconfirmed.contains(member));
    let all: BTreeSet<_> = sendable(configuration).into_iter().filter(is_sent).collect();
    let mut steps: Vec<_> = [all, unconfirmed]
        .into_iter()
        .filter(|members| !members.is_empty())
        .map(|members| Step::reconfigure(configuration.clone(), members))
        .collect();
    steps.dedup();
    steps
}

/// The members that AWS accepts for a function of this package type.
fn sendable(configuration: &Configuration) -> BTreeSet<Member> {
    // An image brings its own runtime, handler and layers.
    let of_an_image = configuration.runtime.is_empty();
    let not_sent = |member: &Member| match member {
        Member::Runtime | Member::Handler | Member::Layers => of_an_image,
        Member::ImageConfig => !of_an_image,
        Member::Role
        | Member::Description
        | Member::MemorySize
        | Member::Timeout
        | Member::Environment
        | Member::DeadLetterConfig
        | Member::KmsKeyArn
        | Member::TracingConfig
        | Member::FileSystemConfigs
        | Member::EphemeralStorage
        | Member::SnapStart
        | Member::LoggingConfig
        | Member::VpcConfig
        | Member::DurableConfig
        | Member::CapacityProviderConfig => false,
    };
    Member::ALL.into_iter().filter(|member| !not_sent(member)).collect()
}

/// The members that differ. An unchanged role, layer or subnet is not sent, so that AWS does not validate it again.
fn reconfigure(desired: &Desired, history: &History, observed: &Observed, takes: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let (want, have) = (&desired.function.configuration, &observed.function.configuration);
    if let Some(role) = desired.pending_regrant(history).filter(|_| have.role == want.role) {
        return vec![Step::reconfigure(Configuration { role: role.clone(), ..want.clone() }, [Member::Role])];
    }
    let differing = differing(desired, history, observed);
    let members: BTreeSet<_> = differing.into_iter().filter(|member| takes(member.name())).collect();
    if members.is_empty() { Vec::new() } else { vec![Step::reconfigure(want.clone(), members)] }
}

/// The members to write. A member that AWS withholds is written once when its desired value changes.
pub(super) fn differing(desired: &Desired, history: &History, observed: &Observed) -> BTreeSet<Member> {
    let (want, have) = (&desired.function.configuration, &observed.function.configuration);
    let unsent = |member| !applied::is_accepted(desired, &history.applied, member);
    let is_ours = |member| !desired.ignored.has_member(member);
    let mut members = diff::configuration(want, have);
    members.extend(diff::withheld(have).into_iter().filter(|member| is_ours(*member) && unsent(*member)));
    // AWS does not show a key if there are no variables to encrypt.
    let hidden_key = have.kms_key_arn.is_empty() && want.environment.known().is_some_and(BTreeMap::is_empty);
    if hidden_key && !unsent(Member::KmsKeyArn) {
        members.remove(&Member::KmsKeyArn);
    }
    members
}

/// The update of the code. It always names the architecture, because AWS assumes x86_64 otherwise.
pub(super) fn update_code(desired: &Desired, observed: &Observed) -> Option<Step> {
    let [wanted, present] = [&desired.function, &observed.function].map(|function| &function.code);
    Some(Step::UpdateFunctionCode(Box::new(Deployment {
        source: desired.source.clone().filter(|_| desired.deploys_code())?,
        identity: desired.identity.clone(),
        kms_key_arn: wanted.kms_key_arn.clone().unwrap_or_default(),
        architecture: wanted.architecture.clone().or_else(|| present.architecture.clone()),
        // Always named, because AWS assumes COPY otherwise.
        storage_mode: desired.function.storage_mode.clone().or_else(|| observed.function.storage_mode.clone()),
    })))
}

/// The update that must be recorded before these steps are sent. While one update has failed, a crash must not lead to the success of another being
/// attributed to it.
#[must_use]
pub(in crate::kinds::function) fn intended(history: &History, observed: &Observed, steps: &[Step]) -> Option<Update> {
    let first = steps.iter().find_map(Step::updates)?;
    let unresolved = !failed(&history.updates, history.modified.as_ref(), observed).is_empty();
    let recorded = history.updates.last == Some(first) && history.updates.since == observed.attributes.last_modified;
    (unresolved && !recorded).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::blocked::Blocked;
    use crate::core::operation::Operation::{UpdateFunctionCode, UpdateFunctionConfiguration};
    use crate::core::past::Past;
    use crate::kinds::function::model::Content;
    use crate::kinds::function::plan::Plan;
    use crate::kinds::function::plan::tests::{desired, operations, plan_after, reached, same};

    /// AWS accepted this update last and rolled it back, and the object has been `Stalled`.
    fn after_failure(last: Option<Update>) -> History {
        let mut history = reached(&desired());
        history.updates.last = last;
        history.updates.since = Some("before".into());
        history.modified = Some("then".into());
        history.past.stalled = Some(2);
        history
    }

    /// AWS's reason code speaks of the other update than the one that failed.
    fn failed(guess: Update) -> Observed {
        let mut observed = Observed { lifecycle: Lifecycle::UpdateFailed(guess), ..same(&desired()) };
        observed.attributes.last_modified = Some("then".into());
        observed
    }

    #[test]
    fn the_update_that_aws_accepted_last_is_the_one_that_is_sent_again() {
        let sent = |last, guess| operations(&plan_after(&after_failure(last), &desired(), &failed(guess)));
        assert_eq!(sent(Some(Update::Code), Update::Configuration), [UpdateFunctionCode]);
        assert_eq!(sent(Some(Update::Configuration), Update::Code), [UpdateFunctionConfiguration]);
        assert_eq!(sent(None, Update::Code), [UpdateFunctionCode], "nothing is recorded: AWS's reason has to do");
    }

    #[test]
    fn new_code_goes_before_a_configuration_that_failed() {
        let mut observed = failed(Update::Configuration);
        observed.function.code.content = Content::Sha256("old".into());
        let history = after_failure(Some(Update::Configuration));
        let sent = operations(&plan_after(&history, &desired(), &observed));
        assert_eq!(sent, [UpdateFunctionCode, UpdateFunctionConfiguration]);
    }

    #[test]
    fn a_configuration_that_failed_is_sent_at_once_behind_new_code() {
        let mut history = after_failure(Some(Update::Code));
        history.updates.failed = [Update::Configuration].into();
        history.past.stalled = None;
        let observed = Observed { lifecycle: Lifecycle::Ready, ..failed(Update::Code) };
        let sent = operations(&plan_after(&history, &desired(), &observed));
        assert_eq!(sent, [UpdateFunctionConfiguration]);
        history.updates.last = Some(Update::Configuration);
        let again = plan_after(&history, &desired(), &failed(Update::Configuration));
        assert_eq!(again, Plan::Blocked(Blocked::UpdateFailed(Half::Configuration)), "the user is told first");
    }

    #[test]
    fn an_edit_of_what_failed_is_sent_at_once() {
        let untold = |last| History { past: Past { stalled: None, ..after_failure(last).past }, ..after_failure(last) };
        let sent = |desired: &Desired, last, guess| operations(&plan_after(&untold(last), desired, &failed(guess)));
        let mut edited = desired();
        edited.function.configuration.memory_size = 512;
        let configuration = Update::Configuration;
        assert_eq!(sent(&edited, Some(configuration), configuration)[0], UpdateFunctionConfiguration);
        assert_eq!(sent(&edited, Some(Update::Code), Update::Code), [UpdateFunctionConfiguration], "the code waits");
        let other_code = Desired { identity: "another source".into(), ..desired() };
        assert_eq!(sent(&other_code, Some(Update::Code), Update::Code), [UpdateFunctionCode]);
        let nothing_new = plan_after(&untold(Some(configuration)), &desired(), &failed(configuration));
        assert_eq!(nothing_new, Plan::Blocked(Blocked::UpdateFailed(Half::Configuration)), "the user is told first");
    }

    #[test]
    fn the_success_of_another_update_clears_no_failure() {
        let failed = Updates { failed: [Update::Configuration].into(), last: Some(Update::Code), ..Updates::default() };
        let mut observed = same(&desired());
        observed.attributes.last_modified = Some("then".into());
        let then = Some("then".to_owned());
        assert_eq!(outcome(failed, then.as_ref(), &observed).failed, [Update::Configuration].into());
        let resent =
            Updates { failed: [Update::Configuration].into(), last: Some(Update::Configuration), ..Updates::default() };
        assert_eq!(outcome(resent, then.as_ref(), &observed), Updates::default());
    }

    #[test]
    fn a_refused_repetition_is_followed_by_what_changed_since_the_last_success() {
        let mut history = after_failure(Some(Update::Configuration));
        history.updates.members = [Member::MemorySize.name().to_owned()].into();
        let steps = once_more(&desired(), &history, &failed(Update::Configuration), &|_| true);
        let members = |step: &Step| match step {
            Step::UpdateFunctionConfiguration(change) => change.members.clone(),
            other => panic!("{other:?}"),
        };
        assert!(members(&steps[0]).contains(&Member::Role));
        assert_eq!(members(&steps[1]), [Member::MemorySize].into());
        assert_eq!(steps.len(), 2);
    }

    #[test]
    fn what_is_reported_is_not_sent_again_with_what_failed() {
        let desired = Desired { reports_drift: true, ..desired() };
        let mut history = after_failure(Some(Update::Configuration));
        let mut observed = failed(Update::Configuration);
        observed.function.configuration.memory_size = 512;
        observed.function.configuration.timeout = 60;
        history.updates.members = [Member::Timeout.name().to_owned()].into();
        let sent = |history: &History, observed: &Observed| match plan_after(history, &desired, observed) {
            Plan::Steps(steps) => match &steps[0] {
                Step::UpdateFunctionConfiguration(change) => change.members.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        let all = sent(&history, &observed);
        assert!(!all.contains(&Member::MemorySize), "somebody else's: {all:?}");
        assert!(all.contains(&Member::Timeout) && all.contains(&Member::Role), "ours, taken back: {all:?}");
        observed.function.configuration.kms_key_arn = "theirs".into();
        let all = sent(&history, &observed);
        assert!(!all.contains(&Member::KmsKeyArn) && !all.contains(&Member::Environment), "they travel together");
        history.past.stalled = None;
        assert_eq!(
            plan_after(&history, &desired, &observed),
            Plan::Blocked(Blocked::UpdateFailed(Half::Configuration)),
            "told before drift"
        );
    }
}
