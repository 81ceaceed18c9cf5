//! What an alias is: made, shown, moved, weighted, deleted, and what holds on to it.

use serde_json::{Value, json};
use testbed::{Bed, Filter};

use crate::{REGION, account, arn, aws};

const HELLO: &str = "/2015-03-31/functions/hello";

/// Without RevisionId, which no two answers share.
fn without_revision(mut alias: Value) -> Value {
    assert!(alias.as_object_mut().unwrap().remove("RevisionId").is_some_and(|id| id.is_string()), "{alias}");
    alias
}

#[tokio::test]
async fn what_is_left_out_is_kept_and_what_is_empty_is_cleared() {
    let aws = aws(1).await;
    let weights = json!({"AdditionalVersionWeights": {"2": 0.25}});
    let wanted = json!({"FunctionVersion": "1", "Description": "callers use it", "RoutingConfig": weights});
    let made = aws.create_alias("hello", "live", &wanted).await.unwrap();
    let shown = json!({"AliasArn": arn(1, "live"), "Name": "live", "FunctionVersion": "1",
                       "Description": "callers use it", "RoutingConfig": weights});
    assert_eq!(without_revision(made.clone()), shown);
    assert_eq!(aws.get_alias("hello", "live").await.unwrap(), (200, made.clone()), "the revision stays");

    let moved = aws.update_alias("hello", "live", &json!({"RoutingConfig": {}})).await.unwrap();
    assert_ne!(moved["RevisionId"], made["RevisionId"]);
    let shown = json!({"AliasArn": arn(1, "live"), "Name": "live", "FunctionVersion": "1",
                       "Description": "callers use it"});
    assert_eq!(without_revision(moved), shown, "no weights, no RoutingConfig");
    let change = json!({"FunctionVersion": "2", "RoutingConfig": {"AdditionalVersionWeights": {}}});
    let moved = aws.update_alias("hello", "live", &change).await.unwrap();
    assert_eq!((&moved["FunctionVersion"], &moved["Description"]), (&json!("2"), &json!("callers use it")));
    let cleared = aws.update_alias("hello", "live", &json!({"Description": ""})).await.unwrap();
    assert_eq!((&cleared["FunctionVersion"], &cleared["Description"]), (&json!("2"), &json!("")));

    let latest = aws.create_alias("hello", "edge", &json!({"FunctionVersion": "$LATEST"})).await.unwrap();
    let shown = json!({"AliasArn": arn(1, "edge"), "Name": "edge", "FunctionVersion": "$LATEST", "Description": ""});
    assert_eq!(without_revision(latest.clone()), shown);
    assert_eq!(aws.list_aliases("hello").await.unwrap(), [cleared.clone(), latest]);
    let of_two = aws.lambda("GET", &format!("{HELLO}/aliases?FunctionVersion=2"), None).await.unwrap();
    assert_eq!(of_two, (200, json!({"Aliases": [cleared]})));
}

#[tokio::test]
async fn deleting_what_is_not_there_is_done() {
    let aws = aws(2).await;
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    for _ in 0..2 {
        aws.delete_alias("hello", "live").await.unwrap();
    }
    let (status, gone) = aws.get_alias("hello", "live").await.unwrap();
    assert_eq!((status, &gone["Message"]), (404, &json!(format!("Cannot find alias arn: {}", arn(2, "live")))));
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let (status, _) = aws.lambda("DELETE", HELLO, None).await.unwrap();
    assert_eq!(status, 204);
    aws.create_function("hello", &json!({})).await.unwrap();
    assert_eq!(aws.list_aliases("hello").await.unwrap(), Vec::<Value>::new(), "they went with the function");
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().0, 404);
}

#[tokio::test]
async fn a_function_is_read_through_its_alias() {
    let aws = aws(3).await;
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let through = async |alias: &str| aws.lambda("GET", &format!("{HELLO}?Qualifier={alias}"), None).await.unwrap();
    let (status, answer) = through("live").await;
    let config = &answer["Configuration"];
    assert_eq!((status, &config["Version"], &config["MemorySize"]), (200, &json!("1"), &json!(128)));
    assert_eq!(config["FunctionArn"], arn(3, "live"));
    aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    assert_eq!(through("live").await.1["Configuration"]["MemorySize"], 256);
    let (status, missing) = through("none").await;
    let text = missing["Message"].as_str().or(missing["message"].as_str()).unwrap();
    assert_eq!((status, text), (404, format!("Function not found: {}", arn(3, "none")).as_str()));
}

#[tokio::test]
async fn a_version_that_an_alias_points_to_stays() {
    let aws = aws(4).await;
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let weights = json!({"AdditionalVersionWeights": {"1": 0.5}});
    let wanted = json!({"FunctionVersion": "2", "RoutingConfig": weights});
    aws.create_alias("hello", "shifting", &wanted).await.unwrap();
    let delete =
        async |version: &str| aws.lambda("DELETE", &format!("{HELLO}?Qualifier={version}"), None).await.unwrap();
    for (version, names) in [("1", "live, shifting"), ("2", "shifting")] {
        let (status, refused) = delete(version).await;
        let text = format!("Unable to delete version because the following aliases reference it: [{names}]");
        assert_eq!((status, &refused["message"]), (409, &json!(text)));
    }
    let (status, refused) = delete("live").await;
    assert_eq!((status, &refused["message"]), (400, &json!("Deletion of aliases is not currently supported.")));
    aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    aws.delete_alias("hello", "shifting").await.unwrap();
    assert_eq!(delete("1").await.0, 204);
}

#[tokio::test]
async fn accounts_and_regions_have_their_own_and_the_journal_names_them() {
    let aws = aws(5).await;
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let bed = Bed::from_env().unwrap();
    for other in [bed.aws(&account(6), REGION), bed.aws(&account(5), "us-east-1")] {
        assert_eq!(other.get_alias("hello", "live").await.unwrap().0, 404);
    }
    let encoded = arn(5, "").replace(':', "%3A");
    assert_eq!(aws.get_alias(&encoded, "live").await.unwrap().0, 200, "the function's ARN names it, too");
    let here = Filter::account(&account(5)).operation("*Alias");
    let calls = bed.manners().calls(&here).await.unwrap();
    let seen: Vec<_> = calls
        .iter()
        .map(|call| (call.operation.as_str(), call.function.as_deref(), call.qualifier.as_deref(), call.status))
        .collect();
    let (hello, live) = (Some("hello"), Some("live"));
    let expected = [("CreateAlias", hello, live, 201), ("GetAlias", hello, live, 404), ("GetAlias", hello, live, 200)];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn an_alias_has_no_tags() {
    let aws = aws(7).await;
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let path = format!("/2017-03-31/tags/{}", arn(7, "live").replace(':', "%3A"));
    let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
    for method in ["POST", "GET"] {
        let (status, refused) = aws.lambda(method, &path, Some(&json!({"Tags": {"a": "b"}}))).await.unwrap();
        assert_eq!((status, &refused["message"]), (400, &json!(text)), "{method}");
    }
}
