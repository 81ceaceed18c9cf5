//! What can be told to be wrong from the object alone is refused at apply, with a sentence that says what to do.

use serde_json::{Value, json};
use support::admission::Case;

use crate::accepted::{image, s3};
use crate::spec_with;

pub(crate) fn cases() -> Vec<Case> {
    let creates = [code(), zip_and_image(), scalars(), numbers_and_texts(), blocks(), environment(), ours()]
        .into_iter()
        .flatten();
    let creates = creates.map(|(what, change, words)| Case {
        what,
        name: None,
        before: None,
        spec: spec_with(&change),
        refusal: Some(words),
    });
    creates.chain(named()).collect()
}

type Row = (&'static str, Value, &'static str);

/// So many entries of layerRefs.
fn names(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!({"name": format!("layer-{number}")})).collect()
}

const ONE_SOURCE: &str = "set exactly one source of code";

fn code() -> Vec<Row> {
    vec![
        ("no code", json!({"codeFrom": null}), ONE_SOURCE),
        ("two codes", json!({"s3Bucket": "code", "s3Key": "k"}), ONE_SOURCE),
        ("all sources at once", json!({"filename": "p.zip", "imageUri": "r/app:1"}), ONE_SOURCE),
        ("empty inline", json!({"codeFrom": {"inline": {"main.py": null}}}), ONE_SOURCE),
        ("two codes with codePolicy", json!({"filename": "p.zip", "codePolicy": "Initial"}), ONE_SOURCE),
        (
            "inline and a Secret",
            json!({"codeFrom": {"secretRef": {"name": "code"}}}),
            "set exactly one of inline, configMapRef and secretRef",
        ),
        (
            "a ConfigMap and a Secret",
            json!({"codeFrom": {"inline": null, "configMapRef": {"name": "code"}, "secretRef": {"name": "code"}}}),
            "set exactly one of inline, configMapRef and secretRef",
        ),
        ("bucket without key", json!({"codeFrom": null, "s3Bucket": "code"}), "s3Bucket and s3Key go together"),
        ("key without bucket", json!({"s3Key": "p.zip"}), "s3Bucket and s3Key go together"),
        ("version without bucket", json!({"s3ObjectVersion": "v"}), "set s3Bucket and s3Key too"),
        (
            "storage without bucket",
            json!({"s3ObjectStorageMode": "COPY"}),
            "s3ObjectStorageMode is about a package in S3: set s3Bucket and s3Key too",
        ),
        (
            "storage elsewhere",
            s3(&json!({"s3ObjectStorageMode": "Glacier"})),
            "s3ObjectStorageMode is COPY or REFERENCE",
        ),
        ("bucket by URL", s3(&json!({"s3Bucket": "s3://code"})), "s3Bucket must be the bucket's name alone"),
        ("bucket of two letters", s3(&json!({"s3Bucket": "ab"})), "s3Bucket must be the bucket's name alone"),
        ("bucket with a final dot", s3(&json!({"s3Bucket": "code."})), "s3Bucket must be the bucket's name alone"),
        ("bucket of 64 letters", s3(&json!({"s3Bucket": "b".repeat(64)})), "spec.s3Bucket: Too long"),
        ("key of 1025 letters", s3(&json!({"s3Key": "k".repeat(1025)})), "spec.s3Key: Too long"),
        (
            "version of 1025 letters",
            s3(&json!({"s3ObjectVersion": "v".repeat(1025)})),
            "spec.s3ObjectVersion: Too long",
        ),
        ("absolute path", json!({"codeFrom": {"inline": {"/main.py": "x"}}}), "must be relative"),
        ("path out", json!({"codeFrom": {"inline": {"../main.py": "x"}}}), "no .."),
        ("path without a file", json!({"codeFrom": {"inline": {"folder/": "x"}}}), "name a file"),
        (
            "65 files",
            json!({"codeFrom": {"inline": (0..65).map(|n| (n.to_string(), json!("x"))).collect::<serde_json::Map<_, _>>()}}),
            "must have at most 64 items",
        ),
        (
            "two files with more characters than are taken in all",
            json!({"codeFrom": {"inline": {"a.py": "x".repeat(131_000), "b.py": "x".repeat(132_000)}}}),
            "inline files have more than 262144 characters in all",
        ),
        ("one file that is too large", json!({"codeFrom": {"inline": {"a.py": "x".repeat(262_145)}}}), "Too long"),
        ("way out of the folder", json!({"codeFrom": null, "filename": "../p.zip"}), "no leading /, no .."),
        ("file anywhere", json!({"codeFrom": null, "filename": "/etc/p.zip"}), "no leading /, no .."),
        (
            "ConfigMap elsewhere",
            json!({"codeFrom": {"inline": null, "configMapRef": {"name": "../secrets/x"}}}),
            "name must be the name of an object in this namespace",
        ),
        (
            "key that is none",
            json!({"codeFrom": {"inline": null, "secretRef": {"name": "x", "key": "a/b"}}}),
            "key must be a key of the object",
        ),
        ("source key by alias", json!({"sourceKmsKeyArn": "alias/x"}), "sourceKmsKeyArn must be the key's whole ARN"),
    ]
}

fn zip_and_image() -> Vec<Row> {
    const BRINGS: &str = "a container image brings its own runtime, handler";
    vec![
        ("no runtime", json!({"runtime": null}), "set runtime (for instance"),
        ("empty runtime", json!({"runtime": ""}), "set runtime (for instance"),
        ("no handler", json!({"handler": null}), "and handler (for instance"),
        ("image with a runtime", image("r/app:1", &json!({"runtime": "python3.13"})), BRINGS),
        ("image with a handler", image("r/app:1", &json!({"handler": "main.handler"})), BRINGS),
        ("image with layers by name", image("r/app:1", &json!({"layerRefs": [{"name": "x"}]})), BRINGS),
        ("image with layers", image("r/app:1", &json!({"layers": ["arn:aws:lambda:::awslayer:x"]})), BRINGS),
        (
            "image with signing",
            image(
                "r/app:1",
                &json!({"codeSigningConfigArn": "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdefg"}),
            ),
            BRINGS,
        ),
        (
            "image with signing by reference",
            image("r/app:1", &json!({"codeSigningConfigRef": {"name": "strict"}})),
            BRINGS,
        ),
        (
            "image with a managed runtime",
            image("r/app:1", &json!({"runtimeManagementConfig": {"updateRuntimeOn": "FunctionUpdate"}})),
            "a container image brings its own runtime: remove it",
        ),
        (
            "image with a source key",
            image("r/app:1", &json!({"sourceKmsKeyArn": "arn:aws:kms:eu-west-1:1:key/x"})),
            BRINGS,
        ),
        ("image with an S3 version", image("r/app:1", &json!({"s3ObjectVersion": "v"})), "set s3Bucket and s3Key too"),
        ("image with a scheme", image("https://r/app:1", &json!({})), "without a scheme"),
        ("image with a blank", image("r/app: 1", &json!({})), "without a scheme"),
        ("image of 1025 letters", image(&"i".repeat(1025), &json!({})), "spec.imageUri: Too long"),
        (
            "image that says Zip",
            image("r/app:1", &json!({"packageType": "Zip"})),
            "make them agree, or remove packageType",
        ),
        ("zip in lower case", json!({"packageType": "zip"}), "Zip or Image, with a capital letter"),
        ("image type without image", json!({"packageType": "Image"}), "make them agree, or remove packageType"),
        ("image config of a zip", json!({"imageConfig": {"command": ["x"]}}), "set imageUri, or remove imageConfig"),
        ("folder of a zip", json!({"imageConfig": {"workingDirectory": "/x"}}), "set imageUri, or remove imageConfig"),
        (
            "1501 words",
            image("r/app:1", &json!({"imageConfig": {"command": vec!["x"; 1501]}})),
            "must have at most 1500 items",
        ),
        (
            "long folder",
            image("r/app:1", &json!({"imageConfig": {"workingDirectory": "d".repeat(1001)}})),
            "spec.imageConfig.workingDirectory: Too long",
        ),
    ]
}

fn scalars() -> Vec<Row> {
    const NAME: &str = "1 to 64 letters, digits, - or _";
    vec![
        ("unknown field", json!({"memory": 128}), "field not declared in schema"),
        ("Terraform's spelling", json!({"memory_size": 128}), "field not declared in schema"),
        ("missing role", json!({"role": null}), "spec.role: Required value"),
        ("empty role", json!({"role": ""}), "spec.role"),
        ("role by name", json!({"role": "hello"}), "role must be the role's whole ARN"),
        ("role of no account", json!({"role": "arn:aws:iam::12:role/x"}), "role must be the role's whole ARN"),
        (
            "role of 641 letters",
            json!({"role": format!("arn:aws:iam::123456789012:role/{}", "r".repeat(610))}),
            "spec.role: Too long",
        ),
        ("user as a role", json!({"role": "arn:aws:iam::123456789012:user/x"}), "role must be the role's whole ARN"),
        ("name of 65 letters", json!({"functionName": "n".repeat(65)}), "spec.functionName: Too long"),
        ("name with a dot", json!({"functionName": "a.b"}), NAME),
        ("name by ARN", json!({"functionName": "arn:aws:lambda:eu-west-1:1:function:f"}), "not an ARN"),
        ("name with a version", json!({"functionName": "f:1"}), NAME),
        ("region with blanks", json!({"region": "EU West"}), "code of an AWS region"),
        ("runtime with a capital", json!({"runtime": "Python3.13"}), "runtime must be one of AWS's identifiers"),
        ("handler with a blank", json!({"handler": "main .handler"}), "must not contain spaces"),
        (
            "handler with a code of a terminal",
            json!({"handler": "main.\u{1b}[2Jhandler"}),
            "spaces or control characters",
        ),
        (
            "description with a code of a terminal",
            json!({"description": "\u{1b}[2J"}),
            "description must not contain control",
        ),
        ("key of two lines", s3(&json!({"s3Key": "a\nb"})), "s3Key must not contain control characters"),
        ("hash of two lines", json!({"sourceCodeHash": "a\nb"}), "sourceCodeHash must not contain control characters"),
        ("image of two lines", image("r/app:1\n2", &json!({})), "imageUri is the image's name"),
        ("file of two lines", json!({"codeFrom": null, "filename": "a\nb.zip"}), "no .. and no control characters"),
        ("handler of two lines", json!({"handler": "main\n.handler"}), "must not contain spaces"),
        ("unknown architecture", json!({"architectures": ["riscv"]}), "supported values: \"x86_64\", \"arm64\""),
        ("two architectures", json!({"architectures": ["arm64", "x86_64"]}), "must have at most 1 item"),
        ("key id instead of an ARN", json!({"kmsKeyArn": "alias/x"}), "kmsKeyArn must be the key's whole ARN"),
        (
            "an alias of a key",
            json!({"kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:alias/app"}),
            "Lambda takes no alias",
        ),
        (
            "manual without a runtime version",
            json!({"runtimeManagementConfig": {"updateRuntimeOn": "Manual"}}),
            "runtimeVersionArn goes with updateRuntimeOn: Manual",
        ),
        (
            "a runtime version without manual",
            json!({"runtimeManagementConfig": {"runtimeVersionArn": "arn:aws:lambda:eu-west-1::runtime:abc"}}),
            "set both, or remove runtimeVersionArn",
        ),
        (
            "a runtime version by name",
            json!({"runtimeManagementConfig": {"updateRuntimeOn": "Manual", "runtimeVersionArn": "python3.13"}}),
            "whole ARN of a runtime version",
        ),
        (
            "a runtime update of another name",
            json!({"runtimeManagementConfig": {"updateRuntimeOn": "auto"}}),
            "updateRuntimeOn is Auto, FunctionUpdate or Manual",
        ),
        ("logs for less than no day", json!({"logRetentionInDays": -1}), "spec.logRetentionInDays"),
        (
            "a retention of a shared log group",
            json!({"logRetentionInDays": 7, "loggingConfig": {"logGroup": "/shared"}}),
            "logRetentionInDays is about the function's own log group",
        ),
        ("a loop that is denied", json!({"recursiveLoop": "Deny"}), "recursiveLoop is Allow or Terminate"),
        (
            "signing by reference and ARN",
            json!({
                "codeSigningConfigRef": {"name": "strict"},
                "codeSigningConfigArn": "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdefg",
            }),
            "codeSigningConfigRef names the code signing configuration: remove codeSigningConfigArn",
        ),
        (
            "a reference that is no name",
            json!({"codeSigningConfigRef": {"name": "csc/1"}}),
            "name must be the name of a LambdaCodeSigningConfig",
        ),
        ("signing by name", json!({"codeSigningConfigArn": "csc-1"}), "whole ARN of a code signing configuration"),
        (
            "signing by another ARN",
            json!({"codeSigningConfigArn": "arn:aws:lambda:eu-west-1:1:function:f"}),
            "whole ARN of a code signing configuration",
        ),
        ("unknown publishTo", json!({"publishTo": "LATEST"}), "LATEST_PUBLISHED, or left out"),
        ("six layers", json!({"layers": ["a", "b", "c", "d", "e", "f"]}), "must have at most 5 items"),
        (
            "six layers in two lists",
            json!({"layers": ["arn:aws:lambda:::awslayer:x"], "layerRefs": names(5)}),
            "a function has at most 5 layers",
        ),
        ("six layers by name", json!({"layerRefs": names(6)}), "must have at most 5 items"),
        ("a layer by an ARN in layerRefs", json!({"layerRefs": [{"name": "arn:x"}]}), "name of a LambdaLayerVersion"),
        (
            "layer without its version",
            json!({"layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:tools"]}),
            "whole ARNs of layer versions",
        ),
        ("layer by name", json!({"layers": ["tools:3"]}), "whole ARNs of layer versions"),
        ("reserved tag", json!({"tags": {"aws:x": "y"}}), "reserved: rename the tag"),
        ("a reserved tag in another case", json!({"tags": {" AWS:x": "y"}}), "reserved: rename the tag"),
        ("our tag in another case", json!({"tags": {" Lambda-Operator.io/owner": "me"}}), "reserved: rename the tag"),
        ("a tag that ends with a space", json!({"tags": {"team ": "y"}}), "must not begin or end with white space"),
        (
            "a tag that begins with a wide space",
            json!({"tags": {"\u{3000}team": "y"}}),
            "must not begin or end with white",
        ),
        (
            "our tag after a wide space",
            json!({"tags": {"\u{a0}Lambda-Operator.io/owner": "y"}}),
            "reserved: rename the tag",
        ),
        ("a tag without a key", json!({"tags": {" ": "y"}}), "reserved: rename the tag"),
        ("our tag", json!({"tags": {"lambda-operator.io/owner": "me"}}), "reserved: rename the tag"),
        ("empty tag", json!({"tags": {"": "y"}}), "tag keys must not be empty"),
        ("tag key with a comma", json!({"tags": {"a,b": "y"}}), "tag keys must hold only letters, digits, spaces"),
        ("tag value with a comma", json!({"tags": {"team": "a,b"}}), "spec.tags.team"),
        ("a change of the name left to others", json!({"ignoreChanges": ["functionName"]}), "Unsupported value"),
        ("a change of nothing left to others", json!({"ignoreChanges": [""]}), "Unsupported value"),
        ("tags of AWS left to others", json!({"ignoreTags": ["aws:*"]}), "ignoreTags must not name aws:"),
        ("our tag left to others", json!({"ignoreTags": ["lambda-operator.io/owner"]}), "ignoreTags must not name"),
        ("an empty tag left to others", json!({"ignoreTags": [""]}), "spec.ignoreTags[0]"),
        ("a star within", json!({"ignoreTags": ["a*b"]}), "or their beginnings with a * at the end"),
        ("two stars", json!({"ignoreTags": ["a**"]}), "or their beginnings with a * at the end"),
        ("a list in one", json!({"ignoreTags": ["a,b"]}), "ignoreTags must hold keys of tags"),
        ("long tag left to others", json!({"ignoreTags": ["k".repeat(130)]}), "spec.ignoreTags[0]: Too long"),
        (
            "51 tags left to others",
            json!({"ignoreTags": (0..51).map(|n| n.to_string()).collect::<Vec<_>>()}),
            "must have at most 50 items",
        ),
        ("long tag", json!({"tags": {"k".repeat(129): "y"}}), "at most 128 characters"),
        ("long tag value", json!({"tags": {"k": "v".repeat(257)}}), "spec.tags.k: Too long"),
        (
            "50 tags",
            json!({"tags": (0..50).map(|n| (n.to_string(), json!(""))).collect::<serde_json::Map<_, _>>()}),
            "must have at most 49 items",
        ),
        ("tag that is a number", json!({"tags": {"k": 1}}), ".spec.tags.k: expected string"),
    ]
}

fn numbers_and_texts() -> Vec<Row> {
    vec![
        ("memory 127", json!({"memorySize": 127}), "should be greater than or equal to 128"),
        ("memory 32769", json!({"memorySize": 32769}), "should be less than or equal to 32768"),
        ("memory as a text", json!({"memorySize": "128"}), ".spec.memorySize: expected numeric"),
        ("memory as a fraction", json!({"memorySize": 128.5}), "must be of type int"),
        ("timeout 0", json!({"timeout": 0}), "should be greater than or equal to 1"),
        ("timeout 5401", json!({"timeout": 5401}), "should be less than or equal to 5400"),
        ("concurrency below -1", json!({"reservedConcurrentExecutions": -2}), "greater than or equal to -1"),
        ("tiny /tmp", json!({"ephemeralStorage": {"size": 511}}), "greater than or equal to 512"),
        ("huge /tmp", json!({"ephemeralStorage": {"size": 32769}}), "less than or equal to 32768"),
        ("timeout in words", json!({"timeouts": {"create": "soon"}}), "must be durations such as 90s"),
        ("timeout in days", json!({"timeouts": {"delete": "2d"}}), "must be durations such as 90s"),
        ("long description", json!({"description": "d".repeat(257)}), "spec.description: Too long"),
        ("long handler", json!({"handler": "h".repeat(129)}), "spec.handler: Too long"),
        ("long runtime", json!({"runtime": "r".repeat(65)}), "spec.runtime: Too long"),
        ("no durable time", json!({"durableConfig": {}}), "spec.durableConfig.executionTimeout: Required value"),
        ("durable time 0", json!({"durableConfig": {"executionTimeout": 0}}), "greater than or equal to 1"),
        (
            "durable for more than a year",
            json!({"durableConfig": {"executionTimeout": 31_622_401}}),
            "less than or equal to 31622400",
        ),
        (
            "history of 91 days",
            json!({"durableConfig": {"executionTimeout": 1, "retentionPeriod": 91}}),
            "less than or equal to 90",
        ),
    ]
}

fn blocks() -> Vec<Row> {
    const PAIR: &str = "subnetIds and securityGroupIds go together";
    let files = |arn: &str, path: &str| json!({"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}, "fileSystemConfig": [{"arn": arn, "localMountPath": path}]});
    let point = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1";
    let provider = |change: Value| {
        let mut config = json!({"capacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:p"});
        super::merge(&mut config, &change);
        json!({"capacityProviderConfig": {"lambdaManagedInstancesCapacityProviderConfig": config}})
    };
    vec![
        ("subnet alone", json!({"vpcConfig": {"subnetIds": ["subnet-1"]}}), PAIR),
        ("group alone", json!({"vpcConfig": {"securityGroupIds": ["sg-1"]}}), PAIR),
        ("subnet with no group", json!({"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": []}}), PAIR),
        (
            "subnet by name",
            json!({"vpcConfig": {"subnetIds": ["private-a"], "securityGroupIds": ["sg-1"]}}),
            "subnetIds must be ids of subnets",
        ),
        (
            "group by name",
            json!({"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["default"]}}),
            "securityGroupIds must be ids",
        ),
        (
            "17 subnets",
            json!({"vpcConfig": {"subnetIds": vec!["subnet-1"; 17], "securityGroupIds": ["sg-1"]}}),
            "must have at most 16 items",
        ),
        (
            "six groups",
            json!({"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": vec!["sg-1"; 6]}}),
            "must have at most 5 items",
        ),
        (
            "groups for nothing",
            json!({"replacementSecurityGroupIds": ["sg-1"]}),
            "used with replaceSecurityGroupsOnDestroy",
        ),
        (
            "groups by name",
            json!({"replaceSecurityGroupsOnDestroy": true, "replacementSecurityGroupIds": ["default"]}),
            "replacementSecurityGroupIds must be ids",
        ),
        (
            "two file systems",
            json!({
                "vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
                "fileSystemConfig": [{"arn": point, "localMountPath": "/mnt/a"}, {"arn": point, "localMountPath": "/mnt/b"}],
            }),
            "must have at most 1 item",
        ),
        (
            "too little memory for a vCPU",
            provider(json!({"executionEnvironmentMemoryGibPerVcpu": 1.5})),
            "greater than or equal to 2",
        ),
        (
            "file system itself",
            files("arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1", "/mnt/a"),
            "not of the file system itself",
        ),
        (
            "file system without VPC",
            json!({"fileSystemConfig": [{"arn": point, "localMountPath": "/mnt/a"}]}),
            "set vpcConfig with its subnets",
        ),
        ("mount elsewhere", files(point, "/data"), "must be /mnt/ and one name"),
        ("mount deeper", files(point, "/mnt/a/b"), "must be /mnt/ and one name"),
        ("long mount", files(point, &format!("/mnt/{}", "a".repeat(160))), "localMountPath: Too long"),
        ("empty dead letter", json!({"deadLetterConfig": {}}), "targetArn: Required value"),
        (
            "queue by URL",
            json!({"deadLetterConfig": {"targetArn": "https://sqs/q"}}),
            "whole ARN of an SQS queue or SNS topic",
        ),
        ("queue without a name", json!({"deadLetterConfig": {"targetArn": ""}}), "remove deadLetterConfig"),
        (
            "levels of text",
            json!({"loggingConfig": {"logFormat": "Text", "systemLogLevel": "WARN"}}),
            "log levels need logFormat: JSON",
        ),
        (
            "levels of nothing",
            json!({"loggingConfig": {"applicationLogLevel": "INFO"}}),
            "log levels need logFormat: JSON",
        ),
        ("unknown format", json!({"loggingConfig": {"logFormat": "XML"}}), "logFormat is Text or JSON"),
        (
            "unknown level of the platform",
            json!({"loggingConfig": {"logFormat": "JSON", "systemLogLevel": "LOUD"}}),
            "systemLogLevel is DEBUG, INFO or WARN",
        ),
        (
            "unknown level of the function",
            json!({"loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "info"}}),
            "applicationLogLevel is TRACE, DEBUG",
        ),
        ("group by ARN", json!({"loggingConfig": {"logGroup": "arn:aws:logs:x"}}), "the group's name, not its ARN"),
        ("unknown snapshots", json!({"snapStart": {"applyOn": "All"}}), "applyOn is PublishedVersions or None"),
        ("snapshots of nothing", json!({"snapStart": {}}), "applyOn: Required value"),
        ("unknown tracing", json!({"tracingConfig": {"mode": "On"}}), "mode is Active or PassThrough"),
        (
            "unknown tenancy",
            json!({"tenancyConfig": {"tenantIsolationMode": "NONE"}}),
            "tenantIsolationMode is PER_TENANT",
        ),
        (
            "durable key by alias",
            json!({"durableConfig": {"executionTimeout": 1, "kmsKeyArn": "alias/x"}}),
            "kmsKeyArn must be the key's whole ARN",
        ),
        ("provider by name", provider(json!({"capacityProviderArn": "p"})), "capacityProviderArn must be"),
        (
            "provider without a provider",
            json!({"capacityProviderConfig": {}}),
            "lambdaManagedInstancesCapacityProviderConfig: Required value",
        ),
        ("1 GiB a vCPU", provider(json!({"executionEnvironmentMemoryGibPerVcpu": 1})), "greater than or equal to 2"),
        (
            "1601 at once",
            provider(json!({"perExecutionEnvironmentMaxConcurrency": 1601})),
            "less than or equal to 1600",
        ),
    ]
}

fn environment() -> Vec<Row> {
    const NAME: &str = "hold only letters, digits and _";
    const RESERVED: &str = "credentials come from its role";
    let values = |value: Value| json!({"environment": {"valueFrom": {"AB": value}}});
    let secret = |name: &str, key: &str| json!({"secretKeyRef": {"name": name, "key": key}});
    vec![
        ("credentials as a variable", json!({"environment": {"variables": {"AWS_ACCESS_KEY_ID": "x"}}}), RESERVED),
        ("Lambda's own variable", json!({"environment": {"variables": {"LAMBDA_TASK_ROOT": "x"}}}), RESERVED),
        ("the region from a Secret", json!({"environment": {"valueFrom": {"AWS_REGION": secret("a", "b")}}}), RESERVED),
        ("variable with a dash", json!({"environment": {"variables": {"A-B": "x"}}}), NAME),
        ("variable of one letter", json!({"environment": {"variables": {"A": "x"}}}), NAME),
        ("variable with a leading _", json!({"environment": {"variables": {"_HANDLER": "x"}}}), NAME),
        ("reference with a digit first", json!({"environment": {"valueFrom": {"1A": secret("a", "b")}}}), NAME),
        (
            "variable that is a number",
            json!({"environment": {"variables": {"AB": 1}}}),
            ".spec.environment.variables.AB: expected string",
        ),
        (
            "value of 4097 letters",
            json!({"environment": {"variables": {"AB": "x".repeat(4097)}}}),
            "environment.variables.AB: Too long",
        ),
        (
            "257 variables",
            json!({"environment": {"variables": (0..257).map(|n| (format!("V{n}"), json!(""))).collect::<serde_json::Map<_, _>>()}}),
            "must have at most 256 items",
        ),
        (
            "257 references",
            json!({"environment": {"valueFrom": (0..257).map(|n| (format!("V{n}"), secret("a", "b"))).collect::<serde_json::Map<_, _>>()}}),
            "must have at most 256 items",
        ),
        ("value from nowhere", values(json!({})), "set exactly one of secretKeyRef and configMapKeyRef"),
        (
            "value from two",
            values(json!({"secretKeyRef": {"name": "a", "key": "b"}, "configMapKeyRef": {"name": "a", "key": "b"}})),
            "set exactly one of secretKeyRef",
        ),
        ("value without a key", values(json!({"secretKeyRef": {"name": "a"}})), "secretKeyRef.key: Required value"),
        ("Secret of another namespace", values(secret("other/name", "b")), "name of an object in this namespace"),
        ("key with a blank", values(secret("a", "b c")), "key must be a key of the object"),
        (
            "all from nowhere",
            json!({"environment": {"from": [{"prefix": "A_"}]}}),
            "set exactly one of secretRef and configMapRef",
        ),
        (
            "all from two",
            json!({"environment": {"from": [{"secretRef": {"name": "a"}, "configMapRef": {"name": "a"}}]}}),
            "set exactly one of secretRef and configMapRef",
        ),
        (
            "prefix that no name can have",
            json!({"environment": {"from": [{"prefix": "1-", "secretRef": {"name": "a"}}]}}),
            "prefix must begin with a letter",
        ),
        (
            "17 objects",
            json!({"environment": {"from": vec![json!({"secretRef": {"name": "a"}}); 17]}}),
            "must have at most 16 items",
        ),
    ]
}

fn ours() -> Vec<Row> {
    vec![
        ("unknown code policy", json!({"codePolicy": "Once"}), "supported values: \"Managed\", \"Initial\""),
        ("unknown adoption policy", json!({"adoptionPolicy": "Take"}), "supported values: \"Refuse\", \"Adopt\""),
        ("unknown drift policy", json!({"driftPolicy": "Ignore"}), "supported values: \"Correct\", \"Report\""),
        ("adoption from half an owner", json!({"adoptFrom": "team/hello"}), "adoptFrom must be the whole owner"),
        ("drift looked for all the time", json!({"driftCheckInterval": "9s"}), "between 10s and 24h"),
        ("drift looked for never", json!({"driftCheckInterval": "25h"}), "between 10s and 24h"),
        ("protection in words", json!({"deletionProtection": "yes"}), "deletionProtection"),
        ("drift looked for in words", json!({"driftCheckInterval": "often"}), "between 10s and 24h"),
    ]
}

/// Objects whose own names are wrong.
fn named() -> Vec<Case> {
    let case = |what, name: String, change, words| Case {
        what,
        name: Some(name),
        before: None,
        spec: spec_with(&change),
        refusal: Some(words),
    };
    const RENAME: &str = "set spec.functionName, or rename the object";
    vec![
        case("a dotted name", "a.b".into(), json!({}), RENAME),
        case("a dotted name and an empty functionName", "a.b".into(), json!({"functionName": ""}), RENAME),
        case("a name of 65 letters", "n".repeat(65), json!({}), RENAME),
        case("a name of 128 letters", "n".repeat(128), json!({"functionName": "f"}), "at most 127 characters"),
    ]
}
