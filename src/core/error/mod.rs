//! Errors with messages that can be shown to users: a goal that cannot be built, and a failed AWS call, without the values that AWS repeats.

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
    /// AWS's own text, without the values that it repeats.
    pub message: Shown,
}

/// Why a call has no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// It was not sent: the account's rate limit allows it only after this time. A reservation holds its turn until then.
    Postponed(Duration),
    /// The call failed.
    Failed(Error),
}

/// Why the goal cannot be built.
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

/// Longer texts, such as a list of all runtimes, are cut, so that conditions and Events stay readable.
const LONGEST: usize = 800;

impl Error {
    /// An error with a text of this program, and with the error code and the HTTP status of an answer (0 if there is none).
    #[must_use]
    pub fn new(operation: Operation, code: &str, http_status: u16, words: &'static str) -> Self {
        Self::heard(operation, code, http_status, words, &Withheld::nothing())
    }

    /// An error from an answer: its error code, its HTTP status (0 if there is none) and its text. The whole text is classified, and then stored
    /// without withheld values.
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
