//! The reads that a plan needs beside GetFunction.

use super::*;

#[test]
fn a_settled_function_is_asked_for_nothing_beside_itself() {
    let status = recorded(FunctionRecord { ever_active: Some(true), ..FunctionRecord::default() });
    let settled = History::of(Some(&status));
    assert_eq!(query(&Goal::Present(Box::new(desired())), &settled), Query::default());
    assert_eq!(
        query(&Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() }), &settled),
        Query::default()
    );
    let image = wanted(json!({"imageUri": "app:1"}));
    let sides = query(&Goal::Present(Box::new(image)), &History::default()).sides;
    assert!(sides.keys().all(|side| side.is_of(PackageType::Image)), "images cannot be signed: {sides:?}");

    let signing = |probe| [(Side::CodeSigning, probe)].into();
    let asked = |history: &History| query(&Goal::Present(Box::new(desired())), history).sides;
    let known = [(Side::CodeSigning, Setting::CodeSigning("csc".into()))].into();
    assert_eq!(asked(&History { sides: known, ..settled.clone() }), signing(Probe::Required));
    let signed = wanted(json!({"codeSigningConfigArn": "csc", "codeFrom": {"inline": {"main.py": ""}}}));
    assert_eq!(query(&Goal::Present(Box::new(signed)), &settled).sides, signing(Probe::Required));
}

#[test]
fn an_unknown_function_is_observed_in_full() {
    let asked = |ever_active, deployed| {
        let status = recorded(FunctionRecord { ever_active, deployed, ..FunctionRecord::default() });
        query(&Goal::Present(Box::new(desired())), &History::of(Some(&status))).sides
    };
    let ours = || Some(Deployed { source: "source".into(), code_sha256: "sha256".into() });
    // CloudWatch Logs, not Lambda, holds the retention, and others may have set it.
    let of_lambda = Side::ALL.into_iter().filter(|side| *side != Side::LogRetention);
    let (all, none) = (of_lambda.map(|side| (side, Probe::BestEffort)).collect(), BTreeMap::new());
    assert_eq!(asked(Some(false), None), all);
    assert_eq!(asked(Some(false), ours()), none, "we made it");
    assert_eq!(asked(Some(true), None), none, "it was asked");
    assert_eq!(asked(None, ours()), all, "nobody knows");
}

#[test]
fn a_numbered_version_never_proves_latest_published() {
    let known = |to: &str, number: &str| {
        let spec = json!({"publish": true, "publishTo": to, "codeFrom": {"inline": {"main.py": ""}}});
        let version = Published { version: number.into(), ..Published::default() };
        let history = History { published: Some(version), ..History::default() };
        query(&Goal::Present(Box::new(wanted(spec))), &history).versions.expect("a question about versions").known
    };
    assert!(known("", "7").is_some() && known("LATEST_PUBLISHED", "$LATEST.PUBLISHED").is_some());
    assert_eq!(known("LATEST_PUBLISHED", "7"), None);
    assert_eq!(known("", "$LATEST.PUBLISHED"), None);
}

#[test]
fn on_managed_instances_versions_take_time_and_logs_are_json() {
    let provider = json!({"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": "arn:p"}});
    let spec = json!({"publish": true, "capacityProviderConfig": provider, "codeFrom": {"inline": {"main.py": ""}}});
    let desired = wanted(spec);
    assert_eq!(desired.function.configuration.logging.format, "JSON");
    let held = query(&Goal::Present(Box::new(desired)), &History::default()).versions;
    assert!(held.is_some_and(|held| held.state));
}

#[test]
fn version_state_is_read_only_for_pending_snapshots() {
    let published = |snap_start: &str, ready| {
        let desired = wanted(json!({
            "publish": true, "snapStart": {"applyOn": snap_start}, "codeFrom": {"inline": {"main.py": ""}}
        }));
        let history = History { past: Past { ready, ..Past::default() }, ..History::default() };
        query(&Goal::Present(Box::new(desired)), &history).versions.expect("a question about versions").state
    };
    assert!(published("PublishedVersions", false));
    assert!(!published("PublishedVersions", true));
    assert!(!published("None", false));
}

#[test]
fn signing_that_is_left_to_others_is_read_because_a_namespace_may_require_it() {
    let asked = |more: Value| {
        let desired = wanted(more);
        query(&Goal::Present(Box::new(desired)), &History { familiar: true, ..History::default() }).sides
    };
    let code = json!({"inline": {"main.py": ""}});
    let ignored = json!(["codeSigningConfigArn", "recursiveLoop"]);
    let signed =
        json!({"codeFrom": code, "ignoreChanges": ignored, "codeSigningConfigArn": "csc", "recursiveLoop": "Allow"});
    assert_eq!(asked(signed), [(Side::CodeSigning, Probe::Required)].into());
    assert_eq!(asked(json!({"codeFrom": code, "ignoreChanges": ignored})), BTreeMap::new());
}
