//! The fields of a spec and values of each that may follow each other in any order: the table that walks are made from.

use lambda_operator::core::package;
use serde_json::{Value, json};

use crate::target::{Place, code};
use crate::world::zip;

/// What is fixed when a function is made, and with it which fields it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Zip,
    Image,
    Durable,
    Tenant,
    Managed,
}

/// A field, or fields that go together. A value is what it adds to the spec; without one the field is not there.
pub struct Field {
    pub name: &'static str,
    pub values: Vec<Value>,
    /// Which functions may have it.
    only: Option<Kind>,
    never: &'static [Kind],
}

/// What a function of this kind is never without.
pub fn base(kind: Kind) -> Value {
    let mut base = json!({"role": role("hello"), "architectures": ["x86_64"]});
    let more = match kind {
        Kind::Image => json!({"imageUri": image("1")}),
        Kind::Zip => json!({}),
        Kind::Durable => json!({"durableConfig": {"executionTimeout": 300}}),
        Kind::Tenant => json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}}),
        Kind::Managed => json!({"capacityProviderConfig": managed(2, 8)}),
    };
    if kind != Kind::Image {
        add(&mut base, &json!({"runtime": "python3.13", "handler": "main.handler"}));
        add(&mut base, &json!({"codeFrom": {"inline": {"main.py": code("one")}}}));
    }
    add(&mut base, &more);
    base
}

/// Sets members; null takes one away.
pub fn add(spec: &mut Value, more: &Value) {
    let (Some(spec), Some(more)) = (spec.as_object_mut(), more.as_object()) else { panic!("{spec} and {more}") };
    for (name, value) in more {
        match value {
            Value::Null => spec.remove(name),
            value => spec.insert(name.clone(), value.clone()),
        };
    }
}

/// What AWS refuses beside a SnapStart.
pub const NOT_WITH_SNAP_START: [&str; 2] = ["ephemeral", "network"];

const ALL: &[Kind] = &[];
const NOT_IMAGE: &[Kind] = &[Kind::Image];
const PLAIN: &[Kind] = &[Kind::Image, Kind::Durable, Kind::Tenant, Kind::Managed];

/// The fields that a function of this kind may have.
pub fn fields(kind: Kind, place: &Place) -> Vec<Field> {
    let mut all = plain_fields();
    all.extend(fields_with_references(place));
    all.extend(fields_of_kinds());
    all.retain(|field| field.only.is_none_or(|only| only == kind) && !field.never.contains(&kind));
    all
}

fn field(name: &'static str, never: &'static [Kind], values: Vec<Value>) -> Field {
    Field { name, values, only: None, never }
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

fn key(number: u8) -> String {
    format!("arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-55555555555{number}")
}

fn image(tag: &str) -> String {
    format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:{tag}")
}

fn managed(memory: i32, concurrency: i32) -> Value {
    json!({"lambdaManagedInstancesCapacityProviderConfig": {
        "capacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:one",
        "executionEnvironmentMemoryGibPerVcpu": memory, "perExecutionEnvironmentMaxConcurrency": concurrency}})
}

fn plain_fields() -> Vec<Field> {
    let each = |name: &str, values: Value| {
        values.as_array().into_iter().flatten().map(|value| json!({name: value})).collect::<Vec<_>>()
    };
    vec![
        field("role", ALL, each("role", json!([role("other"), role("path/third")]))),
        field("runtime", NOT_IMAGE, each("runtime", json!(["python3.12"]))),
        field("handler", NOT_IMAGE, each("handler", json!(["other.run", "src/app/main.handler"]))),
        field("description", ALL, each("description", json!(["what it is for", "ß\u{1f980} \"quoted\"", ""]))),
        field("memory", &[Kind::Managed], each("memorySize", json!([256, 1769, 128]))),
        field("timeout", ALL, each("timeout", json!([30, 900]))),
        field("architectures", ALL, each("architectures", json!([["arm64"]]))),
        field(
            "tags",
            ALL,
            each("tags", json!([{"team": "a"}, {"team": "b", "cost:center": "7"}, {"Team": "", "ß": "ü"}, {}])),
        ),
        field("reserved", ALL, each("reservedConcurrentExecutions", json!([0, 5, -1]))),
        field("publish", ALL, each("publish", json!([true, true, false]))),
        field("source-hash", ALL, each("sourceCodeHash", json!(["x", "y"]))),
        field("source-key", NOT_IMAGE, each("sourceKmsKeyArn", json!([key(1), key(2), ""]))),
        field("ephemeral", ALL, each("ephemeralStorage", json!([{"size": 1024}, {"size": 10240}, {}]))),
        field("key", ALL, each("kmsKeyArn", json!([key(3), key(4), ""]))),
        field("snap-start", PLAIN, each("snapStart", json!([{"applyOn": "PublishedVersions"}, {"applyOn": "None"}]))),
        field("tracing", ALL, each("tracingConfig", json!([{"mode": "Active"}, {"mode": "PassThrough"}]))),
        field("timeouts", ALL, each("timeouts", json!([{"create": "5m", "update": "1h30m"}, {}]))),
        field("skip-destroy", ALL, each("skipDestroy", json!([true]))),
        field(
            "logs",
            &[Kind::Durable],
            each("loggingConfig", json!([{"logFormat": "Text"}, {"logGroup": "/walks/text"}, {}])),
        ),
        field(
            "json-logs",
            ALL,
            each(
                "loggingConfig",
                json!([
            {"logFormat": "JSON"}, {"logFormat": "JSON", "applicationLogLevel": "DEBUG"},
            {"logFormat": "JSON", "applicationLogLevel": "ERROR", "systemLogLevel": "WARN", "logGroup": "/walks/json"}]),
            ),
        ),
    ]
}

fn fields_with_references(place: &Place) -> Vec<Field> {
    let Place { account, network: _, layers: [lib, more], buckets: _, versions: _ } = place;
    let queue =
        |name: &str| json!({"deadLetterConfig": {"targetArn": format!("arn:aws:sqs:eu-west-1:{account}:{name}")}});
    let signing = |n: u8| format!("arn:aws:lambda:eu-west-1:{account}:code-signing-config:csc-0123456789abcdef{n}");
    let signed = |arn: String| json!({"codeSigningConfigArn": arn});
    let layers = |all: &[&String]| json!({"layers": all});
    let version = format!("arn:aws:lambda:eu-west-1::runtime:{}", "1".repeat(64));
    let managed_runtime = |mode: &str, version: Option<&String>| {
        let mut config = json!({"updateRuntimeOn": mode});
        version.into_iter().for_each(|version| config["runtimeVersionArn"] = json!(version));
        json!({"runtimeManagementConfig": config})
    };
    vec![
        field(
            "layers",
            NOT_IMAGE,
            vec![layers(&[lib]), layers(&[more]), layers(&[lib, more]), layers(&[more, lib]), layers(&[])],
        ),
        field("network", &[Kind::Managed], networks(place)),
        field("dead-letter", ALL, vec![queue("one"), queue("two")]),
        field("signing", NOT_IMAGE, vec![signed(signing(1)), signed(signing(2)), signed(String::new())]),
        field(
            "runtime-management",
            NOT_IMAGE,
            vec![managed_runtime("FunctionUpdate", None), managed_runtime("Manual", Some(&version))],
        ),
        field("recursion", ALL, vec![json!({"recursiveLoop": "Allow"}), json!({"recursiveLoop": "Terminate"})]),
        field("environment", ALL, environments()),
        field("code", NOT_IMAGE, sources(place)),
    ]
}

fn networks(place: &Place) -> Vec<Value> {
    let network = &place.network;
    let vpc = json!({"subnetIds": [network.subnet], "securityGroupIds": [network.security_group]});
    let mut dual = vpc.clone();
    dual["ipv6AllowedForDualStack"] = json!(true);
    let mount = |n: u8, path: &str| {
        let arn = format!("arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef{n}");
        json!({"arn": arn, "localMountPath": path})
    };
    let objects = json!({"localMountPath": "/mnt/s3", "arn":
        "arn:aws:s3files:eu-west-1:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0"});
    vec![
        json!({"vpcConfig": vpc}),
        json!({"vpcConfig": dual}),
        json!({"vpcConfig": vpc, "fileSystemConfig": [mount(1, "/mnt/a")]}),
        json!({"vpcConfig": dual, "fileSystemConfig": [mount(2, "/mnt/b")]}),
        json!({"vpcConfig": vpc, "fileSystemConfig": [objects]}),
        json!({"vpcConfig": {"subnetIds": [], "securityGroupIds": []}, "fileSystemConfig": []}),
    ]
}

fn sources(place: &Place) -> Vec<Value> {
    let ([plain, versioned], [first, second]) = (&place.buckets, &place.versions);
    let two = json!({"main.py": code("two")});
    let sha256 = package::sha256(&zip("main.py", &code("two")));
    vec![
        json!({"codeFrom": {"inline": two}}),
        json!({"codeFrom": {"inline": {"main.py": code("two"), "lib/more.py": ""}}}),
        json!({"codeFrom": {"inline": two}, "codeSha256": sha256}),
        json!({"codeFrom": {"configMapRef": {"name": "files"}}}),
        json!({"codeFrom": {"secretRef": {"name": "package", "key": "code.zip"}}}),
        json!({"codeFrom": null, "s3Bucket": plain, "s3Key": "p.zip"}),
        json!({"codeFrom": null, "s3Bucket": versioned, "s3Key": "p.zip", "s3ObjectVersion": first}),
        json!({"codeFrom": null, "s3Bucket": versioned, "s3Key": "p.zip", "s3ObjectVersion": second}),
        json!({"codeFrom": null, "filename": "a.zip"}),
        json!({"codeFrom": null, "filename": "b.zip"}),
    ]
}

fn environments() -> Vec<Value> {
    let secret = json!({"PASSWORD": {"secretKeyRef": {"name": "db", "key": "password"}}});
    let maybe = json!({"MAYBE": {"configMapKeyRef": {"name": "none", "key": "x", "optional": true}},
                       "LEVEL": {"configMapKeyRef": {"name": "settings", "key": "level"}}});
    [
        json!({"variables": {"STAGE": "prod"}}),
        json!({"variables": {"STAGE": "test", "EMPTY": "", "LINES": "a\nb", "UNICODE": "ß"}}),
        json!({"variables": {"STAGE": "prod"}, "valueFrom": secret}),
        json!({"valueFrom": maybe}),
        json!({"from": [{"secretRef": {"name": "keys"}, "prefix": "API_"}, {"secretRef": {"name": "none", "optional": true}}]}),
        json!({"variables": {}}),
        json!({}),
    ]
    .map(|environment| json!({"environment": environment}))
    .into()
}

fn fields_of_kinds() -> Vec<Field> {
    let of = |name, only, values| Field { name, values, only: Some(only), never: ALL };
    let durable = |config: Value| json!({"durableConfig": config});
    vec![
        of(
            "image",
            Kind::Image,
            vec![json!({"imageUri": image("2")}), json!({"imageUri": image("3"), "packageType": "Image"})],
        ),
        of(
            "image-config",
            Kind::Image,
            vec![
                json!({"imageConfig": {"command": ["a", "b"]}}),
                json!({"imageConfig": {"entryPoint": ["/bin/x"], "command": ["c"], "workingDirectory": "/srv"}}),
                json!({"imageConfig": {"command": [], "workingDirectory": ""}}),
            ],
        ),
        of(
            "durable",
            Kind::Durable,
            vec![
                durable(json!({"executionTimeout": 600})),
                durable(json!({"executionTimeout": 300, "retentionPeriod": 7})),
                durable(json!({"executionTimeout": 300, "retentionPeriod": 7, "kmsKeyArn": key(5)})),
            ],
        ),
        of("managed", Kind::Managed, vec![json!({"capacityProviderConfig": managed(4, 16)})]),
        of("managed-memory", Kind::Managed, vec![json!({"memorySize": 4096}), json!({"memorySize": 2048})]),
        of("publish-to", Kind::Managed, vec![json!({"publish": true, "publishTo": "LATEST_PUBLISHED"})]),
    ]
}
