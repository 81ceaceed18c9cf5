//! What AWS refuses of aliases, in its words.

use serde_json::{Value, json};
use testbed::{Bed, Filter};

use crate::{account, arn, aws};

const INVALID: &str = "InvalidParameterValueException";
const VALIDATION: &str = "ValidationException";
const NOT_FOUND: &str = "ResourceNotFoundException";

/// One refused call: what is sent, and AWS's status, code and text.
type Row = (Value, u16, &'static str, String);

fn violated(value: &str, member: &str, constraint: &str) -> String {
    format!("1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {constraint}")
}

/// Refused of CreateAlias and UpdateAlias alike.
fn both(test: u64) -> Vec<Row> {
    let weighted = |version: &str, weights: Value| json!({"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": weights}});
    let member = "routingConfig.additionalVersionWeights";
    let range = "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
                 Member must have value greater than or equal to 0.0, Member must not be null]";
    let key = "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, \
               Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: \
               [0-9]+, Member must not be null]";
    let many = "Number of items in AdditionalVersionWeights cannot be greater than 1";
    let same = "Invalid function version 1. Function version 1 is already included in routing configuration.";
    let latest = "$LATEST is not supported for an alias pointing to more than 1 version";
    let missing = || format!("Function not found: {}", arn(test, "10"));
    let long = "d".repeat(257);
    let too_long = violated(&format!("'{long}'"), "description", "Member must have length less than or equal to 256");
    vec![
        (weighted("1", json!({"2": 0.1, "3": 0.1})), 400, INVALID, many.to_owned()),
        (weighted("1", json!({"2": 2})), 400, VALIDATION, violated("'{2=2.0}'", member, range)),
        (weighted("1", json!({"2": -1.0})), 400, VALIDATION, violated("'{2=-1.0}'", member, range)),
        (weighted("1", json!({"$LATEST": 0.5})), 400, VALIDATION, violated("'{$LATEST=0.5}'", member, key)),
        (weighted("1", json!({"1": 0.5})), 400, INVALID, same.to_owned()),
        (weighted("$LATEST", json!({"1": 0.5})), 400, INVALID, latest.to_owned()),
        (json!({"FunctionVersion": "10"}), 404, NOT_FOUND, missing()),
        (weighted("1", json!({"10": 0.5})), 404, NOT_FOUND, missing()),
        (json!({"FunctionVersion": "1", "Description": long}), 400, VALIDATION, too_long),
    ]
}

/// Sends it and compares the answer with what AWS says.
async fn refused(aws: &testbed::Aws, method: &str, path: &str, row: &Row) {
    let (body, wanted, code, text) = row;
    let (status, answer) = aws.lambda(method, path, Some(body)).await.unwrap();
    let said = answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default();
    assert_eq!((status, said), (*wanted, text.as_str()), "{method} {path} {body}: {answer}");
    let calls = Bed::from_env().unwrap().manners().calls(&Filter::account(aws.account())).await.unwrap();
    assert_eq!(calls.last().unwrap().error_code.as_deref(), Some(*code), "{method} {path} {body}");
    // within the quota
    tokio::time::sleep(std::time::Duration::from_millis(70)).await;
}

#[tokio::test]
async fn of_a_creation() {
    let aws = aws(20).await;
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let aliases = "/2015-03-31/functions/hello/aliases";
    let pattern = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
    let exists = format!("Alias already exists: {}", arn(20, "live"));
    let mut rows = vec![
        (json!({"Name": "2024", "FunctionVersion": "1"}), 400, VALIDATION, violated("'2024'", "name", pattern)),
        (json!({"Name": "a.b", "FunctionVersion": "1"}), 400, VALIDATION, violated("'a.b'", "name", pattern)),
        (json!({"FunctionVersion": "1"}), 400, VALIDATION, violated("null", "name", "Member must not be null")),
        (json!({"Name": "new"}), 400, VALIDATION, violated("null", "functionVersion", "Member must not be null")),
        (json!({"Name": "live", "FunctionVersion": "2"}), 409, "ResourceConflictException", exists),
    ];
    for (mut body, status, code, text) in both(20) {
        body["Name"] = json!("new");
        rows.push((body, status, code, text));
    }
    for row in &rows {
        refused(&aws, "POST", aliases, row).await;
    }
    let missing = format!("Function not found: {}:1", arn(20, "").replace("hello", "none"));
    let row = (json!({"Name": "new", "FunctionVersion": "1"}), 404, NOT_FOUND, missing);
    refused(&aws, "POST", &aliases.replace("hello", "none"), &row).await;
    let names: Vec<Value> =
        aws.list_aliases("hello").await.unwrap().iter().map(|alias| alias["Name"].clone()).collect();
    assert_eq!(names, ["live"], "nothing refused was made");
    // a date is no number
    aws.create_alias("hello", "2024-01-02", &json!({"FunctionVersion": "1"})).await.unwrap();
}

#[tokio::test]
async fn of_an_update() {
    let aws = aws(21).await;
    let made = aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let live = "/2015-03-31/functions/hello/aliases/live";
    for row in &both(21) {
        refused(&aws, "PUT", live, row).await;
    }
    let none = format!("Alias not found: {}", arn(21, "none"));
    let row = (json!({"FunctionVersion": "1"}), 404, NOT_FOUND, none);
    refused(&aws, "PUT", "/2015-03-31/functions/hello/aliases/none", &row).await;
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                 retrieve the latest Revision Id";
    let change = json!({"Description": "x", "RevisionId": "11111111-1111-1111-1111-111111111111"});
    refused(&aws, "PUT", live, &(change, 412, "PreconditionFailedException", stale.to_owned())).await;
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().1, made, "nothing refused was done");
    let guarded = json!({"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}, "RevisionId": made["RevisionId"]});
    aws.update_alias("hello", "live", &guarded).await.unwrap();
    // the weights are kept, so that the target is in them
    let same = "Invalid function version 2. Function version 2 is already included in routing configuration.";
    refused(&aws, "PUT", live, &(json!({"FunctionVersion": "2"}), 400, INVALID, same.to_owned())).await;
}

#[tokio::test]
async fn of_a_look_at_no_function() {
    let aws = Bed::from_env().unwrap().aws(&account(22), crate::REGION);
    let nothing = |text: String| (Value::Null, 404, NOT_FOUND, text);
    let cannot_find = nothing(format!("Cannot find alias arn: {}", arn(22, "live")));
    refused(&aws, "GET", "/2015-03-31/functions/hello/aliases/live", &cannot_find).await;
    let no_function = nothing(format!("Function not found: {}", arn(22, "")));
    refused(&aws, "GET", "/2015-03-31/functions/hello/aliases", &no_function).await;
}
