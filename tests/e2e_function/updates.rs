//! Every field changes in place, all in one edit, and goes back to AWS's default when it is removed.

use serde_json::{Value, json};

use support::world::{World, operations, spec, spec_with, status, writes, zip};

fn changed(network: &testbed::DefaultNetwork, layer: &str) -> Value {
    json!({
        "handler": "other.run",
        "runtime": "python3.12",
        "role": "arn:aws:iam::123456789012:role/other",
        "description": "what it is for",
        "memorySize": 256,
        "timeout": 30,
        "architectures": ["arm64"],
        "environment": {"variables": {"STAGE": "prod", "EMPTY": ""}},
        "layers": [layer],
        "vpcConfig": {"subnetIds": [network.subnet], "securityGroupIds": [network.security_group]},
        "tags": {"team": "a", "cost:center": "7"},
        "reservedConcurrentExecutions": 5,
        "codeFrom": {"inline": {"main.py": null, "other.py": "def run(event, context): return 'two'"}},
    })
}

/// AWS says "none" in many ways.
fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        other => other.is_null(),
    })
}

async fn layer(world: &World) -> String {
    let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
    let body = json!({"Content": {"ZipFile": zip}});
    let (status, answer) = world.aws.lambda("POST", "/2018-10-31/layers/lib/versions", Some(&body)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    answer["LayerVersionArn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_field_changes_in_one_edit_and_resets_in_another() {
    let world = World::new().await;
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let layer = layer(&world).await;
    world.settle("hello", &spec()).await;
    let fresh = world.function("hello").await.unwrap();

    let before = world.manners().mark().await.unwrap();
    let object = world.settle("hello", &spec_with(&changed(&network, &layer))).await;
    let function = world.function("hello").await.unwrap();
    let configuration = &function["Configuration"];
    assert_eq!(configuration["Handler"], "other.run");
    assert_eq!(configuration["Runtime"], "python3.12");
    assert_eq!(configuration["Role"], "arn:aws:iam::123456789012:role/other");
    assert_eq!(configuration["Description"], "what it is for");
    assert_eq!((&configuration["MemorySize"], &configuration["Timeout"]), (&json!(256), &json!(30)));
    assert_eq!(configuration["Architectures"], json!(["arm64"]));
    assert_eq!(configuration["Environment"]["Variables"], json!({"STAGE": "prod", "EMPTY": ""}));
    assert_eq!(configuration["Layers"][0]["Arn"], json!(layer));
    assert_eq!(configuration["VpcConfig"]["SubnetIds"], json!([network.subnet]));
    assert_eq!(function["Tags"]["cost:center"], "7");
    assert_eq!(function["Concurrency"]["ReservedConcurrentExecutions"], 5);
    assert_eq!(status(&object).vpc_id.as_deref(), Some(&*network.vpc));
    let calls = world.calls_since(before).await;
    let expected = ["UpdateFunctionConfiguration", "UpdateFunctionCode", "PutFunctionConcurrency", "TagResource"];
    assert_eq!(writes(&calls), expected, "only the groups that differ, once each: {:?}", operations(&calls));

    world.settle("hello", &spec_with(&json!({"architectures": ["x86_64"]}))).await;
    let restored = world.function("hello").await.unwrap();
    for field in [
        "Handler",
        "Runtime",
        "Role",
        "Description",
        "MemorySize",
        "Timeout",
        "Architectures",
        "CodeSha256",
        "LoggingConfig",
    ] {
        assert_eq!(restored["Configuration"][field], fresh["Configuration"][field], "{field}");
    }
    for field in ["/Layers", "/VpcConfig/SubnetIds", "/Environment/Variables"] {
        assert!(is_empty(restored["Configuration"].pointer(field)), "{field} in {restored:#}");
    }
    assert_eq!(restored["Tags"], fresh["Tags"]);
    assert_eq!(restored.get("Concurrency"), None);
}

#[tokio::test]
async fn the_architecture_stays_when_it_is_removed_from_the_spec() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"architectures": ["arm64"]}))).await;
    let changed = json!({"codeFrom": {"inline": {"main.py": "def handler(event, context): return 'two'"}}});
    world.settle("hello", &spec_with(&changed)).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["Architectures"], json!(["arm64"]));
    assert_eq!(world.invoke("hello").await, "two");
}

#[tokio::test]
async fn empty_means_absent_and_an_explicit_default_is_no_difference() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    let explicit = json!({
        "description": "", "memorySize": 128, "timeout": 3, "layers": [], "tags": {}, "environment": {}, "timeouts": {},
        "vpcConfig": {"subnetIds": [], "securityGroupIds": []}, "reservedConcurrentExecutions": -1, "publish": false,
        "functionName": "hello", "region": "eu-west-1", "s3Bucket": "", "s3Key": "",
    });
    world.settle("hello", &spec_with(&explicit)).await;
    assert_eq!(operations(&world.calls_since(before).await), ["GetFunction"]);
}

#[tokio::test]
async fn a_package_in_s3_is_deployed_once_and_again_for_each_version() {
    let world = World::new().await;
    let package = |text: &str| zip("main.py", &format!("def handler(event, context): return '{text}'"));
    world.aws.put_object("code", "p.zip", b"").await.unwrap();
    world.aws.keep_versions("code").await.unwrap();
    let one = world.aws.put_object("code", "p.zip", &package("one")).await.unwrap().unwrap();
    let two = world.aws.put_object("code", "p.zip", &package("two")).await.unwrap().unwrap();
    let at = |version: &str| {
        spec_with(&json!({"codeFrom": null, "s3Bucket": "code", "s3Key": "p.zip", "s3ObjectVersion": version}))
    };
    world.settle("hello", &at(&one)).await;
    assert_eq!(world.invoke("hello").await, "one");
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &at(&two)).await;
    assert_eq!(world.invoke("hello").await, "two");
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionCode"]);
}

#[tokio::test]
async fn server_side_apply_removes_emptied_maps_and_lists() {
    let world = World::new().await;
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let layer = layer(&world).await;
    world.settle("hello", &spec_with(&changed(&network, &layer))).await;
    let mut emptied = spec_with(&changed(&network, &layer));
    for (path, empty) in [
        ("/tags", json!({})),
        ("/environment/variables", json!({})),
        ("/layers", json!([])),
        ("/vpcConfig/subnetIds", json!([])),
        ("/vpcConfig/securityGroupIds", json!([])),
    ] {
        *emptied.pointer_mut(path).unwrap() = empty;
    }
    world.settle("hello", &emptied).await;
    let function = world.function("hello").await.unwrap();
    for field in ["/Layers", "/VpcConfig/SubnetIds", "/VpcConfig/SecurityGroupIds", "/Environment/Variables"] {
        assert!(is_empty(function["Configuration"].pointer(field)), "{field} in {function:#}");
    }
    assert_eq!(function["Tags"].as_object().unwrap().len(), 1, "the owner's alone: {}", function["Tags"]);
}
