//! Where no answers come, calls fail at once instead of waiting for one: a way that hangs must not hold every worker.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A call that failed sooner held nobody up; a connection that nobody accepts takes three seconds.
const LONG: Duration = Duration::from_secs(2);

/// A single call without an answer may be that function's own trouble.
const IN_A_ROW: u32 = 2;

/// While it lasts, one call in this time is sent to see whether it still does.
const BETWEEN_TRIES: Duration = Duration::from_secs(10);

/// Whether calls that go one way get answers.
#[derive(Debug, Default)]
pub(in crate::aws) struct CircuitBreaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Calls in a row that waited long for nothing.
    unanswered: u32,
    /// What the last of them ended with.
    words: String,
    /// From then on one more may be sent.
    next: Option<Instant>,
}

impl State {
    fn rejection(&self, now: Instant) -> Option<String> {
        let refused = self.unanswered >= IN_A_ROW && self.next.is_some_and(|next| now < next);
        refused.then(|| self.words.clone())
    }
}

impl CircuitBreaker {
    /// Asked before each call.
    ///
    /// # Errors
    /// In what words the last call failed, where this one would only wait for the same.
    pub(in crate::aws) fn check(&self, now: Instant) -> Result<(), String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(words) = state.rejection(now) {
            return Err(words);
        }
        state.next = Some(now + BETWEEN_TRIES);
        Ok(())
    }

    /// In what words calls are refused now; asks for no try.
    pub(in crate::aws) fn rejection(&self, now: Instant) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).rejection(now)
    }

    /// Told after each call: in what words it failed, where no answer came.
    pub(in crate::aws) fn record(&self, unanswered: Option<&str>, took: Duration, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match unanswered {
            Some(words) if took >= LONG => {
                state.unanswered = state.unanswered.saturating_add(1);
                state.words = words.to_owned();
                // From the beginning of a try to the next one it is the same time however long it waits.
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
