//! Decides which connections may go through a proxy. Those to this machine and its node may not, because they carry credentials. Reads the
//! environment.

use std::env;
use std::net::IpAddr;

use http::Uri;

/// The variables that name a proxy, as curl reads them.
const PROXIES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables with addresses of services that issue credentials. AWS's SDK accepts plain HTTP for them only if the connection does not leave the
/// node.
const CREDENTIALS: [&str; 2] = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"];

/// Hosts that are never reached through a proxy, independently of `NO_PROXY`.
#[derive(Clone, Debug, Default)]
pub(super) struct Direct {
    hosts: Vec<String>,
}

impl Direct {
    /// The hosts that the environment names as sources of credentials.
    pub(super) fn from_env() -> Self {
        Self::of(CREDENTIALS.into_iter().filter_map(|name| env::var(name).ok()))
    }

    /// Only addresses in plain HTTP count, because with TLS a proxy cannot read the credentials.
    fn of(addresses: impl Iterator<Item = String>) -> Self {
        let host = |address: String| {
            let address: Uri = address.parse().ok()?;
            let plain = address.scheme_str() == Some("http");
            address.host().filter(|_| plain).map(str::to_ascii_lowercase)
        };
        Self { hosts: addresses.filter_map(host).collect() }
    }

    /// Whether a request to this address has to go directly.
    pub(super) fn covers(&self, address: &str) -> bool {
        let address: Option<Uri> = address.parse().ok();
        let host = address.as_ref().and_then(Uri::host);
        host.is_some_and(|host| is_near(host) || self.hosts.contains(&host.to_ascii_lowercase()))
    }
}

/// Whether the environment names a proxy at all.
pub(super) fn is_named() -> bool {
    PROXIES.iter().any(|name| env::var_os(name).is_some_and(|proxy| !proxy.is_empty()))
}

/// Whether a host is this machine, or its node: loopback, or an address that no router passes on.
#[must_use]
pub fn is_near(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // fd00:ec2::/32 is the IPv6 form of AWS's own 169.254 addresses.
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unicast_link_local() || address.segments()[..2] == [0xfd00, 0x0ec2]
        }
        Err(_) => {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_give_credentials_are_never_proxied() {
        let direct = Direct::default();
        for near in [
            "http://169.254.170.23/v1/credentials",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::23]/v1/credentials",
            "http://[fd00:ec2::254]:80/latest",
            "http://127.0.0.1:1234/v1",
            "http://127.9.9.9/",
            "http://[::1]:1234/v1",
            "http://[::ffff:169.254.170.23]/v1",
            "http://[fe80::1]/",
            "http://localhost:1234/",
            "http://LOCALHOST./",
        ] {
            assert!(direct.covers(near), "{near}");
        }
        for far in [
            "https://lambda.eu-west-1.amazonaws.com/",
            "http://10.0.0.1/",
            "http://169.255.0.1/",
            "http://[fd00:ec3::23]/",
            "http://169.254.170.23.example.com/",
            "http://localhost.example.com/",
        ] {
            assert!(!direct.covers(far), "{far}");
        }
    }

    #[test]
    fn a_name_that_gives_credentials_in_plain_http_is_never_proxied() {
        let named = ["http://Agent.internal:80/v1/credentials", "https://elsewhere.example.com/v1", "no address"];
        let direct = Direct::of(named.into_iter().map(str::to_owned));
        assert!(direct.covers("http://agent.internal:80/"));
        assert!(!direct.covers("https://elsewhere.example.com/v1"), "TLS hides the token from a proxy");
    }
}
