//! Manifests as people and templates write them, and everything at its limit: all of them are taken as they are.

use serde_json::{Value, json};
use support::admission::Case;

use crate::spec_with;

pub(crate) fn cases() -> Vec<Case> {
    let creates = [plain(), scalars(), blocks(), references(), at_their_limits()].into_iter().flatten();
    let creates =
        creates.map(|(what, change)| Case { what, name: None, before: None, spec: spec_with(&change), refusal: None });
    creates.chain(named()).collect()
}

type Row = (&'static str, Value);

const DIGEST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A function of an image, with more.
pub(crate) fn image(uri: &str, more: &Value) -> Value {
    let mut change = json!({"codeFrom": null, "runtime": null, "handler": null, "imageUri": uri});
    super::merge(&mut change, more);
    change
}

/// The package in S3, with more.
pub(crate) fn s3(more: &Value) -> Value {
    let mut change = json!({"codeFrom": null, "s3Bucket": "code", "s3Key": "app/p.zip"});
    super::merge(&mut change, more);
    change
}

fn plain() -> Vec<Row> {
    vec![
        ("the least", json!({})),
        (
            "empty everything",
            json!({
                "layers": [], "tags": {}, "vpcConfig": {"subnetIds": [], "securityGroupIds": []}, "environment": {"variables": {}, "valueFrom": {}, "from": []},
                "timeouts": {}, "kmsKeyArn": "", "codeSigningConfigArn": "", "sourceCodeHash": "", "description": "", "s3Bucket": "", "s3Key": "",
                "s3ObjectVersion": "", "s3ObjectStorageMode": "", "filename": "", "imageUri": "", "sourceKmsKeyArn": "", "codeSha256": "", "publishTo": "", "functionName": "",
                "region": "", "fileSystemConfig": [], "replacementSecurityGroupIds": [], "imageConfig": {}, "loggingConfig": {"logFormat": "", "logGroup": ""},
                "adoptFrom": "", "driftCheckInterval": "", "ephemeralStorage": {}, "architectures": [],
            }),
        ),
        (
            "explicit defaults",
            json!({
                "memorySize": 128, "timeout": 3, "reservedConcurrentExecutions": -1, "ephemeralStorage": {"size": 512}, "packageType": "Zip",
                "tracingConfig": {"mode": "PassThrough"}, "publish": false, "skipDestroy": false, "architectures": ["x86_64"],
                "snapStart": {"applyOn": "None"}, "loggingConfig": {"logFormat": "Text"}, "codePolicy": "Managed", "adoptionPolicy": "Refuse",
                "driftPolicy": "Correct", "suspend": false, "replaceSecurityGroupsOnDestroy": false,
                "timeouts": {"create": "10m", "update": "10m", "delete": "10m"},
            }),
        ),
        ("a package in S3", s3(&json!({}))),
        ("a version of a package in S3", s3(&json!({"s3ObjectVersion": "abc.DEF_1"}))),
        ("a package that Lambda refers to", s3(&json!({"s3ObjectVersion": "1", "s3ObjectStorageMode": "REFERENCE"}))),
        ("a package with a copy", s3(&json!({"s3ObjectStorageMode": "COPY"}))),
        ("a bucket with dots", s3(&json!({"s3Bucket": "my.bucket.name-1"}))),
        ("a file", json!({"codeFrom": null, "filename": "team/p.zip"})),
        ("an image by digest", image(DIGEST, &json!({}))),
        ("an image without a tag", image("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app", &json!({}))),
        ("an image with empty zip arguments", image("r/app:1", &json!({"runtime": "", "handler": "", "layers": []}))),
        ("an image with a hash", image(DIGEST, &json!({"sourceCodeHash": "x"}))),
        ("an image that says so", image("r/app:1", &json!({"packageType": "Image"}))),
        ("an image with snapshots", image("r/app:1", &json!({"snapStart": {"applyOn": "PublishedVersions"}}))),
        (
            "an image with other start values",
            image(
                "r/app:1",
                &json!({"imageConfig": {"command": ["a"], "entryPoint": ["/b"], "workingDirectory": "/c"}}),
            ),
        ),
        ("another pipeline's code", json!({"codeFrom": null, "codePolicy": "Initial"})),
        (
            "another pipeline's image",
            json!({"codeFrom": null, "runtime": null, "handler": null, "packageType": "Image", "codePolicy": "Initial"}),
        ),
        (
            "a zip that says so, and an empty block of code",
            s3(&json!({"packageType": "Zip", "codeFrom": {"inline": null}})),
        ),
    ]
}

fn scalars() -> Vec<Row> {
    vec![
        (
            "a hash in hex",
            json!({"sourceCodeHash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}),
        ),
        ("hashes joined", json!({"sourceCodeHash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=-d41d8cd98f00b204"})),
        ("a description of two lines", json!({"description": "The first line.\n\tThe second.\n"})),
        ("a handler in a folder", json!({"handler": "src/app/main.handler"})),
        ("a handler in Java", json!({"handler": "com.example.Main::handle", "runtime": "java21"})),
        ("a handler in Scala", json!({"handler": "main.M::C.process", "runtime": "java17"})),
        ("a handler of a binary", json!({"handler": "./bootstrap", "runtime": "provided.al2023"})),
        ("a dead runtime", json!({"runtime": "nodejs12.x"})),
        ("a runtime of the future", json!({"runtime": "cobol1.0-preview"})),
        (
            "a role with a long path",
            json!({"role": format!("arn:aws:iam::123456789012:role/{}/{}", "p".repeat(510), "r".repeat(64))}),
        ),
        ("odd memory", json!({"memorySize": 1769})),
        ("a role with a path", json!({"role": "arn:aws-us-gov:iam::123456789012:role/service/lambda/hello"})),
        ("a role of another partition", json!({"role": "arn:aws-cn:iam::123456789012:role/a+b=c,d.e@f_g-h"})),
        ("tags with colons", json!({"tags": {"kubernetes.io/cluster:prod": "", "Cost Center": "7+7=14"}})),
        ("tags in all alphabets", json!({"tags": {"Größe é 部門": "Wert_1.2:/=+-@ ü"}})),
        (
            "changes and tags left to others",
            json!({"ignoreChanges": ["environment", "codeFrom", "vpcConfig"], "ignoreTags": ["CreatedBy", "cost:*", "*"]}),
        ),
        ("nothing left to others", json!({"ignoreChanges": [], "ignoreTags": []})),
        ("no invocations at all", json!({"reservedConcurrentExecutions": 0})),
        ("arm", json!({"architectures": ["arm64"]})),
        ("a key", json!({"kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"})),
        (
            "a code signing configuration",
            json!({"codeSigningConfigArn": "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdefg"}),
        ),
        ("signing by reference", json!({"codeSigningConfigRef": {"name": "strict"}, "codeSigningConfigArn": ""})),
        ("logs that never expire", json!({"logRetentionInDays": 0, "loggingConfig": {"logGroup": ""}})),
        ("logs for a week", json!({"logRetentionInDays": 7, "loggingConfig": {"logFormat": "JSON"}})),
        ("a loop", json!({"recursiveLoop": "Allow"})),
        ("no managed runtime", json!({"runtimeManagementConfig": {}})),
        (
            "a managed runtime",
            json!({"runtimeManagementConfig": {"updateRuntimeOn": "FunctionUpdate", "runtimeVersionArn": ""}}),
        ),
        (
            "a runtime version",
            json!({"runtimeManagementConfig": {
                "updateRuntimeOn": "Manual", "runtimeVersionArn": format!("arn:aws:lambda:eu-west-1::runtime:{}", "0".repeat(64)),
            }}),
        ),
        (
            "layers of others",
            json!({"layers": [
                "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53", "arn:aws:lambda:::awslayer:AmazonLinux2023:1"]}),
        ),
        ("a published latest", json!({"publish": true, "publishTo": "LATEST_PUBLISHED"})),
        ("timeouts of all shapes", json!({"timeouts": {"create": "90s", "update": "1h30m", "delete": "2h"}})),
        ("adoption from another", json!({"adoptFrom": "prod/team/hello"})),
        (
            "all that is ours",
            json!({"adoptionPolicy": "Adopt", "driftPolicy": "Report", "driftCheckInterval": "6h", "suspend": true, "skipDestroy": true, "deletionProtection": true}),
        ),
    ]
}

fn blocks() -> Vec<Row> {
    let point = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef1";
    let vpc =
        json!({"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"], "ipv6AllowedForDualStack": true});
    vec![
        ("a VPC", json!({"vpcConfig": vpc})),
        ("a VPC block without a VPC", json!({"vpcConfig": {"ipv6AllowedForDualStack": false}})),
        (
            "a file system",
            json!({"vpcConfig": vpc, "fileSystemConfig": [{"arn": point, "localMountPath": "/mnt/a-b_c.d"}]}),
        ),
        (
            "a file system in S3",
            json!({"vpcConfig": vpc, "fileSystemConfig": [{"arn": "arn:aws:s3files:eu-west-1:123456789012:file-system/fs-1/access-point/fsap-1", "localMountPath": "/mnt/s3", "directS3Read": "AUTO"}]}),
        ),
        (
            "groups for the end",
            json!({"replaceSecurityGroupsOnDestroy": true, "replacementSecurityGroupIds": ["sg-9"]}),
        ),
        ("a queue for failures", json!({"deadLetterConfig": {"targetArn": "arn:aws:sqs:eu-west-1:123456789012:q"}})),
        (
            "logs in JSON",
            json!({"loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "TRACE", "systemLogLevel": "WARN", "logGroup": "/a/b.c#d_e-f"}}),
        ),
        ("tenants", json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}})),
        (
            "durable executions",
            json!({"durableConfig": {"executionTimeout": 60, "retentionPeriod": 7, "kmsKeyArn": ""}}),
        ),
        (
            "half a GiB more for a vCPU",
            json!({"capacityProviderConfig": {"lambdaManagedInstancesCapacityProviderConfig": {
                "capacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:p",
                "executionEnvironmentMemoryGibPerVcpu": 2.5}}}),
        ),
        (
            "managed instances",
            json!({"memorySize": 32768, "timeout": 5400, "capacityProviderConfig": {"lambdaManagedInstancesCapacityProviderConfig": {
                "capacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:p",
                "executionEnvironmentMemoryGibPerVcpu": 4, "perExecutionEnvironmentMaxConcurrency": 64}}}),
        ),
    ]
}

fn references() -> Vec<Row> {
    vec![
        ("code in a ConfigMap", json!({"codeFrom": {"inline": null, "configMapRef": {"name": "code"}}})),
        (
            "code in a key of a Secret",
            json!({"codeFrom": {"inline": null, "secretRef": {"name": "code.v1", "key": "p.zip"}}}),
        ),
        (
            "an empty inline beside a Secret",
            json!({"codeFrom": {"inline": {"main.py": null}, "secretRef": {"name": "code"}}}),
        ),
        (
            "values of all kinds",
            json!({"environment": {"variables": {"JSON": "{\"a\": [1]}", "EMPTY": "", "LINES": "a\nb", "UNICODE": "ß"}}}),
        ),
        (
            "values from everywhere",
            json!({"environment": {
                "variables": {"STAGE": "prod"},
                "valueFrom": {"AB": {"secretKeyRef": {"name": "db", "key": "pass_word.txt"}}, "AC": {"configMapKeyRef": {"name": "m", "key": "k", "optional": true}}},
                "from": [{"secretRef": {"name": "s"}, "prefix": "API_"}, {"configMapRef": {"name": "m", "optional": true}}]}}),
        ),
    ]
}

/// The largest that is allowed is not too much for the rules either: their cost at run time is bounded.
fn at_their_limits() -> Vec<Row> {
    let many = |count: usize, key: &dyn Fn(usize) -> String, value: &str| -> Value {
        (0..count).map(|n| (key(n), json!(value))).collect::<serde_json::Map<_, _>>().into()
    };
    let variable = |n: usize| format!("V{n:03}");
    vec![
        (
            "texts at their limits",
            json!({"functionName": "n".repeat(64), "handler": "h".repeat(128), "description": "d".repeat(256), "runtime": "r".repeat(64)}),
        ),
        (
            "a key in S3 at its limit",
            s3(&json!({"s3Bucket": "b".repeat(63), "s3Key": "k".repeat(1024), "s3ObjectVersion": "v".repeat(1024)})),
        ),
        ("a key in S3 at its lower limit", s3(&json!({"s3Bucket": "abc", "s3Key": "k"}))),
        ("49 tags at their limits", json!({"tags": many(49, &|n| format!("{n:0128}"), &"v".repeat(256))})),
        ("256 variables", json!({"environment": {"variables": many(256, &variable, "x")}})),
        (
            "256 references",
            json!({"environment": {"valueFrom": (0..256)
                .map(|n| (format!("R{n}"), json!({"secretKeyRef": {"name": "n".repeat(253), "key": "k".repeat(253)}})))
                .collect::<serde_json::Map<_, _>>(), "from": vec![json!({"secretRef": {"name": "s"}}); 16]}}),
        ),
        ("64 files", json!({"codeFrom": {"inline": many(63, &|n| format!("folder/{n}.py"), &"x".repeat(1000))}})),
        ("one large file", json!({"codeFrom": {"inline": {"large.py": "x".repeat(262_000)}}})),
        (
            "five layers",
            json!({"layers": (1..=5).map(|n| format!("arn:aws:lambda:eu-west-1:123456789012:layer:l{n}:{n}")).collect::<Vec<_>>()}),
        ),
        (
            "a VPC at its limits",
            json!({"vpcConfig": {"subnetIds": (0..16).map(|n| format!("subnet-{n}")).collect::<Vec<_>>(), "securityGroupIds": (0..5).map(|n| format!("sg-{n}")).collect::<Vec<_>>()}}),
        ),
        ("a large command", image("r/app:1", &json!({"imageConfig": {"command": vec!["x".repeat(64); 1500]}}))),
        (
            "memory and time at their lower limits",
            json!({"memorySize": 128, "timeout": 1, "ephemeralStorage": {"size": 512}}),
        ),
        (
            "memory and time at their limits",
            json!({"memorySize": 32768, "timeout": 5400, "ephemeralStorage": {"size": 32768}}),
        ),
        ("drift looked for at its limits", json!({"driftCheckInterval": "10s"})),
        (
            "durable executions at their limits",
            json!({"durableConfig": {"executionTimeout": 31_622_400, "retentionPeriod": 90}}),
        ),
    ]
}

/// Objects whose own names matter.
fn named() -> Vec<Case> {
    let case = |what, name: String, change| Case {
        what,
        name: Some(name),
        before: None,
        spec: spec_with(&change),
        refusal: None,
    };
    vec![
        case("an object's name of 64 characters", "n".repeat(64), json!({})),
        case("a dotted name with a functionName", "a.b".into(), json!({"functionName": "A_b-1"})),
        case("a name of 127 characters with a functionName", "n".repeat(127), json!({"functionName": "f"})),
    ]
}
