//! Exponential backoff: the delays between retries. Pure.

use std::time::Duration;

/// An exponential backoff from `first` to `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The delay before the first retry.
    pub first: Duration,
    /// The longest delay.
    pub most: Duration,
}

impl Backoff {
    /// While AWS works on a function: half a second, slowing to five.
    pub const SETTLE: Self = Self { first: Duration::from_millis(500), most: Duration::from_secs(5) };
    /// For errors that only a person can fix. An edit of the object starts a reconcile at once, whatever the backoff.
    pub const SLOW: Self = Self { first: Duration::from_secs(300), most: Duration::from_secs(900) };
    /// For an object whose resource belongs to another object. The end of that object wakes it, unless it comes before the status
    /// of this one shows that it waits.
    pub const RIVAL: Self = Self { first: Duration::from_secs(30), most: Duration::from_secs(900) };
    /// For a wait that has exceeded its timeout: retries continue, but slowly.
    pub const OVERDUE: Self = Self { first: Duration::from_secs(30), most: Duration::from_secs(300) };
    /// For writes that the API server did not accept. An outage of the API server usually lasts a minute or two, and objects should recover quickly after it.
    pub const CLUSTER: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(10) };
    /// For all other failures outside of AWS.
    pub const ORDINARY: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(60) };

    /// The delay before retry number `attempt` + 1; `jitter` in 0..1 spreads it over ± 10 %.
    #[must_use]
    pub fn delay(self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(attempt.min(16)));
        doubled.min(self.most).mul_f64(0.2f64.mul_add(jitter, 0.9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_doubles_up_to_its_most() {
        let delays: Vec<u64> = (0..5).map(|n| Backoff::SETTLE.delay(n, 0.5).as_millis() as u64).collect();
        assert_eq!(delays, [500, 1000, 2000, 4000, 5000]);
        assert_eq!(Backoff::SLOW.delay(u32::MAX, 0.5), Duration::from_secs(900));
    }
}
