//! The pure core: what a function is, what it should become, and which AWS calls lead there. No client, no clock, no environment.

pub mod change;
pub mod codes;
mod desired;
mod did;
pub mod diff;
mod environment;
mod error;
pub mod import;
mod leaving;
mod memory;
mod observed;
mod operation;
pub mod package;
mod place;
mod plan;
pub mod policy;
mod principal;
pub mod reasons;
pub mod reference;
mod retry;
pub mod sight;
mod source;
mod status;
mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use desired::{
    Defaults, Desired, Farewell, Given, Goal, Replacement, drift_interval, duration, goal, look, name, timeout,
};
pub use did::Did;
pub use error::{Error, Halt, Unready};
pub use leaving::Leaving;
pub use memory::Memory;
pub use observed::{Asked, FailedGroup, Held, Lifecycle, Look, Observed, Says, Version, VersionState};
pub use operation::Operation;
pub use place::Place;
pub use plan::{Blocked, Plan, plan};
pub use principal::Principal;
pub use retry::{Class, Pace, classify};
pub use source::{Origin, Source};
pub use status::{Outcome, Pass, Seen, Work, explain, status};
pub use step::{Deployment, Step, Tagging, Untagging};

/// The tag that names a function's owner: `<cluster>/<namespace>/<name>`.
pub const OWNER_TAG: &str = "lambda-operator.io/owner";

/// Everything both the user and AWS can say about a function, grouped by the call that writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Fixed at creation.
    pub package: PackageType,
    /// Tenant isolation; fixed at creation.
    pub tenancy: Option<String>,
    /// Written by `UpdateFunctionConfiguration`.
    pub configuration: Configuration,
    /// Written by `UpdateFunctionCode`.
    pub code: Code,
    /// Written by `PutFunctionCodeSigningConfig` and `DeleteFunctionCodeSigningConfig`.
    pub code_signing: Knowable<Option<String>>,
    /// Written by `PutFunctionConcurrency` and `DeleteFunctionConcurrency`. `None`: nothing is reserved.
    pub concurrency: Option<i32>,
    /// Written by `TagResource` and `UntagResource`; without the owner's and AWS's own.
    pub tags: Knowable<BTreeMap<String, String>>,
}

/// How the code is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageType {
    /// A zip archive.
    Zip,
    /// A container image.
    Image,
}

/// What `UpdateFunctionConfiguration` owns. Every field has a value: what is unset is AWS's default.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// ARN of the role that the function runs as.
    pub role: String,
    /// The language runtime; empty for an image.
    pub runtime: String,
    /// What is called in the code; empty for an image.
    pub handler: String,
    /// What the function is for.
    pub description: String,
    /// MB.
    pub memory_size: i32,
    /// Seconds.
    pub timeout: i32,
    /// Unknown where AWS could not decrypt it.
    pub environment: Knowable<BTreeMap<String, Secret>>,
    /// Layer versions, in order.
    pub layers: Vec<String>,
    /// `None`: no VPC.
    pub vpc: Option<Vpc>,
    /// ARN of the queue or topic for events that failed; empty for none.
    pub dead_letter_target: String,
    /// ARN of the key that encrypts the environment; empty for AWS's own.
    pub kms_key_arn: String,
    /// `Active` or `PassThrough`.
    pub tracing_mode: String,
    /// Mounted file systems.
    pub file_systems: Vec<FileSystem>,
    /// Overrides of the image's own values.
    pub image: ImageConfig,
    /// MB of `/tmp`.
    pub ephemeral_storage: i32,
    /// `PublishedVersions` or `None`.
    pub snap_start: String,
    /// Where and how the function logs.
    pub logging: Logging,
    /// `None`: not a durable function.
    pub durable: Option<Durable>,
    /// `None`: not on managed instances.
    pub capacity_provider: Option<CapacityProvider>,
}

/// Network interfaces of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Ids of subnets; order is not news.
    pub subnets: BTreeSet<String>,
    /// Ids of security groups; order is not news.
    pub security_groups: BTreeSet<String>,
    /// Outbound IPv6 in dual-stack subnets.
    pub ipv6: bool,
}

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// ARN of the access point.
    pub arn: String,
    /// Where it is mounted.
    pub mount_path: String,
    /// `AUTO`, `ENABLED` or `DISABLED`, for S3 Files only; empty elsewhere.
    pub direct_s3_read: String,
}

/// Overrides of an image's Dockerfile values; all empty for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// The executable.
    pub entry_point: Vec<String>,
    /// Its arguments.
    pub command: Vec<String>,
    /// Its working directory.
    pub working_directory: String,
}

/// Where and how a function logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// `Text` or `JSON`.
    pub format: String,
    /// Level of the application's lines; empty with `Text`.
    pub application_level: String,
    /// Level of the platform's lines; empty with `Text`.
    pub system_level: String,
    /// The log group.
    pub group: String,
}

/// Settings of a durable function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durable {
    /// Seconds that a whole execution may take.
    pub execution_timeout: i32,
    /// Days that its history is kept.
    pub retention_days: i32,
    /// ARN of the key for payloads; empty for AWS's own.
    pub kms_key_arn: String,
}

/// Managed instances that a function runs on.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityProvider {
    /// ARN of the provider.
    pub arn: String,
    /// GiB per vCPU; `None` leaves it to AWS.
    pub memory_gib_per_vcpu: Option<f64>,
    /// Concurrency per execution environment; `None` leaves it to AWS.
    pub max_concurrency: Option<i32>,
}

/// What `UpdateFunctionCode` owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Which code.
    pub content: Content,
    /// The image as the user named it; `None` for a zip package.
    pub image_uri: Option<String>,
    /// The key that encrypts the package, empty for AWS's own; `None` for an image.
    pub kms_key_arn: Option<String>,
    /// `x86_64` or `arm64`; `None` on the desired side means "as it is".
    pub architecture: Option<String>,
}

/// Which code a function holds, or should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The code with this CodeSha256.
    Sha256(String),
    /// A source that has never been deployed: it differs from whatever is live.
    Undeployed,
    /// Whatever is there is right.
    Any,
}

/// A value that AWS may withhold (no right to see tags, environment not decryptable). Unknown is no difference, and never "absent".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowable<T> {
    /// AWS said it.
    Known(T),
    /// AWS did not say.
    Unknown,
}

impl<T> Knowable<T> {
    /// The value, where it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

/// A value that is shown nowhere, not even by `{:?}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Takes a value into keeping.
    #[must_use]
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the AWS call that carries it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Empty is absent.
fn full(value: Option<&String>) -> Option<String> {
    value.filter(|text| !text.is_empty()).cloned()
}

/// What a write answered that is worth remembering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// CodeSha256 of the code that the call deployed.
    pub code_sha256: Option<String>,
    /// Number of the version that the call published.
    pub version: Option<String>,
    /// `LastModified` of the function after the call.
    pub modified: Option<String>,
}

/// The only seam to AWS: look at one function, or do one step to it.
pub trait Lambda {
    /// What AWS says about the function; `None` where there is none.
    fn observe(&self, look: &Look) -> impl Future<Output = Result<Option<Observed>, Halt>> + Send;
    /// Does one write. `package` holds the bytes of a step that carries code from Kubernetes.
    fn execute(&self, step: &Step, package: Option<Vec<u8>>) -> impl Future<Output = Result<Answer, Halt>> + Send;
}
