//! What AWS might answer: every member there or not, empty, unknown, absurd; and errors, and things that are no answer.

use std::fmt;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use serde_json::{Map, Value, json};

use crate::server::{Answer, Scene};
use crate::{SECRET, texts};

/// How odd answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Of the API's own types: it has to be understood.
    Typed,
    /// A member may have another type, or a number that no integer holds.
    Foreign,
}

/// What is asked, and all answers.
#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) scene: Scene,
    /// Every answer is one of the API's own types.
    pub(crate) plain: bool,
}

impl fmt::Debug for Play {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scene { latest, version, versions, signing, executions, groups } = &self.scene;
        for (name, answer) in [
            ("latest", latest),
            ("version", version),
            ("versions", versions),
            ("signing", signing),
            ("executions", executions),
            ("groups", groups),
        ] {
            let Answer { status, code, body, cut } = answer;
            writeln!(f, "{name}: {status} {code:?}{} {body}", if *cut { " cut" } else { "" })?;
        }
        Ok(())
    }
}

/// GetFunction's answer: words to choose from, `?` for any text, lists by one of their members, maps by `*`.
const FUNCTION: &str = r#"{
  "Configuration": {
    "FunctionName": "f", "FunctionArn": "?", "Runtime": "python3.13|nodejs22.x|cobol85", "Role": "?", "Handler": "?",
    "CodeSize": 123, "CodeSha256": "sha|?", "Description": "?", "Timeout": 3, "MemorySize": 128, "LastModified": "?",
    "Version": "$LATEST|7", "RevisionId": "?", "MasterArn": "?", "KMSKeyArn": "?", "PackageType": "Zip|Image|Crate",
    "VpcConfig": {"SubnetIds": ["?"], "SecurityGroupIds": ["?"], "VpcId": "vpc-1|?", "Ipv6AllowedForDualStack": false},
    "Environment": {"Variables": {"*": "SECRET"}, "Error": {"ErrorCode": "KMSDisabledException", "Message": "?"}},
    "DeadLetterConfig": {"TargetArn": "?"}, "TracingConfig": {"Mode": "Active|PassThrough|Sideways"},
    "Layers": [{"Arn": "?", "CodeSize": 1, "SigningProfileVersionArn": "?", "SigningJobArn": "?"}],
    "State": "Pending|Active|Inactive|Failed|Deactivating|Deactivated|ActiveNonInvocable|Deleting|Dreaming",
    "StateReason": "?", "StateReasonCode": "Idle|Creating|InvalidImage|KMSKeyDisabled|Whim",
    "LastUpdateStatus": "Successful|Failed|InProgress|Perhaps", "LastUpdateStatusReason": "?",
    "LastUpdateStatusReasonCode": "ImageDeleted|InvalidSubnet|Creating|Whim",
    "FileSystemConfigs": [{"Arn": "?", "LocalMountPath": "?", "S3FilesConfig": {"DirectS3Read": "AUTO|ENABLED|MAYBE"}}],
    "ImageConfigResponse": {"ImageConfig": {"EntryPoint": ["?"], "Command": ["?"], "WorkingDirectory": "?"},
                            "Error": {"ErrorCode": "?", "Message": "?"}},
    "Architectures": ["x86_64|arm64|riscv64"], "EphemeralStorage": {"Size": 512},
    "SnapStart": {"ApplyOn": "PublishedVersions|None|Always", "OptimizationStatus": "On|Off|Dimmed"},
    "RuntimeVersionConfig": {"RuntimeVersionArn": "?", "Error": {"ErrorCode": "?", "Message": "?"}},
    "LoggingConfig": {"LogFormat": "JSON|Text|Prose", "ApplicationLogLevel": "TRACE|INFO|SHOUT",
                      "SystemLogLevel": "DEBUG|WARN|SHOUT", "LogGroup": "?"},
    "SigningProfileVersionArn": "?", "SigningJobArn": "?",
    "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {
      "CapacityProviderArn": "?", "PerExecutionEnvironmentMaxConcurrency": 16, "ExecutionEnvironmentMemoryGiBPerVCpu": 2.5}},
    "DurableConfig": {"ExecutionTimeout": 60, "RetentionPeriodInDays": 14, "KMSKeyArn": "?"},
    "TenancyConfig": {"TenantIsolationMode": "PER_TENANT|SHARED"}, "NewerThanUs": {"A": [{"B": 1}]}
  },
  "Code": {"RepositoryType": "S3|ECR", "Location": "?", "ImageUri": "?", "ResolvedImageUri": "?", "SourceKMSKeyArn": "?"},
  "Tags": {"*": "?"}, "TagsError": {"ErrorCode": "AccessDeniedException|AccessDeniedException|AccessDeniedException|ServiceException", "Message": "?"},
  "Concurrency": {"ReservedConcurrentExecutions": 5}
}"#;

/// How often a member is there.
const PRESENT: f64 = 0.75;

fn like(shape: &Value, manner: Manner) -> BoxedStrategy<Value> {
    let plausible = match shape {
        Value::Object(fields) => match fields.get("*") {
            Some(value) => members(vec((texts::text(60), like(value, manner)), 0..4).boxed()),
            None => object(fields, manner),
        },
        Value::Array(one) => vec(like(&one[0], manner), 0..3).prop_map(Value::Array).boxed(),
        Value::String(words) => word(words),
        Value::Number(number) if number.is_f64() => {
            select(vec![json!(2.5), json!(0), json!(-1e300), json!(1e300)]).boxed()
        }
        Value::Number(_) => select(vec![json!(128), json!(0), json!(-1), json!(i32::MAX), json!(i32::MIN)]).boxed(),
        Value::Bool(_) => any::<bool>().prop_map(Value::Bool).boxed(),
        Value::Null => Just(Value::Null).boxed(),
    };
    if manner == Manner::Typed {
        return plausible;
    }
    let foreign = select(vec![
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!([null]),
        json!({"x": null}),
        json!(true),
        json!(-0.5),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!("NaN"),
        json!([[[{}]]]),
    ]);
    prop_oneof![120 => plausible, 1 => foreign].boxed()
}

/// AWS may say null for all that it may leave out.
fn object(fields: &Map<String, Value>, manner: Manner) -> BoxedStrategy<Value> {
    let member = |(name, shape): (&String, &Value)| {
        let name = name.clone();
        let value = prop_oneof![20 => like(shape, manner), 1 => Just(Value::Null)];
        let value = match (name.as_str(), manner) {
            // Without it there is nothing to read.
            ("Configuration", Manner::Typed) => like(shape, manner).prop_map(Some).boxed(),
            _ => weighted(PRESENT, value).boxed(),
        };
        value.prop_map(move |value| value.map(|value| (name.clone(), value)))
    };
    let fields: Vec<_> = fields.iter().map(member).collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn members(entries: BoxedStrategy<Vec<(String, Value)>>) -> BoxedStrategy<Value> {
    entries.prop_map(|entries| Value::Object(entries.into_iter().collect())).boxed()
}

fn word(words: &str) -> BoxedStrategy<Value> {
    if words == "SECRET" {
        return texts::secret().prop_map(Value::String).boxed();
    }
    let known: Vec<_> = words.split('|').filter(|word| *word != "?").map(str::to_owned).collect();
    match known.is_empty() {
        true => texts::text(400).prop_map(Value::String).boxed(),
        false => prop_oneof![8 => select(known), 1 => texts::text(400)].prop_map(Value::String).boxed(),
    }
}

fn good(shape: &Value, manner: Manner) -> BoxedStrategy<Answer> {
    like(shape, manner).prop_map(|body| Answer { status: 200, body: body.to_string(), ..Answer::default() }).boxed()
}

/// An error, or something that is no answer at all.
fn bad() -> impl Strategy<Value = Answer> {
    let echo = format!("String measured: {{\"A\":\"{SECRET}\"}}");
    let body = prop_oneof![
        Just(String::new()),
        Just("<html><body>502 Bad Gateway</body></html>".to_owned()),
        select(vec![
            "null",
            "[]",
            "42",
            "\"\"",
            "{",
            "{\"Configuration\":",
            "{\"Configuration\":{\"FunctionName\":\"\\ud800\"}}"
        ])
        .prop_map(str::to_owned),
        (1..1000_usize).prop_map(|depth| format!("{{\"X\":{}", "[".repeat(depth))),
        texts::text(2000).prop_map(|text| json!({"Type": "User", "message": text}).to_string()),
        texts::text(2000).prop_map(|text| json!({"__type": text, "Message": [text]}).to_string()),
        texts::text(200).prop_map(move |text| json!({"Message": format!("{text} {echo}")}).to_string()),
    ];
    let code = select(vec![
        "ResourceNotFoundException",
        "TooManyRequestsException",
        "ServiceException",
        "AccessDeniedException",
        "InvalidParameterValueException",
        "NeverHeardOfException:http://x/",
        "",
        "#",
    ]);
    let status =
        prop_oneof![2 => Just(200_u16), 5 => select(vec![204, 302, 400, 403, 404, 409, 413, 418, 429, 500, 503, 599])];
    (status, weighted(0.7, code.prop_map(str::to_owned)), body, weighted(0.1, Just(())))
        .prop_map(|(status, code, body, cut)| Answer { status, code, body, cut: cut.is_some() })
}

fn groups() -> impl Strategy<Value = Answer> {
    let xml = select(vec![
        "<x><groupId>sg-1</groupId></x>",
        "<x><groupId></groupId></x>",
        "<groupId>",
        "",
        "{}",
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>",
    ]);
    (select(vec![200, 200, 403, 503]), xml).prop_map(|(status, body)| Answer {
        status,
        body: body.to_owned(),
        ..Answer::default()
    })
}

fn scenes(manner: Manner) -> BoxedStrategy<Scene> {
    let function: Value = serde_json::from_str(FUNCTION).unwrap();
    let version = json!({"Version": "$LATEST|1|7|18446744073709551616|x", "NewerThanUs": true});
    let signing = json!({"CodeSigningConfigArn": "?", "FunctionName": "f"});
    let execution = json!({"DurableExecutionArn": "?", "DurableExecutionName": "?", "FunctionArn": "?", "Status": "RUNNING|DOZING"});
    (
        good(&function, manner),
        good(&function, manner),
        good(&json!({"Versions": [version]}), manner),
        good(&signing, manner),
        good(&json!({"DurableExecutions": [execution]}), manner),
        groups(),
    )
        .prop_map(|(latest, version, versions, signing, executions, groups)| Scene {
            latest,
            version,
            versions,
            signing,
            executions,
            groups,
        })
        .boxed()
}

/// Every scene; in some of them one of the answers is none.
pub(crate) fn plays() -> impl Strategy<Value = Play> {
    let plain = scenes(Manner::Typed).prop_map(|scene| Play { scene, plain: true });
    let foreign = scenes(Manner::Foreign).prop_map(|scene| Play { scene, plain: false });
    let broken = (scenes(Manner::Typed), bad(), 0..5_usize).prop_map(|(mut scene, bad, which)| {
        let Scene { latest, version, versions, signing, executions, groups: _ } = &mut scene;
        *[latest, version, versions, signing, executions][which] = bad;
        Play { scene, plain: false }
    });
    prop_oneof![plain, foreign, broken]
}
