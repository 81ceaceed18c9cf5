//! The publication of versions.

use super::*;
use crate::kinds::function::plan::later;

#[test]
fn a_pending_version_waits_and_a_failed_one_is_reported() {
    let mut desired = desired();
    desired.publish = Some(Publish::default());
    let mut observed = same(&desired);
    observed.published = Some("1".into());
    let mut planned = |lifecycle| {
        observed.version = Some(VersionState { lifecycle, reason: "why".into() });
        plan_for(&desired, &observed)
    };
    assert_eq!(planned(Lifecycle::Ready), Plan::Done);
    assert_eq!(planned(Lifecycle::Busy), Plan::Wait);
    let failed = Plan::Blocked(Blocked::VersionFailed("why".into()));
    assert_eq!(planned(Lifecycle::Failed { proven: false }), failed);
}

#[test]
fn publish_is_planned_only_when_no_version_matches() {
    let mut desired = desired();
    desired.publish = Some(Publish::default());
    let mut observed = same(&desired);
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::PublishVersion]);
    observed.published = Some("1".into());
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
}

#[test]
fn a_version_published_at_creation_is_recorded() {
    let mut desired = desired();
    desired.publish = Some(Publish::default());
    let mut effects = Effects::default();
    let (code_sha256, modified) = (Some("of AWS".to_owned()), Some("then".to_owned()));
    let answer = Answer { code_sha256: code_sha256.clone(), version: Some("1".into()), modified: modified.clone() };
    let goal = Goal::Present(Box::new(desired.clone()));
    let Plan::Steps(steps) = plan(&goal, &History::default(), None) else { panic!() };
    effects.record(&steps[0], answer, Some(&desired), None);
    let published = Published {
        version: "1".into(),
        last_modified: modified,
        code_sha256,
        fingerprint: version::fingerprint_at_creation(&desired),
    };
    assert_eq!(effects.published, Some(published));
    assert_eq!(effects.applied, applied::everything(&desired));
}

/// The operations of `lambda-operator plan`.
fn previewed(history: &History, desired: &Desired, observed: &Observed) -> Vec<Operation> {
    operations(&later::to_the_end(&Goal::Present(Box::new(desired.clone())), history, Some(observed)))
}

#[test]
fn no_publication_is_previewed_while_reported_drift_is_left() {
    let mut wanted = Desired { reports_drift: true, ..desired() };
    wanted.publish = Some(Publish::default());
    let (history, mut observed) = (reached(&wanted), same(&wanted));
    wanted.function.configuration.timeout = 9;
    let update = Operation::UpdateFunctionConfiguration;
    assert_eq!(previewed(&history, &wanted, &observed), [update, Operation::PublishVersion]);
    observed.function.configuration.memory_size = 512;
    assert_eq!(previewed(&history, &wanted, &observed), [update], "as in the reconcile after the update");
}

#[test]
fn no_publication_is_previewed_after_drift_that_is_corrected() {
    let mut wanted = desired();
    wanted.publish = Some(Publish::default());
    let mut observed = same(&wanted);
    observed.attributes.last_modified = Some("then".into());
    let published = Published {
        version: "7".into(),
        last_modified: Some("then".into()),
        code_sha256: observed.attributes.code_sha256.clone(),
        fingerprint: version::fingerprint(&wanted, &observed),
    };
    let history = History { published: Some(published), ..reached(&wanted) };
    observed.attributes.last_modified = Some("later".into());
    observed.function.configuration.memory_size = 512;
    let update = Operation::UpdateFunctionConfiguration;
    assert_eq!(previewed(&history, &wanted, &observed), [update]);
    wanted.function.configuration.timeout = 9;
    assert_eq!(previewed(&history, &wanted, &observed), [update, Operation::PublishVersion], "an edit");
}
