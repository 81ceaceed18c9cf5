//! AWS's quotas on Lambda's control plane: 100 GetFunction a second, 15 of all other calls together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// GetFunction calls per second, per account and region.
const GET_FUNCTION_PER_SECOND: f64 = 100.0;
/// All other control-plane calls together.
const OTHERS_PER_SECOND: f64 = 15.0;

/// A token bucket that holds one second's worth.
#[derive(Debug)]
struct Bucket {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + seconds * self.rate).min(self.rate);
        self.filled = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// The buckets of all accounts and regions.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    buckets: Mutex<HashMap<(String, String, bool), Bucket>>,
}

impl Quotas {
    /// May this Lambda call pass? Invoke is no control-plane call.
    pub(crate) fn admit(&self, account: &str, region: &str, operation: &str, now: Instant) -> bool {
        if operation.starts_with("Invoke") {
            return true;
        }
        let get_function = operation == "GetFunction";
        let rate = if get_function { GET_FUNCTION_PER_SECOND } else { OTHERS_PER_SECOND };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account.to_owned(), region.to_owned(), get_function);
        buckets.entry(key).or_insert(Bucket { rate, tokens: rate, filled: now }).take(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Quotas;

    #[test]
    fn fifteen_a_second_for_all_but_get_function_and_invoke() {
        let quotas = Quotas::default();
        let start = Instant::now();
        let admitted = |account: &str, operation: &str, count: usize, now: Instant| {
            (0..count).filter(|_| quotas.admit(account, "eu-west-1", operation, now)).count()
        };
        assert_eq!(admitted("1", "CreateFunction", 10, start), 10);
        assert_eq!(admitted("1", "ListTags", 10, start), 5, "one bucket for all of them");
        assert_eq!(admitted("1", "GetFunction", 200, start), 100);
        assert_eq!(admitted("1", "Invoke", 500, start), 500);
        assert_eq!(admitted("2", "CreateFunction", 20, start), 15, "every account has its own");
        let later = start + Duration::from_millis(200);
        assert_eq!(admitted("1", "CreateFunction", 20, later), 3);
        let much_later = start + Duration::from_secs(60);
        assert_eq!(admitted("1", "CreateFunction", 100, much_later), 15, "no more than one second is saved");
    }
}
