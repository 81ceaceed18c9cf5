//! Every status of a reconcile follows the rules of kstatus, changes times only together with a condition, and counts waits by one clock.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::LambdaFunctionStatus;
use crate::api::shared::WaitFor;
use crate::core::blocked::{Blocked, Half, Recovery};
use crate::core::conclusion::{Conclusion, Seen, StatusInput};
use crate::core::deletion::Deletion;
use crate::core::error::Error;
use crate::core::error::class::Class;
use crate::core::hand_over::ObjectName;
use crate::core::kind::StatusInputOf;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Progress};
use crate::core::reason::{Reason, Standing};
use crate::core::status;
use crate::core::target::Target;

const IDENTITY: &str = "arn:aws:iam::123456789012:role/operator";
const START: Timestamp = Timestamp::UNIX_EPOCH;

fn after(seconds: i64) -> Timestamp {
    START + SignedDuration::from_secs(seconds)
}

fn target() -> Target {
    Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "f".into() }
}

fn error(code: &str, http_status: u16, text: &'static str) -> Outcome {
    Outcome::Failed(Error::new(Operation::CreateFunction, code, http_status, text))
}

fn new_role() -> Outcome {
    error("InvalidParameterValueException", 400, "The role defined for the function cannot be assumed by Lambda.")
}

fn replicated() -> Outcome {
    let text = "Lambda was unable to delete the function because it is a replicated function.";
    Outcome::Failed(Error::new(Operation::DeleteFunction, "InvalidParameterValueException", 400, text))
}

fn outcomes() -> Vec<Outcome> {
    let mut all = vec![
        Outcome::Settled,
        Outcome::Suspended,
        Outcome::Unselected("Not here.".into()),
        Outcome::HandingOver(ObjectName { namespace: "n".into(), name: "f".into() }),
        Outcome::Drifted(Vec::new()),
        Outcome::InProgress(Progress::Creating),
        Outcome::InProgress(Progress::Sent(vec![Operation::CreateFunction])),
        Outcome::InProgress(Progress::Sent(vec![Operation::UpdateFunctionCode])),
        Outcome::InProgress(Progress::Waiting),
        Outcome::InProgress(Progress::Deleting),
        Outcome::Missing("Secret db does not exist.".into()),
        new_role(),
        error("ResourceConflictException", 409, "An update is in progress"),
        error("ResourceConflictException", 409, "Function already exist: f"),
        error("TooManyRequestsException", 429, "Rate exceeded"),
        error("AccessDeniedException", 403, "no"),
        error("ExpiredTokenException", 400, "no"),
        error("ValidationException", 400, "no"),
        error("ResourceNotFoundException", 404, "no"),
        error("", 502, ""),
        error("ExpiredTokenException", 403, "expired"),
        error("CodeStorageExceededException", 400, "full"),
        error("CodeVerificationFailedException", 400, "unsigned"),
        replicated(),
        Outcome::InProgress(Progress::Removing),
    ];
    let blocked = [
        Blocked::NotOwned(None),
        Blocked::NotOwned(Some("other/ns/f".into())),
        Blocked::OtherCluster("other/ns/f".into()),
        Blocked::OwnershipUnknown,
        Blocked::Immutable("packageType"),
        Blocked::UpdateFailed(Half::Both),
        Blocked::FunctionFailed(Recovery::Recreate),
        Blocked::VersionFailed("why".into()),
        Blocked::CodeHashMismatch { said: "a".into(), is: "b".into(), may_change: true },
        Blocked::InvalidSpec("Say less.".into()),
        Blocked::NotAllowed("Not here.".into()),
        Blocked::TargetChanged("Elsewhere.".into()),
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
    pass_ended(before, generation, outcome, now, None)
}

/// The same for an object that is being deleted.
fn deletion(
    before: Option<&LambdaFunctionStatus>,
    skip_destroy: bool,
    outcome: Outcome,
    now: Timestamp,
) -> LambdaFunctionStatus {
    pass_ended(before, 2, outcome, now, Some(Deletion { namespace: "demo", name: "hello", skip_destroy }))
}

fn pass_ended(
    before: Option<&LambdaFunctionStatus>,
    generation: i64,
    outcome: Outcome,
    now: Timestamp,
    deletion: Option<Deletion<'_>>,
) -> LambdaFunctionStatus {
    let target = target();
    let timeout = Duration::from_secs(60);
    let conclusion = Conclusion::new(outcome).at(&target);
    let pass = StatusInput {
        conclusion: &conclusion,
        generation,
        identity: Some(IDENTITY),
        references: String::new(),
        timeout,
        requested: None,
        shown: None,
        deletion,
    };
    status(before, &pass, now)
}

/// The status after a reconcile of a function.
fn status(
    before: Option<&LambdaFunctionStatus>,
    input: &StatusInputOf<'_, LambdaFunction>,
    now: Timestamp,
) -> LambdaFunctionStatus {
    status::status::<LambdaFunction>(before, input, now)
}

fn find<'a>(status: &'a LambdaFunctionStatus, type_: &str) -> Option<&'a Condition> {
    status.common.conditions.iter().find(|condition| condition.type_ == type_)
}

/// The interpretation of the status by Helm, Flux and kubectl.
fn keeps_the_rules(status: &LambdaFunctionStatus, generation: i64) {
    assert_eq!(status.common.observed_generation, Some(generation));
    let ready = find(status, "Ready").unwrap();
    let (reconciling, stalled) = (find(status, "Reconciling"), find(status, "Stalled"));
    assert!(reconciling.is_none() || stalled.is_none(), "never both: {status:#?}");
    let nobody_looks =
        ready.status == "Unknown" && matches!(ready.reason.as_str(), "Suspended" | "HandingOver" | "NotSelected");
    assert_eq!(ready.status == "True" || nobody_looks, reconciling.is_none() && stalled.is_none(), "{status:#?}");
    assert!(
        reconciling.into_iter().chain(stalled).all(|condition| condition.status == "True"),
        "present only while true"
    );
    for condition in &status.common.conditions {
        assert_eq!(condition.observed_generation, Some(generation));
        assert!(!condition.reason.is_empty() && condition.reason.chars().all(char::is_alphanumeric), "{condition:?}");
        assert!(!condition.message.is_empty(), "{condition:?}");
    }
    let mut types: Vec<_> = status.common.conditions.iter().map(|condition| &condition.type_).collect();
    types.sort();
    types.dedup();
    assert_eq!(types.len(), status.common.conditions.len(), "each type once");
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

/// The class of an error, the standing of its reason and the condition of the object agree.
#[test]
fn every_class_of_errors_has_one_reason_in_the_table() {
    for class in Class::ALL {
        let standing = if class.stalls() { Standing::Stalled } else { Standing::Reconciling };
        assert_eq!(class.reason().standing(), standing, "{class:?}");
        assert!(!(class.stalls() && class.wait().is_some()), "{class:?}: who is told at once does not wait");
        assert!(class.pace().first >= Duration::from_secs(1), "{class:?} is retried hot");
        assert!(!class.stalls() || !class.advice().is_empty(), "{class:?}: what is a person to do?");
    }
}

#[test]
fn self_healing_errors_stall_only_after_the_timeout() {
    let no_layer = error("ResourceNotFoundException", 404, "Layer version arn:aws:lambda:l:1 does not exist.");
    let exists = error("ResourceConflictException", 409, "Function already exist: f");
    for outcome in [new_role(), error("ExpiredTokenException", 403, "expired"), replicated(), no_layer, exists] {
        let first = ended(None, 1, outcome.clone(), START);
        assert!(find(&first, "Reconciling").is_some());
        let soon = ended(Some(&first), 1, outcome.clone(), after(60));
        assert!(find(&soon, "Stalled").is_none());
        let late = ended(Some(&soon), 1, outcome, after(61));
        assert_eq!(find(&late, "Stalled").unwrap().reason, "TimedOut");
    }
}

/// A function may exist that no read has shown. The record of this keeps the object from being released when it is deleted.
#[test]
fn an_unanswered_create_is_recorded_and_a_refused_is_not() {
    let remembered = |outcome| ended(None, 1, outcome, START).record.common.perhaps_created;
    assert_eq!(remembered(error("", 0, "connection reset")), Some(START));
    assert_eq!(remembered(error("ServiceException", 500, "")), Some(START), "AWS may have made it behind a 5xx");
    assert_eq!(remembered(error("ResourceConflictException", 409, "Function already exist: f")), Some(START));
    assert_eq!(remembered(error("TooManyRequestsException", 429, "Rate exceeded")), Some(START), "and behind a 429");
    assert_eq!(remembered(error("ValidationException", 400, "no")), None);
    let query = Outcome::Failed(Error::new(Operation::GetFunction, "", 0, "connection reset"));
    assert_eq!(remembered(query), None);
}

/// docs/operations.md is generated from the table, so every reason needs a meaning and a remedy.
#[test]
fn every_reason_is_in_the_table_with_its_condition() {
    for outcome in outcomes() {
        let status = ended(None, 1, outcome, START);
        let ready = find(&status, "Ready").unwrap();
        let known = Reason::named(&ready.reason);
        let known = known.unwrap_or_else(|| panic!("{} is not in the table", ready.reason));
        let standing = match (find(&status, "Reconciling"), find(&status, "Stalled")) {
            (Some(_), _) => Standing::Reconciling,
            (_, Some(_)) => Standing::Stalled,
            (None, None) if ready.status == "Unknown" => Standing::Unknown,
            (None, None) => Standing::Ready,
        };
        assert_eq!(known.standing(), standing, "{}", ready.reason);
        assert!(known.meaning().ends_with('.') && known.remedy().ends_with('.'), "{}", known.name());
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
fn the_identity_in_status_survives_a_failed_reconcile() {
    let before = ended(None, 1, new_role(), START);
    assert_eq!(before.common.identity.as_deref(), Some(IDENTITY));
    let conclusion = Conclusion::new(error("", 503, "")).saw(Seen::Absent);
    let unknown = StatusInput {
        conclusion: &conclusion,
        generation: 1,
        identity: None,
        references: String::new(),
        timeout: Duration::from_secs(60),
        requested: None,
        shown: None,
        deletion: None,
    };
    assert_eq!(status(Some(&before), &unknown, after(5)).common.identity.as_deref(), Some(IDENTITY));
}

#[test]
fn a_transition_time_moves_only_when_the_condition_turns() {
    let failed = ended(None, 1, error("ValidationException", 400, "no"), START);
    let otherwise = ended(Some(&failed), 2, Outcome::Blocked(Blocked::OwnershipUnknown), after(5));
    let time = |status: &LambdaFunctionStatus| find(status, "Ready").unwrap().last_transition_time.0;
    assert_eq!(time(&otherwise), START, "another reason is no turn");
    assert_eq!(time(&ended(Some(&otherwise), 2, Outcome::Settled, after(9))), after(9));
}

#[test]
fn a_wait_has_one_clock_which_a_new_generation_starts_again() {
    let waiting = ended(None, 1, new_role(), START);
    assert_eq!(find(&waiting, "Reconciling").unwrap().reason, Class::Propagating.reason().name());
    let between = ended(Some(&waiting), 1, error("TooManyRequestsException", 429, "Rate exceeded"), after(30));
    assert_eq!(find(&between, "Reconciling").unwrap().reason, "Throttled");
    let late = ended(Some(&between), 1, new_role(), after(61));
    let stalled = find(&late, "Stalled").unwrap();
    assert_eq!(stalled.reason, "TimedOut");
    assert!(
        stalled.message.contains("after 1m: ") && stalled.message.contains("cannot be assumed"),
        "{}",
        stalled.message
    );
    let edited = ended(Some(&late), 2, new_role(), after(62));
    assert_eq!(find(&edited, "Reconciling").unwrap().reason, Class::Propagating.reason().name());
    assert_eq!(edited.record.common.wait.unwrap().since, after(62));
    assert_eq!(ended(Some(&late), 1, Outcome::Settled, after(63)).record.common.wait, None);
}

#[test]
fn throttling_and_outages_never_stall() {
    for outcome in [error("TooManyRequestsException", 429, "Rate exceeded"), error("", 503, "")] {
        let before = ended(None, 1, outcome.clone(), START);
        assert!(find(&ended(Some(&before), 1, outcome, after(1_000_000)), "Stalled").is_none());
    }
}

/// Otherwise an outage between the two would make a stale read count, and leave an orphan.
#[test]
fn evidence_of_a_write_survives_a_failed_read_on_deletion() {
    let begun = ended(None, 1, error("", 503, ""), START);
    let begun = deletion(Some(&begun), false, Outcome::InProgress(Progress::Searching), START);
    assert_eq!(begun.record.common.wait.as_ref().map(|wait| wait.what), Some(WaitFor::Aws));
    let release = deletion(None, false, Outcome::InProgress(Progress::Removing), START);
    for before in [begun, release] {
        for (code, http_status) in [("", 503), ("TooManyRequestsException", 429), ("AccessDenied", 403)] {
            let outcome = Outcome::Failed(Error::new(Operation::GetFunction, code, http_status, ""));
            let after = deletion(Some(&before), false, outcome, after(2));
            assert_eq!(after.record.common.wait, before.record.common.wait);
            assert_eq!(after.record.common.perhaps_created, before.record.common.perhaps_created);
        }
    }
}

const BY_HAND: &str =
    r#"remove the finalizer: kubectl patch lfn -n demo hello --type=merge -p '{"metadata":{"finalizers":null}}'."#;

/// Every object whose deletion waits has, at the latest after its timeout, a message with the cause and the way to release it manually.
#[test]
fn every_blocked_deletion_explains_the_manual_release() {
    let suspended = deletion(None, false, Outcome::Suspended, START);
    assert!(
        find(&suspended, "Ready").unwrap().message.contains("skipDestroy"),
        "asked to wait, it says what ends that"
    );
    // An object that hands its resource over is released at once.
    let goes = |outcome: &Outcome| {
        matches!(outcome, Outcome::Settled | Outcome::Suspended | Outcome::Unselected(_) | Outcome::HandingOver(_))
    };
    for outcome in outcomes().into_iter().filter(|outcome| !goes(outcome)) {
        for skip_destroy in [false, true] {
            let early = deletion(None, skip_destroy, outcome.clone(), START);
            keeps_the_rules(&early, 2);
            let late = deletion(Some(&early), skip_destroy, outcome.clone(), after(61));
            let stalled = find(&late, "Stalled").unwrap_or_else(|| panic!("{outcome:?} is silent for ever"));
            assert!(stalled.message.ends_with(BY_HAND), "{}", stalled.message);
            assert!(
                !(skip_destroy && stalled.message.contains("skipDestroy")),
                "it is set already: {}",
                stalled.message
            );
            if let Some(reconciling) = find(&early, "Reconciling") {
                assert!(!reconciling.message.contains("finalizer"), "no alarm yet: {}", reconciling.message);
            }
        }
        let alive = ended(None, 2, outcome, START);
        assert!(find(&alive, "Ready").unwrap().message.find("finalizer").is_none(), "only one that is leaving");
    }
}

#[test]
fn skip_destroy_is_offered_only_where_it_helps() {
    let denied = |operation| Outcome::Failed(Error::new(operation, "AccessDeniedException", 403, "no"));
    let offers =
        |outcome| find(&deletion(None, false, outcome, START), "Stalled").unwrap().message.contains("skipDestroy");
    assert!(offers(denied(Operation::DeleteFunction)));
    assert!(offers(Outcome::Blocked(Blocked::InvalidSpec("No group.".into()))));
    assert!(!offers(denied(Operation::GetFunction)), "a release looks, too");
    assert!(!offers(Outcome::Blocked(Blocked::OwnershipUnknown)));
    assert!(!offers(Outcome::Blocked(Blocked::TargetChanged("Elsewhere.".into()))));
}

#[test]
fn a_blocked_deletion_does_not_ask_for_a_spec_change() {
    let refused = Error::new(Operation::DeleteFunction, "InvalidParameterValueException", 400, "It is replicated");
    let status = deletion(None, false, Outcome::Failed(refused), START);
    assert_eq!(
        find(&status, "Stalled").unwrap().message,
        format!(
            "DeleteFunction: InvalidParameterValueException: It is replicated. Retried every few minutes. \
             To keep the function in AWS, without an owner, set spec.skipDestroy: true. \
             To give up and leave AWS untouched, {BY_HAND}"
        )
    );
}

/// AWS does not answer, then is busy, then does not answer: this counts as one wait.
#[test]
fn a_deletion_has_one_clock_whatever_it_waits_for() {
    let away = deletion(None, false, error("", 0, "connection refused"), START);
    assert!(find(&away, "Reconciling").is_some());
    let busy = deletion(Some(&away), false, Outcome::InProgress(Progress::Deleting), after(30));
    assert_eq!(busy.record.common.wait, away.record.common.wait);
    let late = deletion(Some(&busy), false, error("", 0, "connection refused"), after(61));
    let stalled = find(&late, "Stalled").unwrap();
    assert_eq!(stalled.reason, "TimedOut");
    assert!(
        stalled.message.contains("after 1m: ") && stalled.message.contains("connection refused"),
        "{}",
        stalled.message
    );
}

/// Each cause of a failure and of a mismatch has its own message, so that the user need not find out which case applies.
#[test]
fn two_causes_are_two_messages() {
    let message = |blocked| {
        let status = ended(None, 1, Outcome::Blocked(blocked), START);
        find(&status, "Stalled").unwrap().message.clone()
    };
    let failed = |recovery| message(Blocked::FunctionFailed(recovery));
    assert!(
        failed(Recovery::Recreate).contains("never active") && failed(Recovery::Recreate).contains("creates it again")
    );
    assert!(
        failed(Recovery::Redeploy).contains("active before")
            && failed(Recovery::Redeploy).contains("deploys its code again")
    );
    assert!(failed(Recovery::Manual).contains("does not repair it"));
    let mismatch = |may_change| message(Blocked::CodeHashMismatch { said: "a".into(), is: "b".into(), may_change });
    assert!(mismatch(true).contains("checks the source again every 15 minutes"));
    assert!(!mismatch(false).contains("again"));
}

#[test]
fn a_timeout_is_written_as_the_spec_writes_it() {
    let late = ended(Some(&ended(None, 1, new_role(), START)), 1, new_role(), after(61));
    assert!(find(&late, "Stalled").unwrap().message.starts_with("Timed out after 1m: "));
}
