//! Requests to services whose SDK would be larger than the rest of the program: each is signed by hand and sent once.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_lambda::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::circuit_breaker::CircuitBreaker;
use super::http::{Lines, READ_TIMEOUT};
use super::user_agent;

/// The first word of the user agent.
const AGENT: &str = concat!("lambda-operator/", env!("CARGO_PKG_VERSION"));

/// A service of AWS.
#[derive(Clone, Copy, Debug)]
pub(in crate::aws) struct Service {
    /// Its name in signatures and in the names of its hosts.
    pub(in crate::aws) name: &'static str,
    /// The environment variable that names another endpoint, as every AWS tool reads it.
    pub(in crate::aws) endpoint_variable: &'static str,
}

/// A client for one service.
pub(in crate::aws) struct Signed {
    config: SdkConfig,
    service: Service,
    lines: Lines,
    pub(in crate::aws) breaker: CircuitBreaker,
}

impl Signed {
    pub(in crate::aws) fn new(config: &SdkConfig, service: Service) -> Self {
        Self { config: config.clone(), service, lines: Lines::default(), breaker: CircuitBreaker::default() }
    }

    /// Posts a body with these headers, and returns the answer's status and body; or the error of the connection.
    pub(in crate::aws) async fn post(
        &self,
        region: &str,
        headers: &[(&'static str, &str)],
        body: String,
    ) -> Result<(u16, String), String> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        let provider = self.config.credentials_provider().ok_or("no AWS credentials are configured")?;
        let credentials = provider.provide_credentials().await.map_err(|error| words(&error))?;
        let url = self.endpoint(region).await?;
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service.name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| words(&error))?
            .into();
        let signed = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", &url, headers.iter().copied(), signed);
        let signable = signable.map_err(|error| words(&error))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|error| words(&error))?.into_parts();
        let mut request = ::http::Request::post(&url).header("user-agent", agent());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(SdkBody::from(body)).map_err(|error| words(&error))?;
        instructions.apply_to_request_http1x(&mut request);
        let request = HttpRequest::try_from(request).map_err(|error| words(&error))?;
        let (status, body) = self.lines.send(&self.config, request, READ_TIMEOUT).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    async fn endpoint(&self, region: &str) -> Result<String, String> {
        let own = std::env::var(self.service.endpoint_variable).ok();
        let url = match own.or_else(|| self.config.endpoint_url().map(str::to_owned)) {
            Some(url) => url,
            None => {
                let (fips, dual_stack) = (self.config.use_fips(), self.config.use_dual_stack());
                public(self.service.name, region, fips, dual_stack).await?
            }
        };
        Ok(format!("{}/", url.trim_end_matches('/')))
    }
}

/// The service's endpoint, derived from Lambda's: the SDK knows the host suffix of every partition for Lambda, and the other services use the same one.
async fn public(service: &str, region: &str, fips: Option<bool>, dual_stack: Option<bool>) -> Result<String, String> {
    let (fips, dual_stack) = (fips.unwrap_or_default(), dual_stack.unwrap_or_default());
    let parameters = Params::builder().region(region).use_fips(fips).use_dual_stack(dual_stack).build();
    let parameters = parameters.map_err(|error| error.to_string())?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&parameters).await.map_err(|error| error.to_string())?;
    let host = endpoint.url().strip_prefix("https://").unwrap_or(endpoint.url());
    let (_, rest) = host.split_once('.').ok_or_else(|| format!("{host} is not an endpoint of Lambda"))?;
    // In GovCloud the plain endpoint names of these services are FIPS endpoints already.
    let fips = fips && (dual_stack || !region.starts_with("us-gov-"));
    Ok(format!("https://{service}{}.{rest}", if fips { "-fips" } else { "" }))
}

/// As the SDK names itself, with the namespace that it asks for.
fn agent() -> String {
    user_agent::pair().map_or_else(|| AGENT.to_owned(), |pair| format!("{AGENT} md/{pair}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_is_found_in_every_partition() {
        let url = async |region, fips, dual_stack| public("ec2", region, Some(fips), Some(dual_stack)).await.unwrap();
        for (region, host) in [
            ("eu-west-1", "ec2.eu-west-1.amazonaws.com"),
            ("cn-north-1", "ec2.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "ec2.us-gov-west-1.amazonaws.com"),
            ("eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu"),
            ("us-iso-east-1", "ec2.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "ec2.us-isob-east-1.sc2s.sgov.gov"),
            ("eu-isoe-west-1", "ec2.eu-isoe-west-1.cloud.adc-e.uk"),
            ("us-isof-south-1", "ec2.us-isof-south-1.csp.hci.ic.gov"),
        ] {
            assert_eq!(url(region, false, false).await, format!("https://{host}"));
        }
        assert_eq!(url("us-east-1", true, false).await, "https://ec2-fips.us-east-1.amazonaws.com");
        assert_eq!(url("us-east-1", false, true).await, "https://ec2.us-east-1.api.aws");
        assert_eq!(url("us-gov-west-1", true, false).await, "https://ec2.us-gov-west-1.amazonaws.com");
        let logs = public("logs", "us-east-1", Some(true), None).await.unwrap();
        assert_eq!(logs, "https://logs-fips.us-east-1.amazonaws.com");
    }
}
