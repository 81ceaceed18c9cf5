//! What can go wrong, in words that can be shown: a goal that is none, and a call that failed, cut where AWS echoes what must stay secret.

mod advice;
pub mod class;
pub mod classify;
pub mod codes;

use std::time::Duration;

use super::blocked::Blocked;
use super::operation::Operation;
use super::target::Target;
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
    pub message: String,
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

/// AWS repeats the whole environment after these words.
const ECHOES: [&str; 1] = ["String measured:"];

/// Longer texts (a list of all runtimes, say) are cut: conditions and events are read by people.
const LONGEST: usize = 800;

impl Error {
    /// From an answer: its error code, HTTP status (0 for none) and text.
    #[must_use]
    pub fn new(operation: Operation, code: &str, http_status: u16, message: &str) -> Self {
        let class = classify(operation, code, http_status, message);
        let kept =
            ECHOES.iter().filter_map(|echo| message.find(echo)).min().map_or(message, |at| message[..at].trim_end());
        let mut message = kept.to_owned();
        if let Some((end, _)) = message.char_indices().nth(LONGEST) {
            message.truncate(end);
            message.push('…');
        }
        Self { operation, class, code: code.to_owned(), message }
    }

    /// A call that reached, or would have reached, another account or region than the resource's.
    #[must_use]
    pub fn elsewhere(operation: Operation, message: &str) -> Self {
        Self { operation, class: Class::Elsewhere, code: String::new(), message: message.to_owned() }
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
