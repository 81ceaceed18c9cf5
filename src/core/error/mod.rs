//! What can go wrong, in words that can be shown: a goal that is none, and a call that failed, without what AWS echoes.

mod advice;
pub mod class;
pub mod classify;
pub mod codes;

use std::time::Duration;

use super::blocked::Blocked;
use super::operation::Operation;
use super::shown::{Shown, printable};
use super::target::Target;
use super::withheld::Withheld;
use class::Class;
use classify::classify;

/// The failure of one AWS call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {}{message}", if code.is_empty() { String::new() } else { format!("{code}: ") })]
pub struct Error {
    /// The call.
    pub operation: Operation,
    /// The class, which decides how the operator reacts.
    pub class: Class,
    /// AWS's error code; empty if there is none.
    pub code: String,
    /// AWS's own text, without what it echoes.
    pub message: Shown,
}

/// Why a call has no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// It was not sent: the account's rate limit allows it only after this time. A reservation holds its turn until then.
    Postponed(Duration),
    /// The call failed.
    Failed(Error),
}

/// Why there is no goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoalError {
    /// The spec cannot be applied, whatever AWS answers.
    Blocked(Blocked),
    /// Something that the spec refers to does not exist, perhaps not yet; the sentence names it.
    Missing(String),
    /// The resource that this one belongs to does not exist or is not ready; the sentence names the wait.
    Waiting(String),
}

impl GoalError {
    /// The same as a cause of `Stalled`.
    #[must_use]
    pub fn into_blocked(self) -> Blocked {
        match self {
            Self::Blocked(blocked) => blocked,
            Self::Missing(sentence) | Self::Waiting(sentence) => Blocked::InvalidReference(sentence),
        }
    }
}

/// Longer texts (a list of all runtimes, say) are cut: conditions and events are read by people.
const LONGEST: usize = 800;

impl Error {
    /// In our own words, which are part of the program: with the error code and HTTP status (0 for none) of an answer.
    #[must_use]
    pub fn new(operation: Operation, code: &str, http_status: u16, words: &'static str) -> Self {
        Self::heard(operation, code, http_status, words, &Withheld::nothing())
    }

    /// From an answer: its error code, HTTP status (0 for none) and text. The whole text tells what the answer means; what is withheld is not kept.
    #[must_use]
    pub fn heard(operation: Operation, code: &str, http_status: u16, text: &str, withheld: &Withheld) -> Self {
        let class = classify(operation, code, http_status, text);
        let message = Shown::new(text, withheld).brief(LONGEST);
        Self { operation, class, code: printable(code).into_owned(), message }
    }

    /// A call that reached, or would have reached, another account or region than the resource's.
    #[must_use]
    pub fn elsewhere(operation: Operation, words: &str) -> Self {
        let message = Shown::new(words, &Withheld::nothing());
        Self { operation, class: Class::Elsewhere, code: String::new(), message }
    }

    /// The error of a call for this target: a refusal that names a caller of another account is not a missing permission, but `Elsewhere`.
    #[must_use]
    pub fn seen_from(self, target: &Target) -> Self {
        let foreign = self.class == Class::Denied && target.foreign_caller(&self.message).is_some();
        Self { class: if foreign { Class::Elsewhere } else { self.class }, ..self }
    }

    /// Advice to the user, if AWS's text gives none.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        advice::advice(self)
    }

    /// The advice for an object that is being deleted, whose spec no longer matters.
    #[must_use]
    pub fn last_advice(&self) -> &'static str {
        advice::last_advice(self)
    }
}

#[cfg(test)]
mod tests;
