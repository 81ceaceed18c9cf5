//! What a namespace does not allow asks nobody: neither Lambda nor STS hears of it.

use serde_json::{Value, json};
use testbed::Filter;

use support::world::{World, spec, spec_with, writes};

/// Has every object refused with a sentence that names the annotation; counts what AWS heard meanwhile.
async fn refused_without_a_call(arguments: &[&str], annotations: &[&str], objects: &[(&str, Value, &str)]) {
    let world = World::with(arguments).await;
    // Its start may ask whose credentials it has.
    let before = world.manners().mark().await.unwrap();
    let role = format!("role-arn=arn:aws:iam::6{}:role/team", &world.account[1..]);
    for annotation in annotations.iter().copied().chain([role.as_str()]) {
        let annotation = format!("lambda-operator.io/{annotation}");
        world.bed.kubectl_ok(&["annotate", "namespace", &world.namespace, &annotation], None).await.unwrap();
    }
    for (name, spec, word) in objects {
        world.apply(name, spec).await;
        let sentence = world.stalled(name, "NotAllowed").await;
        assert!(sentence.contains(word), "{name}: {sentence}");
        assert!(world.objects().get(name).await.unwrap().metadata.finalizers.is_none(), "nothing to wait for");
        world.delete(name).await;
        world.gone(name).await;
    }
    let heard = Filter {
        agent: Some("*/*".to_owned()),
        since: Some(before),
        account: Some(format!("?{}", &world.account[1..])),
        ..Filter::default()
    };
    let heard = world.manners().calls(&heard).await.unwrap();
    assert!(heard.is_empty(), "{heard:?}");
}

#[tokio::test]
async fn a_forbidden_role_name_or_adoption_makes_no_aws_call() {
    let annotations =
        ["allowed-roles=arn:aws:iam::*:role/team-*", "allowed-function-names=team-*", "allow-adoption=false"];
    let team = json!({"role": "arn:aws:iam::123456789012:role/team-a", "functionName": "team-hello"});
    let with = |change: Value| {
        let mut spec = spec_with(&team);
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    };
    let objects = [
        ("role", with(json!({"role": "arn:aws:iam::123456789012:role/admin"})), "allowed-roles"),
        ("name", with(json!({"functionName": "payments"})), "allowed-function-names"),
        ("adopts", with(json!({"adoptionPolicy": "Adopt"})), "allow-adoption"),
        ("moves", with(json!({"adoptFrom": "test/elsewhere/hello"})), "allow-adoption"),
    ];
    refused_without_a_call(&[], &annotations, &objects).await;
}

#[tokio::test]
async fn a_required_policy_makes_no_aws_call_by_default() {
    let objects = [
        ("hello", spec(), "allowed-roles"),
        ("adopts", spec_with(&json!({"adoptionPolicy": "Adopt"})), "allowed-roles"),
    ];
    refused_without_a_call(&["--require-namespace-policy"], &[], &objects).await;
    let annotations = ["allowed-roles=*", "allowed-function-names=*"];
    let rest = [
        ("adopts", spec_with(&json!({"adoptionPolicy": "Adopt"})), "allow-adoption"),
        ("hello", spec(), "allowed-regions"),
    ];
    refused_without_a_call(&["--require-namespace-policy"], &annotations, &rest).await;
}

/// Buckets, images, networks and keys of others: the operator's identity may use them, so AWS would.
#[tokio::test]
async fn whatever_aws_would_do_in_the_operators_name_is_bounded_without_a_call() {
    let annotations = [
        "allowed-packages=team-a/*",
        "allowed-buckets=team-a-*",
        "allowed-images=*/team-a/*",
        "allowed-layers=arn:aws:lambda:*:123456789012:layer:*",
        "allowed-subnets=",
        "allowed-security-groups=sg-0a",
        "allowed-kms-keys=arn:aws:kms:*:123456789012:key/*",
        "allowed-regions=eu-*",
        "max-reserved-concurrency=10",
    ];
    let code = |change: Value| {
        let mut all = json!({"codeFrom": null});
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec_with(&all)
    };
    let image = json!({
        "imageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team-b/payments:1", "runtime": null, "handler": null,
    });
    let network =
        |subnet: &str, group: &str| json!({"vpcConfig": {"subnetIds": [subnet], "securityGroupIds": [group]}});
    let key = "arn:aws:kms:eu-west-1:999999999999:key/1";
    let objects = [
        ("package", code(json!({"filename": "team-b/payments.zip"})), "allowed-packages"),
        ("bucket", code(json!({"s3Bucket": "team-b-code", "s3Key": "payments.zip"})), "allowed-buckets"),
        ("image", code(image), "allowed-images"),
        (
            "layer",
            spec_with(&json!({"layers": ["arn:aws:lambda:eu-west-1:999999999999:layer:tools:1"]})),
            "allowed-layers",
        ),
        ("subnet", spec_with(&network("subnet-0a", "sg-0a")), "allowed-subnets"),
        ("key", spec_with(&json!({"kmsKeyArn": key})), "allowed-kms-keys"),
        ("package-key", spec_with(&json!({"sourceKmsKeyArn": key})), "allowed-kms-keys"),
        ("region", spec_with(&json!({"region": "us-east-1"})), "allowed-regions"),
        ("concurrency", spec_with(&json!({"reservedConcurrentExecutions": 900})), "max-reserved-concurrency"),
    ];
    refused_without_a_call(&[], &annotations, &objects).await;
    let group = [("group", spec_with(&network("subnet-0a", "sg-0b")), "allowed-security-groups")];
    refused_without_a_call(&[], &["allowed-security-groups=sg-0a"], &group).await;
    let unsigned = [("unsigned", spec(), "require-code-signing")];
    refused_without_a_call(&[], &["require-code-signing=true"], &unsigned).await;
    let misspelt = [("misspelt", spec(), "lambda-operator.io/allowed-role of the Namespace")];
    refused_without_a_call(&[], &["allowed-role=*"], &misspelt).await;
}

/// The region that nobody names in the object: it resolves to the namespace's, or to the operator's.
#[tokio::test]
async fn a_region_is_judged_as_it_resolves() {
    refused_without_a_call(&[], &["allowed-regions=eu-central-1"], &[("own", spec(), "the region eu-west-1")]).await;
    let annotations = ["region=us-east-1", "allowed-regions=eu-west-1"];
    refused_without_a_call(&[], &annotations, &[("theirs", spec(), "the region us-east-1")]).await;
}

#[tokio::test]
async fn an_alias_is_bounded_by_function_name_and_region_and_can_always_be_deleted() {
    let world = World::new().await;
    let annotate = async |annotation: &str| {
        let annotation = format!("lambda-operator.io/{annotation}");
        world
            .bed
            .kubectl_ok(&["annotate", "--overwrite", "namespace", &world.namespace, &annotation], None)
            .await
            .unwrap();
    };
    world.settle("hello", &spec()).await;
    annotate("allowed-function-names=hello").await;
    let before = world.manners().mark().await.unwrap();
    world.aliases().apply("other", &json!({"functionName": "payments", "functionVersion": "1"})).await;
    let sentence = world.aliases().says("other", "Stalled", "NotAllowed").await;
    assert!(sentence.contains("allowed-function-names") && sentence.contains("payments"), "{sentence}");
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "$LATEST"})).await;
    annotate("allowed-function-names=team-*").await;
    let sentence = world.aliases().says("live", "Stalled", "NotAllowed").await;
    assert!(sentence.contains("a function named hello"), "{sentence}");
    let calls = world.calls_since(before).await;
    assert!(calls.iter().all(|call| call.function.as_deref() != Some("payments")), "{calls:?}");
    annotate("allowed-function-names=*").await;
    world.aliases().is_ready("live").await;
    annotate("allowed-regions=us-*").await;
    let sentence = world.aliases().says("live", "Stalled", "NotAllowed").await;
    assert!(sentence.contains("the region eu-west-1"), "{sentence}");
    for name in ["live", "other"] {
        world.aliases().delete(name).await;
        world.aliases().is_gone(name).await;
    }
    assert_eq!(world.alias("hello", "live").await, None);
}

/// A tenant that leaves a field to others gets no more from what they put there than the namespace allows.
#[tokio::test]
async fn code_never_runs_with_a_role_in_aws_that_the_namespace_does_not_allow() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    world.allow_adoption().await;
    let bound = "lambda-operator.io/allowed-roles=arn:aws:iam::*:role/team-*";
    world.bed.kubectl_ok(&["annotate", "namespace", &world.namespace, bound], None).await.unwrap();
    let (team, admin) = ("arn:aws:iam::123456789012:role/team-a", "arn:aws:iam::123456789012:role/admin");
    world.aws.create_function("strong", &json!({"Role": admin})).await.unwrap();
    world.aws.wait_until_at_rest("strong").await.unwrap();
    let before = world.manners().mark().await.unwrap();
    let mut spec = spec_with(&json!({"role": team, "adoptionPolicy": "Adopt", "ignoreChanges": ["role"]}));
    world.apply("strong", &spec).await;
    let sentence = world.stalled("strong", "NotAllowed").await;
    assert!(sentence.contains("remove role from ignoreChanges") && !sentence.contains(admin), "{sentence}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0], "not even the owner tag");

    spec.as_object_mut().unwrap().remove("ignoreChanges");
    world.settle("strong", &spec).await;
    assert_eq!(
        writes(&world.calls_since(before).await),
        ["TagResource", "UpdateFunctionConfiguration", "UpdateFunctionCode"],
        "its role is replaced before it gets other code"
    );

    world.aws.change_configuration("strong", &json!({"Role": admin})).await.unwrap();
    world.aws.wait_until_at_rest("strong").await.unwrap();
    let before = world.manners().mark().await.unwrap();
    spec["ignoreChanges"] = json!(["role"]);
    spec["codeFrom"]["inline"]["main.py"] = json!("def handler(event, context): return 'two'");
    world.apply("strong", &spec).await;
    let sentence = world.stalled("strong", "NotAllowed").await;
    assert!(sentence.contains(admin) && sentence.contains("allowed-roles"), "{sentence}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    world.delete("strong").await;
    world.gone("strong").await;
    assert_eq!(world.function("strong").await, None, "nothing holds a deletion");
}
