//! Tests of the statements of layer versions.

use super::*;
use crate::kinds::layer_version::desired::{ACTION, Goal, query};
use crate::kinds::layer_version::model::Version;
use crate::kinds::layer_version::plan;
use crate::kinds::layer_version::plan::tests as plans;

fn account(principal: &str) -> Permission {
    Permission { action: ACTION.into(), principal: principal.into(), ..Permission::default() }
}

/// A desired layer with these statements: id and account.
fn sharing(statements: &[(&str, &str)]) -> Desired {
    let permissions = statements.iter().map(|(id, principal)| ((*id).to_owned(), account(principal))).collect();
    Desired { permissions, ..plans::desired() }
}

fn policy(statements: &[(&str, &str)]) -> Policy {
    let held = statements.iter().map(|(id, principal)| Statement {
        id: (*id).to_owned(),
        permission: account(principal),
        text: String::new(),
    });
    Policy { revision: Some("r".into()), size: 0, held: held.collect() }
}

/// The record of statements that were added: version, id and account.
fn record(statements: &[(i64, &str, &str)]) -> History {
    let given = statements.iter().map(|(number, id, principal)| given(*number, id, &account(principal))).collect();
    History { given, ..History::default() }
}

fn names(steps: &[Step]) -> Vec<String> {
    plans::names(steps)
}

/// The edits for version 2.
fn edits(desired: &Desired, history: &History, policy: &Policy) -> Vec<String> {
    let steps = plan(desired, history, 2, Some(policy)).unwrap();
    assert!(steps.drift.is_empty(), "{steps:?}");
    names(&steps.edits)
}

#[test]
fn the_newest_version_gets_every_statement_of_the_spec_and_others_stay() {
    let desired = sharing(&[("a", "1"), ("b", "2")]);
    assert_eq!(edits(&desired, &History::default(), &Policy::default()), ["add a", "add b"]);
    assert_eq!(edits(&desired, &record(&[(1, "a", "1"), (1, "b", "2")]), &Policy::default()), ["add a", "add b"]);
    let shows = policy(&[("a", "1"), ("b", "2"), ("theirs", "3")]);
    assert_eq!(edits(&desired, &record(&[(2, "a", "1")]), &shows), [""; 0]);
}

#[test]
fn a_statement_that_leaves_the_spec_leaves_every_version_that_has_it() {
    let history = record(&[(1, "a", "1"), (1, "b", "2"), (2, "a", "1"), (2, "b", "2")]);
    let shows = policy(&[("a", "1"), ("b", "2"), ("theirs", "3")]);
    assert_eq!(edits(&sharing(&[("a", "1")]), &history, &shows), ["remove b from 1", "remove b from 2"]);
    assert_eq!(edits(&sharing(&[]), &history, &policy(&[("a", "1")])).len(), 3, "the newest has no b any more");
    // Another account under the same id: older versions lose the former one.
    let moved = edits(&sharing(&[("a", "9"), ("b", "2")]), &history, &shows);
    assert_eq!(moved, ["remove a from 2", "add a", "remove a from 1"]);
    let unanswered = History { unanswered: record(&[(2, "b", "2")]).given, ..History::default() };
    assert_eq!(edits(&sharing(&[]), &unanswered, &shows), ["remove b from 2"], "its addition got no answer");
}

#[test]
fn only_the_first_change_of_a_policy_names_its_revision() {
    let history = record(&[(2, "a", "1"), (2, "b", "2")]);
    let steps = plan(&sharing(&[]), &history, 2, Some(&policy(&[("a", "1"), ("b", "2")]))).unwrap();
    let revisions = steps.edits.iter().map(|step| match step {
        Step::RemovePermission(removal) => removal.revision.as_deref(),
        Step::Publish(_) | Step::Delete(_) | Step::AddPermission(_) => panic!(),
    });
    assert_eq!(revisions.collect::<Vec<_>>(), [Some("r"), None]);
}

#[test]
fn a_statement_of_somebody_else_is_replaced_only_on_request() {
    let (desired, theirs) = (sharing(&[("a", "1")]), policy(&[("a", "9")]));
    let Err(Blocked::InvalidSpec(sentence)) = plan(&desired, &History::default(), 2, Some(&theirs)) else { panic!() };
    assert!(sentence.contains("a statement a that this object did not add"), "{sentence}");
    let closed = Desired { adopt: true, ..desired.clone() };
    let Err(Blocked::NotAllowed(sentence)) = plan(&closed, &History::default(), 2, Some(&theirs)) else { panic!() };
    assert!(sentence.contains("allow-adoption=true"), "{sentence}");
    let adopts = Desired { open: true, ..closed };
    assert_eq!(edits(&adopts, &History::default(), &theirs), ["remove a from 2", "add a"]);
    assert_eq!(edits(&desired, &record(&[(2, "a", "5")]), &theirs), ["remove a from 2", "add a"], "an edit");
}

#[test]
fn a_statement_that_somebody_removed_or_changed_is_drift() {
    let (desired, history) = (sharing(&[("a", "1")]), record(&[(2, "a", "1")]));
    for shows in [Policy::default(), policy(&[("a", "9")])] {
        let steps = plan(&desired, &history, 2, Some(&shows)).unwrap();
        assert!(steps.edits.is_empty() && !steps.drift.is_empty(), "{steps:?}");
        assert!(steps.drift.iter().any(|step| plan::corrects_drift(step, &desired, &history)));
    }
}

#[test]
fn drift_of_a_policy_is_corrected_or_reported_and_old_versions_go_last() {
    let held = Version { number: 2, layer: plans::desired().layer, code_sha256: "a".into(), ..Version::default() };
    let observed = Observed { current: Some(held), policy: Some(Policy::default()), ..Observed::default() };
    let published = |statements: &[(i64, &str, &str)]| History {
        given: record(statements).given,
        ..plans::published(&plans::desired(), &[1, 2])
    };
    let planned = |reports_drift, statements: &[(i64, &str, &str)], retained| {
        let desired = Desired { reports_drift, retained, ..sharing(&[("a", "1")]) };
        plan::plan(&Goal::Present(Box::new(desired)), &published(statements), Some(&observed))
    };
    assert_eq!(plans::steps(&planned(false, &[(2, "a", "1")], Some(1))), ["add a"]);
    assert_eq!(plans::steps(&planned(true, &[], Some(1))), ["add a"], "an edit is sent");
    assert_eq!(plans::steps(&planned(true, &[(2, "a", "1")], Some(1))), ["1"], "drift holds nothing back");
    assert!(matches!(planned(true, &[(2, "a", "1")], None), plan::Plan::Drift(_)));
}

#[test]
fn a_read_that_disagrees_with_the_record_can_predate_the_last_write() {
    let observed = |shows| Observed {
        current: Some(Version { number: 2, ..Version::default() }),
        policy: Some(shows),
        ..Observed::default()
    };
    let (desired, added) = (sharing(&[("a", "1")]), record(&[(2, "a", "1")]));
    let (shown, none) = (observed(policy(&[("a", "1")])), observed(Policy::default()));
    assert!(is_unsettled(&desired, &added, &none) && !is_unsettled(&desired, &added, &shown));
    let never = History::default();
    assert!(is_unsettled(&desired, &never, &shown), "it was just removed");
    assert!(!is_unsettled(&desired, &never, &none));
    let unanswered = History { unanswered: added.given.clone(), ..History::default() };
    assert!(!is_unsettled(&desired, &unanswered, &shown), "it arrived");
    assert_eq!(settled(&desired, &unanswered, &shown).0, [given(2, "a", &account("1"))]);
    assert_eq!(settled(&sharing(&[]), &added, &none).1, [(2, "a".to_owned())]);
    assert_eq!(settled(&sharing(&[]), &unanswered, &none).1, [], "it can still arrive");
    assert!(query(&Goal::Present(Box::new(sharing(&[]))), &unanswered).shares, "so its policy is read");
}
