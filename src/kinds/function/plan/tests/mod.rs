//! The plan has exactly the writes that the differences require, in AWS's order, and no write to a function of another owner. The answers to its
//! steps are recorded.

mod taking;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::{Deployed, FunctionRecord, LambdaFunctionStatus, Published, Update};
use crate::api::shared::CommonStatus;
use crate::api::shared::{RECONCILE_REQUESTED_AT, REGRANT_ROLE};
use crate::core::applied::Applied;
use crate::core::blocked::{Blocked, Half, Recovery};
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error, GoalError};
use crate::core::goal::Defaults;
use crate::core::kind::GoalInput;
use crate::core::operation::Operation;
use crate::core::past::Past;
use crate::core::plan::Write;
use crate::core::references::References;
use crate::core::target::Target;
use crate::core::values::{Knowable, Secret};
use crate::kinds::function::Answer;
use crate::kinds::function::applied;
use crate::kinds::function::desired::code::Source;
use crate::kinds::function::desired::{Desired, Goal, Leaving, PreDelete, Replacement, goal, query};
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{
    CapacityProvider, Configuration, Content, Durable, FileSystem, Function, ImageConfig, Logging, Publish, Vpc,
};
use crate::kinds::function::observed::query::Query;
use crate::kinds::function::observed::{Attributes, Lifecycle, Observed, VersionState};
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::plan::step::{Deployment, Step, Tagging, Untagging};
use crate::kinds::function::plan::{Plan, plan, version};
use crate::kinds::function::side::Probe;
use crate::kinds::function::side::runtime_management::RuntimeManagement;
use crate::kinds::function::side::{Setting, Side, Sides};
use crate::kinds::function::status::effects::Effects;
use crate::kinds::function::status::history::History;

const OWNER: &str = "cluster/demo/hello";

fn recorded(record: FunctionRecord) -> LambdaFunctionStatus {
    LambdaFunctionStatus { record, ..LambdaFunctionStatus::default() }
}

#[test]
fn an_equal_function_plans_nothing() {
    let desired = desired();
    assert_eq!(plan_for(&desired, &same(&desired)), Plan::Done);
}

#[test]
fn the_plan_follows_the_order_of_aws() {
    use Operation::{
        PublishVersion, PutFunctionCodeSigningConfig, PutFunctionConcurrency, PutFunctionRecursionConfig,
        PutRuntimeManagementConfig, TagResource, UntagResource, UpdateFunctionCode, UpdateFunctionConfiguration,
    };
    let mut desired = desired();
    let mut observed = same(&desired);
    desired.publish = Some(Publish::default());
    desired.function.sides.insert(Side::CodeSigning, Some(Setting::CodeSigning("signing".into())));
    desired.function.sides.insert(Side::Recursion, Some(Setting::Recursion("Allow".into())));
    let manual = RuntimeManagement::new("Manual".into(), Some(&"arn".into()));
    desired.function.sides.insert(Side::RuntimeManagement, Some(Setting::RuntimeManagement(manual)));
    observed.function.configuration.memory_size = 256;
    observed.function.code.content = Content::Sha256("old".into());
    desired.function.concurrency = Some(1);
    desired.function.tags = tags("new");
    observed.function.tags = tags("old");
    assert_eq!(
        operations(&plan_for(&desired, &observed)),
        [
            PutFunctionCodeSigningConfig,
            UpdateFunctionConfiguration,
            UpdateFunctionCode,
            PutRuntimeManagementConfig,
            PutFunctionRecursionConfig,
            PutFunctionConcurrency,
            UntagResource,
            TagResource,
            PublishVersion
        ]
    );
}

#[test]
fn each_configuration_field_alone_plans_one_update() {
    let desired = everywhere();
    for (name, change) in configuration_changes() {
        let mut observed = same(&desired);
        change(&mut observed.function.configuration);
        assert_ne!(observed.function.configuration, desired.function.configuration, "{name} is not changed");
        let update = Step::reconfigure(desired.function.configuration.clone(), [member(name)]);
        assert_eq!(plan_for(&desired, &observed), Plan::Steps(vec![update]), "{name}");
    }
}

#[test]
fn withheld_values_are_no_diff() {
    let mut desired = desired();
    desired.function.configuration.environment = environment("wanted");
    let mut observed = same(&desired);
    observed.function.configuration.environment = Knowable::Unknown;
    observed.function.sides.clear();
    observed.function.tags = Knowable::Unknown;
    assert_eq!(plan_after(&reached(&desired), &desired, &observed), Plan::Done);
}

#[test]
fn drift_is_only_reported_once_the_spec_was_reached() {
    let reporting = Desired { reports_drift: true, ..desired() };
    let done = reached(&reporting);
    let mut drifted = same(&desired());
    drifted.function.configuration.memory_size += 1;
    let steps = vec![Step::reconfigure(desired().function.configuration, [Member::MemorySize])];
    assert_eq!(plan_after(&done, &reporting, &drifted), Plan::Drift(steps.clone()));
    let new = History { is_new: true, ..History::default() };
    assert_eq!(plan_after(&new, &reporting, &drifted), Plan::Steps(steps.clone()), "our own change is carried out");
    assert_eq!(plan_for(&reporting, &drifted), Plan::Drift(steps), "the record is lost");
    assert_eq!(plan_after(&done, &reporting, &same(&desired())), Plan::Done);
    let gone = plan(&Goal::Present(Box::new(reporting.clone())), &done, None);
    assert!(matches!(&gone, Plan::Drift(steps) if matches!(steps[..], [Step::CreateFunction(_)])), "{gone:?}");
    let mut renamed = reporting.clone();
    renamed.ownership.former = vec!["former/ns/hello".into()];
    let former = Observed { owner: Knowable::Known(Some("former/ns/hello".into())), ..same(&desired()) };
    assert!(matches!(plan_after(&done, &renamed, &former), Plan::Steps(_)), "the cluster's own new name");
    renamed.ownership.former.clear();
    assert!(matches!(plan_after(&done, &renamed, &former), Plan::Blocked(_)));
    let mut asked = reporting;
    asked.regrant = Some("arn:aws:iam::123456789012:role/other".into());
    assert!(matches!(plan_after(&done, &asked, &same(&desired())), Plan::Steps(_)), "an annotation asks for it");
}

#[test]
fn an_unset_architecture_is_kept_and_sent_with_new_code() {
    let desired = desired();
    assert_eq!(desired.function.code.architecture, None);
    let mut observed = same(&desired);
    observed.function.code.architecture = Some("arm64".into());
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
    observed.function.code.content = Content::Sha256("old".into());
    let deployment = Deployment {
        source: desired.source.clone().expect("a source"),
        identity: desired.identity.clone(),
        kms_key_arn: String::new(),
        architecture: Some("arm64".into()),
        storage_mode: None,
    };
    let step = Step::UpdateFunctionCode(Box::new(deployment));
    assert_eq!(plan_for(&desired, &observed), Plan::Steps(vec![step]));
}

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
fn an_architecture_alone_is_a_difference() {
    let mut desired = desired();
    let observed = same(&desired);
    desired.function.code.architecture = Some("arm64".into());
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::UpdateFunctionCode]);
}

#[test]
fn an_object_that_goes_touches_no_function_of_another() {
    for lifecycle in [Lifecycle::Ready, Lifecycle::Busy, Lifecycle::Failed { proven: false }] {
        for owner in [None, Some("another".to_owned())] {
            let observed = Observed { owner: Knowable::Known(owner), lifecycle, ..same(&desired()) };
            assert_eq!(plan(&absent(), &History::default(), Some(&observed)), Plan::Done);
            assert_eq!(
                plan(
                    &Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() }),
                    &History::default(),
                    Some(&observed)
                ),
                Plan::Done
            );
        }
    }
}

#[test]
fn a_known_function_is_gone_only_after_a_second_read() {
    let created = History { created: true, ..History::default() };
    assert_eq!(plan(&absent(), &created, None), Plan::Wait, "AWS may not show yet what we have just made");
    assert_eq!(plan(&absent(), &History::default(), None), Plan::Done);
    let released = Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() });
    assert_eq!(plan(&released, &created, None), Plan::Done, "it would stay anyway");
}

#[test]
fn a_busy_function_is_deleted_or_released_anyway() {
    let observed = Observed { lifecycle: Lifecycle::Busy, ..same(&desired()) };
    let goal = absent();
    assert_eq!(plan(&goal, &History::default(), Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]));
    let goal = Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() });
    assert_eq!(
        plan(&goal, &History::default(), Some(&observed)),
        Plan::Steps(vec![Step::UntagResource(Untagging::Owner)])
    );
}

#[test]
fn creation_only_fields_block_and_never_replace() {
    let cases: [(&str, Mutation); 4] = [
        ("packageType", |f| f.package = PackageType::Image),
        ("tenancyConfig", |f| f.tenancy = Some("PER_TENANT".into())),
        ("durableConfig", |f| f.configuration.durable = None),
        ("capacityProviderConfig", |f| f.configuration.capacity_provider = None),
    ];
    for (field, change) in cases {
        let desired = everywhere();
        let mut observed = same(&desired);
        change(&mut observed.function);
        observed.function.configuration.memory_size += 1;
        assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::Immutable(field)));
        let mut other = desired.clone();
        other.function = observed.function;
        assert_eq!(plan_for(&other, &same(&desired)), Plan::Blocked(Blocked::Immutable(field)), "the other way round");
    }
}

#[test]
fn values_left_to_managed_instances_are_no_diff() {
    let mut desired = everywhere();
    let observed = same(&desired);
    if let Some(provider) = &mut desired.function.configuration.capacity_provider {
        (provider.memory_gib_per_vcpu, provider.max_concurrency) = (None, None);
    }
    assert_ne!(desired.function, observed.function);
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
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
        Some(Source::Package { sha256, .. }) => sha256.clone(),
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
    let (all, none) = (Side::ALL.map(|side| (side, Probe::BestEffort)).into(), BTreeMap::new());
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
fn a_hidden_environment_is_sent_once_per_change() {
    let applied = |environment: &str| {
        let before = Desired { environment: Secret::new(environment.into()), ..desired() };
        applied::configuration(&before, [Member::Environment])
    };
    for (applied, sent) in [(Applied::default(), true), (applied("now"), false), (applied("before"), true)] {
        let status = recorded(FunctionRecord { applied, ..FunctionRecord::default() });
        let desired = Desired { environment: Secret::new("now".into()), ..desired_with(Some(&status)) };
        let history = History::of(Some(&status));
        let mut observed = same(&desired);
        assert_eq!(plan_after(&history, &desired, &observed), Plan::Done, "shown and equal");
        observed.function.configuration.environment = Knowable::Unknown;
        let update = Step::reconfigure(desired.function.configuration.clone(), [Member::Environment]);
        let plan = if sent { Plan::Steps(vec![update]) } else { Plan::Done };
        assert_eq!(plan_after(&history, &desired, &observed), plan, "{status:?}");
    }
}

#[test]
fn a_regrant_is_planned_once_per_annotation_value() {
    let regrant = |asked: &str, regranted: Option<&str>| {
        let mut object = object(json!({"role": "own", "codeFrom": {"inline": {"main.py": ""}}}));
        object.metadata.annotations = Some([(REGRANT_ROLE.to_owned(), asked.to_owned())].into());
        let status =
            recorded(FunctionRecord { last_regranted_role: regranted.map(Into::into), ..FunctionRecord::default() });
        let history = History::of(Some(&status));
        match goal_of(&object, &history) {
            Ok(Goal::Present(desired)) => (*desired, history),
            other => panic!("{other:?}"),
        }
    };
    let role =
        |(desired, history): &(Desired, History), observed: &Observed| match plan_after(history, desired, observed) {
            Plan::Steps(steps) => match &steps[..] {
                [step @ Step::UpdateFunctionConfiguration(change)] => {
                    assert_eq!(change.members, [Member::Role].into(), "nothing else is checked again");
                    let given = Goal::Present(Box::new(desired.clone())).regranted(history, std::slice::from_ref(step));
                    (Some(change.configuration.role.clone()), given)
                }
                other => panic!("{other:?}"),
            },
            Plan::Done => (None, None),
            other => panic!("{other:?}"),
        };
    let asked = regrant("other", None);
    let mut observed = same(&asked.0);
    assert_eq!(role(&asked, &observed), (Some("other".into()), Some("other".into())));
    for done in [regrant("other", Some("other")), regrant("", None), regrant("own", None)] {
        assert_eq!(role(&done, &observed), (None, None), "{:?}", done.0.regrant);
    }
    assert_eq!(role(&regrant("third", Some("other")), &observed).0.as_deref(), Some("third"));
    observed.function.configuration.role = "other".into();
    assert_eq!(role(&asked, &observed), (Some("own".into()), None), "its own role is given back first");
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

#[test]
fn executions_are_stopped_and_interfaces_moved_before_the_end() {
    let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let vpc = |names: &[&str]| Vpc { subnets: groups(&["subnet"]), security_groups: groups(names), ipv6: true };
    let mut observed = same(&desired());
    observed.function.configuration.vpc = Some(vpc(&["own"]));
    observed.function.configuration.memory_size = 512;
    observed.function.configuration.environment = Knowable::Unknown;
    observed.executions = vec!["one".into(), "two".into()];
    let goal = |replacement| {
        Goal::Absent(Leaving {
            owner: OWNER.into(),
            former: Vec::new(),
            pre_delete: PreDelete { security_groups: Some(replacement) },
        })
    };
    let named = goal(Replacement::Groups(groups(&["a", "b"])));
    let stops = ["one", "two"].map(|one| Step::StopDurableExecution(one.into())).to_vec();
    assert_eq!(plan(&named, &History::default(), Some(&observed)), Plan::Steps(stops));
    observed.executions.clear();
    let moved = |names: &[&str]| {
        let configuration = Configuration { vpc: Some(vpc(names)), ..observed.function.configuration.clone() };
        Plan::Steps(vec![Step::reconfigure(configuration, [Member::VpcConfig])])
    };
    assert_eq!(
        plan(&named, &History::default(), Some(&observed)),
        moved(&["a", "b"]),
        "and nothing else of it is changed"
    );

    let default = goal(Replacement::Default);
    assert!(query(&default, &History::default()).default_group && query(&default, &History::default()).executions);
    assert!(!query(&named, &History::default()).default_group);
    let with = |default_group: Option<&str>, lifecycle| {
        let default_group = default_group.map(Into::into);
        plan(&default, &History::default(), Some(&Observed { default_group, lifecycle, ..observed.clone() }))
    };
    assert_eq!(with(Some("sg-default"), Lifecycle::Ready), moved(&["sg-default"]));
    assert_eq!(with(Some("sg-default"), Lifecycle::Busy), Plan::Wait);
    assert_eq!(with(Some("own"), Lifecycle::Ready), Plan::Steps(vec![Step::DeleteFunction]), "already there");
    assert!(matches!(with(None, Lifecycle::Ready), Plan::Blocked(Blocked::InvalidSpec(_))));
    assert_eq!(
        plan(&absent(), &History::default(), Some(&observed)),
        Plan::Steps(vec![Step::DeleteFunction]),
        "not asked for"
    );
    observed.function.configuration.vpc = None;
    assert_eq!(plan(&default, &History::default(), Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]), "no VPC");
}

#[test]
fn a_failed_function_is_deleted_only_if_recreatable() {
    let mut observed = same(&desired());
    observed.lifecycle = Lifecycle::Failed { proven: false };
    observed.function.configuration.vpc =
        Some(Vpc { subnets: ["a".into()].into(), security_groups: ["own".into()].into(), ipv6: false });
    let goal = Goal::Absent(Leaving {
        owner: OWNER.into(),
        former: Vec::new(),
        pre_delete: PreDelete { security_groups: Some(Replacement::Groups(["other".into()].into())) },
    });
    assert_eq!(plan(&goal, &History::default(), Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]));

    let mut desired = wanted(json!({"codePolicy": "Initial", "adoptionPolicy": "Adopt"}));
    let blocked = |recovery| Plan::Blocked(Blocked::FunctionFailed(recovery));
    assert_eq!(plan_for(&desired, &observed), blocked(Recovery::Manual), "there is no source to create it from");
    desired.source = Some(Source::Image { uri: "app:1".into() });
    assert_eq!(plan_for(&desired, &observed), blocked(Recovery::Recreate), "the user sees the failure first");
    let told = History { past: Past { stalled: Some(2), ..Past::default() }, ..History::default() };
    assert_eq!(plan_after(&told, &desired, &observed), Plan::Steps(vec![Step::DeleteFunction]));
    observed.owner = Knowable::Known(None);
    assert_eq!(plan_after(&told, &desired, &observed), blocked(Recovery::Manual), "we did not make it");
    observed.owner = Knowable::Known(Some("before".into()));
    desired.ownership.from = Some("before".into());
    assert_eq!(
        plan_after(&told, &desired, &observed),
        Plan::Blocked(Blocked::FunctionFailed(Recovery::Manual)),
        "nor did we now"
    );
}

#[test]
fn an_unowned_function_is_adopted_only_on_request() {
    for (policy, step) in [("Refuse", None), ("Adopt", Some(Step::TagResource(Tagging::Owner(OWNER.into()))))] {
        let desired = wanted(json!({"adoptionPolicy": policy, "codeFrom": {"inline": {"main.py": ""}}}));
        let mut observed = same(&desired);
        observed.function.configuration.memory_size += 1;
        observed.owner = Knowable::Known(None);
        let plan = step.map_or(Plan::Blocked(Blocked::NotOwned(None)), |step| Plan::Steps(vec![step]));
        assert_eq!(plan_for(&desired, &observed), plan);
        observed.owner = Knowable::Known(Some("another".into()));
        assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::NotOwned(Some("another".into()))));
        let renamed = OWNER.replacen(|_: char| true, "x", 1);
        observed.owner = Knowable::Known(Some(renamed.clone()));
        assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::OtherCluster(renamed)));
    }
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

#[test]
fn possibly_attached_signing_is_recorded_and_refused_is_not() {
    let signed = |class| {
        let operation = Operation::PutFunctionCodeSigningConfig;
        let error = Error { operation, class, code: String::new(), message: "".into() };
        let mut effects = Effects::default();
        effects.record_uncertain(
            &Step::PutSide(Setting::CodeSigning("signing".into())),
            &CallError::Failed(error),
            None,
        );
        effects.sides
    };
    let signing = Setting::CodeSigning("signing".into());
    assert_eq!(signed(Class::Unavailable), [(Side::CodeSigning, Some(signing))].into());
    assert_eq!(signed(Class::Denied), Sides::new());
}

#[test]
fn a_failed_update_is_resent_after_it_was_reported() {
    let told = |generation| Condition {
        type_: condition::STALLED.into(),
        status: "True".into(),
        reason: "UpdateFailed".into(),
        message: String::new(),
        observed_generation: Some(generation),
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    };
    let failed =
        |desired: &Desired| Observed { lifecycle: Lifecycle::UpdateFailed(Update::Configuration), ..same(desired) };
    let untold = desired();
    assert_eq!(plan_for(&untold, &failed(&untold)), Plan::Blocked(Blocked::UpdateFailed(Half::Configuration)));
    for generation in [1, 2] {
        let status = LambdaFunctionStatus {
            common: CommonStatus { conditions: vec![told(generation)], ..CommonStatus::default() },
            ..LambdaFunctionStatus::default()
        };
        let (desired, history) = (desired_with(Some(&status)), History::of(Some(&status)));
        assert_eq!(
            operations(&plan_after(&history, &desired, &failed(&desired))),
            [Operation::UpdateFunctionConfiguration]
        );
    }
}

type Change = fn(&mut Configuration);
type Mutation = fn(&mut Function);

/// One change for each field. Destructured without `..`: a new field does not compile until it has its change.
fn configuration_changes() -> Vec<(&'static str, Change)> {
    let Configuration {
        role: _,
        runtime: _,
        handler: _,
        description: _,
        memory_size: _,
        timeout: _,
        environment: _,
        layers: _,
        vpc: _,
        dead_letter_target: _,
        kms_key_arn: _,
        tracing_mode: _,
        file_systems: _,
        image: _,
        ephemeral_storage: _,
        snap_start: _,
        logging: Logging { format: _, application_level: _, system_level: _, group: _ },
        durable,
        capacity_provider,
    } = everywhere().function.configuration;
    let Some(Durable { execution_timeout: _, retention_days: _, kms_key_arn: _ }) = durable else { panic!() };
    let Some(CapacityProvider { arn: _, memory_gib_per_vcpu: _, max_concurrency: _ }) = capacity_provider else {
        panic!()
    };
    vec![
        ("role", |c| c.role.push('x')),
        ("runtime", |c| c.runtime.push('x')),
        ("handler", |c| c.handler.push('x')),
        ("description", |c| c.description.push('x')),
        ("memory_size", |c| c.memory_size += 1),
        ("timeout", |c| c.timeout += 1),
        ("environment", |c| c.environment = environment("another")),
        ("layers", |c| c.layers.push("layer".into())),
        ("vpc", |c| {
            c.vpc = Some(Vpc { subnets: ["a".into()].into(), security_groups: ["b".into()].into(), ipv6: false });
        }),
        ("dead_letter_target", |c| c.dead_letter_target.push('x')),
        ("kms_key_arn", |c| c.kms_key_arn.push('x')),
        ("tracing_mode", |c| c.tracing_mode = "Active".into()),
        ("file_systems", |c| {
            let (arn, mount_path) = ("arn".into(), "/mnt/x".into());
            c.file_systems.push(FileSystem { arn, mount_path, direct_s3_read: String::new() });
        }),
        ("image", |c| {
            c.image = Knowable::Known(ImageConfig { command: vec!["x".into()], ..ImageConfig::default() });
        }),
        ("ephemeral_storage", |c| c.ephemeral_storage += 1),
        ("snap_start", |c| c.snap_start = "PublishedVersions".into()),
        ("logging.format", |c| c.logging.format = "JSON".into()),
        ("logging.application_level", |c| c.logging.application_level = "INFO".into()),
        ("logging.system_level", |c| c.logging.system_level = "INFO".into()),
        ("logging.group", |c| c.logging.group.push('x')),
        ("durable.execution_timeout", |c| c.durable.iter_mut().for_each(|d| d.execution_timeout += 1)),
        ("durable.retention_days", |c| c.durable.iter_mut().for_each(|d| d.retention_days += 1)),
        ("durable.kms_key_arn", |c| c.durable.iter_mut().for_each(|d| d.kms_key_arn.push('x'))),
        ("capacity_provider.arn", |c| c.capacity_provider.iter_mut().for_each(|p| p.arn.push('x'))),
        ("capacity_provider.memory", |c| {
            c.capacity_provider.iter_mut().for_each(|p| p.memory_gib_per_vcpu = Some(8.0));
        }),
        ("capacity_provider.max_concurrency", |c| {
            c.capacity_provider.iter_mut().for_each(|p| p.max_concurrency = None);
        }),
    ]
}

/// The member that a field of the model is sent with.
fn member(field: &str) -> Member {
    match field.split('.').next().unwrap_or_default() {
        "role" => Member::Role,
        "runtime" => Member::Runtime,
        "handler" => Member::Handler,
        "description" => Member::Description,
        "memory_size" => Member::MemorySize,
        "timeout" => Member::Timeout,
        "environment" => Member::Environment,
        "layers" => Member::Layers,
        "vpc" => Member::VpcConfig,
        "dead_letter_target" => Member::DeadLetterConfig,
        "kms_key_arn" => Member::KmsKeyArn,
        "tracing_mode" => Member::TracingConfig,
        "file_systems" => Member::FileSystemConfigs,
        "image" => Member::ImageConfig,
        "ephemeral_storage" => Member::EphemeralStorage,
        "snap_start" => Member::SnapStart,
        "logging" => Member::LoggingConfig,
        "durable" => Member::DurableConfig,
        "capacity_provider" => Member::CapacityProviderConfig,
        other => panic!("{other}"),
    }
}

pub(super) fn desired() -> Desired {
    desired_with(None)
}

/// The goal of a small function of generation 2, for an object with this status.
fn desired_with(status: Option<&LambdaFunctionStatus>) -> Desired {
    let spec = json!({
        "role": "arn:aws:iam::123456789012:role/hello",
        "runtime": "python3.13",
        "handler": "main.handler",
        "codeFrom": {"inline": {"main.py": "def handler(e, c): ..."}},
    });
    match goal_of(&object(spec), &History::of(status)) {
        Ok(Goal::Present(desired)) => *desired,
        other => panic!("{other:?}"),
    }
}

/// A function with every optional block.
fn everywhere() -> Desired {
    let mut desired = desired();
    let configuration = &mut desired.function.configuration;
    let key = String::new();
    configuration.durable = Some(Durable { execution_timeout: 60, retention_days: 1, kms_key_arn: key });
    let (arn, memory_gib_per_vcpu, max_concurrency) = ("arn".into(), Some(4.0), Some(10));
    configuration.capacity_provider = Some(CapacityProvider { arn, memory_gib_per_vcpu, max_concurrency });
    desired
}

/// The goal of an object with these fields and an empty status record.
pub(super) fn wanted(mut spec: Value) -> Desired {
    spec["role"] = "arn:r".into();
    match goal_of(&object(spec), &History::default()) {
        Ok(Goal::Present(desired)) => *desired,
        other => panic!("{other:?}"),
    }
}

fn object(spec: Value) -> LambdaFunction {
    let mut object = LambdaFunction::new("hello", serde_json::from_value(spec).expect("a spec"));
    object.metadata.generation = Some(2);
    object
}

fn deployment(plan: &Plan) -> Deployment {
    match plan {
        Plan::Steps(steps) => match &steps[..] {
            [Step::UpdateFunctionCode(deployment)] => (**deployment).clone(),
            other => panic!("no deployment: {other:?}"),
        },
        Plan::Done | Plan::Wait | Plan::Drift(_) | Plan::Blocked(_) => panic!("no deployment: {plan:?}"),
    }
}

fn goal_of(object: &LambdaFunction, history: &History) -> Result<Goal, GoalError> {
    goal(&GoalInput {
        object,
        target: &target(),
        now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        rival: None,
        may_adopt: true,
        owner: OWNER.into(),
        former_owners: Vec::new(),
        defaults: &Defaults::default(),
        history,
        references: &References::default(),
    })
}

fn absent() -> Goal {
    Goal::Absent(Leaving { owner: OWNER.into(), ..Leaving::default() })
}

/// AWS equals the desired state, and no change is in progress.
pub(super) fn same(desired: &Desired) -> Observed {
    let mut function = desired.function.clone();
    function.code.architecture.get_or_insert_with(|| "x86_64".into());
    Observed {
        function,
        owner: Knowable::Known(Some(OWNER.into())),
        lifecycle: Lifecycle::Ready,
        published: None,
        version: None,
        default_group: None,
        executions: Vec::new(),
        attributes: Attributes::default(),
    }
}

/// With an empty status record.
fn plan_for(desired: &Desired, observed: &Observed) -> Plan {
    plan_after(&History::default(), desired, observed)
}

pub(super) fn plan_after(history: &History, desired: &Desired, observed: &Observed) -> Plan {
    plan(&Goal::Present(Box::new(desired.clone())), history, Some(observed))
}

/// With a record that everything was fully applied.
pub(super) fn reached(desired: &Desired) -> History {
    History { applied: applied::everything(desired), ..History::default() }
}

pub(super) fn operations(plan: &Plan) -> Vec<Operation> {
    match plan {
        Plan::Steps(steps) => steps.iter().map(Step::operation).collect(),
        Plan::Done | Plan::Wait | Plan::Drift(_) | Plan::Blocked(_) => panic!("no steps: {plan:?}"),
    }
}

pub(super) fn environment(value: &str) -> Knowable<BTreeMap<String, Secret>> {
    Knowable::Known([("NAME".to_owned(), Secret::new(value.to_owned()))].into())
}

fn tags(key: &str) -> Knowable<BTreeMap<String, String>> {
    Knowable::Known([(key.to_owned(), String::new())].into())
}

fn target() -> Target {
    Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "hello".into() }
}
