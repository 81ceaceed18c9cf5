//! What somebody else does at AWS in one line: functions, versions, images, layers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::child::poll;
use crate::error::Error;
use crate::package::package;
use crate::rules::merge_patch;

const PATIENCE: Duration = Duration::from_secs(30);
const HANDLER: &str = "def handler(event, context):\n    return 'hi'\n";

/// Two images with one content would be one image.
static IMAGES: AtomicU64 = AtomicU64::new(1);

impl Aws {
    /// Makes a function, a small one in Python unless `overrides` (a merge patch) say otherwise; with the package type
    /// Image there is neither runtime nor handler nor zip. Returns CreateFunction's answer: the function is Pending.
    pub async fn create_function(&self, name: &str, overrides: &Value) -> Result<Value, Error> {
        let mut request = json!({
            "FunctionName": name, "Role": format!("arn:aws:iam::{}:role/function", self.account()),
        });
        if overrides.get("PackageType").is_none_or(|kind| kind != "Image") {
            let code = json!({"Runtime": "python3.13", "Handler": "main.handler"});
            merge_patch(&mut request, &code);
            if overrides.get("Code").is_none() {
                request["Code"] = json!({"ZipFile": STANDARD.encode(package(HANDLER))});
            }
        }
        merge_patch(&mut request, overrides);
        self.done(201, "POST", "/2015-03-31/functions", Some(&request)).await
    }

    /// Waits until a function is neither being made nor being changed; returns its configuration.
    pub async fn wait_until_at_rest(&self, function: &str) -> Result<Value, Error> {
        self.wait_until_version_is_at_rest(function, "$LATEST").await
    }

    /// The same for one of its versions. A Failed one is at rest, too.
    pub async fn wait_until_version_is_at_rest(&self, function: &str, version: &str) -> Result<Value, Error> {
        let qualifier = if version == "$LATEST" { String::new() } else { format!("?Qualifier={version}") };
        let path = format!("/2015-03-31/functions/{function}{qualifier}");
        poll("a function to be at rest", PATIENCE, async || {
            let (status, answer) = self.lambda("GET", &path, None).await?;
            let config = &answer["Configuration"];
            let busy = config["State"] == "Pending" || config["LastUpdateStatus"] == "InProgress";
            Ok(if status == 200 && !busy { Ok(config.clone()) } else { Err(format!("{status}: {answer}")) })
        })
        .await
    }

    /// All versions of a function, the unpublished one first, as ListVersionsByFunction shows them.
    pub async fn list_versions(&self, function: &str) -> Result<Vec<Value>, Error> {
        self.pages(&format!("/2015-03-31/functions/{function}/versions"), "Versions").await
    }

    /// All items of a list that comes in pages.
    pub(crate) async fn pages(&self, path: &str, member: &str) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        let mut marker = String::new();
        loop {
            let mut page = self.done(200, "GET", &format!("{path}{marker}"), None).await?;
            if let Value::Array(items) = page[member].take() {
                all.extend(items);
            }
            match page["NextMarker"].as_str() {
                Some(next) if !next.is_empty() => marker = format!("?Marker={next}"),
                _ => return Ok(all),
            }
        }
    }

    /// Pushes a new image under a tag, which another image may have had; makes the repository if it is not there.
    /// Returns the image's digest, `sha256:…`.
    pub async fn put_image(&self, repository: &str, tag: &str) -> Result<String, Error> {
        let target = |operation: &str| format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        let name = json!({"repositoryName": repository});
        // an error says that it is there
        self.target("ecr", &target("CreateRepository"), &name).await?;
        let number = IMAGES.fetch_add(1, Ordering::Relaxed);
        let manifest = json!({"schemaVersion": 2, "layers": [], "annotations": {"number": number, "tag": tag}});
        let image = json!({"repositoryName": repository, "imageTag": tag, "imageManifest": manifest.to_string()});
        let (status, answer) = self.target("ecr", &target("PutImage"), &image).await?;
        let digest = answer.pointer("/image/imageId/imageDigest").and_then(Value::as_str).map(str::to_owned);
        digest.ok_or_else(|| Error::unexpected("a digest from PutImage", format!("{status}: {answer}")))
    }

    /// What an image in this account's ECR is called, for a function's `Code.ImageUri`.
    pub fn image_uri(&self, repository: &str, tag: &str) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com/{repository}:{tag}", self.account(), self.region())
    }

    /// Publishes a new version of a layer; returns its ARN, the version included.
    pub async fn publish_layer(&self, name: &str) -> Result<String, Error> {
        let content = json!({"Content": {"ZipFile": STANDARD.encode(package("x = 1\n"))}});
        let path = format!("/2018-10-31/layers/{name}/versions");
        let made = self.done(201, "POST", &path, Some(&content)).await?;
        let arn = made["LayerVersionArn"].as_str().map(str::to_owned);
        arn.ok_or_else(|| Error::unexpected("an ARN from PublishLayerVersion", made.to_string()))
    }

    /// A security group in this VPC; returns its id.
    pub async fn create_security_group(&self, vpc: &str, name: &str) -> Result<String, Error> {
        let form =
            format!("Action=CreateSecurityGroup&Version=2016-11-15&GroupName={name}&GroupDescription=x&VpcId={vpc}");
        let (_, answer) = self.query("ec2", &form).await?;
        let id = answer.split("<groupId>").nth(1).and_then(|rest| rest.split('<').next());
        id.map(str::to_owned).ok_or_else(|| Error::unexpected("a groupId from CreateSecurityGroup", answer))
    }

    /// A Lambda call that is repeated while AWS says that we are too fast, and must then answer `wanted`.
    pub(crate) async fn done(
        &self,
        wanted: u16,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        poll("an answer within AWS's quotas", PATIENCE, async || {
            let (status, answer) = self.lambda(method, path, body).await?;
            match status {
                429 => Ok(Err(answer.to_string())),
                status if status == wanted => Ok(Ok(answer)),
                _ => Err(Error::unexpected(format!("{wanted} from {method} {path}"), format!("{status}: {answer}"))),
            }
        })
        .await
    }
}
