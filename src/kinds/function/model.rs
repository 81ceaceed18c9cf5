//! A function as both the user and AWS describe it, grouped by the AWS call that writes each part.

use std::collections::{BTreeMap, BTreeSet};

use super::package_type::PackageType;
use super::side::Sides;
use crate::core::values::{Knowable, Secret};

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
    /// `COPY` or `REFERENCE`: Lambda keeps a copy of a package in S3, or refers to it. Written with the code, and not what a version holds.
    /// `None` on the desired side means "as it is"; an image has none.
    pub storage_mode: Option<String>,
    /// Each written, and read, by calls of its own.
    pub sides: Sides,
    /// Written by `PutFunctionConcurrency` and `DeleteFunctionConcurrency`. `None`: nothing is reserved.
    pub concurrency: Option<i32>,
    /// Written by `TagResource` and `UntagResource`; without the owner's and AWS's own.
    pub tags: Knowable<BTreeMap<String, String>>,
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
    pub image: Knowable<ImageConfig>,
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

/// Where a version is published to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publish {
    /// `LATEST_PUBLISHED`; `None`: a numbered version.
    pub to: Option<String>,
}

/// How long an invocation may take at most, in seconds.
const LONGEST_INVOCATION: i32 = 900;

impl Configuration {
    /// AWS's default of the memory, in MB. Managed instances have no less than 2 GB.
    #[must_use]
    pub const fn default_memory(on_managed_instances: bool) -> i32 {
        if on_managed_instances { 2048 } else { 128 }
    }

    /// What AWS gives a function like this one where its creation does not say. A durable function logs JSON, and one invocation of it may take as
    /// long as an execution.
    #[must_use]
    pub fn aws_defaults_like(of: &Self, name: &str) -> Self {
        let defaults = Self::aws_defaults(name);
        match &of.durable {
            None => defaults,
            Some(durable) => Self {
                logging: Logging::aws_default(true, name),
                timeout: durable.execution_timeout.min(LONGEST_INVOCATION),
                ..defaults
            },
        }
    }

    /// AWS's defaults for a function called `name`: the one place that knows them.
    #[must_use]
    pub fn aws_defaults(name: &str) -> Self {
        Self {
            role: String::new(),
            runtime: String::new(),
            handler: String::new(),
            description: String::new(),
            memory_size: Self::default_memory(false),
            timeout: 3,
            environment: Knowable::Known(BTreeMap::new()),
            layers: Vec::new(),
            vpc: None,
            dead_letter_target: String::new(),
            kms_key_arn: String::new(),
            tracing_mode: "PassThrough".into(),
            file_systems: Vec::new(),
            image: Knowable::Known(ImageConfig::default()),
            ephemeral_storage: 512,
            snap_start: "None".into(),
            logging: Logging::aws_default(false, name),
            durable: None,
            capacity_provider: None,
        }
    }
}

impl Logging {
    /// AWS's default for a function called `name`. Durable functions and those on managed instances cannot log plain text.
    #[must_use]
    pub fn aws_default(only_json: bool, name: &str) -> Self {
        let (format, level) = if only_json { ("JSON", Self::LEVEL) } else { ("Text", "") };
        Self {
            format: format.into(),
            application_level: level.into(),
            system_level: level.into(),
            group: format!("/aws/lambda/{name}"),
        }
    }

    /// AWS's default level of JSON logs.
    pub const LEVEL: &'static str = "INFO";
}

impl Durable {
    /// AWS's default of the days that a history is kept.
    pub const RETENTION_DAYS: i32 = 14;
}
