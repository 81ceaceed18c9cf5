//! The plan holds exactly the writes that the differences call for, in AWS's order, and none for what is not ours.
#![allow(clippy::panic, reason = "a test; clippy's exemption covers only the bodies of #[test] functions")]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;
use lambda_operator::api::{CodeFrom, LambdaFunction, LambdaFunctionSpec, LambdaFunctionStatus, condition};
use lambda_operator::function::{
    Blocked, CapacityProvider, Configuration, Content, Defaults, Desired, Durable, FailedGroup, FileSystem, Goal,
    Knowable, Lifecycle, Logging, Memory, Observed, Operation, PackageType, Plan, Says, Secret, Step, Untagging,
    Version, Vpc, goal, plan,
};

const OWNER: &str = "cluster/demo/hello";

#[test]
fn an_equal_function_plans_nothing() {
    let desired = desired();
    assert_eq!(plan_for(&desired, &same(&desired)), Plan::Done);
}

#[test]
fn the_order_is_signing_configuration_code_concurrency_untag_tag_publish() {
    use Operation::{
        PublishVersion, PutFunctionCodeSigningConfig, PutFunctionConcurrency, TagResource, UntagResource,
        UpdateFunctionCode, UpdateFunctionConfiguration,
    };
    let mut desired = desired();
    let mut observed = same(&desired);
    desired.publish = true;
    desired.function.code_signing = Knowable::Known(Some("signing".into()));
    observed.function.code_signing = Knowable::Known(None);
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
            PutFunctionConcurrency,
            UntagResource,
            TagResource,
            PublishVersion
        ]
    );
}

#[test]
fn each_field_of_the_configuration_alone_plans_exactly_its_update() {
    let desired = desired();
    for (name, change) in configuration_changes() {
        let mut observed = same(&desired);
        change(&mut observed.function.configuration);
        assert_ne!(observed.function.configuration, desired.function.configuration, "{name} is not changed");
        let update = Step::UpdateFunctionConfiguration(Box::new(desired.function.configuration.clone()));
        assert_eq!(plan_for(&desired, &observed), Plan::Steps(vec![update]), "{name}");
    }
}

#[test]
fn what_aws_withholds_is_no_difference() {
    let mut desired = desired();
    desired.function.configuration.environment = environment("wanted");
    let mut observed = same(&desired);
    observed.function.configuration.environment = Knowable::Unknown;
    observed.function.code_signing = Knowable::Unknown;
    observed.function.tags = Knowable::Unknown;
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
}

#[test]
fn an_architecture_that_is_unset_stays_and_is_sent_again_with_new_code() {
    let desired = desired();
    assert_eq!(desired.function.code.architecture, None);
    let mut observed = same(&desired);
    observed.function.code.architecture = Some("arm64".into());
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
    observed.function.code.content = Content::Sha256("old".into());
    let step = Step::UpdateFunctionCode { source: desired.source.clone(), architecture: Some("arm64".into()) };
    assert_eq!(plan_for(&desired, &observed), Plan::Steps(vec![step]));
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
            assert_eq!(plan(&Goal::Absent { owner: OWNER.into() }, Some(&observed)), Plan::Done);
            assert_eq!(plan(&Goal::Released { owner: OWNER.into() }, Some(&observed)), Plan::Done);
        }
    }
}

#[test]
fn an_object_that_goes_takes_its_own_function_along_even_while_aws_is_busy() {
    let observed = Observed { lifecycle: Lifecycle::Busy, ..same(&desired()) };
    let goal = Goal::Absent { owner: OWNER.into() };
    assert_eq!(plan(&goal, Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]));
    let goal = Goal::Released { owner: OWNER.into() };
    assert_eq!(plan(&goal, Some(&observed)), Plan::Steps(vec![Step::UntagResource(Untagging::Owner)]));
}

#[test]
fn another_package_type_is_refused_rather_than_made_anew() {
    let mut desired = desired();
    let observed = same(&desired);
    desired.function.package = PackageType::Image;
    assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::Immutable("packageType")));
}

#[test]
fn a_published_function_is_published_again_only_when_no_version_holds_it() {
    let mut desired = desired();
    desired.publish = true;
    let mut observed = same(&desired);
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::PublishVersion]);
    observed.published = Some(Version { number: "1".into(), fingerprint: observed.function.fingerprint() });
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
}

#[test]
fn an_update_that_aws_took_back_is_sent_again_once_the_user_was_told_whatever_the_generation() {
    let told = |generation| Condition {
        type_: condition::STALLED.into(),
        status: "True".into(),
        reason: "UpdateFailed".into(),
        message: String::new(),
        observed_generation: Some(generation),
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    };
    let failed = |desired: &Desired| Observed {
        lifecycle: Lifecycle::UpdateFailed(FailedGroup::Configuration),
        ..same(desired)
    };
    let untold = desired();
    assert_eq!(plan_for(&untold, &failed(&untold)), Plan::Blocked(Blocked::UpdateFailed));
    for generation in [1, 2] {
        let status = LambdaFunctionStatus { conditions: vec![told(generation)], ..LambdaFunctionStatus::default() };
        let desired = desired_with(Some(&status));
        assert_eq!(operations(&plan_for(&desired, &failed(&desired))), [Operation::UpdateFunctionConfiguration]);
    }
}

type Change = fn(&mut Configuration);

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
        durable: _,
        capacity_provider: _,
    } = desired().function.configuration;
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
        ("image", |c| c.image.command.push("x".into())),
        ("ephemeral_storage", |c| c.ephemeral_storage += 1),
        ("snap_start", |c| c.snap_start = "PublishedVersions".into()),
        ("logging.format", |c| c.logging.format = "JSON".into()),
        ("logging.application_level", |c| c.logging.application_level = "INFO".into()),
        ("logging.system_level", |c| c.logging.system_level = "INFO".into()),
        ("logging.group", |c| c.logging.group.push('x')),
        ("durable", |c| {
            c.durable = Some(Durable { execution_timeout: 60, retention_days: 1, kms_key_arn: String::new() });
        }),
        ("capacity_provider", |c| {
            let arn = "arn".into();
            c.capacity_provider = Some(CapacityProvider { arn, memory_gib_per_vcpu: None, max_concurrency: None });
        }),
    ]
}

fn desired() -> Desired {
    desired_with(None)
}

/// A small function of generation 2, as an object with this status wants it.
fn desired_with(status: Option<&LambdaFunctionStatus>) -> Desired {
    let files = BTreeMap::from([("main.py".to_owned(), "def handler(e, c): ...".to_owned())]);
    let spec = LambdaFunctionSpec {
        role: "arn:aws:iam::123456789012:role/hello".into(),
        runtime: Some("python3.13".into()),
        handler: Some("main.handler".into()),
        code_from: Some(CodeFrom { inline: Some(files) }),
        ..LambdaFunctionSpec::default()
    };
    let mut object = LambdaFunction::new("hello", spec);
    object.metadata.generation = Some(2);
    match goal(&object, "hello", OWNER.into(), &Defaults::default(), &Memory::of(status)) {
        Ok(Goal::Present(desired)) => *desired,
        other => panic!("{other:?}"),
    }
}

/// AWS holds exactly what is desired, and is at rest.
fn same(desired: &Desired) -> Observed {
    let mut function = desired.function.clone();
    function.code.architecture.get_or_insert_with(|| "x86_64".into());
    Observed {
        function,
        owner: Knowable::Known(Some(OWNER.into())),
        lifecycle: Lifecycle::Ready,
        published: None,
        says: Says::default(),
    }
}

fn plan_for(desired: &Desired, observed: &Observed) -> Plan {
    plan(&Goal::Present(Box::new(desired.clone())), Some(observed))
}

fn operations(plan: &Plan) -> Vec<Operation> {
    match plan {
        Plan::Steps(steps) => steps.iter().map(Step::operation).collect(),
        Plan::Done | Plan::Wait | Plan::Blocked(_) => panic!("no steps: {plan:?}"),
    }
}

fn environment(value: &str) -> Knowable<BTreeMap<String, Secret>> {
    Knowable::Known([("NAME".to_owned(), Secret::new(value.to_owned()))].into())
}

fn tags(key: &str) -> Knowable<BTreeMap<String, String>> {
    Knowable::Known([(key.to_owned(), String::new())].into())
}
