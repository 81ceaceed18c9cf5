//! Why only a person can help.

/// Why only a person can help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The function exists and is not ours: it belongs to this owner, or to nobody.
    NotOwned(Option<String>),
    /// It belongs to this owner, which differs from us in the name of the cluster alone.
    OtherCluster(String),
    /// Whose the function is cannot be told: its tags were withheld.
    OwnershipUnknown,
    /// This cannot change on a living function.
    Immutable(&'static str),
    /// AWS took the last update of this half of the resource back.
    UpdateFailed(Half),
    /// `State=Failed` and nothing of ours to change.
    FunctionFailed,
    /// `State=Inactive`, and not because the function is idle.
    FunctionInactive,
    /// AWS accepts a write again and again, and it has no effect; the sentence names the field.
    NotConverging(String),
    /// A published version will never be ready; AWS's words.
    VersionFailed(String),
    /// The source's code is not the code that the spec says it is.
    CodeHashMismatch {
        /// By the spec.
        said: String,
        /// By AWS, or by our own reckoning.
        is: String,
    },
    /// The spec names an object that can never give what is asked of it; the sentence says what to do.
    InvalidReference(String),
    /// Another object has the same resource; the sentence names it.
    Rival(String),
    /// The spec cannot be carried out; the sentence says what to do.
    InvalidSpec(String),
    /// The namespace does not allow it; the sentence says what and who can.
    NotAllowed(String),
    /// The object is being deleted and protects its resource; the sentence says how to continue.
    DeletionProtected(String),
    /// The object now points to another place than the one its function lives in; the sentence names both.
    TargetChanged(String),
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
    /// What is live while the update of this half does not succeed.
    #[must_use]
    pub const fn live(self) -> &'static str {
        match self {
            Self::Configuration => "the function runs the current code with its former configuration",
            Self::Code => "the function runs its former code with the current configuration",
            Self::Both => "the function runs its former code and configuration",
        }
    }
}
