//! Values that are empty, or AWS's defaults written down, are no difference. What is taken at all: tests/admission_function.

use serde_json::{Value, json};

use support::world::{World, spec_with};

fn nothing_said() -> Vec<(&'static str, Value)> {
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
    ]
}

#[tokio::test]
async fn empty_and_default_values_plan_nothing_beyond_the_creation() {
    let world = World::new().await;
    for (name, change) in nothing_said() {
        world.settle(name, &spec_with(&change)).await;
        let before = world.manners().mark().await.unwrap();
        world.settle(name, &spec_with(&json!({}))).await;
        assert_eq!(support::world::writes(&world.calls_since(before).await), [""; 0], "{name}");
    }
}
