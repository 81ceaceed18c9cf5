//! How a reconcile ended, what it saw and what it did: everything that a status follows from.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::brake::Repeated;
use super::deletion::Deletion;
use super::error::Error;
use super::operation::Operation;
use super::outcome::Outcome;
use super::target::Target;
use crate::api::shared::AppliedGeneration;

/// How a reconcile ended, what it saw and what it did. `O` is what AWS shows of the kind, `E` what later reconciles must know.
#[derive(Clone, Debug)]
pub struct Conclusion<O, E> {
    /// How it ended.
    pub outcome: Outcome,
    /// Where the resource lives, once that is known.
    pub target: Option<Target>,
    /// What AWS showed.
    pub seen: Seen<O>,
    /// What later reconciles must know of it.
    pub effects: E,
    /// The writes that AWS accepted, in their order.
    pub sent: Vec<Operation>,
    /// AWS keeps working after the last of them.
    pub busy: bool,
    /// Nothing is known that was not known before: the object changed meanwhile, so that the plan no longer holds.
    pub outdated: bool,
    /// The rate limit has room for the next call only after this time.
    pub postponed: Option<Duration>,
    /// What AWS refused beside the outcome, in order.
    pub refused: Vec<Error>,
    /// The half of a change that is live while the other is refused, in a clause.
    pub live: Option<&'static str>,
    /// The write that is not sent any more because it had no effect, in words, where the outcome is another.
    pub not_converging: Option<String>,
    /// How often AWS has accepted each planned write; `None` where there was no plan, so that nothing is known.
    pub repeated: Option<Repeated>,
    /// The writes that correct, or would correct, what somebody else changed.
    pub drift: Vec<Operation>,
}

/// What a reconcile saw in AWS.
#[derive(Clone, Debug, Default)]
pub enum Seen<O> {
    /// It did not get so far, or what it saw is not ours: what was reported stays.
    #[default]
    Nothing,
    /// There is no such resource.
    Absent,
    /// Our resource.
    Ours(Box<O>),
}

impl<O, E: Default> Conclusion<O, E> {
    /// One that saw nothing and did nothing.
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
            postponed: None,
            refused: Vec::new(),
            live: None,
            not_converging: None,
            repeated: None,
            drift: Vec::new(),
        }
    }
}

impl<O, E> Conclusion<O, E> {
    /// With the place where the resource lives.
    #[must_use]
    pub fn at(self, target: &Target) -> Self {
        Self { target: Some(target.clone()), ..self }
    }

    /// With what AWS showed.
    #[must_use]
    pub fn saw(self, seen: Seen<O>) -> Self {
        Self { seen, ..self }
    }

    /// With what later reconciles must know.
    #[must_use]
    pub fn did(self, effects: E) -> Self {
        Self { effects, ..self }
    }
}

impl<O> Seen<O> {
    /// Our resource, if it was seen.
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

impl<O, E> StatusInput<'_, O, E> {
    /// The generation and the references that the reconcile used.
    #[must_use]
    pub fn revision(&self) -> AppliedGeneration {
        AppliedGeneration { generation: self.generation, references: Some(self.references.clone()) }
    }
}
