//! Ownership of a code signing configuration: after a lost answer, after a lost status, and at an adoption.

use kube::api::{Patch, PatchParams};
use serde_json::json;
use support::signing_configs::{PROFILE, signing_arn, signing_spec};
use support::world::World;
use testbed::Match;

#[tokio::test]
async fn a_creation_without_an_answer_is_found_by_its_owner_tag() {
    let world = World::new().await;
    let scope = Match { account: Some(world.account.clone()), agent: Some("*/*".into()), ..Match::default() };
    world.manners().switch_on("signing-create-lost", &scope).await.unwrap();
    world.try_apply_signing("strict", &signing_spec(&json!({}))).await.unwrap();
    world
        .until("a creation", async |world: &World| match world.all_signing_configs().await.len() {
            0 => Err("none".to_owned()),
            _ => Ok(()),
        })
        .await;
    world.manners().switch_off(Some("signing-create-lost"), &scope).await.unwrap();
    let object = world.settle_signing("strict", &signing_spec(&json!({}))).await;
    let all = world.all_signing_configs().await;
    assert_eq!(all.len(), 1, "no second one was created");
    assert_eq!(all[0]["CodeSigningConfigArn"], json!(signing_arn(&object)));
}

#[tokio::test]
async fn a_region_without_code_signing_says_so_in_awss_words() {
    let world = World::new().await;
    let scope = Match { account: Some(world.account.clone()), agent: Some("*/*".into()), ..Match::default() };
    world.manners().switch_on("signing-not-in-region", &scope).await.unwrap();
    world.try_apply_signing("strict", &signing_spec(&json!({}))).await.unwrap();
    world.signing_condition("strict", "Stalled", "True", Some("Code Signing is not supported in this region")).await;
    world.manners().switch_off(Some("signing-not-in-region"), &scope).await.unwrap();
    world.signing_is_looked_at("strict").await;
    world.signing_condition("strict", "Ready", "True", None).await;
}

#[tokio::test]
async fn a_configuration_of_somebody_else_is_adopted_only_with_consent() {
    let world = World::new().await;
    let theirs = json!({"AllowedPublishers": {"SigningProfileVersionArns": [PROFILE]}, "Description": "theirs"});
    let (status, answer) = world.aws.lambda("POST", "/2020-04-22/code-signing-configs/", Some(&theirs)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let arn = answer["CodeSigningConfig"]["CodeSigningConfigArn"].as_str().unwrap();
    let adopts = signing_spec(&json!({"arn": arn, "adoptionPolicy": "Adopt"}));
    // Functions of other namespaces can use it, so consent to adoption is not enough.
    world.allow_adoption().await;
    world.try_apply_signing("taken", &adopts).await.unwrap();
    world.signing_condition("taken", "Stalled", "True", Some("NotAllowed")).await;
    let list = format!("lambda-operator.io/allowed-code-signing-configs={arn}");
    world.bed.kubectl_ok(&["annotate", "namespace", &world.namespace, &list], None).await.unwrap();
    world.try_apply_signing("taken", &signing_spec(&json!({"arn": arn}))).await.unwrap();
    world.signing_condition("taken", "Stalled", "True", Some("NotOwned")).await;
    assert_eq!(world.all_signing_configs().await[0]["Description"], "theirs");
    assert_eq!(signing_arn(&world.settle_signing("taken", &adopts).await), arn);
    assert_eq!(world.all_signing_configs().await[0]["Description"], "");
}

#[tokio::test]
async fn a_lost_status_finds_the_configuration_again() {
    let world = World::new().await;
    let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({}))).await);
    let status = json!({"status": null});
    world.signing_configs().patch_status("strict", &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
    world.signing_is_looked_at("strict").await;
    let object = world.signing_condition("strict", "Ready", "True", None).await;
    assert_eq!(signing_arn(&object), arn);
    assert_eq!(world.all_signing_configs().await.len(), 1);
}
