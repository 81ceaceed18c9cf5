//! Every reason that a status can give, what it means and what to do about it: one table for docs and tests.

use crate::api::condition;

/// How an object stands with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// `Ready=True`.
    Ready,
    /// `Ready=Unknown`: nobody looks.
    Unknown,
    /// `Reconciling=True`: it goes on by itself.
    Reconciling,
    /// `Stalled=True`: a person is needed.
    Stalled,
}

/// One reason.
#[derive(Clone, Copy, Debug)]
pub struct Reason {
    /// As in conditions and Events.
    pub name: &'static str,
    /// With which condition it comes.
    pub standing: Standing,
    /// What has happened.
    pub meaning: &'static str,
    /// What a person may do.
    pub remedy: &'static str,
}

impl Reason {
    /// The type of its Events.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        match self.standing {
            Stalled => "Warning",
            Ready if self.name == condition::DRIFTED => "Warning",
            Ready | Unknown | Reconciling => "Normal",
        }
    }

    /// When there is an Event of it; `None` where there never is.
    #[must_use]
    pub fn event_when(&self) -> Option<&'static str> {
        if self.name == "Publishing" {
            return None;
        }
        if ["Creating", "Updating", "Deleting"].contains(&self.name) {
            return Some("Calls that change the function were sent to AWS.");
        }
        if [condition::DRIFTED, condition::DRIFT_NOT_CORRECTED].contains(&self.name) {
            return Some("The object gets this reason, or the difference becomes another.");
        }
        Some("The object gets this reason, or keeps it with a new generation.")
    }
}

use Standing::{Ready, Reconciling, Stalled, Unknown};

const fn reason(name: &'static str, standing: Standing, meaning: &'static str, remedy: &'static str) -> Reason {
    Reason { name, standing, meaning, remedy }
}

/// All of them.
pub const REASONS: &[Reason] = &[
    reason("Available", Ready, "The function in AWS is what the spec says.", "Nothing."),
    reason(
        "Drifted",
        Ready,
        "Somebody changed the function in AWS, and `driftPolicy` is `Report`.",
        "Change the spec to what the message says, or set `driftPolicy: Correct` to have it put back.",
    ),
    reason(
        "Suspended",
        Unknown,
        "The spec says `suspend: true`: AWS is not called.",
        "Set `suspend` to false. An object that is deleted waits for that, unless it has `skipDestroy`.",
    ),
    reason("Creating", Reconciling, "AWS is creating the function.", "Wait."),
    reason("Updating", Reconciling, "AWS is applying an update.", "Wait."),
    reason(
        "Publishing",
        Reconciling,
        "AWS is preparing a published version; with SnapStart that takes minutes.",
        "Wait.",
    ),
    reason("Deleting", Reconciling, "The function is being deleted.", "Wait."),
    reason(
        "WaitingForAWS",
        Reconciling,
        "Another change of the function is under way.",
        "Wait; if it lasts, see who else changes the function.",
    ),
    reason(
        "WaitingForIAM",
        Reconciling,
        "AWS cannot use the role, a key or a network permission, which may only be too new.",
        "If it lasts longer than a minute or two: check that the role exists, that its trust policy names lambda.amazonaws.com, and that it has the rights that the message speaks of.",
    ),
    reason(
        "ReferenceNotFound",
        Reconciling,
        "A Secret, ConfigMap, key or file that the spec names does not exist.",
        "Create it, or correct the name. It is noticed within seconds; a file, or anything with `--watch-references=false`, within a minute, and after `TimedOut` within five.",
    ),
    reason(
        "Throttled",
        Reconciling,
        "AWS gets too many calls from this account and region.",
        "Nothing; see who else calls AWS if it lasts.",
    ),
    reason(
        "AWSUnavailable",
        Reconciling,
        "AWS, or the way to it, does not answer.",
        "If it lasts: see that the operator has credentials (its log says so), then check the network and AWS's health.",
    ),
    reason("NameTaken", Reconciling, "The function exists already; the next look tells whose it is.", "Wait."),
    reason(
        "NotFound",
        Reconciling,
        "AWS does not find the function, which went away in the middle of a change, or something that it is to use.",
        "Wait for the function: it is created again. Make anything else that the message names, or name another in the spec.",
    ),
    reason(
        "CredentialsExpired",
        Reconciling,
        "AWS says that the operator's credentials, or those of the namespace's role, or the clock of the operator's node, are out of date.",
        "Wait: credentials of a pod or a role are renewed by themselves. If it lasts, renew those that the operator was given, and check its node's clock.",
    ),
    reason(
        "WaitingForReplicas",
        Reconciling,
        "Replicas of Lambda@Edge hold the function that is to be deleted. AWS removes them some hours after its last CloudFront association is gone.",
        "See that no distribution uses it; a long `timeouts.delete` keeps it from becoming an alarm. To leave the function in AWS, set `skipDestroy`.",
    ),
    reason(
        "TimedOut",
        Stalled,
        "A wait lasted longer than the object's `timeouts`. It goes on, slowly.",
        "The message says what is waited for. An edit of the object is looked at at once.",
    ),
    reason(
        "AccessDenied",
        Stalled,
        "AWS does not let the operator do this, or does not accept its credentials.",
        "Give the operator's AWS identity the permission that the message names.",
    ),
    reason("Rejected", Stalled, "AWS says that the request is wrong.", "Correct the spec; the message is AWS's own."),
    reason(
        "QuotaExceeded",
        Stalled,
        "A quota of the account or the region leaves no room for it.",
        "Free what nobody needs any more, have AWS raise the quota, or ask for less. It is tried again every few minutes.",
    ),
    reason("InvalidSpec", Stalled, "The spec cannot be carried out, whatever AWS says.", "Do what the message says."),
    reason(
        "Conflict",
        Stalled,
        "A function of that name exists and is not this object's.",
        "Choose another `functionName`, or let go of the function where it is managed; that the name is free is seen within minutes (`--drift-interval`, at most 15). To take one over that has no owner, set `adoptionPolicy: Adopt`.",
    ),
    reason(
        "TagsWithheld",
        Stalled,
        "The function's tags cannot be read, so whose it is cannot be told; nothing is written.",
        "Allow the operator `lambda:ListTags`.",
    ),
    reason(
        "DriftUnmended",
        Stalled,
        "Somebody deleted the function in AWS, took it from this object or broke it, and `driftPolicy` is `Report`.",
        "Set `driftPolicy: Correct` to have it mended, or delete the object.",
    ),
    reason(
        "Immutable",
        Stalled,
        "This cannot change on a living function.",
        "Put the old value back, or delete the object and create another.",
    ),
    reason(
        "UpdateFailed",
        Stalled,
        "AWS took an update back and still runs what was there before.",
        "Mend the cause that the message names (a subnet, a key, an image); it is sent again every few minutes.",
    ),
    reason(
        "FunctionFailed",
        Stalled,
        "AWS says that the function has failed.",
        "Mend the cause. One that never worked is made again every few minutes; one that did is repaired by a change of the spec.",
    ),
    reason(
        "VersionFailed",
        Stalled,
        "A published version will not become ready.",
        "Mend the cause and change the function; the next change publishes another.",
    ),
    reason(
        "CodeHashMismatch",
        Stalled,
        "The source's code is not what `codeSha256` says.",
        "Correct `codeSha256`, or the source.",
    ),
    reason(
        "IdentityChanged",
        Stalled,
        "The object now points to another account, region or name than the one its function is in; nothing is done there.",
        "Put the operator's credentials, the namespace's annotations or the spec back. To let go of the function as it is, take the finalizer off by hand.",
    ),
    reason(
        "NotAllowed",
        Stalled,
        "The namespace's annotations do not allow this; AWS was not asked.",
        "Choose what is allowed, or have the annotations changed by who may edit the namespace.",
    ),
];
