//! How a reconcile ended, what it saw and what it did: everything that a status follows from.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::effects::Effects;
use crate::core::deletion::Deletion;
use crate::core::operation::Operation;
use crate::core::outcome::Outcome;
use crate::core::target::Target;
use crate::kinds::function::observed::Observed;

/// How a reconcile ended, what it saw and what it did.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// How it ended.
    pub outcome: Outcome,
    /// Where the function lives, once that is known.
    pub target: Option<Target>,
    /// What AWS showed.
    pub seen: Seen,
    /// What later reconciles must know of it.
    pub effects: Effects,
    /// The writes that AWS accepted, in their order.
    pub sent: Vec<Operation>,
    /// AWS keeps working after the last of them.
    pub busy: bool,
    /// Nothing is known that was not known before: the object changed meanwhile, so that the plan no longer holds.
    pub outdated: bool,
    /// The rate limit has room for the next call only after this time.
    pub postponed: Option<Duration>,
    /// The writes that correct, or would correct, what somebody else changed.
    pub drift: Vec<Operation>,
}

/// What a reconcile saw in AWS.
#[derive(Clone, Debug, Default)]
pub enum Seen {
    /// It did not get so far, or what it saw is not ours: what was reported stays.
    #[default]
    Nothing,
    /// There is no such function.
    Absent,
    /// Our function.
    Ours(Box<Observed>),
}

impl Conclusion {
    /// One that saw nothing and did nothing.
    #[must_use]
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            target: None,
            seen: Seen::Nothing,
            effects: Effects::default(),
            sent: Vec::new(),
            busy: false,
            outdated: false,
            postponed: None,
            drift: Vec::new(),
        }
    }

    /// With the place where the function lives.
    #[must_use]
    pub fn at(self, target: &Target) -> Self {
        Self { target: Some(target.clone()), ..self }
    }

    /// With what AWS showed.
    #[must_use]
    pub fn saw(self, seen: Seen) -> Self {
        Self { seen, ..self }
    }

    /// With what later reconciles must know.
    #[must_use]
    pub fn did(self, effects: Effects) -> Self {
        Self { effects, ..self }
    }
}

impl Seen {
    /// Our function, if it was seen.
    #[must_use]
    pub fn ours(&self) -> Option<&Observed> {
        match self {
            Self::Ours(observed) => Some(observed),
            Self::Nothing | Self::Absent => None,
        }
    }
}

/// A conclusion and the object that it is about.
#[derive(Clone, Debug)]
pub struct StatusInput<'a> {
    /// How the reconcile ended.
    pub conclusion: &'a Conclusion,
    /// The generation that it used.
    pub generation: i64,
    /// ARN of the AWS identity that acts, once that is known.
    pub identity: Option<&'a str>,
    /// Hash of the versions of what the spec refers to.
    pub references: String,
    /// How long a wait may last.
    pub timeout: Duration,
    /// The reconcile that was requested by annotation, if one was.
    pub requested: Option<String>,
    /// The conditions as users see them now, if they differ from those of the status before.
    pub shown: Option<&'a [Condition]>,
    /// The object, if it is being deleted.
    pub deletion: Option<Deletion<'a>>,
}
