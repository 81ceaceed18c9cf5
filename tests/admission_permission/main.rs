//! LambdaPermission: the objects that the API server accepts and refuses without the operator. A table of objects, on the newest and on the oldest
//! kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::admission::{Case, Server, untried_rules};
use testbed::{Bed, Oldest};

/// A spec that is accepted, with changes; `null` removes a field.
fn with(change: &Value) -> Value {
    let mut spec = json!({"functionName": "hello", "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com"});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

fn case(what: &'static str, change: &Value, refusal: Option<&'static str>) -> Case {
    Case { what, name: None, before: None, spec: with(change), refusal }
}

fn accepted() -> Vec<Case> {
    let rows = [
        ("a function by its name", json!({})),
        ("a function by reference", json!({"functionName": null, "functionRef": {"name": "a.b-c"}})),
        ("an alias by reference", json!({"functionName": null, "aliasRef": {"name": "live"}})),
        ("an empty function name beside a reference", json!({"functionName": "", "functionRef": {"name": "hello"}})),
        ("an alias by its name", json!({"qualifier": "live"})),
        ("a version", json!({"qualifier": "7"})),
        (
            "an empty qualifier beside an alias",
            json!({"functionName": null, "aliasRef": {"name": "live"}, "qualifier": ""}),
        ),
        ("an id", json!({"statementId": "From_S3-1"})),
        ("an id of 100 letters", json!({"statementId": "s".repeat(100)})),
        ("every action of Lambda", json!({"action": "lambda:*"})),
        ("every action", json!({"action": "*"})),
        ("an account", json!({"principal": "123456789012"})),
        ("a role", json!({"principal": "arn:aws:iam::123456789012:role/a/b"})),
        ("everyone", json!({"principal": "*"})),
        ("a principal of 2048 letters", json!({"principal": "p".repeat(2048)})),
        ("a source with a wildcard", json!({"sourceArn": "arn:aws:execute-api:eu-west-1:123456789012:abc/*/GET/*"})),
        (
            "an empty source",
            json!({"sourceArn": "", "sourceAccount": "", "principalOrgId": "", "eventSourceToken": ""}),
        ),
        ("an organization", json!({"principalOrgId": "o-a1b2c3d4e5"})),
        ("a token", json!({"eventSourceToken": "amzn1.ask.skill.1-2_3"})),
        (
            "everyone through a public URL",
            json!({"principal": "*", "action": "lambda:InvokeFunctionUrl", "functionUrlAuthType": "NONE"}),
        ),
        ("callers of a URL", json!({"action": "lambda:InvokeFunctionUrl", "functionUrlAuthType": "AWS_IAM"})),
        ("only through the URL", json!({"invokedViaFunctionUrl": true})),
        ("not only through the URL", json!({"invokedViaFunctionUrl": false, "action": "*"})),
        (
            "everything left to others",
            json!({"ignoreChanges": ["action", "principal", "sourceArn", "sourceAccount", "principalOrgId", "eventSourceToken", "functionUrlAuthType", "invokedViaFunctionUrl"]}),
        ),
        (
            "all that every kind has",
            json!({"adoptionPolicy": "Adopt", "driftPolicy": "Report", "driftCheckInterval": "6h", "suspend": true, "skipDestroy": true, "deletionProtection": true, "region": "eu-west-1", "timeouts": {"create": "90s"}}),
        ),
    ];
    rows.iter().map(|(what, change)| case(what, change, None)).collect()
}

const ONE: &str = "set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef";

fn refused() -> Vec<Case> {
    let rows = [
        ("no function", json!({"functionName": null}), ONE),
        ("an empty function name", json!({"functionName": ""}), ONE),
        ("two functions", json!({"functionRef": {"name": "hello"}}), ONE),
        (
            "a function and an alias",
            json!({"functionName": null, "functionRef": {"name": "hello"}, "aliasRef": {"name": "live"}}),
            ONE,
        ),
        (
            "an ARN as a name",
            json!({"functionName": "arn:aws:lambda:eu-west-1:1:function:f"}),
            "functionName must be 1 to 64 letters",
        ),
        ("a qualified name", json!({"functionName": "hello:live"}), "functionName must be 1 to 64 letters"),
        (
            "a reference in capitals",
            json!({"functionName": null, "functionRef": {"name": "Hello"}}),
            "name must be the name of a LambdaFunction in this namespace",
        ),
        (
            "an alias in capitals",
            json!({"functionName": null, "aliasRef": {"name": "Live"}}),
            "name must be the name of a LambdaAlias in this namespace",
        ),
        (
            "two aliases",
            json!({"functionName": null, "aliasRef": {"name": "live"}, "qualifier": "live"}),
            "the qualifier is the alias that aliasRef names",
        ),
        (
            "$LATEST",
            json!({"qualifier": "$LATEST"}),
            "qualifier must be the name of an alias or the number of a published version",
        ),
        (
            "a region beside a reference",
            json!({"functionName": null, "functionRef": {"name": "hello"}, "region": "eu-west-1"}),
            "the region is the one of the object that functionRef or aliasRef names",
        ),
        ("a region in words", json!({"region": "Ireland"}), "region must be the code of an AWS region"),
        ("an id with a dot", json!({"statementId": "a.b"}), "statementId must be 1 to 100 letters, digits"),
        ("an id of 101 letters", json!({"statementId": "s".repeat(101)}), "spec.statementId: Too long"),
        ("no action", json!({"action": null}), "spec.action: Required"),
        ("an action of S3", json!({"action": "s3:GetObject"}), "action must be lambda:NAME, such as"),
        (
            "an action with a wildcard within",
            json!({"action": "lambda:Invoke*"}),
            "action must be lambda:NAME, such as",
        ),
        ("no principal", json!({"principal": null}), "spec.principal: Required"),
        (
            "a principal with a blank",
            json!({"principal": "s3 amazonaws.com"}),
            "principal must be a service such as s3.amazonaws.com",
        ),
        ("an empty principal", json!({"principal": ""}), "principal must be a service such as s3.amazonaws.com"),
        ("a source without an ARN", json!({"sourceArn": "uploads"}), "sourceArn must be an ARN without blanks"),
        ("a number as an account", json!({"sourceAccount": 123_456_789_012_u64}), "sourceAccount"),
        (
            "an account of 11 digits",
            json!({"sourceAccount": "12345678901"}),
            "sourceAccount must be an account number of 12 digits",
        ),
        (
            "an organization in words",
            json!({"principalOrgId": "acme"}),
            "principalOrgId must be the id of an organization",
        ),
        ("a token with a blank", json!({"eventSourceToken": "a b"}), "eventSourceToken must be at most 256 letters"),
        (
            "another type of URL",
            json!({"action": "lambda:InvokeFunctionUrl", "functionUrlAuthType": "OPEN"}),
            "Unsupported value",
        ),
        (
            "a type of URL for an invocation",
            json!({"functionUrlAuthType": "NONE"}),
            "functionUrlAuthType is for the action lambda:InvokeFunctionUrl alone",
        ),
        (
            "through the URL for every action",
            json!({"action": "lambda:*", "invokedViaFunctionUrl": true}),
            "invokedViaFunctionUrl is for the action lambda:InvokeFunction alone",
        ),
        (
            "everyone without a type",
            json!({"principal": "*", "action": "lambda:InvokeFunctionUrl"}),
            "AWS refuses to let everyone (principal *) invoke a function URL",
        ),
        ("the id left to others", json!({"ignoreChanges": ["statementId"]}), "Unsupported value"),
        ("a time without a unit", json!({"timeouts": {"create": "90"}}), "timeouts must be durations such as 90s"),
        (
            "checks each second",
            json!({"driftCheckInterval": "1s"}),
            "driftCheckInterval must be a duration between 10s and 24h",
        ),
        ("a field of functions", json!({"runtime": "python3.13"}), "runtime"),
    ];
    rows.iter().map(|(what, change, words)| case(what, change, Some(words))).collect()
}

fn updates() -> Vec<Case> {
    let of = |name: &str| json!({"functionName": null, "functionRef": {"name": name}});
    let alias = |name: &str| json!({"functionName": null, "aliasRef": {"name": name}});
    let none = json!({});
    let rows = [
        ("another reference", of("a"), of("b"), Some("functionRef cannot be changed")),
        ("another alias", alias("a"), alias("b"), Some("aliasRef cannot be changed")),
        ("from a function to its alias", of("a"), alias("a"), Some("functionRef cannot be changed, a permission")),
        ("another function", none.clone(), json!({"functionName": "other"}), Some("functionName cannot be changed")),
        ("a qualifier set later", none.clone(), json!({"qualifier": "live"}), Some("qualifier cannot be changed")),
        (
            "an id set later",
            none.clone(),
            json!({"statementId": "s3"}),
            Some("statementId cannot be changed, AWS has no rename"),
        ),
        (
            "an id taken away",
            json!({"statementId": "s3"}),
            none.clone(),
            Some("statementId cannot be changed, AWS has no rename"),
        ),
        (
            "another region",
            json!({"region": "eu-west-1"}),
            json!({"region": "us-east-1"}),
            Some("spec.region cannot be changed"),
        ),
        ("another action", none.clone(), json!({"action": "lambda:*"}), None),
        ("another principal", none.clone(), json!({"principal": "sns.amazonaws.com"}), None),
        ("a source", none.clone(), json!({"sourceArn": "arn:aws:s3:::b"}), None),
        ("no source any more", json!({"sourceArn": "arn:aws:s3:::b"}), none, None),
    ];
    let update = |(what, before, after, refusal): (&'static str, Value, Value, Option<&'static str>)| Case {
        what,
        name: None,
        before: Some((with(&before), Value::Null)),
        spec: with(&after),
        refusal,
    };
    rows.into_iter().map(update).collect()
}

fn cases() -> Vec<Case> {
    [accepted(), refused(), updates()].into_iter().flatten().collect()
}

async fn judge(bed: &Bed) {
    let server = Server::with_crd::<LambdaPermission>(bed).await;
    let wrong = server.judge(&cases()).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = server.shown(bed, &[("from-s3", with(&json!({})))]).await;
    assert!(shown.contains("FUNCTION") && shown.contains("PRINCIPAL"), "{shown}");
}

#[tokio::test]
async fn the_newest_api_server_judges_permissions_as_listed() {
    judge(&Bed::from_env().unwrap()).await;
}

#[tokio::test]
async fn the_oldest_api_server_judges_permissions_as_listed() {
    judge(&Oldest::start().await.unwrap().bed).await;
}

#[test]
fn every_rule_of_permissions_refuses_a_case() {
    assert_eq!(untried_rules::<LambdaPermission>(&cases()), Vec::<String>::new());
}
