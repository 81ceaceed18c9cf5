//! Every reason that a condition can show: its name, its standing, its meaning and the remedy. One table for code, docs and tests.

use std::fmt;

/// Which condition a reason comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// `Ready=True`.
    Ready,
    /// `Ready=Unknown`: reconciliation is suspended.
    Unknown,
    /// `Reconciling=True`: in progress, no action is needed.
    Reconciling,
    /// `Stalled=True`: action by a person is required.
    Stalled,
    /// No condition: the object is gone, and an Event names the resource that stays in AWS.
    Gone,
}

/// One reason, named as in conditions and Events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each means")]
pub enum Reason {
    Available,
    Drifted,
    Suspended,
    NotSelected,
    HandingOver,
    Creating,
    Updating,
    Publishing,
    Deleting,
    WaitingForAws,
    WaitingForIam,
    ReferenceNotFound,
    WaitingForFunction,
    Throttled,
    AwsUnavailable,
    AlreadyExists,
    NotFound,
    CredentialsExpired,
    WaitingForReplicas,
    TimedOut,
    AccessDenied,
    Rejected,
    QuotaExceeded,
    InvalidSpec,
    InvalidReference,
    NotOwned,
    OwnershipUnknown,
    DriftNotCorrected,
    Immutable,
    UpdateFailed,
    FunctionFailed,
    FunctionInactive,
    NotConverging,
    VersionFailed,
    CodeHashMismatch,
    TargetChanged,
    NotAllowed,
    DeletionProtected,
    Forbidden,
    AdmissionDenied,
    ObjectTooLarge,
    CrdOutdated,
    Unreadable,
    Released,
    Orphaned,
}

/// A row of the table.
struct Row {
    name: &'static str,
    standing: Standing,
    meaning: &'static str,
    remedy: &'static str,
    events: Events,
}

/// The occasions on which a reason causes an Event.
#[derive(Clone, Copy)]
enum Events {
    OnReason,
    OnWrite,
    OnWords,
    OnEnd,
    Never,
}

impl Row {
    const fn with(self, events: Events) -> Self {
        Self { events, ..self }
    }
}

const fn row(name: &'static str, standing: Standing, meaning: &'static str, remedy: &'static str) -> Row {
    Row { name, standing, meaning, remedy, events: Events::OnReason }
}

use Standing::{Gone, Ready, Reconciling, Stalled, Unknown};

impl Reason {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Self; 45] = [
        Self::Available,
        Self::Drifted,
        Self::Suspended,
        Self::NotSelected,
        Self::HandingOver,
        Self::Creating,
        Self::Updating,
        Self::Publishing,
        Self::Deleting,
        Self::WaitingForAws,
        Self::WaitingForIam,
        Self::ReferenceNotFound,
        Self::WaitingForFunction,
        Self::Throttled,
        Self::AwsUnavailable,
        Self::AlreadyExists,
        Self::NotFound,
        Self::CredentialsExpired,
        Self::WaitingForReplicas,
        Self::TimedOut,
        Self::AccessDenied,
        Self::Rejected,
        Self::QuotaExceeded,
        Self::InvalidSpec,
        Self::InvalidReference,
        Self::NotOwned,
        Self::OwnershipUnknown,
        Self::DriftNotCorrected,
        Self::Immutable,
        Self::UpdateFailed,
        Self::FunctionFailed,
        Self::FunctionInactive,
        Self::NotConverging,
        Self::VersionFailed,
        Self::CodeHashMismatch,
        Self::TargetChanged,
        Self::NotAllowed,
        Self::DeletionProtected,
        Self::Forbidden,
        Self::AdmissionDenied,
        Self::ObjectTooLarge,
        Self::CrdOutdated,
        Self::Unreadable,
        Self::Released,
        Self::Orphaned,
    ];

    /// The reason with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// The name in conditions and Events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The condition that it comes with.
    #[must_use]
    pub const fn standing(self) -> Standing {
        self.row().standing
    }

    /// What happened.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// The action for a person.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        self.row().remedy
    }

    /// The type of its Events.
    #[must_use]
    pub const fn event_type(self) -> &'static str {
        match self.standing() {
            Stalled => "Warning",
            Ready if matches!(self, Self::Drifted) => "Warning",
            Gone if matches!(self, Self::Orphaned) => "Warning",
            Ready | Unknown | Reconciling | Gone => "Normal",
        }
    }

    /// The occasion of its Events; `None` if it has none.
    #[must_use]
    pub const fn event_when(self) -> Option<&'static str> {
        match self.row().events {
            Events::Never => None,
            Events::OnWrite => Some("Calls that change the resource were sent to AWS."),
            Events::OnWords => Some("The object gets this reason, or the difference changes."),
            Events::OnEnd => Some(
                "The object is deleted, and its resource stays in AWS. If the namespace is being deleted too, the Event is about the Namespace and is stored in the namespace `default`.",
            ),
            Events::OnReason => Some("The object gets this reason, or keeps it with a new generation."),
        }
    }

    const fn row(self) -> Row {
        match self {
            Self::Available => row("Available", Ready, "The resource in AWS is what the spec says.", "Nothing."),
            Self::Drifted => row("Drifted", Ready, "Somebody changed the resource in AWS, and `driftPolicy` is `Report`.", "Change the spec to what the message says, or set `driftPolicy: Correct` to have it put back.").with(Events::OnWords),
            Self::NotSelected => row("NotSelected", Unknown, "The labels of the namespace no longer match `--watch-namespace-selector`: this operator neither compares, changes nor deletes anything for the object, and its finalizer stays.", "Put the label back, or let the operator take over that selects the namespace now. Without any operator, remove the finalizer to leave the resource in AWS."),
            Self::Suspended => row("Suspended", Unknown, "The spec says `suspend: true`: AWS is not called.", "Set `suspend` to false. An object that is deleted waits for that, unless it has `skipDestroy`."),
            Self::HandingOver => row("HandingOver", Unknown, "The annotation `lambda-operator.io/hand-over-to` gives the resource to another object: this one writes nothing to AWS, and its deletion leaves the resource as it is.", "Delete the object once the other one is Ready, or remove the annotation to keep the resource."),
            Self::Creating => row("Creating", Reconciling, "AWS is creating the resource.", "Wait.").with(Events::OnWrite),
            Self::Updating => row("Updating", Reconciling, "AWS is applying an update.", "Wait.").with(Events::OnWrite),
            Self::Publishing => row("Publishing", Reconciling, "AWS is preparing a published version. With SnapStart this takes minutes.", "Wait.").with(Events::Never),
            Self::Deleting => row("Deleting", Reconciling, "The resource is being deleted.", "Wait.").with(Events::OnWrite),
            Self::WaitingForAws => row("WaitingForAWS", Reconciling, "Another change of the function is under way.", "Wait; if it lasts, see who else changes the function."),
            Self::WaitingForIam => row("WaitingForIAM", Reconciling, "AWS cannot use the role, a key, a network permission or a file system's mount targets, which may only be too new.", "If it lasts longer than a minute or two: check that the role exists, that its trust policy names lambda.amazonaws.com, that it has the rights that the message speaks of, and that mount targets are available."),
            Self::ReferenceNotFound => row("ReferenceNotFound", Reconciling, "A Secret, ConfigMap, key or file that the spec names does not exist.", "Create it, or correct the name. It is noticed within seconds; a file, or anything with `--watch-references=false`, within a minute, and after `TimedOut` within five."),
            Self::WaitingForFunction => row("WaitingForFunction", Reconciling, "The function that the object belongs to does not exist yet, or has no published version that is ready.", "See how the LambdaFunction stands that the message names. It is noticed at once when that one changes."),
            Self::Throttled => row("Throttled", Reconciling, "AWS gets too many calls from this account and region, or another limit of the moment is reached, such as snapshots in the making.", "Nothing; see who else calls AWS if it lasts."),
            Self::AwsUnavailable => row("AWSUnavailable", Reconciling, "AWS, or the way to it, does not answer.", "If it lasts: see that the operator has credentials (its log says so), then check the network and AWS's health."),
            Self::AlreadyExists => row("AlreadyExists", Reconciling, "The resource exists already. The next read tells whose it is.", "Wait."),
            Self::NotFound => row("NotFound", Reconciling, "AWS does not find the function, which went away in the middle of a change, or something that it is to use, such as a container image.", "Wait for the function: it is created again. Make anything else that the message names, or name another in the spec."),
            Self::CredentialsExpired => row("CredentialsExpired", Reconciling, "AWS says that the operator's credentials, or those of the namespace's role, or the clock of the operator's node, are out of date.", "Wait: credentials of a pod or a role are renewed by themselves. If it lasts, renew those that the operator was given, and check its node's clock."),
            Self::WaitingForReplicas => row("WaitingForReplicas", Reconciling, "Replicas of Lambda@Edge hold the function that is to be deleted. AWS removes them some hours after its last CloudFront association is gone.", "See that no distribution uses it; a long `timeouts.delete` keeps it from becoming an alarm. To leave the function in AWS, set `skipDestroy`."),
            Self::TimedOut => row("TimedOut", Stalled, "A wait lasted longer than the object's `timeouts`. It goes on, slowly.", "The message says what is waited for. An edit of the object is looked at at once."),
            Self::AccessDenied => row("AccessDenied", Stalled, "AWS does not let the operator do this, or does not accept its credentials.", "Give the operator's AWS identity the permission that the message names."),
            Self::Rejected => row("Rejected", Stalled, "AWS says that the request is wrong.", "Correct the spec; the message is AWS's own."),
            Self::QuotaExceeded => row("QuotaExceeded", Stalled, "A quota of the account or the region leaves no room for it.", "Free what nobody needs any more, have AWS raise the quota, or ask for less. It is tried again every few minutes."),
            Self::InvalidSpec => row("InvalidSpec", Stalled, "The spec cannot be carried out, whatever AWS says.", "Do what the message says."),
            Self::InvalidReference => row("InvalidReference", Stalled, "The object that the spec names can never give what is asked of it.", "Do what the message says: change the spec, or the object that it names."),
            Self::NotOwned => row("NotOwned", Stalled, "A resource of that name exists and is not this object's, or another object has it.", "Choose another name, or release the resource where it is managed. That the name is free is noticed within minutes (`--drift-interval`, at most 15). To take over a resource without an owner, set `adoptionPolicy: Adopt`; to take over a function of another object, set `adoptFrom` and have that object agree by `lambda-operator.io/hand-over-to`."),
            Self::OwnershipUnknown => row("OwnershipUnknown", Stalled, "The function's tags cannot be read, so whose it is cannot be told; nothing is written.", "Allow the operator `lambda:ListTags`."),
            Self::DriftNotCorrected => row("DriftNotCorrected", Stalled, "Somebody deleted the resource in AWS, took it from this object or broke it, and `driftPolicy` is `Report`.", "Set `driftPolicy: Correct` to have it mended, or delete the object.").with(Events::OnWords),
            Self::Immutable => row("Immutable", Stalled, "This cannot change on a living function.", "Put the old value back, or delete the object and create another."),
            Self::UpdateFailed => row("UpdateFailed", Stalled, "AWS took an update back and still runs what was there before.", "Mend the cause that the message names (a subnet, a key, an image); it is sent again every few minutes."),
            Self::FunctionFailed => row("FunctionFailed", Stalled, "AWS says that the function has failed.", "Mend the cause. One that never worked is created again every few minutes; one that did gets its code again."),
            Self::FunctionInactive => row("FunctionInactive", Stalled, "AWS made the function inactive and could not make its resources again, so that it cannot be invoked.", "Remove the cause that the message names (a subnet, a network interface, the right to read an image). It is looked at every few minutes."),
            Self::NotConverging => row("NotConverging", Stalled, "AWS accepts a write again and again, and still shows another value.", "Set the field to what AWS shows, or leave it to AWS. An edit of the field is sent at once."),
            Self::VersionFailed => row("VersionFailed", Stalled, "A published version will not become ready.", "Mend the cause and change the function; the next change publishes another."),
            Self::CodeHashMismatch => row("CodeHashMismatch", Stalled, "The source's code is not what `codeSha256` says.", "Correct `codeSha256`, or the source."),
            Self::TargetChanged => row("TargetChanged", Stalled, "The object now points to another account, region or name than the one its function is in; nothing is done there.", "Put the operator's credentials, the namespace's annotations or the spec back. To let go of the function as it is, take the finalizer off by hand."),
            Self::NotAllowed => row("NotAllowed", Stalled, "The namespace's annotations do not allow this, or the owner of a function that is to be taken over has not agreed; nothing is written.", "Choose what is allowed, or have the annotation that the message names set on the namespace or on the owner's object."),
            Self::DeletionProtected => row("DeletionProtected", Stalled, "The object is being deleted, and `deletionProtection` is true: its resource stays in AWS, and the object waits.", "Set `deletionProtection: false` to delete both, or `skipDestroy: true` to keep the resource in AWS."),
            Self::Forbidden => row("Forbidden", Stalled, "Kubernetes does not let the operator read what the object needs, such as a Secret, or write the object.", "Grant the operator's ServiceAccount the right that the message names. It is tried again within a minute."),
            Self::AdmissionDenied => row("AdmissionDenied", Stalled, "An admission policy or webhook, or the CRD's schema, refuses what the operator writes on the object: its finalizer or its status.", "Change the policy or webhook that the message names, or the object. It is tried again within a minute."),
            Self::ObjectTooLarge => row("ObjectTooLarge", Stalled, "The object is so large that Kubernetes cannot store the operator's finalizer or status with it.", "Make the object smaller, for instance with the code in an S3 bucket."),
            Self::CrdOutdated => row("CRDOutdated", Stalled, "The CRD is older than the operator and loses fields of status, so the operator changes nothing in AWS.", "Apply the CRD of the operator's version."),
            Self::Unreadable => row("Unreadable", Stalled, "The operator cannot read the stored object, which another version of the CRD accepted; the object is left as it is.", "Apply the object again with the CRD of the operator's version."),
            Self::Released => row("Released", Gone, "The object is gone, and its resource stays in AWS because `skipDestroy` says so.", "Nothing.").with(Events::OnEnd),
            Self::Orphaned => row("Orphaned", Gone, "The object is gone, and its resource stays in AWS: it is not this object's, or somebody took the finalizer off.", "Delete the resource in AWS if nobody needs it, or create the object again.").with(Events::OnEnd),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_each_reason_once() {
        let mut seen = std::collections::BTreeSet::new();
        assert!(Reason::ALL.iter().all(|reason| seen.insert(reason.name())));
        assert_eq!(Reason::ALL.last().map(|last| *last as usize), Some(Reason::ALL.len() - 1));
    }
}
