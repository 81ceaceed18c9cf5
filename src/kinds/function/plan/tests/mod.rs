//! Shared by the tests of the plan: functions as objects want them, and as AWS holds them. The plan has exactly the writes that the differences call
//! for, in AWS's order, and none for a function that is not ours.

mod bounded;
mod code;
mod differences;
mod ending;
mod queries;
mod taking;
mod versions;

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
use crate::kinds::function::observed::{Attributes, Lifecycle, LogGroup, Observed, VersionState};
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
        log_group: LogGroup::NotRead,
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
