//! AWS's quotas on Lambda's control plane: separate ones for GetFunction, GetPolicy and capacity providers, and one for all other calls.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Calls that share a quota, per account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bucket {
    GetFunction,
    GetPolicy,
    CapacityProviderReads,
    CapacityProviderWrites,
    Others,
}

impl Bucket {
    /// The bucket of an operation. Invoke is not a control-plane call, so it has none.
    fn of(operation: &str) -> Option<Bucket> {
        match operation {
            "GetFunction" => Some(Bucket::GetFunction),
            "GetPolicy" => Some(Bucket::GetPolicy),
            "GetCapacityProvider" | "ListCapacityProviders" | "ListFunctionVersionsByCapacityProvider" => {
                Some(Bucket::CapacityProviderReads)
            }
            "CreateCapacityProvider" | "UpdateCapacityProvider" | "DeleteCapacityProvider" => {
                Some(Bucket::CapacityProviderWrites)
            }
            operation if operation.starts_with("Invoke") => None,
            _ => Some(Bucket::Others),
        }
    }

    /// Calls per second, which is also the size of the burst.
    fn rate(self) -> f64 {
        match self {
            Bucket::GetFunction => 100.0,
            Bucket::GetPolicy | Bucket::CapacityProviderReads | Bucket::Others => 15.0,
            Bucket::CapacityProviderWrites => 1.0,
        }
    }
}

/// The tokens of a bucket. It holds the tokens of one second.
#[derive(Debug)]
struct Tokens {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl Tokens {
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
    buckets: Mutex<HashMap<(String, String, Bucket), Tokens>>,
}

impl Quotas {
    /// Whether the quota allows this Lambda call.
    pub(crate) fn admit(&self, account: &str, region: &str, operation: &str, now: Instant) -> bool {
        let Some(bucket) = Bucket::of(operation) else { return true };
        let rate = bucket.rate();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account.to_owned(), region.to_owned(), bucket);
        buckets.entry(key).or_insert(Tokens { rate, tokens: rate, filled: now }).take(now)
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

    #[test]
    fn policies_and_capacity_providers_are_counted_apart() {
        let quotas = Quotas::default();
        let now = Instant::now();
        let admitted = |operations: &[&str]| {
            let calls = operations.iter().cycle().take(40);
            calls.filter(|operation| quotas.admit("1", "eu-west-1", operation, now)).count()
        };
        let family = ["AddPermission", "ListFunctionUrlConfigs", "GetEventSourceMapping", "ListAliases"];
        assert_eq!(admitted(&family), 15, "they share one");
        assert_eq!(admitted(&["GetPolicy"]), 15);
        assert_eq!(admitted(&["GetCapacityProvider", "ListCapacityProviders"]), 15);
        assert_eq!(admitted(&["CreateCapacityProvider", "DeleteCapacityProvider"]), 1);
        assert_eq!(admitted(&["GetFunction"]), 40);
    }
}
