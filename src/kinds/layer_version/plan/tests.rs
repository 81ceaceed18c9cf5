//! Tests of the plan for a layer.

use std::collections::BTreeMap;

use super::*;
use crate::core::applied::Applied;
use crate::core::hand_over::ObjectName;
use crate::core::past::Past;
use crate::core::zip_source::{Origin, Zip};

fn inline(sha256: &str) -> Zip {
    Zip::Package { origin: Origin::Inline, digest: sha256.into(), sha256: sha256.into() }
}

fn s3(key: &str) -> Zip {
    Zip::S3 { bucket: "b".into(), key: key.into(), version: None }
}

fn of(source: Zip) -> Desired {
    Desired {
        name: "l".into(),
        layer: Layer { description: "ours".into(), ..Layer::default() },
        identity: source.identity(),
        source,
        permissions: BTreeMap::new(),
        said: None,
        retained: None,
        adopt: false,
        reports_drift: false,
        rival: None,
        open: false,
        object: ObjectName { namespace: "n".into(), name: "l".into() },
        now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
    }
}

/// A layer with a package from inline files.
pub(in crate::kinds::layer_version) fn desired() -> Desired {
    of(inline("a"))
}

fn present(desired: Desired) -> Goal {
    Goal::Present(Box::new(desired))
}

/// The record after these versions were published, the last of them from this desired state.
pub(in crate::kinds::layer_version) fn published(desired: &Desired, versions: &[i64]) -> History {
    History {
        versions: versions.iter().copied().collect(),
        current: versions.last().copied(),
        source: Some(desired.identity.clone()),
        applied: desired.layer.applied(Layer::MEMBERS),
        ..History::default()
    }
}

fn version(number: i64, desired: &Desired, code_sha256: &str) -> Version {
    Version { number, layer: desired.layer.clone(), code_sha256: code_sha256.into(), ..Version::default() }
}

fn shows(version: Version) -> Observed {
    Observed { current: Some(version), ..Observed::default() }
}

/// The steps as text: `publish`, the number of a deletion, or the change of a policy.
pub(in crate::kinds::layer_version) fn names(steps: &[Step]) -> Vec<String> {
    let name = |step: &Step| match step {
        Step::Publish(_) => "publish".to_owned(),
        Step::Delete(deletion) => deletion.number.to_string(),
        Step::AddPermission(addition) => format!("add {}", addition.given.id),
        Step::RemovePermission(removal) => format!("remove {} from {}", removal.id, removal.number),
    };
    steps.iter().map(name).collect()
}

/// The steps of a plan as text.
pub(in crate::kinds::layer_version) fn steps(plan: &Plan) -> Vec<String> {
    match plan {
        Plan::Steps(steps) => names(steps),
        Plan::Done | Plan::Wait | Plan::Drift(_) | Plan::Blocked(_) => Vec::new(),
    }
}

#[test]
fn a_layer_that_nobody_has_is_published_and_one_of_others_is_left() {
    let (goal, never) = (present(desired()), History::default());
    assert_eq!(steps(&plan(&goal, &never, None)), ["publish"]);
    let others = Observed { newest: Some(7), ..Observed::default() };
    assert_eq!(plan(&goal, &never, Some(&others)), Plan::Blocked(Blocked::NotOwned(None)));
    assert!(!is_ours(&goal, &others));
    let asks = Desired { adopt: true, ..desired() };
    let refused = plan(&present(asks.clone()), &never, Some(&others));
    let Plan::Blocked(Blocked::NotAllowed(sentence)) = refused else { panic!("{refused:?}") };
    assert!(sentence.contains("The layer exists in AWS and others published its versions"), "{sentence}");
    assert_eq!(steps(&plan(&present(Desired { open: true, ..asks }), &never, Some(&others))), ["publish"]);
    // The newest of others may have been published after ours was deleted.
    let ours = published(&desired(), &[3]);
    assert_eq!(steps(&plan(&goal, &ours, Some(&others))), ["publish"]);
}

#[test]
fn an_adopted_layer_keeps_its_newest_version_if_it_holds_the_same() {
    let adopts = |source| Desired { adopt: true, open: true, ..of(source) };
    let newest =
        |sha256| Observed { adoptable: Some(version(7, &desired(), sha256)), newest: Some(7), ..Observed::default() };
    let never = History::default();
    assert_eq!(plan(&present(adopts(inline("a"))), &never, Some(&newest("a"))), Plan::Done);
    assert_eq!(steps(&plan(&present(adopts(inline("a"))), &never, Some(&newest("b")))), ["publish"]);
    assert_eq!(steps(&plan(&present(adopts(s3("k"))), &never, Some(&newest("a")))), ["publish"], "it cannot be told");
    let said = Desired { said: Some("a".into()), ..adopts(s3("k")) };
    assert_eq!(plan(&present(said), &never, Some(&newest("a"))), Plan::Done);
}

#[test]
fn another_package_or_member_publishes_a_version_and_the_same_package_does_not() {
    let have = desired();
    let history = published(&have, &[1]);
    let observed = shows(version(1, &have, "a"));
    let planned = |desired: Desired| plan(&present(desired), &history, Some(&observed));
    assert_eq!(planned(have.clone()), Plan::Done);
    assert_eq!(steps(&planned(of(inline("b")))), ["publish"]);
    let moved = Zip::Package { origin: Origin::File("l.zip".into()), digest: "a".into(), sha256: "a".into() };
    assert_eq!(planned(of(moved)), Plan::Done, "the same package from elsewhere");
    assert_eq!(steps(&planned(of(s3("k")))), ["publish"], "only its record tells what is in S3");
    for layer in [
        Layer { description: String::new(), ..have.layer.clone() },
        Layer { license: "MIT".into(), ..have.layer.clone() },
        Layer { runtimes: ["python3.13".to_owned()].into(), ..have.layer.clone() },
        Layer { architectures: ["arm64".to_owned()].into(), ..have.layer.clone() },
    ] {
        assert_eq!(steps(&planned(Desired { layer, ..have.clone() })), ["publish"]);
    }
}

#[test]
fn a_package_in_s3_is_published_once_for_each_identity() {
    let (one, other) = (of(s3("k")), of(s3("l")));
    let observed = shows(version(1, &one, "x"));
    let history = published(&one, &[1]);
    assert_eq!(plan(&present(one), &history, Some(&observed)), Plan::Done);
    assert_eq!(steps(&plan(&present(other), &history, Some(&observed))), ["publish"]);
}

#[test]
fn a_publication_that_was_found_again_is_not_repeated() {
    let have = of(s3("k"));
    let publishing = crate::api::layer_version::Publishing {
        after: 1,
        since: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        source: have.identity.clone(),
        code_sha256: None,
        applied: Applied::default(),
        fate: None,
    };
    let history = History { publishing: Some(publishing), ..published(&of(s3("old")), &[1]) };
    let found = Observed { found: Some(version(2, &have, "x")), ..shows(version(1, &have, "old")) };
    assert_eq!(found.held().map(|version| version.number), Some(2));
    assert_eq!(plan(&present(have), &history, Some(&found)), Plan::Done);
    assert_eq!(steps(&plan(&present(of(s3("edited"))), &history, Some(&found))), ["publish"], "edited since");
}

#[test]
fn a_publication_carries_the_record_by_which_it_is_found() {
    let begun = |source: Zip, history: &History, newest| {
        let observed = Observed { newest, ..Observed::default() };
        let Step::Publish(publication) = publication(&of(source), history, Some(&observed)) else { panic!() };
        publication.publishing
    };
    let first = begun(inline("a"), &History::default(), None);
    assert_eq!((first.after, first.code_sha256.as_deref()), (0, Some("a")));
    assert_eq!(begun(inline("a"), &History::default(), Some(7)).after, 7);
    // The same call again: the first may still be carried out.
    let refused = crate::api::layer_version::Publishing { fate: Some(Fate::Refused), ..first.clone() };
    let again = History { publishing: Some(first), ..History::default() };
    assert_eq!(begun(inline("a"), &again, Some(7)).after, 0);
    let refused = History { publishing: Some(refused), ..History::default() };
    assert_eq!(begun(inline("a"), &refused, Some(7)).after, 7, "those of others in between are no candidates");
    assert_eq!(begun(inline("b"), &again, Some(7)).after, 7, "an edit");
    let secret = crate::core::references::Reference { kind: crate::core::references::Kind::Secret, name: "s".into() };
    let secret = Zip::Package { origin: Origin::Object(secret, None), digest: "v".into(), sha256: "a".into() };
    assert_eq!(begun(secret, &History::default(), None).code_sha256, None, "no hash of a Secret is recorded");
}

#[test]
fn older_versions_are_deleted_only_if_the_spec_bounds_them_and_only_own_ones() {
    let have = desired();
    let history = published(&have, &[2, 3, 5, 8]);
    let observed = Observed { newest: Some(9), ..shows(version(8, &have, "a")) };
    let kept = |retained| steps(&plan(&present(Desired { retained, ..have.clone() }), &history, Some(&observed)));
    assert_eq!(kept(None), [""; 0]);
    assert_eq!(kept(Some(4)), [""; 0]);
    assert_eq!(kept(Some(3)), ["2"]);
    assert_eq!(kept(Some(1)), ["2", "3", "5"]);
    // A new version is published before an old one is deleted.
    let edited = Desired { retained: Some(1), ..of(inline("b")) };
    assert_eq!(steps(&plan(&present(edited), &history, Some(&observed))), ["publish"]);
}

#[test]
fn a_version_that_somebody_deleted_is_published_again_or_reported() {
    let have = desired();
    let history = published(&have, &[1]);
    let gone = Observed::default();
    let again = plan(&present(have.clone()), &history, Some(&gone));
    assert_eq!(steps(&again), ["publish"]);
    let Plan::Steps(all) = &again else { panic!() };
    assert_eq!(reverts(&all[0], &have, &history), Reverted::Deletion);
    assert_eq!(reverts(&all[0], &have, &History::default()), Reverted::Nothing);
    let reports = |desired: Desired| present(Desired { reports_drift: true, ..desired });
    assert!(matches!(plan(&reports(have), &history, Some(&gone)), Plan::Drift(_)));
    assert_eq!(steps(&plan(&reports(of(inline("b"))), &history, Some(&gone))), ["publish"], "an edit");
}

#[test]
fn a_deletion_takes_all_own_versions_that_exist_and_no_others() {
    let history = published(&desired(), &[1, 2, 4]);
    let absent = Goal::Absent(Leaving { name: "l".into() });
    let remaining = Observed { remaining: [2, 4].into(), newest: Some(9), ..Observed::default() };
    let Plan::Steps(all) = plan(&absent, &history, Some(&remaining)) else { panic!() };
    let ends = |step: &Step| match step {
        Step::Delete(Deletion { name: _, number, is_last }) => (*number, *is_last),
        Step::Publish(_) | Step::AddPermission(_) | Step::RemovePermission(_) => panic!(),
    };
    assert_eq!(all.iter().map(ends).collect::<Vec<_>>(), [(2, false), (4, true)]);
    let lost = Observed { found: Some(version(5, &desired(), "a")), ..Observed::default() };
    assert_eq!(steps(&plan(&absent, &history, Some(&lost))), ["5"], "published without an answer");
    let others = Observed { newest: Some(9), ..Observed::default() };
    assert_eq!(plan(&absent, &history, Some(&others)), Plan::Done);
    assert_eq!(plan(&Goal::Released(Leaving { name: "l".into() }), &history, Some(&remaining)), Plan::Done);
    let shown = History { past: Past { shown: true, ..Past::default() }, ..history };
    assert_eq!(plan(&absent, &shown, None), Plan::Wait, "a second read confirms it");
}

#[test]
fn two_objects_do_not_publish_the_same_layer() {
    let name = ObjectName { namespace: "n".into(), name: "first".into() };
    let second = present(Desired { rival: Some(Rival::Within(name)), ..desired() });
    let Plan::Blocked(Blocked::Rival(sentence)) = plan(&second, &History::default(), None) else { panic!() };
    assert!(
        sentence.contains("LambdaLayerVersion n/first") && sentence.contains("another spec.layerName"),
        "{sentence}"
    );
    let first = shows(version(1, &desired(), "a"));
    assert!(!is_ours(&second, &first));
    let seen = |goal: &Goal| is_published(goal.desired().unwrap(), &History::default(), Some(&first));
    assert!(!seen(&second) && seen(&present(desired())));
}

#[test]
fn a_publication_shows_what_is_new_in_it() {
    let have = desired();
    let publish = publication(&of(inline("b")), &History::default(), None);
    let fields = |observed: Option<&Observed>| {
        changes(&publish, &have, observed).into_iter().map(|change| change.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(None), ["code", "description"]);
    assert_eq!(fields(Some(&shows(version(1, &have, "a")))), ["code"]);
}

#[test]
fn a_version_that_somebody_deleted_does_not_count_as_one_that_is_kept() {
    let have = desired();
    let history = published(&have, &[1, 2, 3]);
    let gone = |observed: &Observed| {
        let Step::Publish(publication) = publication(&have, &history, Some(observed)) else { panic!() };
        publication.gone
    };
    assert_eq!(gone(&Observed { newest: Some(2), ..Observed::default() }), Some(3));
    assert_eq!(gone(&shows(version(3, &have, "old"))), None, "it is only replaced");
}
