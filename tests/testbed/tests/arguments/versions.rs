//! What a version keeps: its image, its snapshot, the function as it was.

use serde_json::json;
use testbed::{Action, Bed, Rule};

use crate::{PROVIDER, account, aws, settled};

#[tokio::test]
async fn a_tag_is_resolved_when_it_is_deployed() {
    let aws = aws(4);
    let first = aws.put_image("team/app", "v1").await.unwrap();
    let uri = aws.image_uri("team/app", "v1");
    let overrides = json!({"PackageType": "Image", "Code": {"ImageUri": uri}, "Publish": true});
    let made = aws.create_function("image", &overrides).await.unwrap();
    assert_eq!(made["CodeSha256"], first.trim_start_matches("sha256:"));
    aws.wait_until_at_rest("image").await.unwrap();
    let second = aws.put_image("team/app", "v1").await.unwrap();
    assert_ne!(first, second);
    let repository = uri.trim_end_matches(":v1");
    let code = json!({"RepositoryType": "ECR", "ImageUri": uri, "ResolvedImageUri": format!("{repository}@{first}")});
    assert_eq!(aws.get_function("image").await.unwrap().1["Code"], code, "the moved tag is not noticed");

    let path = "/2015-03-31/functions/image/code";
    let (status, updated) = settled(&aws, "PUT", path, &json!({"ImageUri": uri})).await;
    assert_eq!((status, &updated["CodeSha256"]), (200, &json!(second.trim_start_matches("sha256:"))));
    aws.wait_until_at_rest("image").await.unwrap();
    let (_, version) = aws.lambda("GET", "/2015-03-31/functions/image?Qualifier=1", None).await.unwrap();
    assert_eq!(version["Code"], code, "a version keeps its image");
    let wanted = json!({"CodeSha256": updated["CodeSha256"]});
    let (status, published) = settled(&aws, "POST", "/2015-03-31/functions/image/versions", &wanted).await;
    assert_eq!((status, &published["Version"]), (201, &json!("2")), "{published}");

    let missing = aws.image_uri("team/app", "v2");
    let text = format!("Source image {missing} does not exist. Provide a valid source image.");
    let (status, refused) = settled(&aws, "PUT", path, &json!({"ImageUri": missing})).await;
    assert_eq!((status, &refused["message"]), (400, &json!(text)));
    let by_digest = format!("{repository}@{first}");
    let (status, updated) = settled(&aws, "PUT", path, &json!({"ImageUri": by_digest})).await;
    assert_eq!((status, &updated["CodeSha256"]), (200, &made["CodeSha256"]));
}

#[tokio::test]
async fn a_snapshot_takes_its_time_and_only_a_version_can_fail() {
    let aws = aws(5);
    let overrides = json!({"SnapStart": {"ApplyOn": "PublishedVersions"}, "Publish": true});
    let made = aws.create_function("snap", &overrides).await.unwrap();
    assert_eq!((&made["Version"], &made["State"]), (&json!("1"), &json!("Pending")));
    let first = aws.wait_until_version_is_at_rest("snap", "1").await.unwrap();
    let on = json!({"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"});
    assert_eq!((&first["State"], &first["SnapStart"]), (&json!("Active"), &on));
    aws.wait_until_at_rest("snap").await.unwrap();

    let versions = "/2015-03-31/functions/snap/versions";
    let (_, again) = settled(&aws, "POST", versions, &json!({})).await;
    assert_eq!(again["Version"], "1", "nothing has changed since the creation");
    aws.change_configuration("snap", &json!({"Timeout": 9})).await.unwrap();
    let (status, second) = settled(&aws, "POST", versions, &json!({})).await;
    assert_eq!(status, 201, "{second}");
    assert_eq!((&second["Version"], &second["State"]), (&json!("2"), &json!("Pending")));
    assert_eq!(second["StateReasonCode"], "Creating");
    let second = aws.wait_until_version_is_at_rest("snap", "2").await.unwrap();
    assert_eq!((&second["State"], &second["SnapStart"]), (&json!("Active"), &on));

    let manners = Bed::from_env().unwrap().manners();
    let failed = json!({"Configuration": {"State": "Failed", "StateReasonCode": "FunctionError.InitTimeout"}});
    let rule = Rule::new("failed", Action::PatchAnswer(failed)).account(&account(5)).qualifier("2");
    manners.add(&rule).await.unwrap();
    assert_eq!(aws.wait_until_version_is_at_rest("snap", "2").await.unwrap()["State"], "Failed");
    assert_eq!(aws.wait_until_version_is_at_rest("snap", "1").await.unwrap()["State"], "Active");
    let latest = aws.wait_until_at_rest("snap").await.unwrap();
    assert_eq!((&latest["State"], &latest["SnapStart"]["OptimizationStatus"]), (&json!("Active"), &json!("Off")));
    assert_eq!(aws.list_versions("snap").await.unwrap().len(), 3);
}

#[tokio::test]
async fn latest_published_is_a_copy_of_latest() {
    let aws = aws(6);
    let provider = json!({"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}});
    let overrides = json!({"CapacityProviderConfig": provider, "Publish": true, "PublishTo": "LATEST_PUBLISHED"});
    let made = aws.create_function("lp", &overrides).await.unwrap();
    assert_eq!(made["Version"], "$LATEST.PUBLISHED");
    let qualified = "/2015-03-31/functions/lp?Qualifier=%24LATEST.PUBLISHED";
    let (_, pending) = aws.lambda("GET", qualified, None).await.unwrap();
    assert_eq!(pending["Configuration"]["State"], "Pending");
    let published = aws.wait_until_version_is_at_rest("lp", "%24LATEST.PUBLISHED").await.unwrap();
    assert_eq!((&published["State"], &published["Version"]), (&json!("Active"), &json!("$LATEST.PUBLISHED")));
    assert!(published["FunctionArn"].as_str().unwrap().ends_with(":function:lp:$LATEST.PUBLISHED"));
    assert_eq!(aws.list_versions("lp").await.unwrap().len(), 1, "it has no number");

    aws.wait_until_at_rest("lp").await.unwrap();
    aws.change_configuration("lp", &json!({"MemorySize": 4096})).await.unwrap();
    aws.wait_until_at_rest("lp").await.unwrap();
    assert_eq!(aws.lambda("GET", qualified, None).await.unwrap().1["Configuration"]["MemorySize"], 2048);
    let to = json!({"PublishTo": "LATEST_PUBLISHED"});
    let (status, again) = settled(&aws, "POST", "/2015-03-31/functions/lp/versions", &to).await;
    assert_eq!((status, &again["MemorySize"], &again["State"]), (201, &json!(4096), &json!("Pending")));
    let (status, _) = aws.lambda("DELETE", "/2015-03-31/functions/lp", None).await.unwrap();
    assert_eq!(status, 204);
    assert_eq!(aws.lambda("GET", qualified, None).await.unwrap().0, 404);
}
