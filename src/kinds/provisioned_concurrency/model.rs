//! The model of provisioned concurrency, for both the desired and the observed state: the one member that a Put call writes, and the state of the
//! allocation.

use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;

/// Provisioned concurrency of a version or an alias.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvisionedConcurrency {
    /// `ProvisionedConcurrentExecutions`: the number that is requested.
    pub requested: i32,
    /// The allocation, as AWS shows it. It is observed only; the desired state has none.
    pub allocation: Option<Allocation>,
    /// Whether the alias routes a share of the invocations to a second version. AWS refuses every change of its provisioned concurrency meanwhile.
    pub is_shared: bool,
}

/// The allocation of what was requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allocation {
    /// Number of allocated environments.
    pub allocated: i32,
    /// Number of environments that are ready for invocations.
    pub available: i32,
    /// The state.
    pub state: State,
    /// The cause of a failed allocation, in AWS's words.
    pub reason: Option<String>,
}

/// The state of the allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// `IN_PROGRESS`.
    InProgress,
    /// `READY`, or a state that this version does not know.
    #[default]
    Ready,
    /// `FAILED`.
    Failed,
}

impl State {
    /// The name in AWS's API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
        }
    }
}

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `ProvisionedConcurrentExecutions`.
    Requested,
}

impl ProvisionedConcurrency {
    /// The state of the allocation, if AWS showed it.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        self.allocation.as_ref().map(|allocation| allocation.state)
    }
}

impl Model for ProvisionedConcurrency {
    type Member = Member;

    const MEMBERS: &'static [Member] = &[Member::Requested];
    const CALLS: Calls = Calls {
        create: Operation::PutProvisionedConcurrencyConfig,
        update: Operation::PutProvisionedConcurrencyConfig,
        delete: Operation::DeleteProvisionedConcurrencyConfig,
    };
    const WORDS: Words = Words {
        kind: "LambdaProvisionedConcurrencyConfig",
        noun: "provisioned concurrency",
        another: "create one with another qualifier",
    };

    fn name(member: Member) -> &'static str {
        match member {
            Member::Requested => "ProvisionedConcurrentExecutions",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::Requested => "provisionedConcurrentExecutions",
        }
    }

    fn text(&self, member: Member) -> String {
        let Self { requested, allocation: _, is_shared: _ } = self;
        match member {
            Member::Requested => requested.to_string(),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self { requested, allocation, is_shared } = self;
        let requested = if is_ignored(Member::Requested) { have.requested } else { requested };
        Self { requested, allocation, is_shared }
    }
}
