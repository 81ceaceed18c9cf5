//! The code of a function: when it differs, when it is deployed, and when it is left alone.

use super::*;

#[test]
fn a_package_in_s3_stays_where_it_is_stored_unless_the_spec_says_otherwise() {
    let spec = |mode: Option<&str>| {
        let mut spec = json!({"runtime": "python3.13", "handler": "a.b", "s3Bucket": "code", "s3Key": "k",
            "codeSha256": "one"});
        spec.as_object_mut().unwrap().extend(mode.map(|mode| ("s3ObjectStorageMode".into(), mode.into())));
        wanted(spec)
    };
    let stored = |desired: &Desired, mode: &str| {
        let mut observed = same(desired);
        observed.function.storage_mode = Some(mode.into());
        observed
    };
    let (unset, copy, reference) = (spec(None), spec(Some("COPY")), spec(Some("REFERENCE")));
    let mut referred = stored(&unset, "REFERENCE");
    assert_eq!(plan_for(&unset, &referred), Plan::Done);
    referred.function.code.content = Content::Sha256("old".into());
    let sent = deployment(&plan_for(&unset, &referred)).storage_mode;
    assert_eq!(sent.as_deref(), Some("REFERENCE"), "left out, AWS would copy");
    assert_eq!(plan_for(&reference, &stored(&reference, "REFERENCE")), Plan::Done);
    for (desired, held, sent) in [(&reference, "COPY", "REFERENCE"), (&copy, "REFERENCE", "COPY")] {
        let plan = plan_for(desired, &stored(desired, held));
        assert_eq!(deployment(&plan).storage_mode.as_deref(), Some(sent));
    }
    // A version holds the code, wherever it is stored.
    let [one, other] = ["COPY", "REFERENCE"].map(|mode| stored(&unset, mode).function);
    assert!(one.holds_same(&other));
}

#[test]
fn code_of_which_any_is_right_never_differs() {
    let mut desired = desired();
    desired.function.code.content = Content::Any;
    for content in [Content::Any, Content::Undeployed, Content::Sha256("any".into())] {
        let mut observed = same(&desired);
        observed.function.code.content = content;
        assert_eq!(plan_for(&desired, &observed), Plan::Done);
    }
}

#[test]
fn another_image_is_deployed_even_where_nothing_is_remembered() {
    let desired = wanted(json!({"imageUri": "app:2"}));
    assert_eq!(desired.function.code.content, Content::Any);
    let mut observed = same(&desired);
    observed.function.code.content = Content::Sha256("digest".into());
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
    observed.function.code.image_uri = Some("app:1".into());
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::UpdateFunctionCode]);
    assert_eq!(deployment(&plan_for(&desired, &observed)).source, Source::Image { uri: "app:2".into() });
}

#[test]
fn a_removed_package_key_is_deployed_without_a_key() {
    let zip = |key: Option<&str>| {
        wanted(json!({"sourceKmsKeyArn": key, "codeFrom": {"inline": {"main.py": ""}}, "handler": "x", "runtime": "x"}))
    };
    let observed = same(&zip(Some("arn:key")));
    assert_eq!(observed.function.code.kms_key_arn.as_deref(), Some("arn:key"));
    assert_eq!(plan_for(&zip(Some("arn:key")), &observed), Plan::Done);
    for removed in [None, Some("")] {
        let plan = plan_for(&zip(removed), &observed);
        assert_eq!(operations(&plan), [Operation::UpdateFunctionCode]);
        assert_eq!(deployment(&plan).kms_key_arn, "");
    }
}

#[test]
fn a_code_hash_mismatch_blocks_before_any_aws_call() {
    let inline = json!({"role": "arn:r", "codeSha256": "said", "codeFrom": {"inline": {"main.py": ""}}});
    let mismatch = |is: &str, may_change| {
        GoalError::Blocked(Blocked::CodeHashMismatch { said: "said".into(), is: is.into(), may_change })
    };
    let is = match &wanted(json!({"codeFrom": {"inline": {"main.py": ""}}})).source {
        Some(Source::Zip(zip)) => zip.sha256().unwrap().clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(goal_of(&object(inline), &History::default()), Err(mismatch(&is, false)));

    // For S3, the hash in AWS's answer to the deployment counts; before a deployment, the hash in the spec counts.
    let s3 = object(json!({"role": "arn:r", "codeSha256": "said", "s3Bucket": "b", "s3Key": "k"}));
    let Ok(Goal::Present(desired)) = goal_of(&s3, &History::default()) else { panic!() };
    assert_eq!(desired.function.code.content, Content::Sha256("said".into()));
    let remembering = |code_sha256: &str| {
        let deployed = Deployed { source: desired.identity.clone(), code_sha256: code_sha256.into() };
        History { deployed: Some(deployed), ..History::default() }
    };
    assert_eq!(goal_of(&s3, &remembering("another")), Err(mismatch("another", true)));
    assert!(goal_of(&s3, &remembering("said")).is_ok());

    // The object behind the key can be corrected, so the source is checked again after the interval and on request.
    let told = |minutes: i64| History {
        mismatch: Some(Timestamp::UNIX_EPOCH - SignedDuration::from_mins(minutes)),
        ..remembering("another")
    };
    assert_eq!(goal_of(&s3, &told(14)), Err(mismatch("another", true)));
    let Ok(Goal::Present(desired)) = goal_of(&s3, &told(15)) else { panic!() };
    assert_eq!(desired.function.code.content, Content::Sha256("said".into()));
    let mut asked = s3;
    asked.metadata.annotations = Some([(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())].into());
    assert!(goal_of(&asked, &told(1)).is_ok());
}

#[test]
fn a_replaced_package_is_deployed_once_its_hash_is_given() {
    for (source, stays) in [
        (json!({"s3Bucket": "b", "s3Key": "k"}), false),
        (json!({"imageUri": "app:1"}), false),
        (json!({"s3Bucket": "b", "s3Key": "k", "s3ObjectVersion": "1"}), true),
    ] {
        let before = wanted(source.clone());
        let deployed = Deployed { source: before.identity, code_sha256: "old".into() };
        let history = History { deployed: Some(deployed), ..History::default() };
        let mut spec = source;
        (spec["role"], spec["codeSha256"]) = ("arn:r".into(), "new".into());
        match goal_of(&object(spec), &history) {
            Ok(Goal::Present(desired)) if !stays => {
                assert_eq!(desired.function.code.content, Content::Sha256("new".into()));
            }
            Err(GoalError::Blocked(Blocked::CodeHashMismatch { .. })) if stays => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn code_of_another_pipeline_is_never_planned() {
    let own = json!({"codePolicy": "Initial", "s3Bucket": "b", "s3Key": "k", "architectures": ["arm64"]});
    for spec in [own, json!({"codePolicy": "Initial"})] {
        let desired = Desired { trusts_code: true, ..wanted(spec) };
        let mut observed = same(&desired);
        observed.function.code.content = Content::Sha256("theirs".into());
        observed.function.code.architecture = Some("x86_64".into());
        assert_eq!(plan_for(&desired, &observed), Plan::Done);
        let created = plan(&Goal::Present(Box::new(desired.clone())), &History::default(), None);
        match desired.source {
            Some(_) => assert_eq!(operations(&created), [Operation::CreateFunction]),
            None => assert!(matches!(created, Plan::Blocked(Blocked::InvalidSpec(_))), "{created:?}"),
        }
    }
}
