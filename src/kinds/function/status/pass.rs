//! What one pass saw and did, and how it ended: all that a status follows from.

use crate::core::outcome::Outcome;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::effects::Effects;
use super::history::History;
use crate::core::deletion::Deletion;
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::target::Target;
use crate::kinds::function::observed::Observed;

/// What one pass saw and did.
#[derive(Clone, Debug)]
pub struct StatusInput<'a> {
    /// The generation that it used.
    pub generation: i64,
    /// Where the function lives, once that is known.
    pub target: Option<&'a Target>,
    /// ARN of the AWS identity that acts, once that is known.
    pub identity: Option<&'a str>,
    /// What AWS said.
    pub seen: Seen<'a>,
    /// How it ended.
    pub outcome: Outcome,
    /// Hash of the versions of what the spec refers to.
    pub references: String,
    /// What it did that later passes must know.
    pub effects: Effects,
    /// How long a wait may last.
    pub timeout: Duration,
    /// The look that was asked for by annotation, if one was.
    pub requested: Option<String>,
    /// The conditions as users see them now, where they are others than those of the status before.
    pub shown: Option<&'a [Condition]>,
    /// The object, if it is being deleted.
    pub deletion: Option<Deletion<'a>>,
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

impl Seen<'_> {
    /// What the look saw, in the light of what a write was answered: "already exist" shows that it looked too early, and
    /// what is remembered of our function is not to be forgotten.
    #[must_use]
    pub fn corrected_by(self, halt: Option<&CallError>, history: &History) -> Self {
        match (self, halt) {
            (Self::Absent, Some(CallError::Failed(error)))
                if error.class == Class::AlreadyExists && history.created =>
            {
                Self::Nothing
            }
            (Self::Nothing | Self::Absent | Self::Ours(_), _) => self,
        }
    }
}
