//! What AWS really answers is understood: every recorded answer is observed as it was given, every recorded error has its class.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test; clippy's exemption covers only the bodies of #[test] functions"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use std::{env, thread};

use lambda_operator::aws::{Clients, Gate, Identity, Meter, Rates, Remote, Settings};
use lambda_operator::function::{
    Class, Configuration, Content, Halt, Knowable, Lambda, Lifecycle, Look, Observed, Operation, PackageType, Place,
    classify,
};
use serde_json::{Value, json};

const ANSWERS: &str = include_str!("data/aws-recorded-answers.jsonl");
const ERRORS: &str = include_str!("data/aws-recorded-errors.txt");

/// AWS's endpoint comes from the environment, which a process can only be started with: the test starts itself again.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
const INSIDE: &str = "RECORDED_ANSWERS_ARE_SERVED";

#[test]
fn every_recorded_answer_is_observed_as_it_was_given() {
    let answers = answers();
    if env::var_os(INSIDE).is_some() {
        return observe_all(&answers);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || serve(&listener, &answers));
    let again = Command::new(env::current_exe().unwrap())
        .args(["--exact", "every_recorded_answer_is_observed_as_it_was_given", "--nocapture"])
        .env_clear()
        .env(INSIDE, "yes")
        .env(ENDPOINT, endpoint)
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .output()
        .unwrap();
    let said = [again.stdout, again.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn every_recorded_error_has_its_class() {
    assert_eq!(ERRORS.lines().count(), 151);
    for line in ERRORS.lines() {
        let (head, rest) = line.split_once(" | ").unwrap();
        let (message, _snapshot) = rest.rsplit_once(" | ").unwrap_or_default();
        let (code, status) = head.split_once(' ').unwrap();
        let class = classify(Operation::UpdateFunctionConfiguration, code, status.parse().unwrap(), message);
        assert_eq!(class, expected(code), "{line}");
    }
}

/// By code alone, which is enough for all that was recorded.
fn expected(code: &str) -> Class {
    match code {
        "AccessDeniedException" => Class::Denied,
        // An update is in progress, or somebody else was faster.
        "PreconditionFailedException" | "ResourceConflictException" => Class::Busy,
        "ResourceNotFoundException" => Class::NotFound,
        // Not the function is missing, but what the request names.
        "CodeSigningConfigNotFoundException" | "ProvisionedConcurrencyConfigNotFoundException" => Class::Rejected,
        "InvalidParameterValueException" | "RequestEntityTooLargeException" | "ValidationException" => Class::Rejected,
        other => panic!("{other} has no class in this table"),
    }
}

/// A recorded answer, in the form of `GetFunction`.
struct Recorded {
    case: String,
    answer: Value,
}

fn answers() -> Vec<Recorded> {
    let all: Vec<_> = ANSWERS.lines().map(|line| recorded(&serde_json::from_str(line).unwrap())).collect();
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

/// Answers `GET /2015-03-31/functions/answer-N` with the N-th answer.
fn serve(listener: &TcpListener, answers: &[Recorded]) {
    for stream in listener.incoming() {
        respond(stream.unwrap(), answers);
    }
}

fn respond(mut stream: TcpStream, answers: &[Recorded]) {
    let mut head = BufReader::new(&stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let request = head.next().unwrap();
    assert!(head.count() > 0, "a request has headers");
    let number =
        request.strip_prefix("GET /2015-03-31/functions/answer-").and_then(|rest| rest.split_once(' ')).unwrap().0;
    let body = answers[number.parse::<usize>().unwrap()].answer.to_string();
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .unwrap();
}

struct Silent;

impl Gate for Silent {
    fn is_open(&self) -> bool {
        true
    }
}

impl Meter for Silent {
    fn called(&self, _: Operation, _: &str, _: Duration) {}
}

#[tokio::main(flavor = "current_thread")]
async fn observe_all(answers: &[Recorded]) {
    let settings = Settings { rates: Rates { reads: 100.0, writes: 15.0 } };
    let clients = Clients::load(settings, Arc::new(Silent), Arc::new(Silent)).await;
    let caller = clients.caller(&Identity::default()).await;
    for (number, recorded) in answers.iter().enumerate() {
        let name = format!("answer-{number}");
        let place = Place { account: "123456789012".into(), region: "us-east-1".into(), name: name.clone() };
        let observed = observe(&clients.function(&caller, place, "test".into())).await;
        assert_observed(&observed, &name, recorded);
    }
}

async fn observe(function: &Remote) -> Observed {
    loop {
        match function.observe(&Look::default()).await {
            Ok(observed) => return observed.expect("a function"),
            Err(Halt::Postponed(due)) => tokio::time::sleep(due).await,
            Err(Halt::Failed(error)) => panic!("{error}"),
        }
    }
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
    assert_eq!(function.code_signing, Knowable::Unknown, "it was not asked: {case}");
    assert_eq!(function.tags, Knowable::Known(texts_by_name(&answer["Tags"])), "{case}");
    assert_eq!(observed.owner, Knowable::Known(None), "{case}");

    let lifecycle = match (c["State"].as_str(), c["LastUpdateStatus"].as_str()) {
        (Some("Pending"), _) | (_, Some("InProgress")) => Lifecycle::Busy,
        // Lists leave both out.
        (Some("Active"), Some("Successful")) | (None, None) => Lifecycle::Ready,
        other => panic!("{other:?} was never recorded: {case}"),
    };
    assert_eq!(observed.lifecycle, lifecycle, "{case}");
    let says = &observed.says;
    assert_eq!(says.code_size, number(&c["CodeSize"]).unwrap_or_default(), "{case}");
    assert_eq!(says.last_modified.as_deref(), c["LastModified"].as_str(), "{case}");
    assert_eq!(says.state.as_deref(), c["State"].as_str(), "{case}");
    assert_eq!(says.state_reason_code.as_deref(), c["StateReasonCode"].as_str(), "{case}");
    assert_eq!(says.last_update_status_reason_code.as_deref(), c["LastUpdateStatusReasonCode"].as_str(), "{case}");
    assert_eq!(says.vpc_id.clone().unwrap_or_default(), text(&c["VpcConfig"]["VpcId"]), "{case}");
    assert_eq!(says.optimization_status.as_deref(), c["SnapStart"]["OptimizationStatus"].as_str(), "{case}");
    assert_eq!(says.resolved_image_uri.as_deref(), answer["Code"]["ResolvedImageUri"].as_str(), "{case}");
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
    assert_eq!(have.image.entry_point, list(&image["EntryPoint"], text), "{case}");
    assert_eq!(have.image.command, list(&image["Command"], text), "{case}");
    assert_eq!(have.image.working_directory, text(&image["WorkingDirectory"]), "{case}");
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
