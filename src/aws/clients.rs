//! Clients for AWS: one connection pool, one credentials provider, one client and one budget for each region; all cached.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::SharedAsyncSleep;
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::OnceCell;

use super::ec2::Ec2;
use super::sdk::{self, Remote};
use super::{Budget, Meter, Rates};
use crate::function::{Error, Place};

/// Every call has a limit; an upload of 50 MB has to fit into it.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What the flags say about AWS.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Calls per second to begin with.
    pub rates: Rates,
}

/// All that is shared by the calls of one process.
pub struct Clients {
    base: SdkConfig,
    settings: Settings,
    meter: Arc<dyn Meter>,
    account: OnceCell<String>,
    ec2: Arc<Ec2>,
    regions: Mutex<HashMap<String, Regional>>,
}

#[derive(Clone)]
struct Regional {
    client: aws_sdk_lambda::Client,
    budget: Arc<Budget>,
}

/// Connections to AWS, through a proxy where the environment names one: the SDK's own connector would ignore it.
pub(super) fn connector(settings: Option<HttpConnectorSettings>, sleep: Option<SharedAsyncSleep>) -> Connector {
    let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
    connector.set_connector_settings(settings);
    connector.set_sleep_impl(sleep);
    connector.tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).build()
}

impl Clients {
    /// Credentials and region as every AWS tool finds them: environment, profile, IRSA, Pod Identity, instance.
    pub async fn load(settings: Settings, meter: Arc<dyn Meter>) -> Self {
        Self::load_in(None, settings, meter).await
    }

    /// The same, in this region whatever else is configured.
    pub async fn load_in(region: Option<String>, settings: Settings, meter: Arc<dyn Meter>) -> Self {
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
            // One attempt, one token: what fails is tried by a later pass.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        if let Ok(name) = AppName::new("lambda-operator") {
            loader = loader.app_name(name);
        }
        if let Some(region) = region {
            loader = loader.region(Region::new(region));
        }
        let base = loader.load().await;
        let ec2 = Arc::new(Ec2::new(&base));
        Self { base, settings, meter, account: OnceCell::new(), ec2, regions: Mutex::default() }
    }

    /// The region that objects without one of their own are in.
    #[must_use]
    pub fn default_region(&self) -> Option<String> {
        self.base.region().map(ToString::to_string)
    }

    /// The account of our credentials; asked once.
    ///
    /// # Errors
    /// What STS answered.
    pub async fn account(&self) -> Result<String, Error> {
        self.account.get_or_try_init(|| sdk::account(&self.base, self.meter.as_ref())).await.cloned()
    }

    /// One function, for one pass of `holder`.
    #[must_use]
    pub fn function(&self, place: Place, holder: String) -> Remote {
        let Regional { client, budget } = self.regional(&place.region);
        Remote::new(client, Arc::clone(&self.ec2), budget, Arc::clone(&self.meter), place, holder)
    }

    pub(super) const fn base(&self) -> &SdkConfig {
        &self.base
    }

    fn regional(&self, region: &str) -> Regional {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config =
                aws_sdk_lambda::config::Builder::from(&self.base).region(Region::new(region.to_owned())).build();
            let budget = Arc::new(Budget::new(self.settings.rates, Instant::now()));
            Regional { client: aws_sdk_lambda::Client::from_conf(config), budget }
        };
        regions.entry(region.to_owned()).or_insert_with(make).clone()
    }
}
