//! What goes wrong with calls about aliases: faults by their names, lost answers, looks that come too early, the quota.

use serde_json::{Value, json};
use testbed::{Action, Bed, Filter, Match, Rule};

use crate::{account, aws};

fn scope(test: u64) -> Match {
    Match { account: Some(account(test)), ..Match::default() }
}

#[tokio::test]
async fn faults_of_aliases_have_names() {
    let aws = aws(40).await;
    let manners = Bed::from_env().unwrap().manners();
    let aliases = "/2015-03-31/functions/hello/aliases";
    let wanted = json!({"Name": "live", "FunctionVersion": "1"});
    let concurrent = "The function could not be updated due to a concurrent update operation.";
    for (fault, status, code, part) in [
        ("alias-conflict", 409, "ResourceConflictException", concurrent),
        ("alias-throttled", 429, "TooManyRequestsException", "Rate exceeded"),
        ("alias-denied", 403, "AccessDeniedException", "is not authorized to perform"),
    ] {
        manners.switch_on(fault, &scope(40)).await.unwrap();
        let (seen, answer) = aws.lambda("POST", aliases, Some(&wanted)).await.unwrap();
        assert_eq!(seen, status, "{fault}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(part), "{fault}: {answer}");
        assert_eq!(aws.get_function("hello").await.unwrap().0, 200, "{fault} is about aliases alone");
        let calls = manners.calls(&Filter::account(&account(40)).operation("CreateAlias")).await.unwrap();
        assert_eq!(calls.last().unwrap().error_code.as_deref(), Some(code));
        manners.switch_off(Some(fault), &scope(40)).await.unwrap();
    }
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    manners.switch_on("alias-shifting", &scope(40)).await.unwrap();
    let (_, shifting) = aws.get_alias("hello", "live").await.unwrap();
    assert_eq!(shifting["RoutingConfig"], json!({"AdditionalVersionWeights": {"1": 0.5}}));
    manners.switch_off(None, &scope(40)).await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().1.get("RoutingConfig"), None);
}

#[tokio::test]
async fn a_lost_answer_did_its_work() {
    let aws = aws(41).await;
    let manners = Bed::from_env().unwrap().manners();
    let lost = |operation: &str| {
        Rule::new("lost", Action::LoseAnswer).account(&account(41)).operation(operation).qualifier("live").times(1)
    };
    manners.add(&lost("CreateAlias")).await.unwrap();
    manners.add(&lost("UpdateAlias")).await.unwrap();
    assert!(aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.is_err());
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().1["FunctionVersion"], "1");
    assert!(aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.is_err());
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().1["FunctionVersion"], "2");
}

#[tokio::test]
async fn looks_are_behind_what_was_done_to_an_alias() {
    let aws = aws(42).await;
    let manners = Bed::from_env().unwrap().manners();
    manners.switch_on("alias-stale", &scope(42)).await.unwrap();
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let through = async || aws.lambda("GET", "/2015-03-31/functions/hello?Qualifier=live", None).await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().0, 404, "just after the creation");
    assert_eq!(aws.list_aliases("hello").await.unwrap(), Vec::<Value>::new());
    assert_eq!(through().await.0, 404);
    manners.switch_off(None, &scope(42)).await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().0, 200);

    manners.switch_on("stale", &scope(42)).await.unwrap();
    aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().1["FunctionVersion"], "1", "just after the update");
    assert_eq!(through().await.1["Configuration"]["Version"], "1");
    manners.switch_off(None, &scope(42)).await.unwrap();
    assert_eq!(through().await.1["Configuration"]["Version"], "2");

    manners.switch_on("alias-stale", &scope(42)).await.unwrap();
    aws.delete_alias("hello", "live").await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().0, 200, "just after the deletion");
    let looks = manners.calls(&Filter::account(&account(42)).operation("GetAlias")).await.unwrap();
    assert_eq!(looks.last().unwrap().rule.as_deref(), Some("alias-stale"), "the journal names it");
    manners.switch_off(None, &scope(42)).await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().0, 404);
}

#[tokio::test]
async fn the_quota_counts_them_among_all_other_calls() {
    let account = account(43);
    let aws = Bed::from_env().unwrap().aws(&account, crate::REGION);
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let aws = aws.clone();
            tokio::spawn(async move { aws.get_alias("hello", "live").await })
        })
        .collect();
    let mut refused = 0;
    for call in calls {
        let (status, answer) = call.await.unwrap().unwrap();
        refused += usize::from(status == 429);
        assert!(status == 404 || answer["Reason"] == "CallerRateLimitExceeded", "{status}: {answer}");
    }
    assert!((10..=25).contains(&refused), "{refused} of 40 were refused");
}
