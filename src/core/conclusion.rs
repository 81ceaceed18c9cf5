//! The conclusion of a reconcile: how it ended, what it observed and what it did. The status follows from it alone.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::brake::Repeated;
use super::change::Reverted;
use super::deletion::Deletion;
use super::error::Error;
use super::operation::Operation;
use super::outcome::Outcome;
use super::target::Target;
use crate::api::shared::AppliedGeneration;

/// How a reconcile ended, what it observed and what it did. `O` is the kind's observed state, `E` its effects, which later reconciles must know.
#[derive(Clone, Debug)]
pub struct Conclusion<O, E> {
    /// How it ended.
    pub outcome: Outcome,
    /// Account, region and name of the resource, once they are known.
    pub target: Option<Target>,
    /// The resource as AWS showed it.
    pub seen: Seen<O>,
    /// Effects that later reconciles must know.
    pub effects: E,
    /// The writes that AWS accepted, in their order.
    pub sent: Vec<Operation>,
    /// AWS keeps working after the last of these writes.
    pub busy: bool,
    /// The object changed during the reconcile, so the plan no longer holds and nothing new is known.
    pub outdated: bool,
    /// A record was written ahead of a call that was certainly not sent, so the status is written again without it.
    pub takes_back: bool,
    /// The rate limit allows the next call only after this time.
    pub postponed: Option<Duration>,
    /// Further errors of AWS beside the outcome, in order.
    pub refused: Vec<Error>,
    /// A clause for the message: the half of a change that AWS accepted while it refused the other half.
    pub live: Option<&'static str>,
    /// If the outcome is another: the message about a write that is no longer sent because it had no effect.
    pub not_converging: Option<String>,
    /// The number of times that AWS has accepted each planned write; `None` if there was no plan.
    pub repeated: Option<Repeated>,
    /// The writes that correct drift, or would correct it with `driftPolicy: Correct`.
    pub drift: Vec<Operation>,
    /// What the accepted writes reverted of what somebody else did, in their order.
    pub reverted: Vec<Reverted>,
}

/// The result of the read of AWS.
#[derive(Clone, Debug, Default)]
pub enum Seen<O> {
    /// There was no read, or the resource is not ours: the status keeps what was reported before.
    #[default]
    Nothing,
    /// There is no such resource.
    Absent,
    /// Our resource.
    Ours(Box<O>),
}

impl<O, E: Default> Conclusion<O, E> {
    /// A conclusion without a read and without writes.
    #[must_use]
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            target: None,
            seen: Seen::Nothing,
            effects: E::default(),
            sent: Vec::new(),
            busy: false,
            outdated: false,
            takes_back: false,
            postponed: None,
            refused: Vec::new(),
            live: None,
            not_converging: None,
            repeated: None,
            drift: Vec::new(),
            reverted: Vec::new(),
        }
    }
}

impl<O, E> Conclusion<O, E> {
    /// Adds account, region and name of the resource.
    #[must_use]
    pub fn at(self, target: &Target) -> Self {
        Self { target: Some(target.clone()), ..self }
    }

    /// Adds the result of the read.
    #[must_use]
    pub fn saw(self, seen: Seen<O>) -> Self {
        Self { seen, ..self }
    }

    /// Adds the effects that later reconciles must know.
    #[must_use]
    pub fn did(self, effects: E) -> Self {
        Self { effects, ..self }
    }

    /// Whether the reconcile did nothing and observed nothing new, so that the status stays as it is.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        self.sent.is_empty() && !self.takes_back && (self.outdated || self.postponed.is_some())
    }
}

impl<O> Seen<O> {
    /// Our resource, if the read showed it.
    #[must_use]
    pub fn ours(&self) -> Option<&O> {
        match self {
            Self::Ours(observed) => Some(observed),
            Self::Nothing | Self::Absent => None,
        }
    }
}

/// A conclusion and the object that it is about.
#[derive(Clone, Debug)]
pub struct StatusInput<'a, O, E> {
    /// How the reconcile ended.
    pub conclusion: &'a Conclusion<O, E>,
    /// The generation that it used.
    pub generation: i64,
    /// ARN of the AWS identity that acts, once it is known.
    pub identity: Option<&'a str>,
    /// Hash of the versions of the spec's references.
    pub references: String,
    /// The timeout of a wait.
    pub timeout: Duration,
    /// The value of the annotation that requested this reconcile, if there is one.
    pub requested: Option<String>,
    /// The conditions as users see them now, if they differ from those of the status before.
    pub shown: Option<&'a [Condition]>,
    /// The object, if it is being deleted.
    pub deletion: Option<Deletion<'a>>,
}

impl<O, E> StatusInput<'_, O, E> {
    /// The generation and the references that the reconcile used.
    #[must_use]
    pub fn revision(&self) -> AppliedGeneration {
        AppliedGeneration { generation: self.generation, references: Some(self.references.clone()) }
    }
}
