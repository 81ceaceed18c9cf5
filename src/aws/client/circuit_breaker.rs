//! A circuit breaker for one endpoint: if calls get no answers, further calls fail fast, so that an endpoint that hangs does not block every worker.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A call without an answer counts only if it took this long. Faster failures block no worker; a connection attempt without an answer takes three seconds.
const LONG: Duration = Duration::from_secs(2);

/// The number of such calls in a row that opens the breaker. A single one may be caused by one function alone.
const IN_A_ROW: u32 = 2;

/// The interval of probes while the breaker is open.
const BETWEEN_TRIES: Duration = Duration::from_secs(10);

/// The state of the calls to one endpoint.
#[derive(Debug, Default)]
pub(in crate::aws) struct CircuitBreaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Slow calls in a row without an answer.
    unanswered: u32,
    /// The error of the last of them.
    words: String,
    /// The time of the next probe.
    next: Option<Instant>,
}

impl State {
    fn rejection(&self, now: Instant) -> Option<String> {
        let refused = self.unanswered >= IN_A_ROW && self.next.is_some_and(|next| now < next);
        refused.then(|| self.words.clone())
    }
}

impl CircuitBreaker {
    /// Checks before each call whether it may be sent.
    ///
    /// # Errors
    /// The error of the last call, if the breaker is open.
    pub(in crate::aws) fn check(&self, now: Instant) -> Result<(), String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(words) = state.rejection(now) {
            return Err(words);
        }
        state.next = Some(now + BETWEEN_TRIES);
        Ok(())
    }

    /// The error with which calls fail now. It does not claim the next probe.
    pub(in crate::aws) fn rejection(&self, now: Instant) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).rejection(now)
    }

    /// Records the result of each call: its error, if there was no answer.
    pub(in crate::aws) fn record(&self, unanswered: Option<&str>, took: Duration, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match unanswered {
            Some(words) if took >= LONG => {
                state.unanswered = state.unanswered.saturating_add(1);
                state.words = words.to_owned();
                // The interval counts from the start of a probe, however long the probe waits.
                if state.unanswered == IN_A_ROW {
                    state.next = Some(now + BETWEEN_TRIES);
                }
            }
            Some(_) | None => *state = State::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_breaker_opens_after_two_timeouts_and_probes() {
        let (breaker, start) = (CircuitBreaker::default(), Instant::now());
        let waits = |at| breaker.record(Some("no answer"), 10 * SECOND, at);
        waits(start);
        assert_eq!(breaker.check(start), Ok(()), "once is chance");
        waits(start);
        let mut check_breaker: Vec<u32> = Vec::new();
        for second in 0..30 {
            let now = start + second * SECOND;
            // Each try waits for nine seconds.
            if check_breaker.last().is_some_and(|begun| begun + 9 == second) {
                waits(now);
            }
            assert_eq!(breaker.rejection(now).is_none(), second > 0 && second % 10 == 0, "{second}");
            check_breaker.extend(breaker.check(now).ok().map(|()| second));
        }
        assert_eq!(check_breaker, [10, 20]);
        assert_eq!(breaker.check(start + 25 * SECOND), Err("no answer".into()));
        breaker.record(None, SECOND, start + 25 * SECOND);
        assert_eq!(breaker.check(start + 25 * SECOND), Ok(()));
    }

    #[test]
    fn a_refused_connection_holds_nobody_up() {
        let (breaker, start) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..10 {
            breaker.record(Some("connection refused"), SECOND, start);
            assert_eq!(breaker.check(start), Ok(()));
        }
    }
}
