//! The hostile actions and the named faults do to calls what they say, on the wire, and end when they are switched off.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{Action, Aws, BEHIND, Bed, Error, Filter, Match, Rule, poll};

const REGION: &str = "eu-west-1";

/// Twelve digits that no other run and no other test has.
fn account(test: u64) -> String {
    format!("{:07}{:05}", std::process::id() % 10_000_000, 500 + test)
}

fn scope(account: &str) -> Match {
    Match { account: Some(account.to_owned()), ..Match::default() }
}

async fn made(aws: &Aws) -> Value {
    aws.create_function("hello", &json!({})).await.unwrap();
    aws.wait_until_at_rest("hello").await.unwrap()
}

fn memory(answer: &Value) -> &Value {
    &answer["Configuration"]["MemorySize"]
}

#[tokio::test]
async fn a_page_of_a_gateway_is_answered_as_it_is() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(1), REGION);
    bed.manners().switch_on("bad-gateway", &scope(&account(1))).await.unwrap();
    let (status, body) = aws.get_function("hello").await.unwrap();
    assert_eq!((status, body), (502, Value::Null), "no JSON");
    bed.manners().switch_off(Some("bad-gateway"), &scope(&account(1))).await.unwrap();
    assert_eq!(aws.get_function("hello").await.unwrap().0, 404);
}

#[tokio::test]
async fn a_dribbling_answer_comes_late_and_whole() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(2), REGION);
    let rule = Rule::new("drops", Action::Dribble { ms: 2 }).account(&account(2)).times(1);
    bed.manners().add(&rule).await.unwrap();
    let started = Instant::now();
    let (status, body) = aws.get_function("hello").await.unwrap();
    assert_eq!(status, 404);
    assert!(body["Message"].as_str().or(body["message"].as_str()).unwrap().starts_with("Function not found"), "{body}");
    assert!(started.elapsed() > Duration::from_millis(300), "{:?} for hundreds of bytes", started.elapsed());
    let started = Instant::now();
    aws.get_function("hello").await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(300), "the connection is well again: {:?}", started.elapsed());
}

#[tokio::test]
async fn a_reset_is_seen_as_one_and_does_nothing() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(3), REGION);
    bed.manners()
        .switch_on("reset", &Match { operation: Some("CreateFunction".into()), ..scope(&account(3)) })
        .await
        .unwrap();
    let Err(error @ Error::NoAnswer { .. }) = aws.create_function("hello", &json!({})).await else {
        panic!("it was answered")
    };
    assert!(error.to_string().to_lowercase().contains("reset"), "{error}");
    assert_eq!(aws.get_function("hello").await.unwrap().0, 404);
}

#[tokio::test]
async fn reads_are_behind_each_kind_of_write_for_a_while() {
    let bed = Bed::from_env().unwrap();
    let (account, manners) = (account(4), bed.manners());
    let aws = bed.aws(&account, REGION);
    manners.switch_on("stale", &scope(&account)).await.unwrap();
    aws.create_function("hello", &json!({})).await.unwrap();
    assert_eq!(aws.get_function("hello").await.unwrap().0, 404, "just after the creation");
    let shown = |what: &'static str, wanted: Option<i64>| {
        let aws = aws.clone();
        poll(what, Duration::from_secs(20), async move || {
            let (status, answer) = aws.get_function("hello").await?;
            let as_wanted = match wanted {
                Some(size) => status == 200 && *memory(&answer) == json!(size),
                None => status == 404,
            };
            Ok(if as_wanted { Ok(()) } else { Err(format!("{status}: {answer}")) })
        })
    };
    let started = Instant::now();
    shown("the creation", Some(128)).await.unwrap();
    assert!(started.elapsed() < BEHIND.0 + Duration::from_secs(5));
    aws.wait_until_at_rest("hello").await.unwrap();
    aws.change_configuration("hello", &json!({"MemorySize": 256})).await.unwrap();
    assert_eq!(*memory(&aws.get_function("hello").await.unwrap().1), json!(128), "just after the update");
    shown("the update", Some(256)).await.unwrap();
    aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    assert_eq!(aws.get_function("hello").await.unwrap().0, 200, "just after the deletion");
    shown("the deletion", None).await.unwrap();
    let journal = manners.calls(&Filter::account(&account).operation("GetFunction")).await.unwrap();
    assert!(journal.iter().any(|call| call.rule.as_deref() == Some("stale")), "the journal names it");
    assert!(journal.iter().any(|call| call.rule.is_none()), "and only where it came into play");
}

#[tokio::test]
async fn a_fault_that_is_switched_off_leaves_nothing_behind() {
    let bed = Bed::from_env().unwrap();
    let (account, manners) = (account(5), bed.manners());
    let aws = bed.aws(&account, REGION);
    made(&aws).await;
    manners.switch_on("stale-after-update", &scope(&account)).await.unwrap();
    manners.switch_on("stuck-pending", &scope(&account)).await.unwrap();
    aws.change_configuration("hello", &json!({"MemorySize": 256})).await.unwrap();
    let (_, answer) = aws.get_function("hello").await.unwrap();
    assert_eq!((memory(&answer), &answer["Configuration"]["State"]), (&json!(128), &json!("Pending")));
    let other = Match { account: Some("999999999999".into()), ..Match::default() };
    manners.switch_off(None, &other).await.unwrap();
    assert_eq!(aws.get_function("hello").await.unwrap().1["Configuration"]["State"], "Pending", "another's");
    manners.switch_off(None, &scope(&account)).await.unwrap();
    let (_, answer) = aws.get_function("hello").await.unwrap();
    assert_eq!((memory(&answer), &answer["Configuration"]["State"]), (&json!(256), &json!("Active")));
    let unknown = manners.switch_on("nonsense", &scope(&account)).await.unwrap_err().to_string();
    assert!(unknown.contains("testbed fault list"), "{unknown}");
}

#[tokio::test]
async fn the_revision_id_changes_with_every_read() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(6), REGION);
    made(&aws).await;
    bed.manners().switch_on("revision-moves", &scope(&account(6))).await.unwrap();
    let (_, one) = aws.get_function("hello").await.unwrap();
    let (_, two) = aws.get_function("hello").await.unwrap();
    assert_ne!(one["Configuration"]["RevisionId"], two["Configuration"]["RevisionId"]);
}

/// As a person does it, with curl and with the command.
#[tokio::test]
async fn faults_switch_by_name_through_api_and_command_line() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(7), REGION);
    let control =
        async |method: &str, path: &str| aws.lambda(method, &format!("/_testbed/{path}"), None).await.unwrap();
    let on = async || {
        let (_, faults) = control("GET", "faults").await;
        let fault = faults.as_array().unwrap().iter().find(|fault| fault["name"] == "throttled").unwrap().clone();
        fault["on"].clone()
    };
    let path = format!("faults/throttled?account={}&function=hello", account(7));
    assert_eq!(control("POST", &path).await.0, 200);
    assert_eq!(on().await, json!(true));
    assert_eq!(aws.get_function("hello").await.unwrap().0, 429);
    assert_eq!(aws.get_function("other").await.unwrap().0, 404);
    assert_eq!(control("DELETE", "faults/throttled").await.0, 200);
    assert_eq!((on().await, aws.get_function("hello").await.unwrap().0), (json!(false), 404));
    assert_eq!(control("POST", "faults/nonsense").await.0, 404);

    let command = async |words: &[&str]| {
        let output = testbed::command(env!("CARGO_BIN_EXE_testbed"))
            .arg("fault")
            .args(words)
            .stdout(std::process::Stdio::piped())
            .output();
        let output = output.await.unwrap();
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mine = format!("only-{}", account(7));
    command(&["on", "service-exception", "--function", &mine]).await;
    assert_eq!(aws.get_function(&mine).await.unwrap().0, 500);
    let list = command(&["list"]).await;
    assert!(list.contains(&format!("ON for {mine}: every call: 500 ServiceException")), "{list}");
    command(&["off", "service-exception"]).await;
    assert_eq!(aws.get_function(&mine).await.unwrap().0, 404);
}
