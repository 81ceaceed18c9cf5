//! What is known of the CRD of one kind, which may become older under a running operator.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::WatchStatusFn;
use crate::core::refusal::Refusal;

/// What is known of one kind's CRD.
#[derive(Default)]
pub(super) struct CrdGate {
    state: Mutex<State>,
    readiness: OnceLock<WatchStatusFn>,
}

/// Whether it is new enough.
#[derive(Clone, Default)]
pub(super) enum State {
    /// It was asked for at the start, and since the watch last began.
    #[default]
    Known,
    /// It may be another since then.
    Doubted(Instant),
    /// It lacks fields; asked then.
    Outdated(Refusal, Instant),
}

impl CrdGate {
    /// Whom to tell that the operator is not ready.
    pub(super) fn report_to(&self, readiness: WatchStatusFn) {
        readiness(Ok(()));
        let _ = self.readiness.set(readiness);
    }

    /// The watch began again, or a status was refused: the CRD may have changed.
    pub(super) fn doubt(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Known) {
            *state = State::Doubted(Instant::now());
        }
    }

    pub(super) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, new: State) {
        if let Some(readiness) = self.readiness.get() {
            readiness(match &new {
                State::Outdated(refusal, _) => Err(refusal.sentence.clone()),
                State::Known | State::Doubted(_) => Ok(()),
            });
        }
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = new;
    }
}
