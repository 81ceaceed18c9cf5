//! Drift checks of a family share their reads, and nothing is written on the strength of a read that was made for another object.

use std::time::Duration;

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use lambda_operator::api::permission::LambdaPermission;
use serde_json::json;
use support::mappings::uuid;
use support::world::{World, spec, spec_with, writes};
use testbed::{Call, poll};

const INTERVAL: [&str; 2] = ["--drift-interval", "12s"];

/// The calls of one round of drift checks come closer together than this, and two rounds do not.
const BETWEEN_ROUNDS: u64 = 5000;

const FAMILIES: usize = 8;

const PRINCIPALS: [&str; 3] = ["s3", "sns", "events"];

async fn permissions(world: &World, function: &str) {
    for principal in PRINCIPALS {
        let spec = json!({"functionRef": {"name": function}, "action": "lambda:InvokeFunction",
            "principal": format!("{principal}.amazonaws.com")});
        world.of::<LambdaPermission>().apply(&format!("{function}-{principal}"), &spec).await;
    }
}

async fn permissions_are_ready(world: &World, function: &str) {
    for principal in PRINCIPALS {
        world.of::<LambdaPermission>().is_ready(&format!("{function}-{principal}")).await;
    }
}

async fn mapping(world: &World, function: &str) {
    let queue = world.aws.create_queue(function).await.unwrap();
    let spec = json!({"functionRef": {"name": function}, "eventSourceArn": queue});
    world.of::<LambdaEventSourceMapping>().apply(function, &spec).await;
}

/// One function, one alias, three permissions, one public URL and one mapping.
async fn family(world: &World, function: &str) {
    world.apply(function, &spec_with(&json!({"publish": true}))).await;
    let of_function = json!({"name": function});
    let alias = json!({"functionRef": of_function, "functionVersionFrom": "Published", "name": "live"});
    world.of::<LambdaAlias>().apply(function, &alias).await;
    permissions(world, function).await;
    let url = json!({"functionRef": of_function, "authorizationType": "NONE"});
    world.of::<LambdaFunctionUrl>().apply(function, &url).await;
    mapping(world, function).await;
}

async fn family_is_ready(world: &World, function: &str) {
    world.ready(function).await;
    world.of::<LambdaAlias>().is_ready(function).await;
    permissions_are_ready(world, function).await;
    world.of::<LambdaFunctionUrl>().is_ready(function).await;
    world.of::<LambdaEventSourceMapping>().is_ready(function).await;
}

/// The calls round by round, without the first two rounds and the last, which may not be whole.
fn whole_rounds<'c>(calls: impl Iterator<Item = &'c Call>) -> Vec<Vec<&'c str>> {
    let (mut rounds, mut last) = (Vec::<Vec<&str>>::new(), None);
    for call in calls {
        if last.is_none_or(|last| call.at_ms > last + BETWEEN_ROUNDS) {
            rounds.push(Vec::new());
        }
        last = Some(call.at_ms);
        rounds.last_mut().unwrap().push(&call.operation);
    }
    let end = rounds.len().saturating_sub(1);
    rounds.drain(..end).skip(2).collect()
}

fn is_about_mappings(call: &Call) -> bool {
    call.operation.contains("EventSourceMapping") || call.operation == "ListTags"
}

#[tokio::test]
async fn an_idle_family_costs_at_most_four_calls_and_a_fifth() {
    let world = World::with(&INTERVAL).await;
    let names: Vec<_> = (0..FAMILIES).map(|number| format!("f{number}")).collect();
    for name in &names {
        family(&world, name).await;
    }
    for name in &names {
        family_is_ready(&world, name).await;
    }
    let mark = world.manners().mark().await.unwrap();
    let observed = poll("two whole rounds of drift checks", Duration::from_secs(240), async || {
        let calls = world.calls_since(mark).await;
        let of = |name: &String| {
            let own = |call: &&Call| call.function.as_ref() == Some(name) && !is_about_mappings(call);
            whole_rounds(calls.iter().filter(own)).iter().map(|round| own_text(round)).collect::<Vec<_>>()
        };
        let mappings = whole_rounds(calls.iter().filter(|call| is_about_mappings(call)));
        let mappings: Vec<_> = mappings.iter().map(|round| own_text(round)).collect();
        let functions: Vec<_> = names.iter().map(of).collect();
        let enough = functions.iter().chain([&mappings]).all(|rounds| rounds.len() >= 2);
        Ok(if enough { Ok((functions.concat(), mappings)) } else { Err(format!("{functions:?} {mappings:?}")) })
    });
    let (functions, mappings) = observed.await.unwrap();
    let calls = |rounds: &[Vec<String>]| rounds.iter().map(Vec::len).sum::<usize>() as f64;
    let of_functions = calls(&functions) / functions.len() as f64;
    let of_mappings = calls(&mappings) / (mappings.len() * FAMILIES) as f64;
    println!("{of_functions:.2} calls for a function and what belongs to it, {of_mappings:.2} for its mapping");
    assert!(of_functions + of_mappings <= 4.2, "{functions:?} {mappings:?}");
    let mut usual = functions[0].clone();
    usual.sort();
    assert_eq!(usual, ["GetAlias", "GetFunction", "GetFunctionUrlConfig", "GetPolicy"]);
}

fn own_text(round: &[&str]) -> Vec<String> {
    round.iter().map(|operation| (*operation).to_owned()).collect()
}

/// Without a read of their own, the second and third permission would be added by what the first has read. Two rules hold this, and each is enough here:
/// a reconcile that writes reads for itself, and no read is shared that began before a write. The unit tests of `recent` hold each alone.
#[tokio::test]
async fn a_statement_is_written_only_after_a_read_that_saw_the_write_before_it() {
    let world = World::with(&INTERVAL).await;
    world.settle("hello", &spec()).await;
    permissions(&world, "hello").await;
    permissions_are_ready(&world, "hello").await;
    let mark = world.manners().mark().await.unwrap();
    for statement in world.aws.statements("hello", None).await.unwrap() {
        world.aws.remove_permission("hello", None, statement["Sid"].as_str().unwrap()).await.unwrap();
    }
    // By the journal, because calls of the test would count against the account's quota.
    world
        .until("the statements to be back", async |world: &World| {
            let calls = world.calls_since(mark).await;
            let added = calls.iter().filter(|call| call.operation == "AddPermission" && call.status == 201).count();
            if added == 3 { Ok(()) } else { Err(added.to_string()) }
        })
        .await;
    let calls = world.calls_since(mark).await;
    let of_policy: Vec<_> = calls
        .iter()
        .map(|call| call.operation.as_str())
        .filter(|name| ["GetPolicy", "AddPermission"].contains(name))
        .collect();
    for (before, call) in of_policy.iter().zip(of_policy.iter().skip(1)) {
        assert!(*call != "AddPermission" || *before == "GetPolicy", "{of_policy:?}");
    }
    assert_eq!(of_policy.iter().filter(|name| **name == "AddPermission").count(), 3, "{of_policy:?}");
}

#[tokio::test]
async fn a_mapping_that_a_list_shows_as_changed_is_read_before_it_is_written() {
    let world = World::with(&INTERVAL).await;
    let names = ["one", "two", "three"];
    for name in names {
        world.settle(name, &spec()).await;
        mapping(&world, name).await;
    }
    let mappings = world.of::<LambdaEventSourceMapping>();
    for name in names {
        mappings.is_ready(name).await;
    }
    // By now the list stands for all of them.
    let mark = world.manners().mark().await.unwrap();
    world
        .until("a check by a list alone", async |world: &World| {
            let calls = world.calls_since(mark).await;
            let rounds = whole_rounds(calls.iter().filter(|call| is_about_mappings(call)));
            if rounds.contains(&vec!["ListEventSourceMappings"]) { Ok(()) } else { Err(format!("{rounds:?}")) }
        })
        .await;
    let mark = world.manners().mark().await.unwrap();
    let changed = uuid(&mappings.is_ready("two").await);
    world.aws.update_mapping(&changed, &json!({"BatchSize": 3})).await.unwrap();
    world
        .until("the drift to be corrected", async |world: &World| {
            let calls = world.calls_since(mark).await;
            if writes(&calls) == ["UpdateEventSourceMapping"] { Ok(()) } else { Err(format!("{calls:?}")) }
        })
        .await;
    let calls = world.calls_since(mark).await;
    let about: Vec<_> = calls.iter().filter(|call| is_about_mappings(call)).map(|call| &*call.operation).collect();
    let write = about.iter().position(|name| *name == "UpdateEventSourceMapping").unwrap();
    let list = about[..write].iter().rposition(|name| *name == "ListEventSourceMappings").unwrap();
    assert!(about[list..write].contains(&"GetEventSourceMapping"), "{about:?}");
    assert_eq!(world.mapping(&changed).await.unwrap()["BatchSize"], 10);
}
