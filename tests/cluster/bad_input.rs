//! Bad input gets a sentence that says what to do: from the API server where the object alone tells, else from AWS.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::world::{World, spec, spec_with};

/// What is refused at `kubectl apply`, and words of the sentence that says why.
fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let long = "n".repeat(65);
    vec![
        ("unknown field", json!({"memory": 128}), "field not declared in schema"),
        ("missing role", json!({"role": null}), "spec.role: Required value"),
        ("role by name", json!({"role": "hello"}), "role must be the role's whole ARN"),
        ("no code", json!({"codeFrom": null}), "set exactly one source of code"),
        ("two codes", json!({"s3Bucket": "b", "s3Key": "k"}), "set exactly one source of code"),
        ("empty inline", json!({"codeFrom": {"inline": {"main.py": null}}}), "set exactly one source of code"),
        ("bucket without key", json!({"codeFrom": null, "s3Bucket": "b"}), "s3Bucket and s3Key go together"),
        ("version without bucket", json!({"s3ObjectVersion": "v"}), "set s3Bucket and s3Key too"),
        ("absolute path", json!({"codeFrom": {"inline": {"/main.py": "x"}}}), "must be relative"),
        ("path out", json!({"codeFrom": {"inline": {"../main.py": "x"}}}), "no .."),
        ("memory 127", json!({"memorySize": 127}), "should be greater than or equal to 128"),
        ("memory 32769", json!({"memorySize": 32769}), "should be less than or equal to 32768"),
        ("timeout 0", json!({"timeout": 0}), "should be greater than or equal to 1"),
        ("timeout 5401", json!({"timeout": 5401}), "should be less than or equal to 5400"),
        ("six layers", json!({"layers": ["a", "b", "c", "d", "e", "f"]}), "must have at most 5 items"),
        (
            "subnet alone",
            json!({"vpcConfig": {"subnetIds": ["subnet-1"]}}),
            "subnetIds and securityGroupIds go together",
        ),
        (
            "group alone",
            json!({"vpcConfig": {"securityGroupIds": ["sg-1"]}}),
            "subnetIds and securityGroupIds go together",
        ),
        ("long name", json!({"functionName": long}), "may not be more than 64 bytes"),
        ("name with a dot", json!({"functionName": "a.b"}), "1 to 64 letters, digits, - or _"),
        ("name by ARN", json!({"functionName": "arn:aws:lambda:eu-west-1:1:function:f"}), "not an ARN"),
        ("changed name", json!({"functionName": "another"}), "spec.functionName cannot be changed"),
        ("region of another place", json!({"region": "us-east-1"}), "spec.region cannot be changed"),
        ("region with blanks", json!({"region": "EU West"}), "code of an AWS region"),
        ("no runtime", json!({"runtime": null}), "set runtime (for instance"),
        ("no handler", json!({"handler": null}), "and handler (for instance"),
        ("handler with a blank", json!({"handler": "main .handler"}), "must not contain spaces"),
        ("unknown architecture", json!({"architectures": ["riscv"]}), "supported values: \"x86_64\", \"arm64\""),
        ("two architectures", json!({"architectures": ["arm64", "x86_64"]}), "must have at most 1 item"),
        ("reserved tag", json!({"tags": {"aws:x": "y"}}), "reserved: rename the tag"),
        ("our tag", json!({"tags": {"lambda-operator.io/owner": "me"}}), "reserved: rename the tag"),
        (
            "credentials as a variable",
            json!({"environment": {"variables": {"AWS_ACCESS_KEY_ID": "x"}}}),
            "credentials come from its role",
        ),
        (
            "variable with a dash",
            json!({"environment": {"variables": {"A-B": "x"}}}),
            "hold only letters, digits and _",
        ),
        ("concurrency below -1", json!({"reservedConcurrentExecutions": -2}), "greater than or equal to -1"),
        ("timeout in words", json!({"timeouts": {"create": "soon"}}), "written as 90s, 10m or 1h30m"),
        ("all sources at once", json!({"filename": "p.zip", "imageUri": "r/app:1"}), "set exactly one source of code"),
        ("way out of the folder", json!({"codeFrom": null, "filename": "../p.zip"}), "no leading / and no .."),
        ("image with a runtime", json!({"codeFrom": null, "imageUri": "r/app:1"}), "brings its own runtime, handler"),
        ("image with a scheme", json!({"imageUri": "https://r/app:1"}), "without a scheme"),
        ("zip in lower case", json!({"packageType": "zip"}), "Zip or Image, with a capital letter"),
        ("image type without image", json!({"packageType": "Image"}), "make them agree, or remove packageType"),
        (
            "from zip to image",
            json!({"codeFrom": null, "runtime": null, "handler": null, "imageUri": "r/app:1"}),
            "cannot change between zip and image",
        ),
        ("image config of a zip", json!({"imageConfig": {"command": ["x"]}}), "set imageUri, or remove imageConfig"),
        ("key id instead of an ARN", json!({"kmsKeyArn": "alias/x"}), "the key's whole ARN"),
        ("source key id", json!({"sourceKmsKeyArn": "alias/x"}), "the key's whole ARN"),
        ("signing by name", json!({"codeSigningConfigArn": "csc-1"}), "whole ARN of a code signing configuration"),
        ("empty dead letter", json!({"deadLetterConfig": {}}), "targetArn: Required value"),
        (
            "queue by URL",
            json!({"deadLetterConfig": {"targetArn": "https://sqs/q"}}),
            "whole ARN of an SQS queue or SNS topic",
        ),
        ("tiny /tmp", json!({"ephemeralStorage": {"size": 511}}), "greater than or equal to 512"),
        (
            "file system itself",
            json!({"fileSystemConfig": [{"arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1", "localMountPath": "/mnt/a"}]}),
            "not of the file system itself",
        ),
        (
            "file system without VPC",
            json!({"fileSystemConfig": [{"arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1", "localMountPath": "/mnt/a"}]}),
            "set vpcConfig with its subnets",
        ),
        (
            "mount elsewhere",
            json!({"fileSystemConfig": [{"arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1", "localMountPath": "/data"}]}),
            "must be /mnt/ and one name",
        ),
        (
            "levels of text",
            json!({"loggingConfig": {"logFormat": "Text", "systemLogLevel": "WARN"}}),
            "log levels need logFormat: JSON",
        ),
        ("unknown format", json!({"loggingConfig": {"logFormat": "XML"}}), "logFormat is Text or JSON"),
        (
            "unknown level",
            json!({"loggingConfig": {"logFormat": "JSON", "systemLogLevel": "LOUD"}}),
            "systemLogLevel is DEBUG, INFO or WARN",
        ),
        ("group by ARN", json!({"loggingConfig": {"logGroup": "arn:aws:logs:x"}}), "the group's name, not its ARN"),
        ("unknown snapshots", json!({"snapStart": {"applyOn": "All"}}), "applyOn is PublishedVersions or None"),
        ("unknown tracing", json!({"tracingConfig": {"mode": "On"}}), "mode is Active or PassThrough"),
        (
            "tenancy later",
            json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}}),
            "tenancyConfig cannot be added",
        ),
        ("durable later", json!({"durableConfig": {"executionTimeout": 60}}), "durableConfig cannot be added"),
        (
            "provider later",
            json!({"capacityProviderConfig": {"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": "arn:x"}}}),
            "capacityProviderConfig cannot be added",
        ),
        ("unknown publishTo", json!({"publishTo": "LATEST"}), "LATEST_PUBLISHED, or left out"),
        (
            "groups for nothing",
            json!({"replacementSecurityGroupIds": ["sg-1"]}),
            "used with replaceSecurityGroupsOnDestroy",
        ),
        ("unknown policy", json!({"codePolicy": "Once"}), "supported values: \"Managed\", \"Initial\""),
        (
            "value from nowhere",
            json!({"environment": {"valueFrom": {"AB": {}}}}),
            "set exactly one of secretKeyRef and configMapKeyRef",
        ),
        (
            "value from two",
            json!({"environment": {"valueFrom": {"AB": {"secretKeyRef": {"name": "a", "key": "b"}, "configMapKeyRef": {"name": "a", "key": "b"}}}}}),
            "set exactly one of secretKeyRef",
        ),
        (
            "all from nowhere",
            json!({"environment": {"from": [{"prefix": "A_"}]}}),
            "set exactly one of secretRef and configMapRef",
        ),
        ("function by ARN", json!({"functionName": "arn:aws:lambda:eu-west-1:123456789012:function:f"}), "not an ARN"),
        ("long description", json!({"description": "d".repeat(257)}), "may not be more than 256 bytes"),
    ]
}

#[tokio::test]
async fn what_the_object_alone_tells_is_refused_at_apply_with_a_sentence() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    let mut wrong = Vec::new();
    for (case, change, words) in refused() {
        match world.try_apply("hello", &spec_with(&change)).await {
            Ok(_) => wrong.push(format!("{case}: accepted")),
            Err(error) if error.to_string().contains(words) => {}
            Err(error) => wrong.push(format!("{case}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.calls_since(before).await.len(), 0, "AWS was not asked");
}

#[tokio::test]
async fn an_objects_name_that_lambda_cannot_take_needs_a_function_name() {
    let world = World::new().await;
    for name in ["a.b".to_owned(), "n".repeat(65)] {
        let error = world.try_apply(&name, &spec()).await.unwrap_err().to_string();
        assert!(error.contains("set spec.functionName, or rename the object"), "{error}");
    }
    world.settle("a.b", &spec_with(&json!({"functionName": "a-b"}))).await;
    assert!(world.function("a-b").await.is_some());
}

async fn warnings(world: &World, name: &str) -> Vec<String> {
    let events = world.events(name).await.into_iter().filter(|event| event.type_.as_deref() == Some("Warning"));
    events.filter_map(|event| event.note).collect()
}

#[tokio::test]
async fn what_only_aws_can_tell_stalls_with_awss_words_one_event_and_heals_at_once() {
    let world = World::new().await;
    let cases = [
        ("runtime", json!({"runtime": "python2.9"}), "python2.9"),
        ("role", json!({"role": "arn:aws:iam::12:role/x"}), "failed to satisfy constraint"),
        ("key", json!({"codeFrom": null, "s3Bucket": "nobucket", "s3Key": "k"}), "NoSuchBucket"),
    ];
    for (name, change, words) in cases {
        world.apply(name, &spec_with(&change)).await;
        let message = world.stalled(name, "Rejected").await;
        assert!(
            message.contains(words) && message.ends_with("Correct the spec; the operator looks at once."),
            "{message}"
        );
        let told = world
            .until("the Event", async |world: &World| match warnings(world, name).await {
                notes if notes.is_empty() => Err("none".into()),
                notes => Ok(notes),
            })
            .await;
        assert!(told[0].contains(words), "{told:?}");
        assert_eq!(world.function(name).await, None);
        world.settle(name, &spec()).await;
        assert_eq!(warnings(&world, name).await.len(), 1, "one for each call for help");
    }
    let creations = world.calls().await.iter().filter(|call| call.operation == "CreateFunction").count();
    assert_eq!(creations, 6, "one refused and one good for each: nothing is tried again hot");
}

#[tokio::test]
async fn a_role_that_may_only_be_new_is_waited_for_then_a_person_is_asked_then_it_heals() {
    let world = World::new().await;
    let text = "The role defined for the function cannot be assumed by Lambda.";
    let rule =
        Rule::new("new role", Action::error(400, "InvalidParameterValueException", text)).account(&world.account);
    let rule = world.manners().add(&rule.operation("CreateFunction")).await.unwrap();
    world.apply("hello", &spec_with(&json!({"timeouts": {"create": "4s"}}))).await;
    let waiting = world.condition("hello", "Reconciling", "True", Some("WaitingForIAM")).await;
    let message = crate::world::message(&waiting, "Reconciling");
    assert!(message.contains(text) && message.contains("trust policy names lambda.amazonaws.com"), "{message}");
    let message = world.stalled("hello", "TimedOut").await;
    assert!(message.contains("4 s") && message.contains(text), "{message}");
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn an_environment_over_4_kb_is_refused_without_asking_aws_and_without_its_values() {
    let world = World::new().await;
    let big = json!({"environment": {"variables": {"BIG": "s3cr3t".repeat(680), "SMALL": "x"}}});
    world.apply("hello", &spec_with(&big)).await;
    let message = world.stalled("hello", "InvalidSpec").await;
    assert!(message.contains("BIG") && message.contains("4096"), "{message}");
    assert_eq!(world.calls().await.len(), 0);
    assert!(!world.operator.log().contains("s3cr3t"));
}
