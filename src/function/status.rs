//! From a pass to the status that reports it. Pure: the time is an argument, and moves only what is news.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use super::change::Change;
use super::{Blocked, Class, Error, Goal, Lifecycle, Observed, Operation, Place, Version, place};
use crate::api::{Deployed, LambdaFunctionStatus, Published, Settled, SnapStartStatus, Waiting, condition};

/// Longer lists of differences are cut: a condition is read by people.
const MOST_CHANGES: usize = 20;

/// What one pass saw and did.
#[derive(Clone, Debug)]
pub struct Pass<'a> {
    /// The generation that it used.
    pub generation: i64,
    /// Where the function lives, once that is known.
    pub place: Option<&'a Place>,
    /// What AWS said.
    pub seen: Seen<'a>,
    /// How it ended.
    pub outcome: Outcome,
    /// Hash of the versions of what the spec refers to.
    pub references: String,
    /// What it did that later passes must know.
    pub did: Did,
    /// How long a wait may last.
    pub timeout: Duration,
    /// The look that was asked for by annotation, if one was.
    pub requested: Option<String>,
}

/// What a pass did that later passes must know.
#[derive(Clone, Debug, Default)]
pub struct Did {
    /// The code that is live now, if code was sent.
    pub deployed: Option<Deployed>,
    /// The version that was published, if one was.
    pub published: Option<Version>,
    /// The signing configuration that was sent, if one was, or if there was a creation.
    pub signed: Option<Option<String>>,
    /// The configuration was sent.
    pub configured: bool,
    /// The role that was given for a moment, if one was.
    pub regranted: Option<String>,
}

impl Did {
    /// What a pass proves that finds nothing to do: the live code came from the source, and the configuration is ours,
    /// even where a crash or a lost answer kept the pass that sent them from saying so.
    #[must_use]
    pub fn proved(goal: &Goal, observed: Option<&Observed>) -> Self {
        let (Goal::Present(desired), Some(observed)) = (goal, observed) else { return Self::default() };
        let ours = desired.source.is_some() && !desired.initial_code;
        let code_sha256 = observed.says.code_sha256.clone().filter(|_| ours);
        let deployed = code_sha256.map(|code_sha256| Deployed { source: desired.identity.clone(), code_sha256 });
        Self { deployed, configured: true, ..Self::default() }
    }
}

/// What a pass saw in AWS.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// It did not get so far, or what it saw is not ours: what was reported stays.
    Nothing,
    /// There is no such function.
    Absent,
    /// Our function.
    Ours(&'a Observed),
}

/// How a pass ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// AWS is what the spec says.
    Settled,
    /// AWS is on the way there.
    Working(Work),
    /// The user wants nothing to be looked at or done.
    Suspended,
    /// Somebody else made these differences, and the user wants only to be told of them.
    Drifted(Vec<Change>),
    /// Only a person can help.
    Blocked(Blocked),
    /// Something that the spec refers to is not there; the sentence says what.
    Missing(String),
    /// A call failed; its class says whether we go on by ourselves.
    Failed(Error),
}

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// About to be created.
    Creating,
    /// These writes were sent.
    Sent(Vec<Operation>),
    /// AWS is busy.
    Waiting,
    /// The object and its function are going away.
    Deleting,
}

/// What a pass says in conditions: one reason, one message.
struct Verdict {
    kind: Kind,
    reason: &'static str,
    message: String,
    /// The name of the wait that the object's timeout bounds, if it is one.
    clock: Option<&'static str>,
}

enum Kind {
    Ready,
    Reconciling,
    Stalled,
    /// Nobody looks.
    Unknown,
}

/// The status after a pass, from the one before it.
#[must_use]
pub fn status(before: Option<&LambdaFunctionStatus>, pass: &Pass<'_>, now: Timestamp) -> LambdaFunctionStatus {
    let mut status = before.cloned().unwrap_or_default();
    status.observed_generation = Some(pass.generation);
    if let Some(Place { account, region, name }) = pass.place {
        status.account = Some(account.clone());
        status.region = Some(region.clone());
        status.function_name = Some(name.clone());
    }
    if matches!(pass.seen, Seen::Absent) {
        forget_function(&mut status);
    }
    remember(&mut status, pass);
    if !matches!(pass.outcome, Outcome::Suspended) {
        status.last_handled_reconcile_at = pass.requested.clone().or(status.last_handled_reconcile_at);
    }
    if let Seen::Ours(observed) = pass.seen {
        show(&mut status, observed);
    }
    // Sent after the look, so that the next edit knows of it even if it comes before the next look.
    if let Some(signed) = &pass.did.signed {
        status.code_signing_config_arn.clone_from(signed);
    }
    let mut verdict = verdict(&pass.outcome, pass.seen);
    status.waiting = waiting(before, pass, &verdict, now);
    time_out(&mut verdict, status.waiting.as_ref(), pass.timeout, now);
    status.conditions = conditions(before, &status, pass, &verdict, now);
    status
}

/// Takes over what the pass did and what it proved.
fn remember(status: &mut LambdaFunctionStatus, pass: &Pass<'_>) {
    let Did { deployed, published, signed: _, configured, regranted } = &pass.did;
    let ours = Settled { generation: pass.generation, references: Some(pass.references.clone()) };
    if let Some(deployed) = deployed {
        status.deployed = Some(deployed.clone());
    }
    if let Some(role) = regranted {
        status.regranted = Some(role.clone());
    }
    if *configured {
        status.configured = Some(ours.clone());
    }
    let held = match pass.seen {
        Seen::Ours(observed) => observed.published.as_ref(),
        Seen::Nothing | Seen::Absent => None,
    };
    if let Some(Version { number, fingerprint }) = published.as_ref().or(held) {
        status.published = Some(Published { version: number.clone(), fingerprint: fingerprint.clone() });
    }
    if matches!(pass.outcome, Outcome::Settled) {
        status.settled = Some(ours);
    }
}

/// Nothing of a function that is not there; where it lives and how the wait goes stay.
fn forget_function(status: &mut LambdaFunctionStatus) {
    *status = LambdaFunctionStatus {
        observed_generation: status.observed_generation,
        conditions: std::mem::take(&mut status.conditions),
        account: status.account.take(),
        region: status.region.take(),
        function_name: status.function_name.take(),
        waiting: status.waiting.take(),
        settled: status.settled.take(),
        last_handled_reconcile_at: status.last_handled_reconcile_at.take(),
        regranted: status.regranted.take(),
        // What comes next is new.
        worked: Some(false),
        ..LambdaFunctionStatus::default()
    };
}

/// Every attribute that AWS gives.
fn show(status: &mut LambdaFunctionStatus, observed: &Observed) {
    let super::Says {
        arn,
        last_modified,
        code_size,
        code_sha256,
        vpc_id,
        signing_job_arn,
        signing_profile_version_arn,
        optimization_status,
        tags_all,
        state,
        state_reason,
        state_reason_code,
        last_update_status,
        last_update_status_reason,
        last_update_status_reason_code,
        runtime_version_arn,
        resolved_image_uri,
        environment_error: _,
    } = observed.says.clone();
    let region = status.region.clone().unwrap_or_default();
    let version = status.published.as_ref().map_or("$LATEST", |p| p.version.as_str()).to_owned();
    let qualified = format!("{arn}:{version}");
    status.invoke_arn = Some(place::invoke_arn(&region, &arn));
    status.response_streaming_invoke_arn = Some(place::response_streaming_invoke_arn(&region, &arn));
    status.qualified_invoke_arn = Some(place::invoke_arn(&region, &qualified));
    status.qualified_arn = Some(qualified);
    status.version = Some(version);
    status.arn = Some(arn);
    status.last_modified = last_modified;
    status.source_code_size = Some(code_size);
    status.code_sha256 = code_sha256;
    status.vpc_id = vpc_id;
    status.signing_job_arn = signing_job_arn;
    status.signing_profile_version_arn = signing_profile_version_arn;
    status.snap_start = optimization_status.map(|on| SnapStartStatus { optimization_status: Some(on) });
    status.tags_all = tags_all;
    if matches!(state.as_deref(), Some("Active" | "Inactive" | "ActiveNonInvocable")) {
        status.worked = Some(true);
    }
    status.state = state;
    status.state_reason = state_reason;
    status.state_reason_code = state_reason_code;
    status.last_update_status = last_update_status;
    status.last_update_status_reason = last_update_status_reason;
    status.last_update_status_reason_code = last_update_status_reason_code;
    status.runtime_version_arn = runtime_version_arn;
    status.resolved_image_uri = resolved_image_uri;
    status.memory_size = Some(observed.function.configuration.memory_size);
    status.timeout = Some(observed.function.configuration.timeout);
    status.architectures = observed.function.code.architecture.iter().cloned().collect();
    if let Some(signing) = observed.function.code_signing.known() {
        status.code_signing_config_arn.clone_from(signing);
    }
}

fn verdict(outcome: &Outcome, seen: Seen<'_>) -> Verdict {
    match outcome {
        Outcome::Settled => {
            Verdict { kind: Kind::Ready, reason: "Available", message: as_far_as_seen(seen), clock: None }
        }
        Outcome::Working(work) => working(work, seen),
        Outcome::Suspended => Verdict {
            kind: Kind::Unknown,
            reason: condition::SUSPENDED,
            message: "Suspended: AWS is not looked at and nothing is changed there, nor deleted; set suspend to false to go on. To let go of the function as it is, set skipDestroy too and delete the object.".into(),
            clock: None,
        },
        Outcome::Drifted(changes) => drifted(changes, seen),
        Outcome::Blocked(blocked) => {
            let (reason, message) = explain(blocked, seen);
            Verdict { kind: Kind::Stalled, reason, message, clock: None }
        }
        Outcome::Missing(sentence) => Verdict {
            kind: Kind::Reconciling,
            reason: condition::REFERENCE_NOT_FOUND,
            message: sentence.clone(),
            clock: Some(condition::REFERENCE_NOT_FOUND),
        },
        Outcome::Failed(error) => Verdict {
            kind: if error.class.stalls() { Kind::Stalled } else { Kind::Reconciling },
            reason: error.class.reason(),
            message: sentences(&error.to_string(), error.class.advice()),
            clock: error.class.has_clock().then(|| error.class.reason()),
        },
    }
}

/// A function that works as somebody else wants it is ready; one that is gone, or has failed, is not.
fn drifted(changes: &[Change], seen: Seen<'_>) -> Verdict {
    let listed: Vec<_> = changes.iter().take(MOST_CHANGES).map(ToString::to_string).collect();
    let more = changes.len().saturating_sub(MOST_CHANGES);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    let remedy = "driftPolicy is Report, so it is left: change the spec, or set driftPolicy to Correct";
    let what = match seen {
        Seen::Ours(_) => format!("changed the function in AWS (to put it back: {}{more})", listed.join("; ")),
        Seen::Absent => "deleted the function in AWS".into(),
        Seen::Nothing => "took this object's name off the function in AWS".into(),
    };
    let message = format!("Somebody {what}. {remedy}.");
    match seen {
        Seen::Ours(observed) if observed.lifecycle == Lifecycle::Ready => {
            Verdict { kind: Kind::Ready, reason: condition::DRIFTED, message, clock: None }
        }
        Seen::Ours(_) | Seen::Absent | Seen::Nothing => {
            Verdict { kind: Kind::Stalled, reason: condition::DRIFT_UNMENDED, message, clock: None }
        }
    }
}

/// What AWS withholds cannot be compared, and is said.
fn as_far_as_seen(seen: Seen<'_>) -> String {
    let withheld = match seen {
        Seen::Ours(observed) => observed.says.environment_error.as_ref(),
        Seen::Nothing | Seen::Absent => None,
    };
    withheld.map_or_else(
        || "The function in AWS is what the spec says.".into(),
        |error| {
            format!(
                "The function in AWS is what the spec says, as far as AWS shows it. It does not show the environment, whose drift is not repaired ({error}): allow the operator kms:Decrypt of the function's key."
            )
        },
    )
}

/// What AWS said, and after a full stop what to do about it.
fn sentences(said: &str, advice: &str) -> String {
    let stop = if advice.is_empty() || said.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    let space = if advice.is_empty() { "" } else { " " };
    format!("{said}{stop}{space}{advice}")
}

fn working(work: &Work, seen: Seen<'_>) -> Verdict {
    let says = match seen {
        Seen::Ours(observed) => Some(&observed.says),
        Seen::Nothing | Seen::Absent => None,
    };
    if matches!((work, seen), (Work::Waiting, Seen::Ours(observed)) if observed.version.is_some()) {
        return Verdict {
            kind: Kind::Reconciling,
            reason: "Publishing",
            message: "AWS is preparing the published version; with SnapStart that takes minutes.".into(),
            clock: Some(Class::Busy.reason()),
        };
    }
    let pending = says.is_some_and(|says| says.state.as_deref() == Some("Pending"));
    let (reason, message) = match work {
        Work::Creating => ("Creating", "The function is about to be created.".into()),
        Work::Sent(operations) if operations.contains(&Operation::CreateFunction) => {
            ("Creating", "AWS is creating the function.".into())
        }
        Work::Sent(operations) => {
            let names: Vec<_> = operations.iter().map(|operation| operation.name()).collect();
            ("Updating", format!("Sent {}; AWS is applying it.", names.join(", ")))
        }
        Work::Waiting if pending => ("Creating", "AWS is creating the function.".into()),
        Work::Waiting => ("Updating", "AWS is applying an update.".into()),
        Work::Deleting => ("Deleting", "The function is being deleted.".into()),
    };
    Verdict { kind: Kind::Reconciling, reason, message, clock: Some(Class::Busy.reason()) }
}

/// Reason and sentence for what only a person can mend.
#[must_use]
pub fn explain(blocked: &Blocked, seen: Seen<'_>) -> (&'static str, String) {
    let says = match seen {
        Seen::Ours(observed) => Some(&observed.says),
        Seen::Nothing | Seen::Absent => None,
    };
    let because = |code: Option<&String>, reason: Option<&String>| {
        let words: Vec<_> = [code, reason].into_iter().flatten().map(String::as_str).collect();
        if words.is_empty() { "AWS gives no reason".to_owned() } else { words.join(": ") }
    };
    match blocked {
        Blocked::NotOurs(Some(owner)) => (
            "Conflict",
            format!("The function exists in AWS and belongs to {owner}, so it is not touched: choose another spec.functionName, or delete that owner's object first."),
        ),
        Blocked::NotOurs(None) => (
            "Conflict",
            "The function exists in AWS and has no owner tag of this operator, so it is not touched: choose another spec.functionName, set adoptionPolicy: Adopt to take it over, or delete it in AWS.".into(),
        ),
        Blocked::TagsWithheld => (
            "TagsWithheld",
            "The function exists, but its tags cannot be read, so whose it is cannot be told and nothing is written: allow the operator lambda:ListTags.".into(),
        ),
        Blocked::Immutable(field) => (
            "Immutable",
            format!("{field} cannot be changed on a living function: put the old value back, or delete this object and create another."),
        ),
        Blocked::UpdateFailed => (
            "UpdateFailed",
            format!(
                "AWS took the last update back and still runs what was there before ({}): mend the cause; it is sent again every few minutes, and at once when the spec changes.",
                because(says.and_then(|s| s.last_update_status_reason_code.as_ref()), says.and_then(|s| s.last_update_status_reason.as_ref()))
            ),
        ),
        Blocked::FunctionFailed => (
            "FunctionFailed",
            format!(
                "AWS says that the function has failed ({}): mend the cause, then change the spec or delete the object.",
                because(says.and_then(|s| s.state_reason_code.as_ref()), says.and_then(|s| s.state_reason.as_ref()))
            ),
        ),
        Blocked::VersionFailed(reason) => (
            "VersionFailed",
            format!("The published version will not become ready ({reason}): mend the cause and change the function; the next change publishes another."),
        ),
        Blocked::CodeHashMismatch { said, is } => (
            "CodeHashMismatch",
            format!("spec.codeSha256 says {said}, and the source's code has {is}: correct codeSha256, or the source."),
        ),
        Blocked::InvalidSpec(sentence) => ("InvalidSpec", sentence.clone()),
        Blocked::NotAllowed(sentence) => ("NotAllowed", sentence.clone()),
        Blocked::IdentityChanged(sentence) => ("IdentityChanged", sentence.clone()),
    }
}

/// The clock of a wait: started once, started again by a new generation, gone when the wait is over.
fn waiting(
    before: Option<&LambdaFunctionStatus>,
    pass: &Pass<'_>,
    verdict: &Verdict,
    now: Timestamp,
) -> Option<Waiting> {
    let running =
        before.and_then(|status| status.waiting.clone()).filter(|waiting| waiting.generation == pass.generation);
    let Some(reason) = verdict.clock else {
        // A call that was throttled in between does not end the wait.
        return running.filter(|_| matches!(verdict.kind, Kind::Reconciling));
    };
    let running = running.filter(|waiting| waiting.reason == reason);
    running.or_else(|| Some(Waiting { reason: reason.into(), since: whole_seconds(now), generation: pass.generation }))
}

/// Past the object's timeout a wait becomes a call for help; the tries go on.
fn time_out(verdict: &mut Verdict, waiting: Option<&Waiting>, timeout: Duration, now: Timestamp) {
    let Some(waiting) = waiting.filter(|_| verdict.clock.is_some()) else { return };
    let waited = Duration::try_from(now.duration_since(waiting.since)).unwrap_or_default();
    if waited > timeout {
        verdict.kind = Kind::Stalled;
        verdict.message = format!("Waited longer than {} s. {}", timeout.as_secs(), verdict.message);
        verdict.reason = condition::TIMED_OUT;
    }
}

fn conditions(
    before: Option<&LambdaFunctionStatus>,
    status: &LambdaFunctionStatus,
    pass: &Pass<'_>,
    verdict: &Verdict,
    now: Timestamp,
) -> Vec<Condition> {
    let stated = |type_: &str, value: &str, reason: &str, message: String| {
        let old = before.and_then(|status| status.conditions.iter().find(|c| c.type_ == type_ && c.status == value));
        Condition {
            type_: type_.into(),
            status: value.into(),
            reason: reason.into(),
            message,
            observed_generation: Some(pass.generation),
            last_transition_time: old.map_or_else(|| Time(whole_seconds(now)), |c| c.last_transition_time.clone()),
        }
    };
    let make = |type_, true_, reason, message| stated(type_, if true_ { "True" } else { "False" }, reason, message);
    let said = |type_, value| stated(type_, value, verdict.reason, verdict.message.clone());
    let mut all = match verdict.kind {
        Kind::Ready => vec![said(condition::READY, "True")],
        Kind::Reconciling => vec![said(condition::READY, "False"), said(condition::RECONCILING, "True")],
        Kind::Stalled => vec![said(condition::READY, "False"), said(condition::STALLED, "True")],
        Kind::Unknown => vec![said(condition::READY, "Unknown")],
    };
    all.push(match &status.arn {
        Some(arn) => make(condition::FUNCTION_CREATED, true, "Created", arn.clone()),
        None => make(condition::FUNCTION_CREATED, false, "NotCreated", "No function of this object is in AWS.".into()),
    });
    all.push(match &status.published {
        Some(published) => make(condition::VERSION_PUBLISHED, true, "Published", published.version.clone()),
        None => make(condition::VERSION_PUBLISHED, false, "NotPublished", "No version is published.".into()),
    });
    all.push(match status.vpc_id.as_ref().filter(|id| !id.is_empty()) {
        Some(vpc) => make(condition::VPC_CONNECTED, true, "Connected", vpc.clone()),
        None => make(condition::VPC_CONNECTED, false, "NotConnected", "The function is not attached to a VPC.".into()),
    });
    all
}

/// Kubernetes keeps seconds; more would differ from what it gives back.
fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
