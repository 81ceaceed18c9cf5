//! An application that somebody made in AWS is imported with one command, and applying its manifest changes nothing.

use kube::api::ListParams;
use lambda_operator::api::code_signing_config::LambdaCodeSigningConfig;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use serde_json::{Value, json};
use support::cli::{Ran, cli, imported, plan};
use support::signing_configs::PROFILE;
use support::world::{World, writes};
use testbed::{Action, Rule};

use crate::application::is_every_object_ready;

const FUNCTION: &str = "Checkout_1";

/// A function with one of everything around it, made by somebody else.
async fn made_by_hand(world: &World) {
    let aws = &world.aws;
    let signing = json!({"AllowedPublishers": {"SigningProfileVersionArns": [PROFILE]}});
    let (status, made) = aws.lambda("POST", "/2020-04-22/code-signing-configs/", Some(&signing)).await.unwrap();
    assert_eq!(status, 201, "{made}");
    let signing = made["CodeSigningConfig"]["CodeSigningConfigArn"].clone();
    aws.create_function(FUNCTION, &json!({"CodeSigningConfigArn": signing})).await.unwrap();
    aws.wait_until_at_rest(FUNCTION).await.unwrap();
    let version = aws.publish_version(FUNCTION).await.unwrap();
    aws.wait_until_version_is_at_rest(FUNCTION, &version).await.unwrap();
    for alias in ["live", "Live"] {
        aws.create_alias(FUNCTION, alias, &json!({"FunctionVersion": version})).await.unwrap();
    }
    let statement = |service: &str| json!({"StatementId": "from_service", "Action": "lambda:InvokeFunction", "Principal": format!("{service}.amazonaws.com")});
    aws.add_permission(FUNCTION, None, &statement("s3")).await.unwrap();
    aws.add_permission(FUNCTION, Some("live"), &statement("events")).await.unwrap();
    aws.create_url(FUNCTION, Some("live"), &json!({"AuthType": "AWS_IAM"})).await.unwrap();
    aws.put_invoke_config(FUNCTION, None, &json!({"MaximumRetryAttempts": 1})).await.unwrap();
    aws.put_invoke_config(FUNCTION, Some(&version), &json!({"MaximumRetryAttempts": 0})).await.unwrap();
    aws.put_provisioned(FUNCTION, "live", 1).await.unwrap();
    aws.wait_until_provisioned(FUNCTION, "live").await.unwrap();
    let queue = aws.create_queue("orders").await.unwrap();
    let mapping = json!({"FunctionName": format!("{FUNCTION}:live"), "EventSourceArn": queue, "BatchSize": 5});
    let mapping = aws.create_mapping(&mapping).await.unwrap();
    aws.wait_until_mapping_is(mapping["UUID"].as_str().unwrap(), Some("Enabled")).await.unwrap();
}

/// The kinds of the documents, in their order.
fn kinds(manifest: &str) -> Vec<&str> {
    manifest.lines().filter_map(|line| line.strip_prefix("kind: ")).collect()
}

#[tokio::test]
async fn an_application_made_by_hand_is_imported_whole_and_applied_without_a_write() {
    let world = World::new().await;
    world.allow_adoption().await;
    made_by_hand(&world).await;
    let manifest = imported(&world, &[FUNCTION]).await;
    let expected = [
        "LambdaFunction",
        "LambdaCodeSigningConfig",
        "LambdaAlias",
        "LambdaAlias",
        "LambdaFunctionUrl",
        "LambdaPermission",
        "LambdaPermission",
        "LambdaFunctionEventInvokeConfig",
        "LambdaFunctionEventInvokeConfig",
        "LambdaProvisionedConcurrencyConfig",
        "LambdaEventSourceMapping",
    ];
    assert_eq!(kinds(&manifest), expected, "{manifest}");
    for text in [
        "  codeSigningConfigRef:\n    name: csc-",
        "  functionRef:\n    name: checkout-1\n",
        "  aliasRef:\n    name: checkout-1-live-2\n",
        "  name: checkout-1-live\n",
    ] {
        assert!(manifest.contains(text), "{text} is not in\n{manifest}");
    }
    assert_eq!(manifest.matches("functionName: ").count(), 1, "only the function has a name in AWS\n{manifest}");
    let list = "lambda-operator.io/allowed-code-signing-configs";
    assert!(manifest.contains(&format!("the namespace's annotation {list} has to allow")), "{manifest}");
    world.bed.kubectl_ok(&["annotate", "namespace", &world.namespace, &format!("{list}=*")], None).await.unwrap();

    let mark = world.manners().mark().await.unwrap();
    let told = plan(&world, &manifest).await;
    assert_eq!((told.code, told.stdout.matches("\n  TagResource\n").count()), (Some(2), 3), "{told:?}");
    assert_eq!(told.stdout.matches(": no changes\n").count(), expected.len() - 3, "{}", told.stdout);
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    is_every_object_ready(&world, expected.len()).await;
    let done = world.calls_since(mark).await;
    assert_eq!(writes(&done), ["TagResource"; 3], "{manifest}");
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let configs = world.of::<LambdaCodeSigningConfig>().api().list(&ListParams::default()).await.unwrap().items;
    let mappings = world.of::<LambdaEventSourceMapping>().api().list(&ListParams::default()).await.unwrap().items;
    assert_eq!((configs.len(), mappings.len()), (1, 1));
}

#[tokio::test]
async fn one_command_imports_each_resource_once_and_a_function_alone_on_request() {
    let world = World::new().await;
    made_by_hand(&world).await;
    let alone = imported(&world, &[FUNCTION, "--function-only"]).await;
    assert_eq!(kinds(&alone), ["LambdaFunction"], "{alone}");
    assert!(alone.contains("  codeSigningConfigArn: arn:"), "{alone}");
    let (alias, url) = (format!("{FUNCTION}/live"), format!("url:{FUNCTION}:live"));
    let twice = imported(&world, &[&alias, FUNCTION, &url, FUNCTION]).await;
    assert_eq!(twice, imported(&world, &[FUNCTION]).await, "the function first, and nothing twice");
    assert_eq!(imported(&world, &["--all"]).await, twice);
}

async fn refused(world: &World, operation: &str) -> testbed::RuleId {
    let words = format!("User: x is not authorized to perform: lambda:{operation} on resource: y");
    let denied = Action::error(403, "AccessDeniedException", &words);
    world.manners().add(&Rule::new("denied", denied).account(&world.account).operation(operation)).await.unwrap()
}

#[tokio::test]
async fn a_denied_read_of_one_part_names_the_action_and_the_rest_is_written() {
    let world = World::new().await;
    made_by_hand(&world).await;
    for (operation, part, missing) in [
        ("GetPolicy", "the policy of Checkout_1 was not imported: ", "LambdaPermission"),
        ("ListAliases", "the aliases, and their policies, of Checkout_1 were not imported: ", "LambdaAlias"),
        ("ListEventSourceMappings", "the event source mappings of Checkout_1 were not ", "LambdaEventSourceMapping"),
        ("GetCodeSigningConfig", " was not imported: GetCodeSigningConfig: ", "LambdaCodeSigningConfig"),
    ] {
        let rule = refused(&world, operation).await;
        let Ran { code, stdout, stderr } = cli(&world, &["import", FUNCTION], "").await;
        world.manners().remove(rule).await.unwrap();
        assert_eq!(code, Some(1), "{operation}: {stderr}");
        assert!(stderr.contains(part), "{operation}: {stderr}");
        assert!(stderr.contains(&format!("allow lambda:{operation}")), "{operation}: {stderr}");
        let written = kinds(&stdout);
        assert!(written.contains(&"LambdaFunction") && written.contains(&"LambdaFunctionUrl"), "{operation}: {stdout}");
        assert!(!written.contains(&missing), "{operation}: {stdout}");
    }
}

#[tokio::test]
async fn a_statement_that_no_object_can_have_is_named_and_the_rest_is_written() {
    let world = World::new().await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    let statement = |id: &str, more: Value| {
        let mut statement = json!({"Sid": id, "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": "r"});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        statement
    };
    let there = json!({"StatementId": "plain", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
    world.aws.add_permission("hello", None, &there).await.unwrap();
    let strange = json!({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}});
    let policy = json!({"Statement": [statement("plain", json!({})), statement("strange", strange)]}).to_string();
    let rule = Rule::new("strange", Action::PatchAnswer(json!({"Policy": policy})));
    let rule = rule.account(&world.account).operation("GetPolicy");
    world.manners().add(&rule).await.unwrap();
    let Ran { code, stdout, stderr } = cli(&world, &["import", "hello"], "").await;
    assert_eq!((code, kinds(&stdout)), (Some(1), vec!["LambdaFunction", "LambdaPermission"]), "{stderr}");
    assert!(stderr.contains("permission:hello/strange was not imported: no LambdaPermission can have "), "{stderr}");
}

#[tokio::test]
async fn the_statements_of_a_public_url_are_left_to_the_url() {
    let world = World::new().await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    world.aws.create_url("hello", None, &json!({"AuthType": "NONE"})).await.unwrap();
    let everyone = json!({"StatementId": "FunctionURLAllowPublicAccess", "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*", "FunctionUrlAuthType": "NONE"});
    world.aws.add_permission("hello", None, &everyone).await.unwrap();
    let Ran { code, stdout, stderr } = cli(&world, &["import", "hello"], "").await;
    assert_eq!((code, kinds(&stdout)), (Some(0), vec!["LambdaFunction", "LambdaFunctionUrl"]), "{stderr}");
    assert!(
        stderr.contains("note: permission:hello/FunctionURLAllowPublicAccess has no object of its own"),
        "{stderr}"
    );
}
