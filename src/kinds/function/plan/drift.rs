//! The steps for all differences, in AWS's order of writing, and the distinction between drift (caused by somebody else) and edits of the spec.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{Step, Tagging, Untagging};
use super::{Plan, change, diff, updates};
use crate::api::function::status::Update;
use crate::core::change::Reverted;
use crate::core::ownership::UserTags;
use crate::core::plan::Write;
use crate::kinds::function::applied;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::Function;
use crate::kinds::function::observed::{LogGroup, Observed};
use crate::kinds::function::part;
use crate::kinds::function::side;
use crate::kinds::function::side::{Setting, Side, Turn};
use crate::kinds::function::status::history::History;

/// One step for each group that differs. With `driftPolicy: Report`, exactly the members with drift are left.
pub(super) fn sort(desired: &Desired, history: &History, observed: &Observed, repeated: &BTreeSet<Update>) -> Plan {
    let all = steps(desired, history, observed, &|_| true, repeated);
    if all.is_empty() {
        return Plan::Done;
    }
    if !desired.reports_drift {
        return Plan::Steps(all);
    }
    let edits = steps(desired, history, observed, &|name| !is_drifted(desired, history, observed, name), repeated);
    if edits.is_empty() { Plan::Drift(all) } else { Plan::Steps(edits) }
}

/// Whether a difference in this member is drift. If the record is lost, every difference counts as drift.
fn is_drifted(desired: &Desired, history: &History, observed: &Observed, name: &str) -> bool {
    !is_given_for_a_moment(desired, observed, name)
        && (history.is_lost() || !history.is_unfamiliar() && applied::is_drifted(desired, &history.applied, name))
}

/// Whether the difference is the temporary role of a regrant.
fn is_given_for_a_moment(desired: &Desired, observed: &Observed, name: &str) -> bool {
    name == Member::Role.name() && desired.regrant.as_ref() == Some(&observed.function.configuration.role)
}

/// What a step reverts of what somebody else did. If the record is lost, that is unknown and counts as nothing.
pub(crate) fn reverts(desired: &Desired, history: &History, observed: Option<&Observed>, step: &Step) -> Reverted {
    let Some(observed) = observed else {
        let deleted = matches!(step, Step::CreateFunction(_)) && is_deleted_by_others(desired, history);
        return Reverted::deletion(deleted);
    };
    let drifted = |name: &str| {
        !is_given_for_a_moment(desired, observed, name) && applied::is_drifted(desired, &history.applied, name)
    };
    let whole = |is_drift: bool| Reverted::fields(if is_drift { fields(step, desired, observed) } else { Vec::new() });
    let drifted_tag = |key: &&String| drifted(&part::tag(key));
    if history.is_unfamiliar() {
        return Reverted::Nothing;
    }
    match step {
        Step::UpdateFunctionConfiguration(reconfiguration) => {
            let differing = updates::differing(desired, history, observed);
            let sent = reconfiguration.members.iter().filter(|member| differing.contains(member));
            // AWS may have rolled back an update that has not succeeded since; that is not drift.
            let theirs = sent.filter(|member| !history.updates.members.contains(member.name()));
            let members = theirs.copied().filter(|member| drifted(member.name())).collect();
            Reverted::fields(change::fields(reconfiguration, &members, &observed.function.configuration))
        }
        Step::UpdateFunctionCode(_) => {
            whole(diff::deployment(&desired.function, &observed.function) && drifted(part::CODE))
        }
        Step::CreateLogGroup => whole(drifted(part::side(Side::LogRetention))),
        Step::PutSide(setting) => whole(drifted(part::side(setting.side()))),
        Step::RemoveSide(side) => whole(drifted(part::side(*side))),
        Step::PutFunctionConcurrency(_) | Step::DeleteFunctionConcurrency => whole(drifted(part::CONCURRENCY)),
        Step::TagResource(Tagging::Set(tags)) => Reverted::tags(tags.get().keys().filter(drifted_tag)),
        Step::UntagResource(Untagging::Remove(keys)) => Reverted::tags(keys.iter().filter(drifted_tag)),
        Step::TagResource(Tagging::Owner(_)) if desired.ownership.is_renamed(observed.owner_name()) => {
            Reverted::Nothing
        }
        Step::TagResource(Tagging::Owner(_)) => Reverted::owner_tag(),
        Step::CreateFunction(_)
        | Step::DescribeLogGroups
        | Step::UntagResource(Untagging::Owner)
        | Step::PublishVersion { .. }
        | Step::StopDurableExecution(_)
        | Step::DeleteFunction => Reverted::Nothing,
    }
}

/// The fields that a step changes; if none of them shows the change, the call is named. Only values depend on the function's name.
fn fields(step: &Step, desired: &Desired, observed: &Observed) -> Vec<String> {
    let changes = change::changes(step, "", desired, Some(observed));
    let fields: Vec<_> = changes.into_iter().map(|change| change.field).collect();
    if fields.is_empty() { vec![step.operation().name().to_owned()] } else { fields }
}

/// Whether somebody deleted the function: it existed, is gone, and the desired state has not changed since.
pub(super) fn is_deleted_by_others(desired: &Desired, history: &History) -> bool {
    let mut own = history.applied.keys().filter(|name| !desired.ignored.covers(name));
    !history.applied.is_empty() && own.all(|name| applied::is_drifted(desired, &history.applied, name))
}

/// Whether drift is left in a part that a version would hold.
pub(super) fn of_a_version(desired: &Desired, history: &History, observed: &Observed) -> bool {
    let drifted = |name: &str| is_drifted(desired, history, observed, name);
    let code = !diff::code(&desired.function.code, &observed.function.code).is_empty();
    let [first, after] = [Turn::First, Turn::AfterCode]
        .map(|turn| side::differences(&desired.function.sides, &observed.function.sides, turn));
    let mut kept = first.keys().chain(after.keys()).filter(|side| side.group().in_versions);
    code && drifted(part::CODE)
        || kept.any(|side| drifted(part::side(*side)))
        || updates::differing(desired, history, observed).into_iter().any(|member| drifted(member.name()))
}

/// One step for each group that differs, in AWS's order. `takes` selects the members to write.
fn steps(
    desired: &Desired,
    history: &History,
    observed: &Observed,
    takes: &dyn Fn(&str) -> bool,
    repeated: &BTreeSet<Update>,
) -> Vec<Step> {
    // Destructured without `..`: a new group does not compile until it is planned for.
    let Function { package: _, tenancy: _, configuration: _, code: _, storage_mode: _, sides, concurrency, tags } =
        &desired.function;
    let now = &observed.function;
    let due = |turn| {
        let of_turn = side::differences(sides, &now.sides, turn).into_iter();
        of_turn.filter(|(side, _): &(Side, _)| takes(part::side(*side))).map(Step::of_side)
    };
    let mut steps: Vec<_> = due(Turn::First).collect();
    steps.extend(updates::due(desired, history, observed, takes, repeated));
    for step in due(Turn::AfterCode) {
        let needs_group = matches!(step, Step::PutSide(Setting::LogRetention(_)));
        steps.extend((needs_group && observed.log_group == LogGroup::Missing).then_some(Step::CreateLogGroup));
        steps.push(step);
    }
    if *concurrency != now.concurrency && takes(part::CONCURRENCY) {
        steps.push(concurrency.map_or(Step::DeleteFunctionConcurrency, Step::PutFunctionConcurrency));
    }
    if let (Some(want), Some(have)) = (tags.known(), now.tags.known()) {
        steps.extend(tag_steps(want, have, takes));
    }
    steps
}

fn tag_steps(
    want: &BTreeMap<String, String>,
    have: &BTreeMap<String, String>,
    takes: &dyn Fn(&str) -> bool,
) -> Vec<Step> {
    let taken = |key: &String| takes(&part::tag(key));
    let differing = want.iter().filter(|(key, value)| have.get(*key) != Some(value) && taken(key));
    let set = UserTags::of(differing.map(|(key, value)| (key.clone(), value.clone())));
    let remove: Vec<_> = have.keys().filter(|key| !want.contains_key(*key) && taken(key)).cloned().collect();
    // Tags are removed before others are added, because a function can have at most 50.
    let untag = (!remove.is_empty()).then_some(Step::UntagResource(Untagging::Remove(remove)));
    let tag = (!set.get().is_empty()).then_some(Step::TagResource(Tagging::Set(set)));
    untag.into_iter().chain(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::values::{Knowable, Secret};
    use crate::kinds::function::desired::Goal;
    use crate::kinds::function::model::Publish;
    use crate::kinds::function::plan::plan;
    use crate::kinds::function::plan::tests::{desired, environment, plan_after, reached, same};
    use crate::kinds::function::side::runtime_management::RuntimeManagement;

    fn reporting() -> Desired {
        Desired { reports_drift: true, ..desired() }
    }

    #[test]
    fn an_edit_carries_out_its_own_member_and_leaves_reported_drift() {
        let before = reporting();
        let history = reached(&before);
        let mut observed = same(&before);
        observed.function.configuration.memory_size = 512;
        let mut edited = before;
        edited.function.configuration.timeout = 9;
        let step = Step::reconfigure(edited.function.configuration.clone(), [Member::Timeout]);
        assert_eq!(plan_after(&history, &edited, &observed), Plan::Steps(vec![step]));
        edited.function.configuration.memory_size = 256;
        let step = Step::reconfigure(edited.function.configuration.clone(), [Member::MemorySize, Member::Timeout]);
        assert_eq!(plan_after(&history, &edited, &observed), Plan::Steps(vec![step]), "an edit of the member decides");
    }

    #[test]
    fn a_tag_that_is_new_among_the_defaults_is_an_edit_and_no_drift() {
        let before = reporting();
        let (history, observed) = (reached(&before), same(&before));
        let mut tagged = before;
        let cost: BTreeMap<_, _> = [("cost".to_owned(), "7".to_owned())].into();
        tagged.function.tags = Knowable::Known(cost.clone());
        let step = Step::TagResource(Tagging::Set(crate::core::ownership::UserTags::of(cost)));
        assert_eq!(plan_after(&history, &tagged, &observed), Plan::Steps(vec![step.clone()]));
        assert!(!reverts(&tagged, &history, Some(&observed), &step).is_drift(), "it is not counted as drift");
    }

    #[test]
    fn a_tag_that_was_removed_and_comes_back_is_an_edit() {
        let mut tagged = reporting();
        tagged.function.tags = Knowable::Known([("team".to_owned(), "a".to_owned())].into());
        let mut history = reached(&tagged);
        let untag = Step::UntagResource(Untagging::Remove(vec!["team".into()]));
        history.applied.extend(applied::of(&untag, &reporting()));
        let observed = same(&reporting());
        assert!(matches!(plan_after(&history, &tagged, &observed), Plan::Steps(_)));
    }

    #[test]
    fn an_edited_variable_is_an_edit() {
        let mut before = reporting();
        before.environment = Secret::new("NAME=one".into());
        before.function.configuration.environment = environment("one");
        let (history, observed) = (reached(&before), same(&before));
        let mut edited = before;
        edited.environment = Secret::new("NAME=two".into());
        edited.function.configuration.environment = environment("two");
        assert!(matches!(plan_after(&history, &edited, &observed), Plan::Steps(_)));
    }

    #[test]
    fn what_is_put_back_is_named_without_the_edits_that_travel_with_it_and_without_values() {
        let mut before = desired();
        before.environment = Secret::new("NAME=one".into());
        before.function.configuration.environment = environment("one");
        before.function.tags = Knowable::Known([("team".to_owned(), "a".to_owned())].into());
        let history = reached(&before);
        let mut observed = same(&before);
        observed.function.configuration.memory_size = 512;
        observed.function.configuration.environment = environment("theirs");
        observed.function.tags = Knowable::Known([("stray".to_owned(), "x".to_owned())].into());
        observed.function.concurrency = Some(9);
        let mut edited = before;
        edited.function.configuration.timeout = 9;
        let Plan::Steps(steps) = plan_after(&history, &edited, &observed) else { panic!() };
        let named = steps.iter().map(|step| match reverts(&edited, &history, Some(&observed), step) {
            Reverted::Fields(fields) => fields.join(" "),
            Reverted::Nothing | Reverted::Deletion => String::new(),
        });
        let named: Vec<_> = named.collect();
        assert_eq!(named, ["memorySize environment", "reservedConcurrentExecutions", "tags.stray", "tags.team"]);
        let gone = plan(&Goal::Present(Box::new(desired())), &reached(&desired()), None);
        let Plan::Steps(steps) = gone else { panic!() };
        assert_eq!(reverts(&desired(), &reached(&desired()), None, &steps[0]), Reverted::Deletion);
    }

    #[test]
    fn a_role_that_was_given_for_a_moment_is_nobodys_drift() {
        let moment = "arn:aws:iam::123456789012:role/moment";
        let asked = Desired { regrant: Some(moment.into()), ..reporting() };
        let mut history = reached(&asked);
        let mut observed = same(&asked);
        observed.function.configuration.role = moment.into();
        let back = Step::reconfigure(asked.function.configuration.clone(), [Member::Role]);
        for known in [Some(moment.to_owned()), None] {
            history.last_regranted_role = known;
            let plan = plan_after(&history, &asked, &observed);
            assert_eq!(plan, Plan::Steps(vec![back.clone()]), "also after a crash");
            assert_eq!(reverts(&asked, &history, Some(&observed), &back), Reverted::Nothing);
        }
    }

    #[test]
    fn an_update_that_aws_took_back_is_nobodys_drift() {
        let desired = desired();
        let mut history = reached(&desired);
        let mut observed = same(&desired);
        observed.function.configuration.memory_size = 512;
        let back = Step::reconfigure(desired.function.configuration.clone(), [Member::MemorySize]);
        let reverted = reverts(&desired, &history, Some(&observed), &back);
        assert_eq!(reverted, Reverted::Fields(vec!["memorySize".into()]));
        history.updates.members = [Member::MemorySize.name().to_owned()].into();
        let reverted = reverts(&desired, &history, Some(&observed), &back);
        assert_eq!(reverted, Reverted::Nothing, "it was sent, and has not succeeded since");
    }

    #[test]
    fn no_version_keeps_a_runtime_that_is_left_to_somebody_else() {
        let setting = |mode: &str| Some(Setting::RuntimeManagement(RuntimeManagement::new(mode.into(), None)));
        let mut wanted = reporting();
        wanted.publish = Some(Publish::default());
        wanted.function.sides = [(Side::RuntimeManagement, setting("FunctionUpdate"))].into();
        let history = reached(&wanted);
        let mut observed = same(&wanted);
        assert!(matches!(plan_after(&history, &wanted, &observed), Plan::Steps(_)), "nothing is published yet");
        observed.function.sides = [(Side::RuntimeManagement, setting("Auto"))].into();
        assert!(matches!(plan_after(&history, &wanted, &observed), Plan::Drift(_)));
    }
}
