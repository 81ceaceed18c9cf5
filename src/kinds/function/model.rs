//! The model of a function, for both the desired and the observed state, grouped by the AWS call that writes each part.

use std::collections::{BTreeMap, BTreeSet};

use super::package_type::PackageType;
use super::side::Sides;
use crate::core::values::{Knowable, Secret};

/// All properties of a function, grouped by the call that writes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Package type; fixed at creation.
    pub package: PackageType,
    /// Tenant isolation; fixed at creation.
    pub tenancy: Option<String>,
    /// Written by `UpdateFunctionConfiguration`.
    pub configuration: Configuration,
    /// Written by `UpdateFunctionCode`.
    pub code: Code,
    /// `COPY` or `REFERENCE`: Lambda keeps a copy of a package in S3, or refers to it. It is written with the code, but is not a part of a version.
    /// `None` in the desired state keeps the current mode; an image has none.
    pub storage_mode: Option<String>,
    /// Side groups, each written and read by calls of its own.
    pub sides: Sides,
    /// Written by `PutFunctionConcurrency` and `DeleteFunctionConcurrency`. `None`: nothing is reserved.
    pub concurrency: Option<i32>,
    /// Written by `TagResource` and `UntagResource`; without the owner tag and AWS's own tags.
    pub tags: Knowable<BTreeMap<String, String>>,
}

/// The members that `UpdateFunctionConfiguration` writes. Every field has a value: an unset one has AWS's default.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// ARN of the role that the function runs as.
    pub role: String,
    /// The language runtime; empty for an image.
    pub runtime: String,
    /// The entry point in the code; empty for an image.
    pub handler: String,
    /// Description of the function.
    pub description: String,
    /// Memory in MB.
    pub memory_size: i32,
    /// Time limit of one invocation in seconds.
    pub timeout: i32,
    /// Environment variables; unknown if AWS could not decrypt them.
    pub environment: Knowable<BTreeMap<String, Secret>>,
    /// Layer versions, in order.
    pub layers: Vec<String>,
    /// The VPC; `None` if the function has none.
    pub vpc: Option<Vpc>,
    /// ARN of the queue or topic for failed events; empty for none.
    pub dead_letter_target: String,
    /// ARN of the key that encrypts the environment; empty for AWS's own key.
    pub kms_key_arn: String,
    /// Tracing mode: `Active` or `PassThrough`.
    pub tracing_mode: String,
    /// Mounted file systems.
    pub file_systems: Vec<FileSystem>,
    /// Overrides of the image's own values.
    pub image: Knowable<ImageConfig>,
    /// Size of `/tmp` in MB.
    pub ephemeral_storage: i32,
    /// SnapStart: `PublishedVersions` or `None`.
    pub snap_start: String,
    /// Log format, log levels and log group.
    pub logging: Logging,
    /// Settings of a durable function; `None` for any other.
    pub durable: Option<Durable>,
    /// The capacity provider; `None` if the function does not run on managed instances.
    pub capacity_provider: Option<CapacityProvider>,
}

/// Network interfaces of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Ids of subnets, without an order.
    pub subnets: BTreeSet<String>,
    /// Ids of security groups, without an order.
    pub security_groups: BTreeSet<String>,
    /// Outbound IPv6 in dual-stack subnets.
    pub ipv6: bool,
}

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// ARN of the access point.
    pub arn: String,
    /// Path at which it is mounted.
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

/// Log format, log levels and log group of a function.
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
    /// Time limit of a whole execution in seconds.
    pub execution_timeout: i32,
    /// Days for which AWS keeps its history.
    pub retention_days: i32,
    /// ARN of the key for payloads; empty for AWS's own key.
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

/// The members that `UpdateFunctionCode` writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Identity of the code.
    pub content: Content,
    /// The image as the user named it; `None` for a zip package.
    pub image_uri: Option<String>,
    /// The key that encrypts the package, empty for AWS's own key; `None` for an image.
    pub kms_key_arn: Option<String>,
    /// `x86_64` or `arm64`; `None` in the desired state keeps the current architecture.
    pub architecture: Option<String>,
}

/// Identity of the code that a function holds, or should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The code with this CodeSha256.
    Sha256(String),
    /// A source that has never been deployed, so it differs from any deployed code.
    Undeployed,
    /// Any code is accepted.
    Any,
}

/// The target of a publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publish {
    /// `LATEST_PUBLISHED`; `None`: a numbered version.
    pub to: Option<String>,
}

/// The longest time limit of an invocation in seconds.
const LONGEST_INVOCATION: i32 = 900;

impl Configuration {
    /// AWS's default memory in MB. Managed instances have at least 2 GB.
    #[must_use]
    pub const fn default_memory(on_managed_instances: bool) -> i32 {
        if on_managed_instances { 2048 } else { 128 }
    }

    /// AWS's defaults for a function like this one. A durable function logs JSON, and one invocation of it can take as
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

    /// AWS's defaults for a function with the name `name`. They are defined only here.
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
    /// AWS's default for a function with the name `name`. Durable functions and those on managed instances cannot log plain text.
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
    /// AWS's default for the days of history.
    pub const RETENTION_DAYS: i32 = 14;
}
