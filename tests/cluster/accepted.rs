//! Manifests as people and templates write them are taken as they are.

use serde_json::{Value, json};

use crate::world::{World, spec_with};

fn accepted() -> Vec<(&'static str, Value)> {
    let image = json!({"codeFrom": null, "runtime": null, "handler": null, "layers": []});
    let from = |uri: &str| {
        let mut spec = image.clone();
        spec["imageUri"] = json!(uri);
        spec
    };
    let digest = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    vec![
        (
            "empty-everything",
            json!({
                "layers": [], "tags": {}, "vpcConfig": {"subnetIds": [], "securityGroupIds": []}, "environment": {"variables": {}, "valueFrom": {}, "from": []},
                "timeouts": {}, "kmsKeyArn": "", "codeSigningConfigArn": "", "sourceCodeHash": "", "description": "", "s3Bucket": "", "s3Key": "",
                "s3ObjectVersion": "", "filename": "", "imageUri": "", "sourceKmsKeyArn": "", "codeSha256": "", "publishTo": "", "functionName": "",
                "region": "", "fileSystemConfig": [], "replacementSecurityGroupIds": [], "imageConfig": {}, "loggingConfig": {"logFormat": "", "logGroup": ""},
            }),
        ),
        (
            "explicit-defaults",
            json!({
                "memorySize": 128, "timeout": 3, "reservedConcurrentExecutions": -1, "ephemeralStorage": {"size": 512}, "packageType": "Zip",
                "tracingConfig": {"mode": "PassThrough"}, "publish": false, "skipDestroy": false, "architectures": ["x86_64"],
                "snapStart": {"applyOn": "None"}, "loggingConfig": {"logFormat": "Text"}, "codePolicy": "Managed", "adoptionPolicy": "Refuse",
            }),
        ),
        ("hash-in-hex", json!({"sourceCodeHash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"})),
        ("hashes-joined", json!({"sourceCodeHash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=-d41d8cd98f00b204"})),
        (
            "layers-of-others",
            json!({"layers": [
            "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53", "arn:aws:lambda:::awslayer:AmazonLinux2023:1"]}),
        ),
        ("image-by-digest", from(digest)),
        ("image-without-tag", from("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app")),
        ("image-with-a-hash", {
            let mut spec = from(digest);
            spec["sourceCodeHash"] = json!("x");
            spec
        }),
        ("handler-in-a-folder", json!({"handler": "src/app/main.handler"})),
        ("handler-in-java", json!({"handler": "com.example.Main::handle", "runtime": "java21"})),
        ("handler-in-scala", json!({"handler": "main.M::C.process", "runtime": "java17"})),
        ("handler-of-a-binary", json!({"handler": "./bootstrap", "runtime": "provided.al2023"})),
        ("tags-with-colons", json!({"tags": {"kubernetes.io/cluster:prod": "", "Cost Center": "7+7=14"}})),
        ("dead-runtime", json!({"runtime": "nodejs12.x"})),
        ("odd-memory", json!({"memorySize": 1769})),
        ("long-timeout", json!({"timeout": 5400})),
        ("role-with-a-path", json!({"role": "arn:aws-us-gov:iam::123456789012:role/service/lambda/hello"})),
        (
            "values-of-all-kinds",
            json!({"environment": {"variables": {"JSON": "{\"a\": [1]}", "EMPTY": "", "LINES": "a\nb", "UNICODE": "ß"}}}),
        ),
    ]
}

#[tokio::test]
async fn what_people_write_is_accepted() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for (name, change) in accepted() {
        if let Err(error) = world.try_dry_run(name, &spec_with(&change)).await {
            wrong.push(format!("{name}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn empty_and_default_values_plan_nothing_beyond_the_creation() {
    let world = World::new().await;
    for (name, change) in accepted().into_iter().take(2) {
        world.settle(name, &spec_with(&change)).await;
        let before = world.manners().mark().await.unwrap();
        world.settle(name, &spec_with(&json!({}))).await;
        assert_eq!(crate::world::writes(&world.calls_since(before).await), [""; 0], "{name}");
    }
}
