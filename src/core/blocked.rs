//! The causes of `Stalled` that no retry removes.

/// A cause of `Stalled` that no retry removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The resource exists and is not ours: it belongs to this owner, or has none.
    NotOwned(Option<String>),
    /// The resource belongs to this owner, which differs from ours only in the name of the cluster.
    OtherCluster(String),
    /// AWS did not show the tags, so the owner is unknown.
    OwnershipUnknown,
    /// This property of an existing function cannot be changed.
    Immutable(&'static str),
    /// AWS rolled back the last update of this half of the resource.
    UpdateFailed(Half),
    /// `State=Failed`, and the recovery that the operator tries.
    FunctionFailed(Recovery),
    /// `State=Inactive`, and not because the function is idle.
    FunctionInactive,
    /// AWS disabled an event source mapping; in AWS's words.
    DisabledByAws(String),
    /// AWS accepts a write repeatedly, and it has no effect; the sentence names the field.
    NotConverging(String),
    /// A published version failed and will never be ready; in AWS's words.
    VersionFailed(String),
    /// AWS could not allocate what was requested; in its words.
    AllocationFailed(String),
    /// The hash of the code at the source is not `codeSha256` of the spec.
    CodeHashMismatch {
        /// `codeSha256` of the spec.
        said: String,
        /// The hash of the source, computed by AWS or by the operator.
        is: String,
        /// Whether the source can get other contents under the same name, so that it is checked again.
        may_change: bool,
    },
    /// The spec refers to an object that cannot be used in that way; the sentence says what to do.
    InvalidReference(String),
    /// Another object manages the same resource; the sentence names it.
    Rival(String),
    /// The spec cannot be applied; the sentence says what to do.
    InvalidSpec(String),
    /// The namespace's policy does not allow it; the sentence says what it refuses and who can change that.
    NotAllowed(String),
    /// The object is being deleted and protects its resource; the sentence says how to continue.
    DeletionProtected(String),
    /// The account, region or name of the object is no longer that of its resource; the sentence names both.
    TargetChanged(String),
}

/// The recovery of a failed function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It was never active, so the operator deletes it and creates it again.
    Recreate,
    /// It was active, so the operator deploys its code again.
    Redeploy,
    /// The operator cannot do anything: the function or its code is not managed by this object.
    Manual,
}

/// The half of a resource that an update writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The configuration alone.
    Configuration,
    /// The code alone.
    Code,
    /// Both, in two updates.
    Both,
}

impl Half {
    /// The configuration and the code that run in AWS while the update of this half does not succeed.
    #[must_use]
    pub const fn live(self) -> &'static str {
        match self {
            Self::Configuration => "the function runs the current code with its former configuration",
            Self::Code => "the function runs its former code with the current configuration",
            Self::Both => "the function runs its former code and configuration",
        }
    }
}
