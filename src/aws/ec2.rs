//! The one EC2 call that the operator makes: DescribeSecurityGroups, for the group of a VPC that is named `default`. It is signed by hand, because EC2's SDK has a million lines.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_lambda::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::client::{http, user_agent};
use crate::aws::client::circuit_breaker::CircuitBreaker;
use crate::aws::client::http::READ_TIMEOUT;
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::withheld::Withheld;

/// A client for this EC2 call.
pub(super) struct Ec2 {
    config: SdkConfig,
    pub(super) breaker: CircuitBreaker,
}

/// The first word of the user agent.
const AGENT: &str = concat!("lambda-operator/", env!("CARGO_PKG_VERSION"));

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

impl Ec2 {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone(), breaker: CircuitBreaker::default() }
    }

    /// The id of the VPC's security group named `default`; `None` if it has none.
    pub(super) async fn default_group(&self, region: &str, vpc: &str) -> Result<Option<String>, Error> {
        let form = format!(
            "Action=DescribeSecurityGroups&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=group-name&Filter.2.Value.1=default"
        );
        let (status, body) = self.post(region, &form).await.map_err(|words| failed("", 0, &words))?;
        if status == 200 {
            return Ok(element(&body, "groupId"));
        }
        let said = |name| element(&body, name).unwrap_or_default();
        Err(failed(&said("Code"), status, &said("Message")))
    }

    async fn post(&self, region: &str, form: &str) -> Result<(u16, String), String> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        let provider = self.config.credentials_provider().ok_or("no AWS credentials are configured")?;
        let credentials = provider.provide_credentials().await.map_err(|error| words(&error))?;
        let url = self.endpoint(region).await?;
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("ec2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| words(&error))?
            .into();
        let headers = [("content-type", FORM)].into_iter();
        let signable = SignableRequest::new("POST", &url, headers, SignableBody::Bytes(form.as_bytes()))
            .map_err(|error| words(&error))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|error| words(&error))?.into_parts();
        let mut request = ::http::Request::post(&url)
            .header("content-type", FORM)
            .header("user-agent", agent())
            .body(SdkBody::from(form))
            .map_err(|error| words(&error))?;
        instructions.apply_to_request_http1x(&mut request);
        let request = HttpRequest::try_from(request).map_err(|error| words(&error))?;
        let (status, body) = http::send(&self.config, request, READ_TIMEOUT).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    async fn endpoint(&self, region: &str) -> Result<String, String> {
        let own = std::env::var("AWS_ENDPOINT_URL_EC2").ok().or_else(|| self.config.endpoint_url().map(str::to_owned));
        let url = match own {
            Some(url) => url,
            None => public(region, self.config.use_fips(), self.config.use_dual_stack()).await?,
        };
        Ok(format!("{}/", url.trim_end_matches('/')))
    }
}

/// EC2's endpoint, derived from Lambda's: the SDK knows the host suffix of every partition for Lambda, and EC2 uses the same one.
async fn public(region: &str, fips: Option<bool>, dual_stack: Option<bool>) -> Result<String, String> {
    let (fips, dual_stack) = (fips.unwrap_or_default(), dual_stack.unwrap_or_default());
    let parameters = Params::builder().region(region).use_fips(fips).use_dual_stack(dual_stack).build();
    let parameters = parameters.map_err(|error| error.to_string())?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&parameters).await.map_err(|error| error.to_string())?;
    let host = endpoint.url().strip_prefix("https://").unwrap_or(endpoint.url());
    let (_, rest) = host.split_once('.').ok_or_else(|| format!("{host} is not an endpoint of Lambda"))?;
    // In GovCloud EC2's plain endpoint name is a FIPS endpoint already.
    let fips = fips && (dual_stack || !region.starts_with("us-gov-"));
    Ok(format!("https://{}.{rest}", if fips { "ec2-fips" } else { "ec2" }))
}

/// As the SDK names itself, with the namespace that it asks for.
fn agent() -> String {
    user_agent::pair().map_or_else(|| AGENT.to_owned(), |pair| format!("{AGENT} md/{pair}"))
}

fn failed(code: &str, status: u16, words: &str) -> Error {
    // The question names a VPC, and nothing that is withheld.
    Error::heard(Operation::DescribeSecurityGroups, code, status, words, &Withheld::nothing())
}

/// The text of the first XML element with that name. The elements that we read are not nested in EC2's answers.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(text, _)| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_read_out_of_the_answer() {
        let xml = "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo></DescribeSecurityGroupsResponse>";
        assert_eq!(element(xml, "groupId").as_deref(), Some("sg-1"));
        assert_eq!(element("<x><securityGroupInfo/></x>", "groupId"), None);
    }

    #[tokio::test]
    async fn ec2_is_found_in_every_partition() {
        let url = async |region, fips, dual_stack| public(region, Some(fips), Some(dual_stack)).await.unwrap();
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
    }
}
