//! The statements that let other accounts use a layer: they follow the newest version, leave with the spec, and those of others stay.

use serde_json::{Value, json};
use support::world::{World, writes};
use testbed::Match;

use crate::{Layer, about_layers, layer, numbers, version};

fn policy_path(name: &str, number: i64) -> String {
    format!("/2018-10-31/layers/{name}/versions/{number}/policy")
}

/// The ids and principals of the statements of a version.
pub(crate) async fn statements(world: &World, number: i64) -> Vec<(String, String)> {
    let (status, answer) = world.aws.lambda("GET", &policy_path("common", number), None).await.unwrap();
    if status == 404 {
        return Vec::new();
    }
    let policy: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<_> = statements.iter().map(|one| (text(&one["Sid"]), principal(&one["Principal"]))).collect();
    all.sort();
    all
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// AWS shows an account as the ARN of its root.
fn principal(shown: &Value) -> String {
    let arn = shown.get("AWS").unwrap_or(shown);
    text(arn).trim_start_matches("arn:aws:iam::").trim_end_matches(":root").to_owned()
}

/// What somebody else adds.
pub(crate) async fn add(world: &World, number: i64, id: &str, principal: &str) {
    let statement = json!({"StatementId": id, "Action": "lambda:GetLayerVersion", "Principal": principal});
    let (status, answer) = world.aws.lambda("POST", &policy_path("common", number), Some(&statement)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
}

async fn remove(world: &World, number: i64, id: &str) {
    let path = format!("{}/{id}", policy_path("common", number));
    let (status, answer) = world.aws.lambda("DELETE", &path, None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
}

/// A spec with these permissions: id and account.
fn shared(text: &str, permissions: &[(&str, &str)]) -> Value {
    let permission = |(id, principal): &(&str, &str)| json!({"statementId": id, "principal": principal});
    layer(text, &json!({"permissions": permissions.iter().map(permission).collect::<Vec<_>>()}))
}

pub(crate) fn expected(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(id, principal)| ((*id).to_owned(), (*principal).to_owned())).collect()
}

const PARTNER: &str = "210987654321";
const OTHER: &str = "345678901234";

#[tokio::test]
async fn the_newest_version_has_the_statements_of_the_spec_and_an_idle_check_is_two_calls() {
    let world = World::new().await;
    let before = world.manners().mark().await.unwrap();
    let organization = json!({"statementId": "org", "principal": "*", "organizationId": "o-a1b2c3d4e5"});
    let partner = json!({"statementId": "partner", "principal": PARTNER});
    let spec = layer("1", &json!({"permissions": [partner, organization]}));
    world.of::<Layer>().settle("common", &spec).await;
    let sent = ["PublishLayerVersion", "AddLayerVersionPermission", "AddLayerVersionPermission"];
    assert_eq!(writes(&world.calls_since(before).await), sent);
    assert_eq!(statements(&world, 1).await, expected(&[("org", "*"), ("partner", PARTNER)]));
    let (_, answer) = world.aws.lambda("GET", &policy_path("common", 1), None).await.unwrap();
    assert!(answer["Policy"].as_str().unwrap().contains("o-a1b2c3d4e5"), "{answer}");
    let before = world.manners().mark().await.unwrap();
    world.of::<Layer>().is_looked_at("common").await;
    assert_eq!(about_layers(&world.calls_since(before).await), ["GetLayerVersion", "GetLayerVersionPolicy"]);
}

#[tokio::test]
async fn statements_follow_the_newest_version_and_leave_all_versions_with_the_spec() {
    let world = World::new().await;
    let both = [("partner", PARTNER), ("team", OTHER)];
    world.of::<Layer>().settle("common", &shared("1", &both)).await;
    world.of::<Layer>().settle("common", &shared("2", &both)).await;
    add(&world, 1, "theirs", PARTNER).await;
    for number in [1, 2] {
        let all: Vec<_> = statements(&world, number).await.into_iter().filter(|(id, _)| id != "theirs").collect();
        assert_eq!(all, expected(&both), "version {number}");
    }
    world.of::<Layer>().settle("common", &shared("2", &[("partner", OTHER)])).await;
    assert_eq!(statements(&world, 2).await, expected(&[("partner", OTHER)]));
    assert_eq!(statements(&world, 1).await, expected(&[("theirs", PARTNER)]), "that of somebody else stays");
    let object = world.of::<Layer>().settle("common", &layer("2", &json!({}))).await;
    assert_eq!(statements(&world, 2).await, []);
    assert_eq!((version(&object), numbers(&world, "common").await), ("2", vec![1, 2]), "nothing is published");
    assert_eq!(object.status.unwrap().record.statements, []);
}

#[tokio::test]
async fn a_statement_that_somebody_removed_is_added_again_or_reported() {
    let world = World::new().await;
    let spec = |policy: &str| {
        let mut spec = shared("1", &[("partner", PARTNER)]);
        spec["driftPolicy"] = json!(policy);
        spec
    };
    world.of::<Layer>().settle("common", &spec("Report")).await;
    remove(&world, 1, "partner").await;
    // For some seconds after the write the operator takes the absence for a stale read.
    world.of::<Layer>().is_looked_at("common").await;
    world.of::<Layer>().condition("common", "Ready", "True", Some("Drifted")).await;
    assert_eq!(statements(&world, 1).await, []);
    world.of::<Layer>().settle("common", &spec("Correct")).await;
    assert_eq!(statements(&world, 1).await, expected(&[("partner", PARTNER)]));
}

#[tokio::test]
async fn a_statement_of_somebody_else_is_replaced_only_with_consent() {
    let world = World::new().await;
    world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    add(&world, 1, "partner", OTHER).await;
    world.of::<Layer>().apply("common", &shared("1", &[("partner", PARTNER)])).await;
    let said = world.of::<Layer>().says("common", "Stalled", "InvalidSpec").await;
    assert!(said.contains("a statement partner that this object did not add"), "{said}");
    assert_eq!(statements(&world, 1).await, expected(&[("partner", OTHER)]));
    world.allow_adoption().await;
    let mut adopts = shared("1", &[("partner", PARTNER)]);
    adopts["adoptionPolicy"] = json!("Adopt");
    world.of::<Layer>().settle("common", &adopts).await;
    assert_eq!(statements(&world, 1).await, expected(&[("partner", PARTNER)]));
}

#[tokio::test]
async fn a_statement_whose_addition_got_no_answer_is_found_again_and_leaves_with_the_spec() {
    let world = World::new().await;
    let scope = Match { account: Some(world.account.clone()), agent: Some("*/*".into()), ..Match::default() };
    world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    world.manners().switch_on("layer-permission-lost", &scope).await.unwrap();
    world.of::<Layer>().apply("common", &shared("1", &[("partner", PARTNER)])).await;
    world
        .until("the statement", async |world: &World| match statements(world, 1).await {
            all if all.is_empty() => Err("none".to_owned()),
            _ => Ok(()),
        })
        .await;
    world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    world.manners().switch_off(Some("layer-permission-lost"), &scope).await.unwrap();
    assert_eq!(statements(&world, 1).await, [], "it is the object's");
}
