//! "Somebody else" at AWS: raw calls with a fake signature, for tests that change things behind the operator's back.

use hyper::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::error::Error;
use crate::http::{Answer, Http};

/// A key is a path: its slashes stay.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One account in one region.
#[derive(Debug, Clone)]
pub struct Aws {
    http: Http,
    endpoint: String,
    account: String,
    region: String,
}

/// The network that every new account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultNetwork {
    /// A subnet of the default VPC.
    pub subnet: String,
    /// Its default security group.
    pub security_group: String,
    /// The default VPC.
    pub vpc: String,
}

impl Aws {
    /// The account (12 digits) behind the proxy at `endpoint`.
    pub fn new(endpoint: &str, account: &str, region: &str) -> Aws {
        Aws { http: Http::new(), endpoint: endpoint.to_owned(), account: account.to_owned(), region: region.to_owned() }
    }

    /// The access key, which is the account where it has 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// A Lambda call: `path` from the date on. Any status is `Ok`; a body that is no JSON is `Null`.
    pub async fn lambda(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value), Error> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = [("content-type", "application/json")];
        let answer = self.send("lambda", method, path, &headers, body.into_bytes()).await?;
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    /// Runs a function and waits for its answer. The emulator's worker process sometimes dies at its start, or loses its
    /// folder to an update: that is tried again.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<(u16, Value), Error> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        crate::child::poll("an invocation", std::time::Duration::from_secs(30), async || {
            let (status, answer) = self.lambda("POST", &path, Some(payload)).await?;
            let said = answer["errorMessage"].as_str().unwrap_or_default();
            let own = ["Worker process", "Worker init", "ministack", "'NoneType' object has no attribute"];
            let broken = own.iter().any(|words| said.contains(words));
            Ok(if broken { Err(answer.to_string()) } else { Ok((status, answer)) })
        })
        .await
    }

    /// GetFunction.
    pub async fn get_function(&self, function: &str) -> Result<(u16, Value), Error> {
        self.lambda("GET", &format!("/2015-03-31/functions/{function}"), None).await
    }

    /// UpdateFunctionConfiguration, repeated while AWS says that the function is busy or that we are too fast.
    pub async fn change_configuration(&self, function: &str, change: &Value) -> Result<(), Error> {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        crate::child::poll("a change at AWS", std::time::Duration::from_secs(30), async || {
            let (status, answer) = self.lambda("PUT", &path, Some(change)).await?;
            match status {
                200 => Ok(Ok(())),
                409 | 429 => Ok(Err(answer.to_string())),
                _ => Err(Error::unexpected("200 from UpdateFunctionConfiguration", format!("{status}: {answer}"))),
            }
        })
        .await
    }

    /// Puts an object; makes the bucket if it is not there. Returns the object's version where the bucket keeps them.
    pub async fn put_object(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<Option<String>, Error> {
        let location = format!(
            "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
            self.region
        );
        // us-east-1 is the one region that must not be named
        let location = if self.region == "us-east-1" { String::new() } else { location };
        let made = self.s3("PUT", &format!("/{bucket}"), location.as_bytes()).await?;
        // 409: it is ours already
        if made.status != 200 && made.status != 409 {
            return Err(refused("CreateBucket", &made));
        }
        let put = self.s3("PUT", &format!("/{bucket}/{}", utf8_percent_encode(key, KEY)), bytes).await?;
        if put.status != 200 {
            return Err(refused("PutObject", &put));
        }
        Ok(put.headers.get("x-amz-version-id").and_then(|version| version.to_str().ok()).map(str::to_owned))
    }

    /// Makes an existing bucket keep the versions of its objects.
    pub async fn keep_versions(&self, bucket: &str) -> Result<(), Error> {
        let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let answer = self.s3("PUT", &format!("/{bucket}?versioning"), on).await?;
        if answer.status == 200 { Ok(()) } else { Err(refused("PutBucketVersioning", &answer)) }
    }

    /// The default VPC with a subnet and its security group.
    pub async fn default_subnet_and_security_group(&self) -> Result<DefaultNetwork, Error> {
        let subnets = self.ec2("DescribeSubnets").await?;
        let groups = self.ec2("DescribeSecurityGroups").await?;
        let find = |xml: &str, tag: &str| {
            let (_, rest) = xml.split_once(&format!("<{tag}>"))?;
            rest.split_once("</").map(|(value, _)| value.to_owned())
        };
        let missing = |tag: &str| Error::unexpected(format!("a {tag} in a new account"), "none");
        Ok(DefaultNetwork {
            subnet: find(&subnets, "subnetId").ok_or_else(|| missing("subnetId"))?,
            security_group: find(&groups, "groupId").ok_or_else(|| missing("groupId"))?,
            vpc: find(&subnets, "vpcId").ok_or_else(|| missing("vpcId"))?,
        })
    }

    /// A call of a query-style service (ec2, iam, sts, …): `form` without the leading question mark. Any status is `Ok`.
    pub async fn query(&self, service: &str, form: &str) -> Result<(u16, String), Error> {
        let form = form.as_bytes().to_vec();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send(service, "POST", "/", &headers, form).await?;
        Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
    }

    /// A call of a service whose operations are named in a header (ecr, kms, logs, …). Any status is `Ok`.
    pub async fn target(&self, service: &str, target: &str, body: &Value) -> Result<(u16, Value), Error> {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let answer = self.send(service, "POST", "/", &headers, body.to_string().into_bytes()).await?;
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    /// A GET without any signature. A body that is no JSON is a text.
    pub(crate) async fn anonymous(&self, path: &str) -> Result<(u16, Value), Error> {
        let answer = self.http.get(&format!("{}{path}", self.endpoint)).await?;
        let text = || Value::String(String::from_utf8_lossy(&answer.body).into_owned());
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or_else(|_| text())))
    }

    async fn ec2(&self, action: &str) -> Result<String, Error> {
        let (status, body) = self.query("ec2", &format!("Action={action}&Version=2016-11-15")).await?;
        if status == 200 { Ok(body) } else { Err(Error::unexpected(format!("200 from {action}"), body)) }
    }

    async fn s3(&self, method: &str, path: &str, body: &[u8]) -> Result<Answer, Error> {
        let headers = [("content-type", "application/octet-stream")];
        self.send("s3", method, path, &headers, body.to_vec()).await
    }

    async fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, Error> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.account, self.region
        );
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Error::unexpected("an HTTP method like GET", method.to_owned()))?;
        let mut headers = headers.to_vec();
        // the journal tells us and the operator apart by the agent
        headers.extend([("authorization", authorization.as_str()), ("user-agent", "testbed")]);
        self.http.send(method, &format!("{}{path}", self.endpoint), &headers, body).await
    }
}

fn refused(operation: &str, answer: &Answer) -> Error {
    let seen = format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    Error::unexpected(format!("200 from {operation}"), seen)
}
