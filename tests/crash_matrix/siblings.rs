//! A permission, a function URL and a layer, which have no owner tag either: the operator is killed while an answer of AWS is under way, so that no status
//! tells of it. A new operator ends with exactly what is wanted, or nothing.

use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use lambda_operator::api::layer_version::LambdaLayerVersion;
use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::objects::Object;
use support::world::{World, installed, options, spec_with};
use testbed::{Action, Filter, Operator, Rule, poll};

const RULE: &str = "kill-sibling";

/// Waits until this call of the operator is done at AWS and its answer is held, and kills the operator; a new one takes over.
async fn killed_in(mut world: World, operation: &str, edit: impl AsyncFnOnce(&World)) -> World {
    let since = world.manners().mark().await.unwrap();
    let rule = Rule::new(RULE, Action::HoldAnswer).account(&world.account).operation(operation).agent("*/*").times(1);
    let rule = world.manners().add(&rule).await.unwrap();
    edit(&world).await;
    poll("the call to be held", std::time::Duration::from_secs(30), async || {
        let calls = world.manners().calls(&Filter::account(&world.account).since(since)).await?;
        let held = calls.iter().any(|call| call.rule.as_deref() == Some(RULE) && call.duration_ms.is_none());
        Ok(if held { Ok(()) } else { Err(format!("{operation} was not sent")) })
    })
    .await
    .unwrap();
    world.operator.kill().await;
    let arguments = ["--watch-namespace", world.namespace.as_str()];
    let options = options(installed(&world.bed).await, &world.account, &arguments);
    world.operator = Operator::start(&world.bed, options).await.unwrap();
    world.manners().remove(rule).await.unwrap();
    world
}

/// The number of calls of this name that AWS carried out.
async fn done(world: &World, operation: &str) -> usize {
    let done = |status: u16| status == 0 || (200..300).contains(&status);
    world.calls().await.iter().filter(|call| call.operation == operation && done(call.status)).count()
}

/// Applies, changes and deletes an object, each time with a crash in the call that does it.
async fn lives_through_crashes<K: Object>(
    calls: [&str; 3],
    specs: [Value; 2],
    is_as_wanted: &impl AsyncFn(&World, Option<&Value>),
) {
    let mut world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let [create, change, delete] = calls;
    for (operation, spec) in [(create, &specs[0]), (change, &specs[1])] {
        world = killed_in(world, operation, async |world: &World| drop(world.of::<K>().apply("one", spec).await)).await;
        world.of::<K>().is_ready("one").await;
        is_as_wanted(&world, Some(spec)).await;
    }
    world = killed_in(world, delete, async |world: &World| world.of::<K>().delete("one").await).await;
    world.of::<K>().is_gone("one").await;
    is_as_wanted(&world, None).await;
    assert_eq!(done(&world, create).await, if create == change { 2 } else { 1 }, "{create} is sent once for each edit");
}

#[tokio::test]
async fn a_crash_leaves_exactly_one_statement_or_none() {
    let spec = |bucket: &str, id: Option<&str>| {
        let mut spec = json!({"functionRef": {"name": "hello"}, "action": "lambda:InvokeFunction",
            "principal": "s3.amazonaws.com", "sourceArn": format!("arn:aws:s3:::{bucket}")});
        if let Some(id) = id {
            spec["statementId"] = json!(id);
        }
        spec
    };
    let is_as_wanted = async |world: &World, wanted: Option<&Value>| {
        let statements = world.aws.statements("hello", None).await.unwrap();
        let sources: Vec<_> = statements
            .iter()
            .map(|one| one.pointer("/Condition/ArnLike/AWS:SourceArn").cloned().unwrap_or_default())
            .collect();
        assert_eq!(sources, wanted.map(|spec| spec["sourceArn"].clone()).into_iter().collect::<Vec<_>>());
    };
    let calls = ["AddPermission", "AddPermission", "RemovePermission"];
    for id in [None, Some("s3")] {
        lives_through_crashes::<LambdaPermission>(calls, [spec("one", id), spec("two", id)], &is_as_wanted).await;
    }
    // After the removal that makes room for the new statement.
    let calls = ["AddPermission", "RemovePermission", "RemovePermission"];
    let specs = [spec("one", Some("s3")), spec("two", Some("s3"))];
    let mut world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    world.of::<LambdaPermission>().settle("one", &specs[0]).await;
    world = killed_in(world, calls[1], async |world: &World| {
        drop(world.of::<LambdaPermission>().apply("one", &specs[1]).await);
    })
    .await;
    world.of::<LambdaPermission>().is_ready("one").await;
    is_as_wanted(&world, Some(&specs[1])).await;
}

#[tokio::test]
async fn a_crash_leaves_exactly_one_url_or_none() {
    let spec = |authorization: &str| json!({"functionRef": {"name": "hello"}, "authorizationType": authorization});
    let is_as_wanted = async |world: &World, wanted: Option<&Value>| {
        let (status, there) = world.aws.get_url("hello", None).await.unwrap();
        let public = wanted.is_some_and(|spec| spec["authorizationType"] == "NONE");
        assert_eq!(status, if wanted.is_some() { 200 } else { 404 }, "{there}");
        assert_eq!(world.aws.statements("hello", None).await.unwrap().len(), if public { 2 } else { 0 });
    };
    let of_urls = ["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig"];
    lives_through_crashes::<LambdaFunctionUrl>(of_urls, [spec("NONE"), spec("AWS_IAM")], &is_as_wanted).await;
    let of_statements = ["CreateFunctionUrlConfig", "AddPermission", "RemovePermission"];
    lives_through_crashes::<LambdaFunctionUrl>(of_statements, [spec("AWS_IAM"), spec("NONE")], &is_as_wanted).await;
}

#[tokio::test]
async fn a_crash_leaves_exactly_one_event_invoke_configuration_or_none() {
    let spec = |retries: i64| json!({"functionRef": {"name": "hello"}, "maximumRetryAttempts": retries});
    let is_as_wanted = async |world: &World, wanted: Option<&Value>| {
        let (status, there) = world.aws.get_invoke_config("hello", None).await.unwrap();
        assert_eq!(status, if wanted.is_some() { 200 } else { 404 }, "{there}");
        assert_eq!(there.get("MaximumRetryAttempts"), wanted.map(|spec| &spec["maximumRetryAttempts"]));
    };
    let put = "PutFunctionEventInvokeConfig";
    let calls = [put, put, "DeleteFunctionEventInvokeConfig"];
    lives_through_crashes::<LambdaFunctionEventInvokeConfig>(calls, [spec(1), spec(0)], &is_as_wanted).await;
}

#[tokio::test]
async fn a_crash_leaves_one_layer_version_for_each_edit_or_none() {
    let spec = |text: &str| json!({"codeFrom": {"inline": {"lib.py": text}}, "retainVersions": 1});
    let is_as_wanted = async |world: &World, wanted: Option<&Value>| {
        let (status, there) = world.aws.lambda("GET", "/2018-10-31/layers/one/versions", None).await.unwrap();
        assert_eq!(status, 200, "{there}");
        assert_eq!(there["LayerVersions"].as_array().map_or(0, Vec::len), usize::from(wanted.is_some()), "{there}");
    };
    let calls = ["PublishLayerVersion", "PublishLayerVersion", "DeleteLayerVersion"];
    lives_through_crashes::<LambdaLayerVersion>(calls, [spec("1"), spec("2")], &is_as_wanted).await;
}

#[tokio::test]
async fn a_crash_leaves_the_statements_of_a_layer_as_the_spec_has_them_or_none() {
    let spec = |account: &str| {
        let permission = json!({"statementId": "partner", "principal": account});
        json!({"codeFrom": {"inline": {"lib.py": "1"}}, "permissions": [permission]})
    };
    let is_as_wanted = async |world: &World, wanted: Option<&Value>| {
        let path = "/2018-10-31/layers/one/versions/1/policy";
        let (status, there) = world.aws.lambda("GET", path, None).await.unwrap();
        let Some(wanted) = wanted else { return assert_eq!(status, 404, "{there}") };
        let policy = there["Policy"].as_str().unwrap_or_default();
        let account = wanted["permissions"][0]["principal"].as_str().unwrap();
        assert!(policy.contains(account) && policy.matches("\"Sid\"").count() == 1, "{there}");
    };
    let calls = ["AddLayerVersionPermission", "AddLayerVersionPermission", "DeleteLayerVersion"];
    let specs = [spec("210987654321"), spec("345678901234")];
    lives_through_crashes::<LambdaLayerVersion>(calls, specs, &is_as_wanted).await;
}
