//! What is imported stays as it is: the manifest of a live function plans its adoption, and after that nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test; clippy's exemption covers only the bodies of #[test] functions"
)]

use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::core::goal::Defaults;
use lambda_operator::core::kind::GoalInput;
use lambda_operator::core::references::{File, References};
use lambda_operator::core::target::Target;
use lambda_operator::core::values::{Knowable, Secret};
use lambda_operator::kinds::function::desired::{Goal, goal};
use lambda_operator::kinds::function::import;
use lambda_operator::kinds::function::import::Package;
use lambda_operator::kinds::function::model::{
    CapacityProvider, Code, Configuration, Content, Durable, FileSystem, Function, ImageConfig, Logging, Vpc,
};
use lambda_operator::kinds::function::observed::{Attributes, Lifecycle, LogGroup, Observed, S3Object};
use lambda_operator::kinds::function::package_type::PackageType;
use lambda_operator::kinds::function::plan::step::{Step, Tagging};
use lambda_operator::kinds::function::plan::{Plan, plan};
use lambda_operator::kinds::function::side::runtime_management::RuntimeManagement;
use lambda_operator::kinds::function::side::{Setting, Side, Sides};
use lambda_operator::kinds::function::status::history::History;
use serde_json::{Value, json};
use support::replay;

const OWNER: &str = "test/ns/object";
const ARN: &str = "arn:aws:x:eu-west-1:123456789012:y";

#[test]
fn every_recorded_function_is_imported_without_a_difference() {
    let (cases, answers): (Vec<_>, Vec<_>) = latest().into_iter().unzip();
    replay::replay("every_recorded_function_is_imported_without_a_difference", answers, |number, target, observed| {
        assert_imported(&cases[number], &target, observed);
    });
}

/// `GetFunction` of functions, not of their versions or aliases: the case, and the answer.
fn latest() -> Vec<(String, Value)> {
    let lines = replay::ANSWERS.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let latest =
        lines.filter(|line| line["kind"] == "GetFunction" && line["answer"]["Configuration"]["Version"] == "$LATEST");
    let all: Vec<_> = latest.map(|line| (line["case"].as_str().unwrap().to_owned(), line["answer"].clone())).collect();
    assert_eq!(all.len(), 24);
    all
}

fn assert_imported(case: &str, target: &Target, mut observed: Observed) {
    observed.function.sides = Side::ALL.map(|side| (side, None)).into();
    // One was recorded during an update: what it will be is what counts.
    observed.lifecycle = Lifecycle::Ready;
    let obstacle = import::obstacle(&observed);
    if case == "test_tag_limits/get_fn_response" {
        // As many tags as AWS allows leave no room for the owner's.
        assert!(obstacle.is_some_and(|sentence| sentence.contains("50 tags")));
        return;
    }
    assert_eq!(obstacle, None, "{case}");
    for package in packages() {
        assert_stays(case, &observed, target, &package);
    }
}

fn packages() -> [Package; 3] {
    let s3 = Package::S3 { bucket: "packages".into(), key: "hello.zip".into() };
    [Package::Elsewhere, Package::File("hello.zip".into()), s3]
}

/// The manifest as it reaches the operator.
fn manifest(observed: &Observed, target: &Target, package: &Package) -> LambdaFunction {
    let name = import::object_name(&target.name);
    let object = LambdaFunction::new(&name, import::spec(observed, target, &name, package));
    serde_json::from_value(serde_json::to_value(object).unwrap()).unwrap()
}

fn assert_stays(case: &str, observed: &Observed, target: &Target, package: &Package) {
    let object = manifest(observed, target, package);
    let Content::Sha256(sha256) = observed.function.code.content.clone() else { panic!("{case}") };
    let file = object.spec.filename.as_ref().map(|_| File { sha256, fault: None });
    let given = GoalInput {
        object: &object,
        target,
        now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        rival: None,
        may_adopt: true,
        owner: OWNER.into(),
        former_owners: Vec::new(),
        defaults: &Defaults::default(),
        history: &History::of(None),
        references: &References { file, ..References::default() },
    };
    let goal = goal(&given).unwrap_or_else(|unready| panic!("{case}: {unready:?}"));
    let adopt = Plan::Steps(vec![Step::TagResource(Tagging::Owner(OWNER.into()))]);
    assert_eq!(plan(&goal, &History::of(None), Some(observed)), adopt, "{case} {package:?}");
    let adopted = Observed { owner: Knowable::Known(Some(OWNER.into())), ..observed.clone() };
    assert_eq!(plan(&goal, &History::of(None), Some(&adopted)), Plan::Done, "{case} {package:?}: {:#?}", object.spec);
    // Nothing is done by the plan's own leniency towards what is unknown or left to AWS.
    let Goal::Present(desired) = goal else { panic!("{case}") };
    assert_eq!(desired.function.configuration, observed.function.configuration, "{case}");
}

fn target() -> Target {
    Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "Hello_World".into() }
}

fn function(package: PackageType, configuration: Configuration, code: Code) -> Observed {
    Observed {
        function: Function {
            package,
            tenancy: Some("PER_TENANT".into()),
            configuration,
            code,
            storage_mode: (package == PackageType::Zip).then(|| "COPY".into()),
            sides: sides(package),
            concurrency: Some(0),
            tags: Knowable::Known([("team".to_owned(), "a".to_owned())].into()),
        },
        owner: Knowable::Known(None),
        lifecycle: Lifecycle::Ready,
        published: None,
        version: None,
        default_group: None,
        executions: Vec::new(),
        log_group: LogGroup::NotRead,
        attributes: Attributes::default(),
    }
}

fn sides(package: PackageType) -> Sides {
    let runtime = RuntimeManagement::new("Manual".into(), Some(&ARN.into()));
    let all =
        [Setting::CodeSigning(ARN.into()), Setting::RuntimeManagement(runtime), Setting::Recursion("Allow".into())];
    all.into_iter().map(|one| (one.side(), Some(one))).filter(|(side, _)| side.is_of(package)).collect()
}

/// Nothing in it is AWS's default.
fn rich() -> Observed {
    let configuration = Configuration {
        role: ARN.into(),
        runtime: "python3.13".into(),
        handler: "main.handler".into(),
        description: "what it is for".into(),
        memory_size: 256,
        timeout: 30,
        environment: Knowable::Known([("STAGE".to_owned(), Secret::new("s3cret".into()))].into()),
        layers: vec![format!("{ARN}:2"), format!("{ARN}:1")],
        vpc: Some(Vpc { subnets: ["s".into()].into(), security_groups: ["g".into()].into(), ipv6: true }),
        dead_letter_target: ARN.into(),
        kms_key_arn: ARN.into(),
        tracing_mode: "Active".into(),
        file_systems: vec![
            FileSystem {
                arn: "arn:aws:elasticfilesystem:x:1:access-point/a".into(),
                mount_path: "/mnt/a".into(),
                direct_s3_read: String::new(),
            },
            FileSystem {
                arn: "arn:aws:s3files:x:1:access-point/b".into(),
                mount_path: "/mnt/b".into(),
                direct_s3_read: "AUTO".into(),
            },
            FileSystem {
                arn: "arn:aws:s3files:x:1:access-point/c".into(),
                mount_path: "/mnt/c".into(),
                direct_s3_read: "DISABLED".into(),
            },
        ],
        ephemeral_storage: 1024,
        snap_start: "PublishedVersions".into(),
        logging: Logging {
            format: "JSON".into(),
            application_level: "WARN".into(),
            system_level: "DEBUG".into(),
            group: "/mine".into(),
        },
        durable: Some(Durable { execution_timeout: 60, retention_days: 7, kms_key_arn: ARN.into() }),
        capacity_provider: Some(CapacityProvider {
            arn: ARN.into(),
            memory_gib_per_vcpu: Some(2.5),
            max_concurrency: Some(10),
        }),
        ..Configuration::aws_defaults("Hello_World")
    };
    let code = Code {
        content: Content::Sha256("abc".into()),
        image_uri: None,
        kms_key_arn: Some(ARN.into()),
        architecture: Some("arm64".into()),
    };
    function(PackageType::Zip, configuration, code)
}

#[test]
fn every_field_is_carried() {
    for package in packages() {
        assert_stays("rich", &rich(), &target(), &package);
    }
    let spec = serde_json::to_value(manifest(&rich(), &target(), &Package::Elsewhere).spec).unwrap();
    let expected = json!({
        "functionName": "Hello_World", "region": "eu-west-1", "role": ARN, "runtime": "python3.13", "handler": "main.handler",
        "description": "what it is for", "memorySize": 256, "timeout": 30, "architectures": ["arm64"],
        "environment": {"variables": {"STAGE": "s3cret"}}, "layers": [format!("{ARN}:2"), format!("{ARN}:1")],
        "vpcConfig": {"subnetIds": ["s"], "securityGroupIds": ["g"], "ipv6AllowedForDualStack": true},
        "tags": {"team": "a"}, "reservedConcurrentExecutions": 0, "sourceKmsKeyArn": ARN, "codePolicy": "Initial",
        "adoptionPolicy": "Adopt", "codeSigningConfigArn": ARN, "recursiveLoop": "Allow",
        "runtimeManagementConfig": {"updateRuntimeOn": "Manual", "runtimeVersionArn": ARN}, "deadLetterConfig": {"targetArn": ARN},
        "ephemeralStorage": {"size": 1024}, "kmsKeyArn": ARN,
        "fileSystemConfig": [
            {"arn": "arn:aws:elasticfilesystem:x:1:access-point/a", "localMountPath": "/mnt/a"},
            {"arn": "arn:aws:s3files:x:1:access-point/b", "localMountPath": "/mnt/b"},
            {"arn": "arn:aws:s3files:x:1:access-point/c", "localMountPath": "/mnt/c", "directS3Read": "DISABLED"},
        ],
        "loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "WARN", "systemLogLevel": "DEBUG", "logGroup": "/mine"},
        "snapStart": {"applyOn": "PublishedVersions"}, "tracingConfig": {"mode": "Active"},
        "tenancyConfig": {"tenantIsolationMode": "PER_TENANT"},
        "durableConfig": {"executionTimeout": 60, "retentionPeriod": 7, "kmsKeyArn": ARN},
        "capacityProviderConfig": {"lambdaManagedInstancesCapacityProviderConfig": {
            "capacityProviderArn": ARN, "executionEnvironmentMemoryGibPerVcpu": 2.5, "perExecutionEnvironmentMaxConcurrency": 10,
        }},
    });
    assert_eq!(spec, expected);
}

#[test]
fn a_package_that_lambda_refers_to_is_named_and_stays_where_it_is() {
    let mut observed = rich();
    observed.function.storage_mode = Some("REFERENCE".into());
    let object = |version: &str| S3Object { bucket: "code".into(), key: "a.zip".into(), version: Some(version.into()) };
    for (version, named) in [("v1", json!("v1")), ("null", Value::Null)] {
        observed.attributes.referenced = Some(object(version));
        let s3 = Package::S3 { bucket: "code".into(), key: "a.zip".into() };
        for package in [Package::Elsewhere, s3] {
            assert_stays("referred to", &observed, &target(), &package);
            let spec = serde_json::to_value(manifest(&observed, &target(), &package).spec).unwrap();
            assert_eq!((&spec["s3ObjectStorageMode"], &spec["s3Bucket"]), (&json!("REFERENCE"), &json!("code")));
            assert_eq!(spec["codePolicy"], Value::Null);
            let elsewhere = package == Package::Elsewhere;
            assert_eq!(spec["s3ObjectVersion"], if elsewhere { named.clone() } else { Value::Null });
        }
    }
    let file = Package::File("a.zip".into());
    let spec = manifest(&observed, &target(), &file).spec;
    assert_eq!((spec.s3_object_storage_mode, spec.s3_bucket), (None, None));
    assert!(import::notes(&observed, &file).iter().any(|note| note.contains("s3ObjectStorageMode")));
}

#[test]
fn a_retention_is_carried_with_the_functions_own_log_group_alone() {
    let mut observed = rich();
    observed.function.sides.insert(Side::LogRetention, Some(Setting::LogRetention(7)));
    let days = |observed: &Observed| manifest(observed, &target(), &Package::Elsewhere).spec.log_retention_in_days;
    assert_eq!(days(&observed), None, "it logs elsewhere");
    observed.function.configuration.logging.group = "/aws/lambda/Hello_World".into();
    assert_eq!(days(&observed), Some(7));
    assert_stays("retention", &observed, &target(), &Package::Elsewhere);
}

#[test]
fn managed_instances_have_defaults_of_their_own() {
    let mut observed = rich();
    observed.function.configuration.memory_size = 2048;
    assert_stays("managed", &observed, &target(), &Package::Elsewhere);
    assert_eq!(manifest(&observed, &target(), &Package::Elsewhere).spec.memory_size, None);
    observed.function.configuration.memory_size = 128;
    assert_eq!(manifest(&observed, &target(), &Package::Elsewhere).spec.memory_size, Some(128));
}

#[test]
fn an_image_carries_its_uri_and_its_overrides() {
    let image = ImageConfig {
        entry_point: vec!["/bin/run".into()],
        command: vec!["main.handler".into()],
        working_directory: "/srv".into(),
    };
    let configuration =
        Configuration { role: ARN.into(), image: Knowable::Known(image), ..Configuration::aws_defaults("Hello_World") };
    let code = |uri: Option<&str>| Code {
        content: Content::Sha256("abc".into()),
        image_uri: uri.map(Into::into),
        kms_key_arn: None,
        architecture: Some("x86_64".into()),
    };
    let observed = function(PackageType::Image, configuration.clone(), code(Some("r/app:1")));
    assert_stays("image", &observed, &target(), &Package::Elsewhere);
    let spec = manifest(&observed, &target(), &Package::Elsewhere).spec;
    assert_eq!((spec.image_uri.as_deref(), spec.code_policy, spec.package_type), (Some("r/app:1"), None, None));
    let nameless = function(PackageType::Image, configuration, code(None));
    assert_stays("an image without a name", &nameless, &target(), &Package::Elsewhere);
}

#[test]
fn an_import_omits_aws_defaults() {
    let configuration = Configuration {
        role: ARN.into(),
        runtime: "python3.13".into(),
        handler: "main.handler".into(),
        ..Configuration::aws_defaults("hello")
    };
    let code = Code {
        content: Content::Sha256("abc".into()),
        image_uri: None,
        kms_key_arn: Some(String::new()),
        architecture: Some("x86_64".into()),
    };
    let mut observed = function(PackageType::Zip, configuration, code);
    observed.function = Function {
        tenancy: None,
        sides: Side::ALL.map(|side| (side, None)).into(),
        concurrency: None,
        tags: Knowable::Known([].into()),
        ..observed.function
    };
    let target = Target { name: "hello".into(), ..target() };
    assert_stays("plain", &observed, &target, &Package::Elsewhere);
    let spec = serde_json::to_value(manifest(&observed, &target, &Package::Elsewhere).spec).unwrap();
    let expected = json!({
        "region": "eu-west-1", "role": ARN, "runtime": "python3.13", "handler": "main.handler",
        "adoptionPolicy": "Adopt", "codePolicy": "Initial",
    });
    assert_eq!(spec, expected);
}

#[test]
fn a_function_that_import_would_damage_is_refused() {
    let withheld = |change: fn(&mut Observed)| {
        let mut observed = rich();
        change(&mut observed);
        import::obstacle(&observed).unwrap_or_default()
    };
    assert_eq!(withheld(|_| ()), "");
    let environment = withheld(|observed| observed.function.configuration.environment = Knowable::Unknown);
    assert!(environment.contains("kms:Decrypt"), "{environment}");
    let tags = withheld(|observed| observed.function.tags = Knowable::Unknown);
    assert!(tags.contains("lambda:ListTags"), "{tags}");
    let many = withheld(|observed| {
        observed.function.tags = Knowable::Known((0..50).map(|n| (n.to_string(), String::new())).collect());
    });
    assert!(many.contains("50 tags"), "{many}");
}

#[test]
fn names_become_such_as_kubernetes_takes() {
    let cases = [("hello", "hello"), ("Hello_World", "hello-world"), ("_a-", "a"), ("___", "function"), ("X", "x")];
    for (function, object) in cases {
        assert_eq!(import::object_name(function), object);
    }
}
