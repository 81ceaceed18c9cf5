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

/// What AWS, or the way to it, answered to one call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {}{message}", if code.is_empty() { String::new() } else { format!("{code}: ") })]
pub struct Error {
    /// The call.
    pub operation: Operation,
    /// What it means for us.
    pub class: Class,
    /// AWS's error code; empty where none was given.
    pub code: String,
    /// AWS's own text, without what it echoes.
    pub message: Shown,
}

/// Why a call gave no answer to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// It was not sent: the account's budget has no room before this time has passed. A place is kept until then.
    Postponed(Duration),
    /// It failed.
    Failed(Error),
}

/// Why there is no goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoalError {
    /// The spec cannot be carried out, whatever AWS says.
    Blocked(Blocked),
    /// Something that it refers to is not there, or not yet; the sentence says what.
    Missing(String),
    /// The resource that this one belongs to is not there, or not ready; the sentence says what is waited for.
    Waiting(String),
}

impl GoalError {
    /// As what only a person can help with.
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

    /// What it means to a call that was meant for this target: a refusal that names a caller of another account is no missing permission.
    #[must_use]
    pub fn seen_from(self, target: &Target) -> Self {
        let foreign = self.class == Class::Denied && target.foreign_caller(&self.message).is_some();
        Self { class: if foreign { Class::Elsewhere } else { self.class }, ..self }
    }

    /// What the user may do, where AWS's text does not say it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        advice::advice(self)
    }

    /// The same for an object that is being deleted, whose spec is of no interest any more.
    #[must_use]
    pub fn last_advice(&self) -> &'static str {
        advice::last_advice(self)
    }
}

#[cfg(test)]
mod tests;
