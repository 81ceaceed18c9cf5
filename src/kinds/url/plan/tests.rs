//! Tests of the plan for a function URL.

use super::*;
use crate::api::function_url::LambdaFunctionUrl;
use crate::api::shared::RecordedClaim;
use crate::core::applied::Applied;
use crate::core::attached::Model;
use crate::core::attached::status::Answer;
use crate::core::hand_over::ObjectName;
use crate::core::host::Host;
use crate::core::kind::Kind;
use crate::core::target::Target;
use crate::core::values::Knowable;
use crate::kinds::permission::statement::{self, Policy};
use crate::kinds::url::desired::{Desired, Leaving, Place};
use crate::kinds::url::history::Recorded;
use crate::kinds::url::model::{NONE, Public};
use crate::kinds::url::observed::Shown;
use crate::kinds::url::statements::Statements;
use crate::kinds::url::status;
use crate::kinds::url::status::Effects;

fn url(auth_type: &str) -> Url {
    let public = if auth_type == NONE { Public::ALL.into() } else { [].into() };
    Url { auth_type: auth_type.into(), invoke_mode: "BUFFERED".into(), public, ..Url::default() }
}

fn place() -> Place {
    Place { qualifier: None, statements: Statements::new("c/n/web", &["old/n/web".into()]) }
}

fn host(owner: &str) -> Host {
    let object = ObjectName { namespace: "n".into(), name: "web".into() };
    Host::new("c/n/web", &[], true, object).with_owner(Knowable::Known(Some(owner.into())))
}

fn present(model: Url) -> Goal {
    let attached = attached::Desired {
        name: String::new(),
        model,
        adopt: false,
        reports_drift: false,
        host: host("c/n/f"),
        rival: None,
        ignored: Vec::new(),
    };
    Goal::Present(Box::new(Desired { attached, place: place() }))
}

fn absent(owner: &str) -> Goal {
    let attached = attached::Leaving { name: String::new(), host: host(owner), rival: None };
    Goal::Absent(Leaving { attached, place: place() })
}

fn shows(url: Option<Url>, held: &[(String, Permission)]) -> Observed {
    let held = held.iter().map(|(id, permission)| statement::Statement {
        id: id.clone(),
        permission: permission.clone(),
        text: String::new(),
    });
    let policy = Policy { revision: Some("r".into()), size: 0, held: held.collect() };
    Observed { url: url.map(|model| Shown { model, ..Shown::default() }), policy: Some(policy) }
}

fn owned(accepted: &Url) -> History {
    let mut history = History::default();
    history.attached.claim = Some(RecordedClaim::Owned);
    history.attached.applied = accepted.applied(&Member::ALL);
    history
}

fn both() -> Vec<(String, Permission)> {
    Public::ALL.map(|public| (place().statements.id(public), said(public))).to_vec()
}

/// Each call and whether it carries the policy's revision.
fn calls(plan: &Plan) -> Vec<(Operation, bool)> {
    let Plan::Steps(steps) = plan else { panic!("{plan:?}") };
    let call = |step: &Step| match step {
        Step::Url { .. } => (step.operation(), false),
        Step::Add(statement) | Step::Remove(statement) => (step.operation(), statement.revision.is_some()),
    };
    steps.iter().map(call).collect()
}

const ADD: Operation = Operation::AddPermission;
const REMOVE: Operation = Operation::RemovePermission;

#[test]
fn the_statements_follow_the_url() {
    let (public, signed) = (url(NONE), url("AWS_IAM"));
    let created = plan(&present(public.clone()), &History::default(), None);
    assert_eq!(calls(&created), [(Operation::CreateFunctionUrlConfig, false)]);
    let added = plan(&present(public.clone()), &owned(&signed), Some(&shows(Some(public.clone()), &[])));
    assert_eq!(calls(&added), [(ADD, true), (ADD, false)]);
    assert_eq!(
        plan(&present(public.clone()), &owned(&public), Some(&shows(Some(public.clone()), &both()))),
        Plan::Done
    );
    let changed = plan(&present(signed.clone()), &owned(&public), Some(&shows(Some(public.clone()), &both())));
    assert_eq!(calls(&changed), [(Operation::UpdateFunctionUrlConfig, false)]);
    let removed = plan(&present(signed.clone()), &owned(&public), Some(&shows(Some(signed), &both())));
    assert_eq!(calls(&removed), [(REMOVE, true), (REMOVE, false)]);
}

#[test]
fn a_statement_with_other_contents_or_under_a_former_name_is_replaced() {
    let public = url(NONE);
    let mut narrow = both();
    narrow[1].1.principal = "123456789012".into();
    let replaced = plan(&present(public.clone()), &owned(&public), Some(&shows(Some(public.clone()), &narrow)));
    assert_eq!(calls(&replaced), [(REMOVE, true), (ADD, false)]);
    let mut former = both();
    former.push((place().statements.ids()[2].clone(), said(Public::Call)));
    let cleaned = plan(&present(public.clone()), &owned(&public), Some(&shows(Some(public), &former)));
    assert_eq!(calls(&cleaned), [(REMOVE, true)]);
}

#[test]
fn statements_go_before_their_url_and_none_outlive_it() {
    let public = url(NONE);
    let observed = shows(Some(public.clone()), &both());
    let ends = plan(&absent("c/n/f"), &owned(&public), Some(&observed));
    let delete = (Operation::DeleteFunctionUrlConfig, false);
    assert_eq!(calls(&ends), [(REMOVE, true), (REMOVE, false), delete]);
    let Plan::Steps(steps) = ends else { panic!() };
    let interrupted =
        |accepted| after(&absent("c/n/f"), &owned(&public), &steps, accepted).statements(&Applied::default());
    assert_eq!(interrupted(1), Recorded::Some, "the other one is still to be removed");
    assert_eq!(interrupted(2), Recorded::None, "the rest of it does not remove them again");
    let late = |history: &History, count: usize| {
        calls(&plan(&absent("c/n/f"), history, Some(&shows(Some(public.clone()), &both()[..count]))))
    };
    for shown in [0, 1] {
        let ends = late(&owned(&public), shown);
        assert_eq!(ends, [(REMOVE, true), (REMOVE, false), delete], "a late read shows {shown}");
    }
    let bare = owned(&Url { public: [].into(), ..public.clone() });
    assert_eq!(late(&bare, 0), [delete], "none was added");
    assert_eq!(plan(&absent("c/n/f"), &owned(&public), Some(&shows(None, &[]))), Plan::Done, "they ended with the URL");
    let left = plan(&absent("c/n/f"), &owned(&public), Some(&shows(None, &both())));
    assert_eq!(calls(&left), [(REMOVE, true), (REMOVE, false)]);
    assert_eq!(plan(&absent("c/m/f"), &owned(&public), Some(&observed)), Plan::Done, "of another namespace");
    assert_eq!(plan(&absent("c/m/f"), &owned(&public), Some(&shows(None, &both()))), Plan::Done);
}

#[test]
fn statements_whose_addition_stopped_half_way_are_looked_for_under_another_type() {
    let accepted = |desired: &Url, held: Option<&Observed>| {
        let goal = present(desired.clone());
        let Plan::Steps(steps) = plan(&goal, &History::default(), held) else { panic!("{desired:?}") };
        let mut effects = Effects::default();
        status::accepted(&mut effects, &steps[0], Answer::default(), &goal);
        status::completed(&mut effects, &goal, &History::default(), &steps);
        let mut history = History::default();
        (history.attached.claim, history.attached.applied) = (effects.attached.claim, effects.attached.applied);
        history
    };
    let created = accepted(&url(NONE), None);
    assert!(created.may_have_statements(), "the type can change before the second of them is added");
    let signed = url("AWS_IAM");
    let first = shows(Some(signed.clone()), &both()[..1]);
    let removed = plan(&present(signed.clone()), &created, Some(&first));
    assert_eq!(calls(&removed), [(REMOVE, true), (REMOVE, false)], "a late read can hide the second");
    assert!(!accepted(&signed, None).may_have_statements(), "a URL that is not public costs no read of the policy");
}

/// The history after a reconcile in which AWS accepted the first steps and refused the next.
fn after(goal: &Goal, history: &History, steps: &[Step], accepted: usize) -> History {
    let (mut effects, mut history) = (Effects::default(), history.clone());
    steps[..accepted].iter().for_each(|step| status::accepted(&mut effects, step, Answer::default(), goal));
    status::completed(&mut effects, goal, &history, steps);
    history.attached.claim = effects.attached.claim.or(history.attached.claim);
    history.attached.applied.extend(effects.attached.applied);
    history.qualifier = effects.qualifier.or(history.qualifier);
    history
}

/// Without its alias, the deletion of the object would delete the URL of the function.
#[test]
fn a_url_of_an_alias_that_was_found_stays_that_of_the_alias_if_its_statements_are_refused() {
    let mut goal = present(url(NONE));
    if let Goal::Present(desired) = &mut goal {
        desired.place.qualifier = Some("live".into());
    }
    let bare = shows(Some(Url { public: [].into(), ..url(NONE) }), &[]);
    let Plan::Steps(steps) = plan(&goal, &History::default(), Some(&bare)) else { panic!() };
    let found = after(&goal, &History::default(), &steps, 0);
    assert_eq!((found.owns(), found.qualifier.as_deref()), (true, Some("live")));
}

#[test]
fn what_is_not_complete_is_recorded_as_added_or_removed() {
    let (public, signed, none) = (url(NONE), url("AWS_IAM"), History::default());
    let recorded = |goal: &Goal, history: &History, observed: &Observed| {
        let Plan::Steps(steps) = plan(goal, history, Some(observed)) else { panic!() };
        after(goal, history, &steps, steps.len()).statements(&Applied::default())
    };
    let (publish, sign) = (present(public.clone()), present(signed.clone()));
    let (is_public, is_signed) = (shows(Some(public.clone()), &both()), shows(Some(signed.clone()), &[]));
    assert_eq!(recorded(&publish, &owned(&public), &shows(None, &both())), Recorded::Some, "created again");
    assert_eq!(recorded(&publish, &none, &shows(None, &both())), Recorded::Removed, "of an earlier URL");
    assert_eq!(recorded(&sign, &owned(&public), &is_public), Recorded::Removed, "the type changes first");
    assert_eq!(recorded(&publish, &owned(&signed), &is_signed), Recorded::Removed, "the type changes back");
    let shown = |count| shows(Some(signed.clone()), &both()[..count]);
    assert_eq!(recorded(&sign, &owned(&public), &shown(2)), Recorded::None, "both are removed");
    assert_eq!(recorded(&sign, &owned(&public), &shown(1)), Recorded::None, "so is the one that is not shown");
}

#[test]
fn a_url_whose_first_statements_are_refused_stays_the_objects() {
    let public = url(NONE);
    let (goal, bare) = (present(public.clone()), Url { public: [].into(), ..public });
    let mut created = owned(&bare);
    created.attached.claim = Some(RecordedClaim::Creating);
    // The answer to the creation was lost, or the URL was there before the object.
    for found in [created, History::default()] {
        let Plan::Steps(steps) = plan(&goal, &found, Some(&shows(Some(bare.clone()), &[]))) else { panic!() };
        assert_eq!(steps.len(), 2, "both statements are missing");
        for accepted in [0, 1] {
            let (held, history) =
                (shows(Some(bare.clone()), &both()[..accepted]), after(&goal, &found, &steps, accepted));
            let next = plan(&goal, &history, Some(&held));
            assert_eq!(calls(&next), [(ADD, true), (ADD, false)][..2 - accepted], "{accepted} were accepted");
            let end = calls(&plan(&absent("c/n/f"), &history, Some(&held)));
            assert_eq!(end.last(), Some(&(Operation::DeleteFunctionUrlConfig, false)), "{accepted} were accepted");
        }
    }
}

#[test]
fn statements_whose_removal_stopped_half_way_are_added_again_if_the_type_goes_back() {
    let (public, signed) = (url(NONE), url("AWS_IAM"));
    let (goal, recorded) = (present(signed.clone()), owned(&Url { public: Public::ALL.into(), ..signed.clone() }));
    let Plan::Steps(steps) = plan(&goal, &recorded, Some(&shows(Some(signed), &both()))) else { panic!() };
    assert_eq!(calls(&Plan::Steps(steps.clone())), [(REMOVE, true), (REMOVE, false)]);
    // The type was changed back, and others' changes are only reported.
    let mut back = present(public.clone());
    if let Goal::Present(desired) = &mut back {
        desired.attached.reports_drift = true;
    }
    let add_again = |mut history: History| {
        history.attached.applied.extend(public.applied(&[Member::AuthType]));
        let next = plan(&back, &history, Some(&shows(Some(public.clone()), &both()[1..])));
        assert_eq!(calls(&next), [(ADD, true)]);
    };
    add_again(after(&goal, &recorded, &steps, 1));
    let shown = shows(Some(public.clone()), &both());
    let Plan::Steps(update) = plan(&goal, &owned(&public), Some(&shown)) else { panic!() };
    // The operator was killed after the first removal, so only the change of the type is recorded.
    add_again(after(&goal, &owned(&public), &update, 1));
    assert!(!after(&goal, &recorded, &steps, 2).may_have_statements(), "all were removed");
}

#[test]
fn a_public_url_that_is_taken_over_as_signed_loses_its_statements() {
    let (public, signed) = (url(NONE), url("AWS_IAM"));
    let mut goal = present(signed.clone());
    if let Goal::Present(desired) = &mut goal {
        (desired.attached.adopt, desired.attached.reports_drift) = (true, true);
    }
    let shown = shows(Some(public), &both());
    let Plan::Steps(steps) = plan(&goal, &History::default(), Some(&shown)) else { panic!() };
    assert_eq!(calls(&Plan::Steps(steps.clone())), [(Operation::UpdateFunctionUrlConfig, false)]);
    let mut history = after(&goal, &History::default(), &steps, 1);
    assert!(history.may_have_statements(), "nothing is recorded of them");
    assert_eq!(calls(&plan(&goal, &history, Some(&shows(Some(signed), &both())))), [(REMOVE, true), (REMOVE, false)]);
    history.attached.applied.remove(Url::name(Member::Public));
    assert!(history.may_have_statements(), "the record is lost");
}

#[test]
fn statements_of_a_url_that_is_gone_are_removed_before_another_is_created() {
    let (gone, mut goal) = (shows(None, &both()), present(url("AWS_IAM")));
    let create = (Operation::CreateFunctionUrlConfig, false);
    let (fresh, known, public) = (History::default(), owned(&url(NONE)), present(url(NONE)));
    for (goal, history) in [(&goal, &fresh), (&goal, &known), (&public, &fresh)] {
        assert_eq!(calls(&plan(goal, history, Some(&gone))), [(REMOVE, true), (REMOVE, false), create]);
    }
    let one = plan(&goal, &fresh, Some(&shows(None, &both()[..1])));
    assert_eq!(calls(&one), [(REMOVE, true), (REMOVE, false), create], "a late read can hide the other");
    assert_eq!(calls(&plan(&public, &known, Some(&gone))), [create], "they are those of the new one");
    if let Goal::Present(desired) = &mut goal {
        desired.attached.ignored = vec![Member::Public];
    }
    let left = plan(&goal, &History::default(), Some(&gone));
    assert_eq!(calls(&left), [create]);
    let Plan::Steps(steps) = left else { panic!() };
    let history = after(&goal, &History::default(), &steps, 1);
    assert!(history.may_have_statements(), "they can become the object's later");
    assert_eq!(history.statements(&Applied::default()), Recorded::Unknown, "its deletion makes no call for them");
}

#[test]
fn a_statement_that_stays_while_drift_is_reported_is_not_recorded_as_absent() {
    let Goal::Present(desired) = present(url("AWS_IAM")) else { panic!() };
    let mut other = both();
    other[0].1.principal = "123456789012".into();
    let recorded = |held: &[(String, Permission)]| {
        let drifted = Url { invoke_mode: "RESPONSE_STREAM".into(), ..url("AWS_IAM") };
        let effects = LambdaFunctionUrl::left(&desired, &History::default(), Some(&shows(Some(drifted), held)));
        History::default().statements(&effects.attached.applied)
    };
    assert_eq!((recorded(&[]), recorded(&other[..1])), (Recorded::None, Recorded::Unknown));
}

#[test]
fn statements_are_expected_before_the_first_is_added() {
    let target = Target { name: "f".into(), account: "123456789012".into(), region: "eu-west-1".into() };
    let (public, signed) = (url(NONE), url("AWS_IAM"));
    let bare = Url { public: [].into(), ..public.clone() };
    let mut creating = owned(&bare);
    creating.attached.claim = Some(RecordedClaim::Creating);
    let mut unknown = owned(&public);
    unknown.attached.applied.remove(Url::name(Member::Public));
    for mut history in [creating, owned(&signed), History::default(), unknown] {
        let Plan::Steps(steps) = plan(&present(public.clone()), &history, Some(&shows(Some(bare.clone()), &[]))) else {
            panic!()
        };
        let ahead = |history: &History| status::write_ahead(&target, history, None, &steps);
        let written = ahead(&history);
        assert_eq!(written.len(), 1, "one write of the status");
        let (_, Effects { attached, .. }) = &written[0];
        history.attached.claim = attached.claim.or(history.attached.claim);
        history.attached.applied.extend(attached.applied.clone());
        assert_eq!((history.attached.claim, ahead(&history)), (Some(RecordedClaim::Owned), Vec::new()));
        // The operator was killed after the first addition, and the type was changed back.
        assert!(history.may_have_statements());
    }
}

#[test]
fn statements_that_somebody_removed_stay_reported_after_an_edit_of_another_member() {
    let (before, after) = (url(NONE), Url { invoke_mode: "RESPONSE_STREAM".into(), ..url(NONE) });
    let mut goal = present(after.clone());
    if let Goal::Present(desired) = &mut goal {
        desired.attached.reports_drift = true;
    }
    let mut history = owned(&before);
    let held = shows(Some(Url { public: [].into(), ..before }), &[]);
    let Plan::Steps(steps) = plan(&goal, &history, Some(&held)) else { panic!("an edit") };
    assert_eq!(calls(&Plan::Steps(steps.clone())), [(Operation::UpdateFunctionUrlConfig, false)]);
    let mut effects = Effects::default();
    status::accepted(&mut effects, &steps[0], Answer::default(), &goal);
    status::completed(&mut effects, &goal, &history, &steps);
    history.attached.applied.extend(effects.attached.applied);
    let held = shows(Some(Url { public: [].into(), ..after }), &[]);
    assert!(matches!(plan(&goal, &history, Some(&held)), Plan::Drift(_)), "nobody makes the URL public again");
}

#[test]
fn an_equal_url_is_taken_over_without_its_statements() {
    let public = url(NONE);
    let bare = shows(Some(public.clone()), &[]);
    assert_eq!(calls(&plan(&present(public.clone()), &History::default(), Some(&bare))), [(ADD, true), (ADD, false)]);
    let other = shows(Some(url("AWS_IAM")), &[]);
    let refused = plan(&present(public), &History::default(), Some(&other));
    assert_eq!(refused, plan::Plan::Blocked(crate::core::blocked::Blocked::NotOwned(None)));
}
