//! Whose credentials a caller has: asked of STS, and asked again whenever their access key changes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::Meter;
use super::call;
use super::circuit_breaker::CircuitBreaker;
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::principal::Principal;

/// An answer of STS that is not what an object needs is asked for again after so long.
const DOUBTED_AFTER: Duration = Duration::from_secs(10);

/// So often STS is asked in a row while credentials are renewed under way.
const MOST_QUESTIONS: usize = 3;

/// The access key that calls are signed with, as credentials were given last.
#[derive(Clone, Debug, Default)]
struct AccessKey(Arc<Mutex<Option<String>>>);

impl AccessKey {
    fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, id: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
    }
}

/// A source of credentials, whose access key is taken note of.
#[derive(Debug)]
struct Watched {
    source: SharedCredentialsProvider,
    key: AccessKey,
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let credentials = self.source.provide_credentials().await?;
            self.key.set(credentials.access_key_id());
            Ok(credentials)
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.source.fallback_on_interrupt()
    }
}

/// The account of a caller's credentials.
pub(super) struct Account {
    config: SdkConfig,
    key: AccessKey,
    /// Held by who asks: the others wait for the answer.
    asking: tokio::sync::Mutex<()>,
    known: Mutex<Option<Known>>,
    /// Of STS.
    breaker: CircuitBreaker,
}

/// What STS said, of this access key.
#[derive(Clone)]
struct Known {
    key: Option<String>,
    principal: Principal,
    since: Instant,
}

impl Account {
    /// Of the credentials of this configuration.
    pub(super) fn new(config: SdkConfig) -> Self {
        let key = AccessKey::default();
        let source = config.credentials_provider();
        let config = match source {
            Some(source) => {
                let watched = Watched { source, key: key.clone() };
                config.into_builder().credentials_provider(SharedCredentialsProvider::new(watched)).build()
            }
            None => config,
        };
        Self {
            config,
            key,
            asking: tokio::sync::Mutex::default(),
            known: Mutex::default(),
            breaker: CircuitBreaker::default(),
        }
    }

    /// The configuration that every call of the caller is made with.
    pub(super) const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// What STS said last, whatever has become of the credentials since. Asks nobody.
    pub(super) fn last_known(&self) -> Option<Principal> {
        self.known().map(|known| known.principal)
    }

    /// Account and ARN of the credentials; STS is asked if their access key is another than before.
    ///
    /// # Errors
    /// What STS answered.
    pub(super) async fn principal(&self, meter: &dyn Meter) -> Result<Principal, Error> {
        if let Some(known) = self.proved() {
            return Ok(known.principal);
        }
        // Who asks holds up whoever asks after it: not where the answer is known to be long in coming.
        if let Some(words) = self.breaker.rejection(Instant::now()) {
            return Err(call::heard(Operation::GetCallerIdentity, &words));
        }
        let _asking = self.asking.lock().await;
        for _ in 0..MOST_QUESTIONS {
            if let Some(known) = self.proved() {
                return Ok(known.principal);
            }
            let before = self.key.get();
            let principal = call::principal(&self.config, meter, &self.breaker).await?;
            let key = self.key.get();
            // Renewed under way, nobody knows which of the two the answer is about.
            if before.is_none() || before == key {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Known { key, principal: principal.clone(), since: Instant::now() });
                return Ok(principal);
            }
        }
        let words = "The credentials changed each time that STS was asked whose they are";
        Err(Error::new(Operation::GetCallerIdentity, "", 0, words))
    }

    /// The same, with STS asked again unless it was asked a moment ago: whose call is not made because the account is another one would never
    /// learn that the credentials were put back.
    ///
    /// # Errors
    /// What STS answered.
    pub(super) async fn principal_again(&self, meter: &dyn Meter) -> Result<Principal, Error> {
        let fresh = |known: &Known| known.since.elapsed() < DOUBTED_AFTER;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).take_if(|known| !fresh(known));
        self.principal(meter).await
    }

    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What STS said of the access key that calls are signed with now.
    fn proved(&self) -> Option<Known> {
        self.known().filter(|known| known.key == self.key.get())
    }
}
