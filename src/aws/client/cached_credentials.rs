//! The credentials of one identity, kept until shortly before they expire. The SDK's clients and the requests that are signed by hand use the same
//! ones, so the account that STS has proved for an access key is proved for all calls. The providers of the SDK keep nothing themselves: each question
//! to them can be a call of STS.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::http::READ_TIMEOUT;

/// The remaining time at which credentials are replaced. The SDK's own cache uses the same.
const EARLY: Duration = Duration::from_secs(10);

/// The time for which credentials without an expiry are kept. The SDK's own cache uses the same.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// A credentials provider that asks its source only when the last credentials are about to expire.
#[derive(Debug)]
pub(super) struct CachedCredentials {
    source: SharedCredentialsProvider,
    last: Mutex<Option<Lasting>>,
}

/// Credentials, and the time at which they are replaced.
#[derive(Debug)]
struct Lasting {
    credentials: Credentials,
    until: SystemTime,
}

impl Lasting {
    fn new(credentials: Credentials, now: SystemTime) -> Self {
        let until = credentials.expiry().map_or(now + KEPT, |expiry| expiry.checked_sub(EARLY).unwrap_or(expiry));
        Self { credentials, until }
    }
}

/// The source with a cache. Every source needs one: the SDK has none below the provider of a role, which asks the operator's own source each time.
pub(super) fn cached(source: SharedCredentialsProvider) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(CachedCredentials { source, last: Mutex::default() })
}

impl CachedCredentials {
    /// One caller asks the source; the others wait for its answer.
    async fn get(&self) -> Result<Credentials, CredentialsError> {
        let mut last = self.last.lock().await;
        if let Some(Lasting { credentials, until }) = &*last
            && SystemTime::now() < *until
        {
            return Ok(credentials.clone());
        }
        let credentials = self.source.provide_credentials().await?;
        *last = Some(Lasting::new(credentials.clone(), SystemTime::now()));
        Ok(credentials)
    }
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            // This includes the wait for another caller that fetches them.
            match timeout(READ_TIMEOUT, self.get()).await {
                Ok(result) => result,
                // The instance metadata service has the last ones for the time of an outage.
                Err(_) => {
                    self.fallback_on_interrupt().ok_or_else(|| CredentialsError::provider_timed_out(READ_TIMEOUT))
                }
            }
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.source.fallback_on_interrupt()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Gives new credentials each time, which last for this time.
    #[derive(Clone, Debug)]
    struct Source {
        lasting: Option<Duration>,
        asked: Arc<AtomicUsize>,
        fails: bool,
    }

    impl Source {
        fn new(lasting: Option<u64>) -> Self {
            Self { lasting: lasting.map(Duration::from_secs), asked: Arc::default(), fails: false }
        }
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async move {
                let key = self.asked.fetch_add(1, Ordering::Relaxed).to_string();
                // Others ask meanwhile.
                tokio::task::yield_now().await;
                if self.fails {
                    return Err(CredentialsError::not_loaded("none"));
                }
                let expiry = self.lasting.map(|lasting| SystemTime::now() + lasting);
                Ok(Credentials::new(key, "secret", None, expiry, "test"))
            })
        }
    }

    async fn keys(source: &Source, calls: usize) -> Vec<String> {
        let cached = cached(SharedCredentialsProvider::new(source.clone()));
        let all = (0..calls).map(|_| cached.provide_credentials());
        let all = futures::future::join_all(all).await;
        all.into_iter().map(|one| one.unwrap().access_key_id().to_owned()).collect()
    }

    #[tokio::test]
    async fn credentials_are_fetched_once_and_again_shortly_before_they_expire() {
        for (lasting, expected) in [(Some(3600), ["0", "0", "0"]), (None, ["0", "0", "0"]), (Some(9), ["0", "1", "2"])]
        {
            assert_eq!(keys(&Source::new(lasting), 3).await, expected, "{lasting:?}");
        }
        let now = SystemTime::now();
        let until = |lasting: Option<u64>| {
            let expiry = lasting.map(|lasting| now + Duration::from_secs(lasting));
            let lasting = Lasting::new(Credentials::new("k", "s", None, expiry, "test"), now);
            lasting.until.duration_since(now).unwrap().as_secs()
        };
        assert_eq!([until(Some(3600)), until(None)], [3590, 900]);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let source = Source { fails: true, ..Source::new(None) };
        let cached = cached(SharedCredentialsProvider::new(source.clone()));
        for asked in 1..=2 {
            assert!(cached.provide_credentials().await.is_err());
            assert_eq!(source.asked.load(Ordering::Relaxed), asked);
        }
    }
}
