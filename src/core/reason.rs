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
    MappingDisabled,
    NotConverging,
    VersionFailed,
    AllocationFailed,
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
    pub const ALL: [Self; 47] = [
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
        Self::MappingDisabled,
        Self::NotConverging,
        Self::VersionFailed,
        Self::AllocationFailed,
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

    /// The meaning of the reason.
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
            Self::Available => row("Available", Ready, "The resource in AWS matches the spec.", "None."),
            Self::Drifted => row("Drifted", Ready, "The resource was changed in AWS (drift), and `driftPolicy` is `Report`, so the change is not corrected.", "Change the spec to accept the values in the message, or set `driftPolicy: Correct` to revert them.").with(Events::OnWords),
            Self::NotSelected => row("NotSelected", Unknown, "The labels of the namespace no longer match `--watch-namespace-selector`: this operator neither compares, changes nor deletes anything for the object, and its finalizer stays.", "Restore the label, or let the operator take over whose selector matches the namespace now. If there is no such operator, remove the finalizer to leave the resource in AWS."),
            Self::Suspended => row("Suspended", Unknown, "Reconciliation is suspended (`suspend: true`): the operator makes no AWS calls for the object.", "Set `suspend` to false to resume. If you delete the object, it waits until you resume it, unless it has `skipDestroy`."),
            Self::HandingOver => row("HandingOver", Unknown, "The annotation `lambda-operator.io/hand-over-to` hands the resource over to another object. The operator writes nothing to AWS for this object. If you delete this object, the resource stays as it is.", "Delete the object once the other one is Ready, or remove the annotation to keep the resource."),
            Self::Creating => row("Creating", Reconciling, "AWS is creating the resource.", "Wait.").with(Events::OnWrite),
            Self::Updating => row("Updating", Reconciling, "AWS is applying an update.", "Wait.").with(Events::OnWrite),
            Self::Publishing => row("Publishing", Reconciling, "AWS is preparing a published version. With SnapStart this takes minutes.", "Wait.").with(Events::Never),
            Self::Deleting => row("Deleting", Reconciling, "The resource is being deleted.", "Wait.").with(Events::OnWrite),
            Self::WaitingForAws => row("WaitingForAWS", Reconciling, "AWS is applying another change of the function, or of the resource itself.", "Wait. If this lasts, find out who else changes it."),
            Self::WaitingForIam => row("WaitingForIAM", Reconciling, "AWS cannot use the role, a key, a network permission or a mount target, perhaps because it is new and has not propagated (eventual consistency).", "Wait. If this lasts longer than two minutes, check that the role exists, that its trust policy names lambda.amazonaws.com, that it has the permissions that the message names, and that mount targets are available."),
            Self::ReferenceNotFound => row("ReferenceNotFound", Reconciling, "A Secret, ConfigMap, key, file or code signing configuration that the spec names does not exist, or a LambdaLayerVersion that it names is not Ready.", "Create it, or correct the name. The operator notices this within seconds. For a file, and for every reference with `--watch-references=false`, it needs up to one minute, or up to five minutes after `TimedOut`."),
            Self::WaitingForFunction => row("WaitingForFunction", Reconciling, "The function or alias that the object belongs to does not exist yet, is being deleted or handed over, or has no published version that is ready.", "Check the conditions of the LambdaFunction or LambdaAlias that the message names. The operator reacts as soon as they change."),
            Self::Throttled => row("Throttled", Reconciling, "AWS throttles calls of this account and region (rate limit), or another temporary limit is reached, such as snapshots in progress.", "Wait. If this lasts, find out who else calls the Lambda API."),
            Self::AwsUnavailable => row("AWSUnavailable", Reconciling, "AWS does not answer, or answers with a server error.", "Wait. If this lasts, check the operator's log for missing credentials, then the network and the AWS Health Dashboard."),
            Self::AlreadyExists => row("AlreadyExists", Reconciling, "A resource of that name exists already. The next read shows its owner.", "Wait. If this lasts, delete the resource that the message names, or name another one in the spec."),
            Self::NotFound => row("NotFound", Reconciling, "The resource was deleted in AWS during a change, or something that the spec refers to, such as a container image, does not exist.", "Create the thing that the message names, or name another in the spec. If it is the object's own resource, wait: the operator creates it again."),
            Self::CredentialsExpired => row("CredentialsExpired", Reconciling, "The credentials of the operator or of the namespace's role have expired, or the clock of the operator's node is wrong.", "Wait: credentials of a pod or a role are renewed automatically. If this lasts, renew the credentials that the operator was given, and check the clock of its node."),
            Self::WaitingForReplicas => row("WaitingForReplicas", Reconciling, "Replicas of Lambda@Edge block the deletion of the function. AWS removes them some hours after its last CloudFront association is gone.", "Check that no distribution uses the function. A long `timeouts.delete` avoids `TimedOut`. To leave the function in AWS, set `skipDestroy`."),
            Self::TimedOut => row("TimedOut", Stalled, "A wait exceeded the object's `timeouts`. Retries continue with a longer backoff.", "Remove the cause that the message names. An edit of the object triggers a retry at once."),
            Self::AccessDenied => row("AccessDenied", Stalled, "AWS denies the operator a permission, or does not accept its credentials.", "Give the operator's AWS identity the permission that the message names."),
            Self::Rejected => row("Rejected", Stalled, "AWS rejects the request as invalid; the message is AWS's own.", "Correct the spec."),
            Self::QuotaExceeded => row("QuotaExceeded", Stalled, "A quota of the account or the region is exhausted.", "Delete unused resources, request a quota increase, or lower the value. The operator retries every few minutes."),
            Self::InvalidSpec => row("InvalidSpec", Stalled, "The spec cannot be applied; AWS was not called.", "Correct the spec as the message says."),
            Self::InvalidReference => row("InvalidReference", Stalled, "The spec refers to an object that cannot be used in that way.", "Change the spec, or the object that it names, as the message says."),
            Self::NotOwned => row("NotOwned", Stalled, "A resource with this name exists and this object does not own it, or another object already manages the same resource.", "Choose another name, or release the resource where it is managed. When the name becomes free, the operator notices it within minutes (`--drift-interval`, at most 15). It notices at once if another object of the cluster gives up an alias, a permission, a function URL, a layer, or settings of asynchronous invocations or provisioned concurrency. To take over a resource without an owner, set `adoptionPolicy: Adopt`."),
            Self::OwnershipUnknown => row("OwnershipUnknown", Stalled, "The owner tag of the resource or of its function cannot be read, so the owner is unknown and nothing is written.", "Allow the operator's AWS identity `lambda:ListTags`."),
            Self::DriftNotCorrected => row("DriftNotCorrected", Stalled, "The resource was deleted in AWS, lost its owner tag or has failed (drift), and `driftPolicy` is `Report`, so it is not restored.", "Set `driftPolicy: Correct` to have it restored, or delete the object.").with(Events::OnWords),
            Self::Immutable => row("Immutable", Stalled, "AWS cannot change this property of an existing resource.", "Restore the old value, or delete the object and create another."),
            Self::UpdateFailed => row("UpdateFailed", Stalled, "AWS rolled back an update, and still runs the former configuration or code.", "Remove the cause that the message names (a subnet, a key, an image). The operator sends the update again every few minutes."),
            Self::FunctionFailed => row("FunctionFailed", Stalled, "AWS reports that the function has failed.", "Fix the cause that the message names. A function that was never active is created again every few minutes; one that was active gets its code again."),
            Self::FunctionInactive => row("FunctionInactive", Stalled, "AWS made the function inactive and could not restore its resources, so it cannot be invoked.", "Fix the cause that the message names (a subnet, a network interface, the permission to read an image). The operator checks the function every few minutes."),
            Self::MappingDisabled => row("MappingDisabled", Stalled, "AWS disabled the event source mapping for a cause of its own, such as a source that no longer exists.", "Remove the cause that the message names. Then set `enabled` to false, and to true again once the object is Ready."),
            Self::NotConverging => row("NotConverging", Stalled, "AWS accepted the same write several times, and still shows another value.", "Set the field to the value that AWS shows, or add it to `ignoreChanges`. An edit of the field is sent at once."),
            Self::VersionFailed => row("VersionFailed", Stalled, "A published version failed and will not become ready.", "Fix the cause and change the function; the next change publishes another version."),
            Self::AllocationFailed => row("AllocationFailed", Stalled, "AWS could not allocate the provisioned concurrency; the message gives AWS's reason.", "If the function fails while it starts, correct it and publish a version. The operator requests the concurrency again every few minutes."),
            Self::CodeHashMismatch => row("CodeHashMismatch", Stalled, "The hash of the code at the source is not `codeSha256`.", "Correct `codeSha256`, or the source."),
            Self::TargetChanged => row("TargetChanged", Stalled, "The account, region or name of the object is no longer that of its resource in AWS. The operator changes nothing in AWS.", "Restore the operator's credentials, the namespace's annotations or the spec. To give up and leave the resource untouched, remove the finalizer by hand."),
            Self::NotAllowed => row("NotAllowed", Stalled, "The namespace's annotations do not allow a value of this object, or the owner of the function has not agreed to hand it over. The operator writes nothing to AWS.", "Choose an allowed value, or ask for the annotation that the message names, on the namespace or on the owner's object."),
            Self::DeletionProtected => row("DeletionProtected", Stalled, "The object is being deleted, and `deletionProtection` is true: its resource stays in AWS, and the object waits.", "Set `deletionProtection: false` to delete both, or `skipDestroy: true` to keep the resource in AWS."),
            Self::Forbidden => row("Forbidden", Stalled, "RBAC does not allow the operator to read something that the object needs, such as a Secret, or to write the object.", "Grant the operator's ServiceAccount the permission that the message names. The operator retries within a minute."),
            Self::AdmissionDenied => row("AdmissionDenied", Stalled, "An admission policy, a webhook or the CRD's schema refuses the finalizer or the status that the operator writes.", "Change the policy or webhook that the message names, or the object. The operator retries within a minute."),
            Self::ObjectTooLarge => row("ObjectTooLarge", Stalled, "The object is too large: Kubernetes cannot store the operator's finalizer or status with it.", "Make the object smaller, for instance by moving the code to an S3 bucket."),
            Self::CrdOutdated => row("CRDOutdated", Stalled, "The CRD is older than the operator and would drop fields of the status, so the operator changes nothing in AWS.", "Apply the CRD of the operator's version."),
            Self::Unreadable => row("Unreadable", Stalled, "The operator cannot read the stored object, which another version of the CRD accepted. The operator changes nothing in AWS.", "Apply the object again with the CRD of the operator's version."),
            Self::Released => row("Released", Gone, "The object is deleted, and a resource stays in AWS: its own because of `skipDestroy`, or one that depends on it and whose object does not end.", "None.").with(Events::OnEnd),
            Self::Orphaned => row("Orphaned", Gone, "The object is deleted, and its resource stays in AWS (orphan): it has another owner, or somebody removed the finalizer.", "Delete the resource in AWS if nobody needs it, or create the object again.").with(Events::OnEnd),
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
