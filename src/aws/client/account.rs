//! The account of a caller's credentials, read from STS, and read again whenever the access key changes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::Meter;
use super::call;
use super::circuit_breaker::CircuitBreaker;
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::principal::Principal;

/// The time after which STS is asked again if its answer does not match an object's account.
const DOUBTED_AFTER: Duration = Duration::from_secs(10);

/// The number of attempts if the credentials are renewed during the call.
const MOST_QUESTIONS: usize = 3;

/// The access key of the credentials that were last provided, with which calls are signed.
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

/// A credentials provider that records the access key of the credentials that it provides.
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
    /// Lock of the caller that asks STS; the others wait for its answer.
    asking: tokio::sync::Mutex<()>,
    known: Mutex<Option<Known>>,
    /// Client of STS.
    breaker: CircuitBreaker,
}

/// The answer of STS for this access key.
#[derive(Clone)]
struct Known {
    key: Option<String>,
    principal: Principal,
    since: Instant,
}

impl Account {
    /// Creates it for the credentials of this configuration.
    pub(super) fn new(config: SdkConfig) -> Self {
        let key = AccessKey::default();
        let source = config.credentials_provider();
        let config = match source {
            Some(source) => {
                let watched = SharedCredentialsProvider::new(Watched { source, key: key.clone() });
                // A second cache in the clients would sign with other credentials than the ones that were provided last.
                config.into_builder().credentials_provider(watched).identity_cache(IdentityCache::no_cache()).build()
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

    /// The configuration of every call of this caller.
    pub(super) const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The last answer of STS, even if the credentials have changed since. It makes no call.
    pub(super) fn last_known(&self) -> Option<Principal> {
        self.known().map(|known| known.principal)
    }

    /// Account and ARN of the credentials. STS is called if the access key has changed.
    ///
    /// # Errors
    /// The error of STS.
    pub(super) async fn principal(&self, meter: &dyn Meter) -> Result<Principal, Error> {
        if let Some(known) = self.proved() {
            return Ok(known.principal);
        }
        // The caller that asks STS blocks the others, so it fails fast here if the call is known to hang.
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
            // If the credentials were renewed during the call, it is unknown which of the two the answer is about.
            if before.is_none() || before == key {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Known { key, principal: principal.clone(), since: Instant::now() });
                return Ok(principal);
            }
        }
        let words = "the credentials changed during each call of sts:GetCallerIdentity";
        Err(Error::new(Operation::GetCallerIdentity, "", 0, words))
    }

    /// The same, but STS is called again unless it was called a moment ago. A caller that makes no calls because of a wrong account would otherwise
    /// never notice that the credentials were restored.
    ///
    /// # Errors
    /// The error of STS.
    pub(super) async fn principal_again(&self, meter: &dyn Meter) -> Result<Principal, Error> {
        let fresh = |known: &Known| known.since.elapsed() < DOUBTED_AFTER;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).take_if(|known| !fresh(known));
        self.principal(meter).await
    }

    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The answer of STS for the access key with which calls are currently signed.
    fn proved(&self) -> Option<Known> {
        self.known().filter(|known| known.key == self.key.get())
    }
}
