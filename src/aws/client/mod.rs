//! Clients for AWS: one connection pool; a provider of credentials for each identity, a client for each of its regions, a budget for each account's region; all kept while they are needed.

mod account;
pub mod budget;
mod cached_credentials;
pub(super) mod call;
pub(super) mod circuit_breaker;
pub(super) mod http;
mod idle;
mod lanes;
pub mod proxy;
pub mod recent;
mod rotation;
pub mod session;
pub(super) mod signed;
pub(super) mod sweep;
mod token_bucket;
mod trust;
pub mod user_agent;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::FutureExt;
use http::ATTEMPT_TIMEOUT;

use super::ec2::Ec2;
use super::logs::Logs;
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::principal::{Principal, session_name, session_tags};
use crate::core::target::Target;
use crate::core::withheld::Withheld;
use account::Account;
use budget::{Budget, CallCount, Holder, Rates};
use cached_credentials::cached;
use idle::Idle;
use recent::{Freshness, Recent, Sharing};
use rotation::{Rotating, Search};
use session::Session;
use sweep::Sweeps;
use user_agent::NamesNamespace;

pub use trust::Unusable;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Settings for AWS, from flags.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Initial calls per second.
    pub rates: Rates,
}

/// Everything that the calls of one process share.
pub struct Clients {
    base: SdkConfig,
    settings: Settings,
    meter: Arc<dyn Meter>,
    gate: Arc<dyn Gate>,
    callers: tokio::sync::Mutex<Idle<Identity, Arc<Caller>>>,
    clients: Mutex<Idle<(Identity, String), aws_sdk_lambda::Client>>,
    budgets: Mutex<Idle<(String, String), Arc<Budget>>>,
    recent: Arc<Recent>,
    mappings: Arc<Sweeps<EventSourceMappingConfiguration>>,
}

/// The current state of one budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Account of the quota.
    pub account: String,
    /// Region of the quota.
    pub region: String,
    /// Calls of the quota: `GetFunction`, `other` calls of Lambda, or `logs` of CloudWatch.
    pub calls: &'static str,
    /// Calls per second.
    pub rate: f64,
    /// Calls that could be made at once; negative if reservations exceed them.
    pub tokens: f64,
    /// Reconciles with a reservation.
    pub waiting: u64,
}

/// The identity that calls AWS: the operator itself, or a role that it assumes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The role; `None` for the operator itself.
    pub role_arn: Option<String>,
    /// The external id, which the role's trust policy can require.
    pub external_id: String,
    /// The name of the role's sessions, which CloudTrail shows.
    pub session_name: String,
    /// The tags of the role's sessions, which IAM policies can use. They are sent only on request, because the trust policy has to allow
    /// `sts:TagSession`.
    pub session_tags: Vec<(String, String)>,
}

impl Identity {
    /// A role that a namespace names. The external id names the namespace, so that no other can use its role.
    #[must_use]
    pub fn of_namespace(role_arn: String, cluster: &str, namespace: &str, with_tags: bool) -> Self {
        Self {
            role_arn: Some(role_arn),
            external_id: format!("{cluster}/{namespace}"),
            session_name: session_name(namespace),
            session_tags: if with_tags { session_tags(cluster, namespace) } else { Vec::new() },
        }
    }
}

/// An identity with its credentials and their account.
pub struct Caller {
    identity: Identity,
    account: Arc<Account>,
    ec2: Arc<Ec2>,
    logs: Arc<Logs>,
}

impl Caller {
    /// The ARN to show: the assumed role, or the operator's own ARN if it is known. It makes no call.
    #[must_use]
    pub fn arn(&self) -> Option<String> {
        self.identity
            .role_arn
            .clone()
            .or_else(|| self.account.last_known().as_ref().map(Principal::stable_arn))
            .filter(|arn| !arn.is_empty())
    }
}

impl Clients {
    /// Credentials and region as every AWS tool finds them: environment, profile, IRSA, Pod Identity, instance.
    ///
    /// # Errors
    /// That `AWS_CA_BUNDLE` names no usable file.
    pub async fn load(settings: Settings, meter: Arc<dyn Meter>, gate: Arc<dyn Gate>) -> Result<Self, Unusable> {
        Self::load_in(None, settings, meter, gate).await
    }

    /// The same, in this region whatever else is configured.
    ///
    /// # Errors
    /// That `AWS_CA_BUNDLE` names no usable file.
    pub async fn load_in(
        region: Option<String>,
        settings: Settings,
        meter: Arc<dyn Meter>,
        gate: Arc<dyn Gate>,
    ) -> Result<Self, Unusable> {
        let http = http::client()?;
        let base = configuration(http.clone(), region.map(Region::new)).load().await;
        let base = with_rotation(base, http);
        Ok(Self {
            base,
            settings,
            meter,
            gate,
            callers: tokio::sync::Mutex::default(),
            clients: Mutex::default(),
            budgets: Mutex::default(),
            recent: Arc::default(),
            mappings: Arc::default(),
        })
    }

    /// The region of objects that name none.
    #[must_use]
    pub fn default_region(&self) -> Option<String> {
        self.base.region().map(ToString::to_string)
    }

    /// The identity's credentials. They are fetched when a call needs them, so this cannot fail.
    pub async fn caller(&self, identity: &Identity) -> Arc<Caller> {
        let mut callers = self.callers.lock().await;
        if let Some(caller) = callers.get(identity, Instant::now()) {
            return caller;
        }
        let config = match &identity.role_arn {
            None => self.base.clone(),
            Some(role) => {
                // Clients of one identity share one provider and its cached credentials.
                let provider = AssumeRoleProvider::builder(role)
                    .configure(&self.base)
                    .session_name(&identity.session_name)
                    .external_id(&identity.external_id);
                let provider = if identity.session_tags.is_empty() {
                    provider
                } else {
                    provider.tags(identity.session_tags.iter().cloned())
                };
                let provider = provider.build().await;
                let provider = cached(SharedCredentialsProvider::new(provider));
                self.base.to_builder().credentials_provider(provider).build()
            }
        };
        let account = Arc::new(Account::new(config));
        let ec2 = Arc::new(Ec2::new(account.config()));
        let logs = Arc::new(Logs::new(account.config()));
        let caller = Caller { identity: identity.clone(), account, ec2, logs };
        callers.get_or_insert(identity, Instant::now(), || Arc::new(caller))
    }

    /// Account and ARN of an identity. STS is called once for each access key.
    ///
    /// # Errors
    /// The error of STS.
    pub async fn principal(&self, caller: &Caller) -> Result<Principal, Error> {
        caller.account.principal(self.meter.as_ref()).await
    }

    /// The same, but STS is called again unless it was called a moment ago.
    ///
    /// # Errors
    /// The error of STS.
    pub async fn principal_again(&self, caller: &Caller) -> Result<Principal, Error> {
        caller.account.principal_again(self.meter.as_ref()).await
    }

    /// The calls of one reconcile of `holder`. `withheld` are the secret values that it sends.
    pub(super) fn session(
        &self,
        caller: &Caller,
        target: &Target,
        holder: Holder,
        withheld: Withheld,
        freshness: Freshness,
    ) -> Session {
        Session {
            identity: caller.identity.clone(),
            recent: Arc::clone(&self.recent),
            mappings: Arc::clone(&self.mappings),
            sharing: Sharing::new(freshness),
            client: self.client(caller, &target.region),
            account: Arc::clone(&caller.account),
            target: target.clone(),
            ec2: Arc::clone(&caller.ec2),
            logs: Arc::clone(&caller.logs),
            budget: self.budget(target),
            meter: Arc::clone(&self.meter),
            gate: Arc::clone(&self.gate),
            count: CallCount::new(holder),
            withheld,
        }
    }

    /// Whether calls may be sent now. Writers that act on the result of a call check it too.
    #[must_use]
    pub fn may_call(&self) -> bool {
        self.gate.is_open()
    }

    pub(super) const fn base(&self) -> &SdkConfig {
        &self.base
    }

    fn client(&self, caller: &Caller, region: &str) -> aws_sdk_lambda::Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config =
                aws_sdk_lambda::config::Builder::from(caller.account.config()).region(Region::new(region.to_owned()));
            aws_sdk_lambda::Client::from_conf(config.interceptor(NamesNamespace).build())
        };
        clients.get_or_insert(&(caller.identity.clone(), region.to_owned()), Instant::now(), make)
    }

    /// The current state of each budget, for accounts and regions that have answered and are still in use.
    #[must_use]
    pub fn levels(&self) -> Vec<Level> {
        let now = Instant::now();
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.sweep(now);
        let answered = budgets.iter().filter(|(_, budget)| budget.has_answered());
        let levels = answered.flat_map(|((account, region), budget)| {
            budget.state(now).map(|(calls, rate, tokens, waiting)| Level {
                account: account.clone(),
                region: region.clone(),
                calls,
                rate,
                tokens,
                waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
            })
        });
        levels.collect()
    }

    /// AWS counts calls by account and region, whatever the identity.
    fn budget(&self, target: &Target) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, now) = ((target.account.clone(), target.region.clone()), Instant::now());
        budgets.get_or_insert(&key, now, || Arc::new(Budget::new(self.settings.rates, now)))
    }
}

/// The settings of every client.
fn configuration(http: SharedHttpClient, region: Option<Region>) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        // One attempt, because each attempt needs a token. A later reconcile retries a failed call.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    if let Ok(name) = AppName::new("lambda-operator") {
        loader = loader.app_name(name);
    }
    if let Some(region) = region {
        loader = loader.region(region);
    }
    loader
}

/// The operator's own credentials: those of files are read again when the files change.
fn with_rotation(base: SdkConfig, http: SharedHttpClient) -> SdkConfig {
    let Some(source) = base.credentials_provider() else { return base };
    let region = base.region().cloned();
    let search: Search = Box::new(move || {
        let loader = configuration(http.clone(), region.clone());
        async move { loader.load().await.credentials_provider().map(cached) }.boxed()
    });
    let rotating = cached(SharedCredentialsProvider::new(Rotating::new(cached(source), rotation::files(), search)));
    base.into_builder().credentials_provider(rotating).build()
}

/// A check just before each call is sent.
pub trait Gate: Send + Sync {
    /// Whether calls may be sent now.
    fn is_open(&self) -> bool;
}

/// A meter that is notified of every call that was sent.
pub trait Meter: Send + Sync {
    /// `code` is AWS's error code, `ok`, or `error` if there was no answer.
    fn called(&self, operation: Operation, code: &str, took: Duration);
}
