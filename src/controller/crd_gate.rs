//! Whether the CRD of one kind is new enough. It can be replaced by an older one while the operator runs.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::WatchStatusFn;
use crate::core::refusal::Refusal;

/// The state of one kind's CRD.
#[derive(Default)]
pub(super) struct CrdGate {
    state: Mutex<State>,
    readiness: OnceLock<WatchStatusFn>,
}

/// The result of the last check.
#[derive(Clone, Default)]
pub(super) enum State {
    /// It is new enough: checked at the start, or since the watch last began.
    #[default]
    Known,
    /// It may have changed since the last check.
    Doubted(Instant),
    /// It lacks fields, as of this time.
    Outdated(Refusal, Instant),
}

impl CrdGate {
    /// Callback for readiness.
    pub(super) fn report_to(&self, readiness: WatchStatusFn) {
        readiness(Ok(()));
        let _ = self.readiness.set(readiness);
    }

    /// Records that the watch began again or a status was refused, so that the CRD is checked again.
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
