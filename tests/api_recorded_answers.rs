//! What AWS really answers is understood: every recorded answer is observed as it was given.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test; clippy's exemption covers only the bodies of #[test] functions"
)]

use std::collections::BTreeMap;

use lambda_operator::core::values::Knowable;
use lambda_operator::kinds::function::model::{Configuration, Content};
use lambda_operator::kinds::function::observed::{Lifecycle, Observed};
use lambda_operator::kinds::function::package_type::PackageType;
use serde_json::{Value, json};
use support::replay;

#[test]
fn every_recorded_answer_is_observed_as_it_was_given() {
    let recorded = answers();
    let answers = recorded.iter().map(|recorded| recorded.answer.clone()).collect();
    replay::replay("every_recorded_answer_is_observed_as_it_was_given", answers, |number, target, observed| {
        assert_observed(&observed, &target.name, &recorded[number]);
    });
}

/// A recorded answer, in the form of `GetFunction`.
struct Recorded {
    case: String,
    answer: Value,
}

fn answers() -> Vec<Recorded> {
    let all: Vec<_> = replay::ANSWERS.lines().map(|line| recorded(&serde_json::from_str(line).unwrap())).collect();
    assert_eq!(all.len(), 92);
    all
}

fn recorded(line: &Value) -> Recorded {
    let answer = match line["kind"].as_str() {
        Some("GetFunction") => line["answer"].clone(),
        Some("FunctionConfiguration") => json!({ "Configuration": line["answer"] }),
        kind => panic!("{kind:?}"),
    };
    Recorded { case: line["case"].as_str().unwrap().to_owned(), answer }
}

fn assert_observed(observed: &Observed, name: &str, Recorded { case, answer }: &Recorded) {
    let c = &answer["Configuration"];
    assert_configuration(&observed.function.configuration, name, c, case);

    let function = &observed.function;
    let package = if c["PackageType"] == "Image" { PackageType::Image } else { PackageType::Zip };
    assert_eq!(function.package, package, "{case}");
    assert_eq!(function.code.content, Content::Sha256(text(&c["CodeSha256"])), "{case}");
    assert_eq!(function.code.architecture.as_deref(), c["Architectures"][0].as_str(), "{case}");
    assert_eq!(function.concurrency, None, "{case}");
    assert!(function.sides.is_empty(), "they were not asked: {case}");
    assert_eq!(function.tags, Knowable::Known(texts_by_name(&answer["Tags"])), "{case}");
    assert_eq!(observed.owner, Knowable::Known(None), "{case}");

    let lifecycle = match (c["State"].as_str(), c["LastUpdateStatus"].as_str()) {
        (Some("Pending"), _) | (_, Some("InProgress")) => Lifecycle::Busy,
        // Lists leave both out.
        (Some("Active"), Some("Successful")) | (None, None) => Lifecycle::Ready,
        other => panic!("{other:?} was never recorded: {case}"),
    };
    assert_eq!(observed.lifecycle, lifecycle, "{case}");
    let attributes = &observed.attributes;
    assert_eq!(attributes.code_size, number(&c["CodeSize"]).unwrap_or_default(), "{case}");
    assert_eq!(attributes.last_modified.as_deref(), c["LastModified"].as_str(), "{case}");
    assert_eq!(attributes.state.as_deref(), c["State"].as_str(), "{case}");
    assert_eq!(attributes.state_reason_code.as_deref(), c["StateReasonCode"].as_str(), "{case}");
    assert_eq!(
        attributes.last_update_status_reason_code.as_deref(),
        c["LastUpdateStatusReasonCode"].as_str(),
        "{case}"
    );
    assert_eq!(attributes.vpc_id.clone().unwrap_or_default(), text(&c["VpcConfig"]["VpcId"]), "{case}");
    assert_eq!(attributes.optimization_status.as_deref(), c["SnapStart"]["OptimizationStatus"].as_str(), "{case}");
    assert_eq!(attributes.resolved_image_uri.as_deref(), answer["Code"]["ResolvedImageUri"].as_str(), "{case}");
}

fn assert_configuration(have: &Configuration, name: &str, c: &Value, case: &str) {
    assert_eq!(have.role, text(&c["Role"]), "{case}");
    assert_eq!(have.runtime, text(&c["Runtime"]), "{case}");
    assert_eq!(have.handler, text(&c["Handler"]), "{case}");
    assert_eq!(have.description, text(&c["Description"]), "{case}");
    assert_eq!(Some(i64::from(have.memory_size)), number(&c["MemorySize"]), "{case}");
    assert_eq!(Some(i64::from(have.timeout)), number(&c["Timeout"]), "{case}");
    let environment: BTreeMap<_, _> = have
        .environment
        .known()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
        .collect();
    assert_eq!(environment, texts_by_name(&c["Environment"]["Variables"]), "{case}");
    assert_eq!(have.layers, list(&c["Layers"], |layer| text(&layer["Arn"])), "{case}");
    let [subnets, groups] = ["SubnetIds", "SecurityGroupIds"].map(|ids| list(&c["VpcConfig"][ids], text));
    let vpc = have.vpc.clone().map(|vpc| (Vec::from_iter(vpc.subnets), Vec::from_iter(vpc.security_groups), vpc.ipv6));
    assert_eq!(vpc, (!subnets.is_empty()).then_some((subnets, groups, false)), "{case}");
    assert_eq!(have.dead_letter_target, text(&c["DeadLetterConfig"]["TargetArn"]), "{case}");
    assert_eq!(have.kms_key_arn, text(&c["KMSKeyArn"]), "{case}");
    assert_eq!(have.tracing_mode, text(&c["TracingConfig"]["Mode"]), "{case}");
    assert_eq!(have.file_systems.len(), list(&c["FileSystemConfigs"], Clone::clone).len(), "{case}");
    let image = &c["ImageConfigResponse"]["ImageConfig"];
    let shown = have.image.known().expect("an image's settings that are shown");
    assert_eq!(shown.entry_point, list(&image["EntryPoint"], text), "{case}");
    assert_eq!(shown.command, list(&image["Command"], text), "{case}");
    assert_eq!(shown.working_directory, text(&image["WorkingDirectory"]), "{case}");
    assert_eq!(Some(i64::from(have.ephemeral_storage)), number(&c["EphemeralStorage"]["Size"]), "{case}");
    // Of all that has a default, only these two are left out by some recordings.
    assert_eq!(have.snap_start, c["SnapStart"]["ApplyOn"].as_str().unwrap_or("None"), "{case}");
    let logging = &c["LoggingConfig"];
    assert_eq!(have.logging.format, logging["LogFormat"].as_str().unwrap_or("Text"), "{case}");
    assert_eq!(have.logging.application_level, text(&logging["ApplicationLogLevel"]), "{case}");
    assert_eq!(have.logging.system_level, text(&logging["SystemLogLevel"]), "{case}");
    let default_group = format!("/aws/lambda/{name}");
    assert_eq!(have.logging.group, logging["LogGroup"].as_str().unwrap_or(&default_group), "{case}");
    assert_eq!((&have.durable, &have.capacity_provider), (&None, &None), "{case}");
}

/// Empty where AWS left it out.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64()
}

fn list<T>(value: &Value, member: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(member).collect()
}

fn texts_by_name(value: &Value) -> BTreeMap<String, String> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}
