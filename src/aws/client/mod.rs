//! Clients for AWS, all cached: one connection pool, a credentials provider for each identity, a client for each of its regions, and a budget for each account and region.

mod account;
pub mod budget;
pub(super) mod call;
pub(super) mod circuit_breaker;
pub(super) mod http;
pub mod session;
mod token_bucket;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::{ATTEMPT_TIMEOUT, connector};

use super::ec2::Ec2;
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::principal::Principal;
use crate::core::target::Target;
use account::Account;
use budget::{Budget, CallCount, Rates};
use session::Session;

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
    callers: tokio::sync::Mutex<HashMap<Identity, Arc<Caller>>>,
    clients: Mutex<HashMap<(Identity, String), aws_sdk_lambda::Client>>,
    budgets: Mutex<HashMap<(String, String), Arc<Budget>>>,
}

/// The current state of one budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Account of the quota.
    pub account: String,
    /// Region of the quota.
    pub region: String,
    /// Calls of the quota: `GetFunction` or `other`.
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
}

/// An identity with its credentials and their account.
pub struct Caller {
    identity: Identity,
    account: Arc<Account>,
    ec2: Arc<Ec2>,
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
    /// Reads credentials and region from the standard AWS credential chain: environment, profile, IRSA, Pod Identity, instance.
    pub async fn load(settings: Settings, meter: Arc<dyn Meter>, gate: Arc<dyn Gate>) -> Self {
        Self::load_in(None, settings, meter, gate).await
    }

    /// The same, with this region instead of the configured one.
    pub async fn load_in(
        region: Option<String>,
        settings: Settings,
        meter: Arc<dyn Meter>,
        gate: Arc<dyn Gate>,
    ) -> Self {
        let http = Builder::new().pool_idle_timeout(Duration::from_secs(60)).build_with_connector_fn(
            |settings, components| connector(settings.cloned(), components.and_then(RuntimeComponents::sleep_impl)),
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(ATTEMPT_TIMEOUT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            // One attempt for one token. A later reconcile retries.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        if let Ok(name) = AppName::new("lambda-operator") {
            loader = loader.app_name(name);
        }
        if let Some(region) = region {
            loader = loader.region(Region::new(region));
        }
        let base = loader.load().await;
        Self {
            base,
            settings,
            meter,
            gate,
            callers: tokio::sync::Mutex::default(),
            clients: Mutex::default(),
            budgets: Mutex::default(),
        }
    }

    /// The region of objects that name none.
    #[must_use]
    pub fn default_region(&self) -> Option<String> {
        self.base.region().map(ToString::to_string)
    }

    /// The identity's credentials. They are fetched when a call needs them, so this cannot fail.
    pub async fn caller(&self, identity: &Identity) -> Arc<Caller> {
        let mut callers = self.callers.lock().await;
        if let Some(caller) = callers.get(identity) {
            return Arc::clone(caller);
        }
        let config = match &identity.role_arn {
            None => self.base.clone(),
            Some(role) => {
                // Clients of one identity share one provider and its cached credentials.
                let provider = AssumeRoleProvider::builder(role)
                    .configure(&self.base)
                    .session_name("lambda-operator")
                    .external_id(&identity.external_id)
                    .build()
                    .await;
                let provider = SharedCredentialsProvider::new(provider);
                self.base.to_builder().credentials_provider(provider).build()
            }
        };
        let account = Arc::new(Account::new(config));
        let ec2 = Arc::new(Ec2::new(account.config()));
        let caller = Caller { identity: identity.clone(), account, ec2 };
        Arc::clone(callers.entry(identity.clone()).or_insert(Arc::new(caller)))
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

    /// A session for the calls of one reconcile of `holder`.
    pub(super) fn session(&self, caller: &Caller, target: &Target, holder: String) -> Session {
        Session {
            client: self.client(caller, &target.region),
            account: Arc::clone(&caller.account),
            target: target.clone(),
            ec2: Arc::clone(&caller.ec2),
            budget: self.budget(target),
            meter: Arc::clone(&self.meter),
            gate: Arc::clone(&self.gate),
            count: CallCount::new(holder),
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
            aws_sdk_lambda::Client::from_conf(config.build())
        };
        clients.entry((caller.identity.clone(), region.to_owned())).or_insert_with(make).clone()
    }

    /// The current state of each budget.
    #[must_use]
    pub fn levels(&self) -> Vec<Level> {
        let now = Instant::now();
        let budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let levels = budgets.iter().flat_map(|((account, region), budget)| {
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
        let key = (target.account.clone(), target.region.clone());
        let make = || Arc::new(Budget::new(self.settings.rates, Instant::now()));
        Arc::clone(budgets.entry(key).or_insert_with(make))
    }
}

/// A gate that is checked just before each call is sent.
pub trait Gate: Send + Sync {
    /// Whether calls may be sent now.
    fn is_open(&self) -> bool;
}

/// A meter that is notified of every call that was sent.
pub trait Meter: Send + Sync {
    /// `code` is AWS's error code, `ok`, or `error` if there was no answer.
    fn called(&self, operation: Operation, code: &str, took: Duration);
}
