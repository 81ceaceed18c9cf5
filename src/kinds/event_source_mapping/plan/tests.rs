//! Tests of the plan for an event source mapping.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;

use super::*;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::api::shared::{AdoptedFrom, AppliedGeneration};
use crate::core::hand_over::ObjectName;
use crate::core::host::Host;
use crate::core::ownership::{Ownership, UserTags};
use crate::core::past::Past;
use crate::core::preview::Preview;
use crate::core::tagged::Tags;
use crate::kinds::event_source_mapping::desired::{query, with_owner};
use crate::kinds::event_source_mapping::ignored::Ignored;
use crate::kinds::event_source_mapping::observed::queue;
use crate::kinds::event_source_mapping::source::{Origin, Source, Start};
use crate::kinds::event_source_mapping::status::{Answer, Effects, accepted, proved};

pub(in crate::kinds::event_source_mapping) fn desired(settings: &[Setting]) -> Desired {
    let owner = "c/n/m".to_owned();
    Desired {
        origin: Origin { arn: "arn:aws:sqs:r:1:q".into(), ..Origin::default() },
        start: Start::default(),
        settings: Settings::defaults(Source::Queue).with(settings.iter().cloned()),
        tags: BTreeMap::new(),
        host: Host::new(&owner, &[], true, ObjectName { namespace: "n".into(), name: "m".into() }),
        ownership: Ownership { owner, former: vec!["old/n/m".into()], open: true, ..Ownership::default() },
        reports_drift: false,
        ignored: Ignored::default(),
        compares_tags: true,
    }
}

pub(in crate::kinds::event_source_mapping) fn present(desired: &Desired) -> Goal {
    Goal::Present(Box::new(desired.clone()))
}

fn shows(settings: &[Setting], owner: Option<&str>) -> Observed {
    let tags = Tags::Shown { owner: owner.map(str::to_owned), users: BTreeMap::new() };
    Observed { tags, ..queue(Settings::defaults(Source::Queue).with(settings.iter().cloned())) }
}

/// The records after AWS has accepted the whole desired state.
fn reached(desired: &Desired) -> History {
    let mut history = History { uuid: Some("u".into()), applied: desired.applied(), ..History::default() };
    history.past.last_reconciled = Some(AppliedGeneration::default());
    history
}

fn sent(plan: &Plan) -> Vec<Member> {
    let Plan::Steps(steps) = plan else { panic!("{plan:?}") };
    let settings = steps.iter().filter_map(|step| match step {
        Step::Update(update) => Some(&update.settings),
        Step::Create(creation) => Some(&creation.settings),
        Step::Tag(..) | Step::Untag(..) | Step::Delete(_) => None,
    });
    settings.flat_map(Settings::iter).map(Setting::member).collect()
}

const OURS: Option<&str> = Some("c/n/m");

#[test]
fn a_creation_leaves_out_what_is_awss_default_and_an_update_sends_what_differs() {
    let wanted = desired(&[Setting::BatchSize(5)]);
    assert_eq!(sent(&plan(&present(&wanted), &History::default(), None)), [Member::BatchSize]);
    let held = shows(&[Setting::BatchingWindow(3)], OURS);
    let all = sent(&plan(&present(&wanted), &reached(&wanted), Some(&held)));
    assert_eq!(all, [Member::BatchSize, Member::BatchingWindow]);
    assert_eq!(plan(&present(&wanted), &reached(&wanted), Some(&shows(&[Setting::BatchSize(5)], OURS))), Plan::Done);
}

#[test]
fn nothing_is_sent_while_aws_is_busy_and_a_deletion_waits_only_for_a_deletion() {
    let wanted = desired(&[Setting::BatchSize(5)]);
    let leaving = Goal::Absent(Leaving { origin: wanted.origin.clone(), owners: vec!["c/n/m".into()] });
    for state in [State::Creating, State::Updating, State::Enabling, State::Disabling, State::Unknown] {
        let held = Observed { state, ..shows(&[], OURS) };
        assert_eq!(plan(&present(&wanted), &reached(&wanted), Some(&held)), Plan::Wait, "{state:?}");
        assert_eq!(plan(&leaving, &reached(&wanted), Some(&held)), Plan::Steps(vec![Step::Delete("u".into())]));
    }
    let held = Observed { state: State::Deleting, ..shows(&[], OURS) };
    assert_eq!(plan(&present(&wanted), &reached(&wanted), Some(&held)), Plan::Wait);
    assert_eq!(plan(&leaving, &reached(&wanted), Some(&held)), Plan::Wait);
}

#[test]
fn the_tag_decides_whose_a_mapping_is_and_no_record_does() {
    let wanted = desired(&[Setting::BatchSize(5)]);
    let (history, held) = (reached(&wanted), |owner| shows(&[], owner));
    let planned = |owner| plan(&present(&wanted), &history, Some(&held(owner)));
    assert!(matches!(planned(OURS), Plan::Steps(_)));
    assert_eq!(planned(Some("c/m/x")), Plan::Blocked(Blocked::NotOwned(Some("c/m/x".into()))));
    assert_eq!(planned(Some("x/n/m")), Plan::Blocked(Blocked::OtherCluster("x/n/m".into())));
    assert_eq!(planned(None), Plan::Blocked(Blocked::NotOwned(None)));
    let withheld = Observed { tags: Tags::Withheld, ..held(None) };
    assert_eq!(plan(&present(&wanted), &history, Some(&withheld)), Plan::Blocked(Blocked::OwnershipUnknown));
    let owner = vec![Step::Tag("u".into(), Tagging::Owner("c/n/m".into()))];
    assert_eq!(planned(Some("old/n/m")), Plan::Steps(owner.clone()), "a former name of the cluster");
    let reverted = |tag| reverts(&owner[0], &wanted, &history, Some(&held(tag)));
    assert_eq!([reverted(Some("old/n/m")), reverted(None)], [Reverted::Nothing, Reverted::owner_tag()]);
    let ownership = Ownership { adopt: true, ..wanted.ownership.clone() };
    let adopts = Desired { ownership, ..wanted.clone() };
    assert_eq!(plan(&present(&adopts), &History::default(), Some(&held(None))), Plan::Steps(owner));
    let leaving = Goal::Absent(Leaving { origin: wanted.origin.clone(), owners: vec!["c/n/m".into()] });
    for other in [None, Some("c/m/x")] {
        assert_eq!(plan(&leaving, &history, Some(&held(other))), Plan::Done, "never touched");
        assert!(!is_ours(&leaving, &history, &held(other)));
    }
    assert_eq!(plan(&leaving, &history, Some(&withheld)), Plan::Blocked(Blocked::OwnershipUnknown));
}

#[test]
fn a_mapping_with_another_qualifier_is_taken_over_and_then_invokes_the_alias() {
    let live = Setting::Function(Some("live".into()));
    let asks = desired(std::slice::from_ref(&live));
    let ownership = Ownership { from: Some("c/m/g".into()), uid: "id".into(), ..asks.ownership.clone() };
    let asks = Desired { ownership, ..asks };
    let (goal, new) = (present(&asks), History::default());
    let given = query(&goal, &new).pick(vec![shows(&[], Some("c/m/g"))]).unwrap();
    let tag = Step::Tag("u".into(), Tagging::Owner("c/n/m".into()));
    assert_eq!(plan(&goal, &new, Some(&given)), Plan::Steps(vec![tag.clone()]));
    let mut effects = Effects::default();
    accepted(&mut effects, &tag, Answer::default(), Some(&asks), Some(&given));
    let taken = effects.adopted_from.clone();
    assert_eq!(taken, Some(AdoptedFrom { owner: "c/m/g".into(), uid: "id".into() }));
    let history = History { uuid: effects.uuid, applied: effects.applied, adopted_from: taken.clone(), ..new.clone() };
    let settings = Settings::of([live]);
    let update = Update { uuid: "u".into(), source: Source::Queue, settings };
    let steps = Plan::Steps(vec![Step::Update(Box::new(update))]);
    assert_eq!(plan(&goal, &history, Some(&shows(&[], OURS))), steps);
    let spent = |history: &History| proved(&asks, history, Some(&shows(&[], OURS))).adopted_from;
    assert_eq!(spent(&new), taken, "the answer to TagResource was lost");
    assert_eq!(spent(&reached(&asks)), None, "the object made its mapping before adoptFrom was set");
    let past = Past { perhaps_created: Some(Timestamp::UNIX_EPOCH), ..Past::default() };
    assert_eq!(spent(&History { past, ..new }), None, "the answer to its own creation was lost");
}

#[test]
fn the_owner_of_the_function_is_read_before_each_write_but_a_deletion() {
    let wanted = desired(&[Setting::BatchSize(5)]);
    let (history, same, other) = (reached(&wanted), shows(&[Setting::BatchSize(5)], OURS), shows(&[], OURS));
    let asks = |goal: &Goal, observed| needs_owner(goal, &history, observed);
    assert!(asks(&present(&wanted), None), "a creation");
    assert!(asks(&present(&wanted), Some(&other)), "an update");
    assert!(!asks(&present(&wanted), Some(&same)), "in sync");
    let leaving = Goal::Absent(Leaving { origin: wanted.origin.clone(), owners: vec!["c/n/m".into()] });
    assert!(!asks(&leaving, Some(&other)), "the mapping outlives its function");
    for owner in ["c/m/f", "x/n/f"] {
        let known = with_owner(&present(&wanted), Knowable::Known(Some(owner.into()))).unwrap();
        for observed in [None, Some(&other)] {
            assert!(matches!(plan(&known, &history, observed), Plan::Blocked(_)), "{owner} {observed:?}");
        }
        assert_eq!(plan(&known, &history, Some(&same)), Plan::Done);
    }
    let known = with_owner(&present(&wanted), Knowable::Known(Some("c/n/f".into()))).unwrap();
    assert!(matches!(plan(&known, &history, None), Plan::Steps(_)));
}

#[test]
fn a_mapping_with_another_start_is_neither_taken_over_nor_called_in_sync() {
    let group = |group: &str| Start { consumer_group: Some(group.into()), ..Start::default() };
    let wanted = Desired { start: group("mine"), ..desired(&[]) };
    let adopts = Desired { ownership: Ownership { adopt: true, ..wanted.ownership.clone() }, ..wanted.clone() };
    let held = |tags: Tags| Observed { start: group("theirs"), tags, ..shows(&[], None) };
    let tagged = |owner: Option<&str>| Tags::Shown { owner: owner.map(str::to_owned), users: BTreeMap::new() };
    let planned = |desired: &Desired, history: &History, tags| plan(&present(desired), history, Some(&held(tags)));
    let immutable = Plan::Blocked(Blocked::Immutable("amazonManagedKafkaEventSourceConfig.consumerGroupId"));
    assert_eq!(planned(&adopts, &History::default(), tagged(None)), immutable);
    assert_eq!(planned(&wanted, &History::default(), tagged(OURS)), immutable);
    assert_eq!(planned(&wanted, &reached(&wanted), Tags::NotRead), immutable, "its tags are not read");
    let deleting = Observed { state: State::Deleting, ..held(tagged(OURS)) };
    assert_eq!(plan(&present(&wanted), &reached(&wanted), Some(&deleting)), Plan::Wait, "another can be made soon");
    let theirs = planned(&wanted, &History::default(), tagged(Some("c/m/x")));
    assert_eq!(theirs, Plan::Blocked(Blocked::NotOwned(Some("c/m/x".into()))));
}

#[test]
fn under_report_an_edit_is_sent_and_drift_is_left() {
    let before = Desired { reports_drift: true, ..desired(&[Setting::BatchSize(5)]) };
    let history = reached(&before);
    let held = shows(&[Setting::BatchSize(9)], OURS);
    assert!(matches!(plan(&present(&before), &history, Some(&held)), Plan::Drift(_)));
    let after = Desired { settings: before.settings.clone().with([Setting::BatchingWindow(2)]), ..before.clone() };
    assert_eq!(sent(&plan(&present(&after), &history, Some(&held))), [Member::BatchingWindow]);
    let lost = History { applied: BTreeMap::new(), ..history.clone() };
    assert!(matches!(plan(&present(&before), &lost, Some(&held)), Plan::Drift(_)), "nobody knows");
    assert!(matches!(plan(&present(&before), &history, None), Plan::Drift(_)), "somebody deleted it");
    assert!(matches!(plan(&present(&after), &history, None), Plan::Steps(_)), "an edit");
    let Plan::Drift(steps) = plan(&present(&before), &history, Some(&held)) else { panic!() };
    let reverted: Vec<_> = steps.iter().map(|step| reverts(step, &before, &history, None)).collect();
    assert_eq!(reverted, [Reverted::Fields(vec!["batchSize".into()])]);
}

#[test]
fn a_mapping_that_aws_disabled_is_not_enabled_again_until_the_spec_is_edited() {
    let wanted = desired(&[]);
    let disabled = |reason: &'static str| Observed {
        state: State::Disabled,
        reason: reason.into(),
        ..shows(&[Setting::Enabled(false)], OURS)
    };
    let history = reached(&wanted);
    let planned = |observed: &Observed, history: &History| plan(&present(&wanted), history, Some(observed));
    let gone = disabled("The source does not exist any more.");
    assert_eq!(
        planned(&gone, &history),
        Plan::Blocked(Blocked::DisabledByAws("The source does not exist any more.".into()))
    );
    assert_eq!(sent(&planned(&disabled("USER_INITIATED"), &history)), [Member::Enabled], "drift");
    let mut off = history;
    off.applied.extend(Settings::of([Setting::Enabled(false)]).applied());
    assert_eq!(sent(&planned(&gone, &off)), [Member::Enabled], "the user disabled it, and enables it");
}

#[test]
fn tags_of_users_are_changed_and_never_the_owner_tag() {
    let tags = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
        all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let wanted = Desired { tags: tags(&[("a", "1"), ("b", "2")]), ..desired(&[]) };
    let shown = Tags::Shown { owner: OURS.map(str::to_owned), users: tags(&[("b", "1"), ("c", "1")]) };
    let held = Observed { tags: shown, ..shows(&[], OURS) };
    let set = UserTags::of(tags(&[("a", "1"), ("b", "2")]));
    let steps =
        vec![Step::Untag("u".into(), Untagging::Remove(vec!["c".into()])), Step::Tag("u".into(), Tagging::Set(set))];
    assert_eq!(plan(&present(&wanted), &reached(&wanted), Some(&held)), Plan::Steps(steps));
}

#[test]
fn filters_that_aws_does_not_show_are_written_once_for_each_edit() {
    let filters = |pattern: &str| Setting::Filters([pattern.to_owned()].into());
    let (old, new) = (desired(&[filters("old")]), desired(&[filters("new")]));
    let withheld = Observed { filters_withheld: Some("AccessDenied".into()), ..shows(&[], OURS) };
    let withheld = Observed { settings: withheld.settings.clone().without(|one| one == Member::Filters), ..withheld };
    let of = |wanted: &Desired, history: &History| plan(&present(wanted), history, Some(&withheld));
    assert_eq!(sent(&of(&new, &reached(&old))), [Member::Filters]);
    assert_eq!(sent(&of(&desired(&[]), &reached(&old))), [Member::Filters], "a removal");
    assert_eq!(of(&old, &reached(&old)), Plan::Done, "AWS accepted them");
    assert_eq!(of(&desired(&[]), &History::default()), Plan::Done, "nobody has asked for them");
    let query = |wanted: &Desired| query(&present(&Desired { compares_tags: false, ..wanted.clone() }), &reached(&old));
    let unread = Observed { tags: Tags::NotRead, ..withheld.clone() };
    assert!(query(&new).needs_tags(&Observed { uuid: "u".into(), ..unread.clone() }));
    assert!(!query(&old).needs_tags(&unread));
}

#[test]
fn a_preview_looks_past_a_change_of_aws_only_if_the_mapping_stays_and_its_tags_are_read() {
    let wanted = desired(&[Setting::BatchSize(3)]);
    let of = |state, tags: Tags| {
        let mut held = Observed { state, tags, ..shows(&[], OURS) };
        let settled = LambdaEventSourceMapping::assume_settled(&mut held);
        (settled, plan(&present(&wanted), &reached(&desired(&[])), Some(&held)))
    };
    let owned = || shows(&[], OURS).tags;
    for state in [State::Creating, State::Enabling, State::Disabling, State::Updating] {
        let (settled, plan) = of(state, owned());
        assert_eq!((settled, sent(&plan)), (true, vec![Member::BatchSize]));
        assert_eq!(of(state, Tags::NotRead), (false, Plan::Wait));
        assert_eq!(of(state, Tags::Withheld), (true, Plan::Blocked(Blocked::OwnershipUnknown)));
    }
    for state in [State::Deleting, State::Unknown] {
        assert_eq!(of(state, owned()), (false, Plan::Wait));
    }
}
