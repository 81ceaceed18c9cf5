//! How fast tries follow each other.

use std::time::Duration;

/// How fast tries follow each other: exponentially from `first` to `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second try.
    pub first: Duration,
    /// At most.
    pub most: Duration,
}

impl Backoff {
    /// While AWS works on a function: half a second, slowing to five.
    pub const SETTLE: Self = Self { first: Duration::from_millis(500), most: Duration::from_secs(5) };
    /// What only a person can mend: slowly. An edit of the object is looked at at once.
    pub const SLOW: Self = Self { first: Duration::from_secs(300), most: Duration::from_secs(900) };
    /// A wait that has outlasted its timeout goes on, but slowly.
    pub const OVERDUE: Self = Self { first: Duration::from_secs(30), most: Duration::from_secs(300) };
    /// For what the API server did not take: it comes back within a minute or two, and then nobody wants to wait.
    pub const CLUSTER: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(10) };
    /// For everything of ours that failed outside AWS.
    pub const ORDINARY: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(60) };

    /// The delay before try number `attempt` + 1; `jitter` in 0..1 spreads it over ± 10 %.
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
