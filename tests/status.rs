//! Every status that a pass can end in keeps kstatus's rules, moves times only with news, and counts waits by one clock.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use lambda_operator::api::status::LambdaFunctionStatus;
use lambda_operator::function::reasons::{REASONS, Standing};
use lambda_operator::function::{Blocked, Class, Did, Error, Operation, Outcome, Pass, Place, Seen, Work, status};

const START: Timestamp = Timestamp::UNIX_EPOCH;

fn after(seconds: i64) -> Timestamp {
    START + SignedDuration::from_secs(seconds)
}

fn place() -> Place {
    Place { account: "123456789012".into(), region: "eu-west-1".into(), name: "f".into() }
}

fn error(code: &str, http_status: u16, text: &str) -> Outcome {
    Outcome::Failed(Error::new(Operation::CreateFunction, code, http_status, text))
}

fn new_role() -> Outcome {
    error("InvalidParameterValueException", 400, "The role defined for the function cannot be assumed by Lambda.")
}

fn outcomes() -> Vec<Outcome> {
    let mut all = vec![
        Outcome::Settled,
        Outcome::Suspended,
        Outcome::Drifted(Vec::new()),
        Outcome::Working(Work::Creating),
        Outcome::Working(Work::Sent(vec![Operation::CreateFunction])),
        Outcome::Working(Work::Sent(vec![Operation::UpdateFunctionCode])),
        Outcome::Working(Work::Waiting),
        Outcome::Working(Work::Deleting),
        Outcome::Missing("Secret db does not exist.".into()),
        new_role(),
        error("ResourceConflictException", 409, "An update is in progress"),
        error("ResourceConflictException", 409, "Function already exist: f"),
        error("TooManyRequestsException", 429, "Rate exceeded"),
        error("AccessDeniedException", 403, "no"),
        error("ValidationException", 400, "no"),
        error("ResourceNotFoundException", 404, "no"),
        error("", 502, ""),
    ];
    let blocked = [
        Blocked::NotOurs(None),
        Blocked::NotOurs(Some("other/ns/f".into())),
        Blocked::TagsWithheld,
        Blocked::Immutable("packageType"),
        Blocked::UpdateFailed,
        Blocked::FunctionFailed,
        Blocked::VersionFailed("why".into()),
        Blocked::CodeHashMismatch { said: "a".into(), is: "b".into() },
        Blocked::InvalidSpec("Say less.".into()),
        Blocked::NotAllowed("Not here.".into()),
        Blocked::IdentityChanged("Elsewhere.".into()),
    ];
    all.extend(blocked.map(Outcome::Blocked));
    all
}

fn ended(
    before: Option<&LambdaFunctionStatus>,
    generation: i64,
    outcome: Outcome,
    now: Timestamp,
) -> LambdaFunctionStatus {
    let place = place();
    let timeout = Duration::from_secs(60);
    let pass = Pass {
        generation,
        place: Some(&place),
        seen: Seen::Nothing,
        outcome,
        references: String::new(),
        did: Did::default(),
        timeout,
        requested: None,
    };
    status(before, &pass, now)
}

fn find<'a>(status: &'a LambdaFunctionStatus, type_: &str) -> Option<&'a Condition> {
    status.conditions.iter().find(|condition| condition.type_ == type_)
}

/// What Helm, Flux and kubectl read out of it.
fn keeps_the_rules(status: &LambdaFunctionStatus, generation: i64) {
    assert_eq!(status.observed_generation, Some(generation));
    let ready = find(status, "Ready").unwrap();
    let (reconciling, stalled) = (find(status, "Reconciling"), find(status, "Stalled"));
    assert!(reconciling.is_none() || stalled.is_none(), "never both: {status:#?}");
    let nobody_looks = ready.status == "Unknown" && ready.reason == "Suspended";
    assert_eq!(ready.status == "True" || nobody_looks, reconciling.is_none() && stalled.is_none(), "{status:#?}");
    assert!(
        reconciling.into_iter().chain(stalled).all(|condition| condition.status == "True"),
        "present only while true"
    );
    for condition in &status.conditions {
        assert_eq!(condition.observed_generation, Some(generation));
        assert!(!condition.reason.is_empty() && condition.reason.chars().all(char::is_alphanumeric), "{condition:?}");
        assert!(!condition.message.is_empty(), "{condition:?}");
    }
    let mut types: Vec<_> = status.conditions.iter().map(|condition| &condition.type_).collect();
    types.sort();
    types.dedup();
    assert_eq!(types.len(), status.conditions.len(), "each type once");
}

#[test]
fn every_pair_of_outcomes_keeps_the_rules_of_kstatus() {
    for first in outcomes() {
        let before = ended(None, 1, first.clone(), START);
        keeps_the_rules(&before, 1);
        for second in outcomes() {
            keeps_the_rules(&ended(Some(&before), 2, second, after(5)), 2);
        }
    }
}

/// docs/operations.md is made from the table, so that no reason is a riddle.
#[test]
fn every_reason_is_in_the_table_with_its_condition() {
    for outcome in outcomes() {
        let status = ended(None, 1, outcome, START);
        let ready = find(&status, "Ready").unwrap();
        let known = REASONS.iter().find(|reason| reason.name == ready.reason);
        let known = known.unwrap_or_else(|| panic!("{} is not in the table", ready.reason));
        let standing = match (find(&status, "Reconciling"), find(&status, "Stalled")) {
            (Some(_), _) => Standing::Reconciling,
            (_, Some(_)) => Standing::Stalled,
            (None, None) if ready.status == "Unknown" => Standing::Unknown,
            (None, None) => Standing::Ready,
        };
        assert_eq!(known.standing, standing, "{}", ready.reason);
        assert!(known.meaning.ends_with('.') && known.remedy.ends_with('.'), "{}", known.name);
    }
}

#[test]
fn the_same_again_is_the_same_status_to_the_letter() {
    for outcome in outcomes() {
        let before = ended(None, 1, outcome.clone(), START);
        assert_eq!(ended(Some(&before), 1, outcome, after(30)), before, "a time moved without news");
    }
}

#[test]
fn a_transition_time_moves_only_when_the_condition_turns() {
    let failed = ended(None, 1, error("ValidationException", 400, "no"), START);
    let otherwise = ended(Some(&failed), 2, Outcome::Blocked(Blocked::TagsWithheld), after(5));
    let time = |status: &LambdaFunctionStatus| find(status, "Ready").unwrap().last_transition_time.0;
    assert_eq!(time(&otherwise), START, "another reason is no turn");
    assert_eq!(time(&ended(Some(&otherwise), 2, Outcome::Settled, after(9))), after(9));
}

#[test]
fn a_wait_has_one_clock_which_a_new_generation_starts_again() {
    let waiting = ended(None, 1, new_role(), START);
    assert_eq!(find(&waiting, "Reconciling").unwrap().reason, Class::Propagating.reason());
    let between = ended(Some(&waiting), 1, error("TooManyRequestsException", 429, "Rate exceeded"), after(30));
    assert_eq!(find(&between, "Reconciling").unwrap().reason, "Throttled");
    let late = ended(Some(&between), 1, new_role(), after(61));
    let stalled = find(&late, "Stalled").unwrap();
    assert_eq!(stalled.reason, "TimedOut");
    assert!(stalled.message.contains("60 s") && stalled.message.contains("cannot be assumed"), "{}", stalled.message);
    let edited = ended(Some(&late), 2, new_role(), after(62));
    assert_eq!(find(&edited, "Reconciling").unwrap().reason, Class::Propagating.reason());
    assert_eq!(edited.waiting.unwrap().since, after(62));
    assert_eq!(ended(Some(&late), 1, Outcome::Settled, after(63)).waiting, None);
}

#[test]
fn what_is_over_by_itself_never_asks_for_a_person() {
    for outcome in [error("TooManyRequestsException", 429, "Rate exceeded"), error("", 503, "")] {
        let before = ended(None, 1, outcome.clone(), START);
        assert!(find(&ended(Some(&before), 1, outcome, after(1_000_000)), "Stalled").is_none());
    }
}
