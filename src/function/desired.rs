//! From an object to a goal: everything the user left out is filled in here, and later code never sees the raw spec.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{
    Blocked, Code, Configuration, Content, Function, ImageConfig, Knowable, Logging, Memory, PackageType, Secret, Vpc,
    package,
};
use crate::api::{Environment, LambdaFunction, LambdaFunctionSpec, VpcConfig};

/// What should be true of AWS once we are done.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The function is there and is this.
    Present(Box<Desired>),
    /// The object is being deleted; so is the function, if `owner` has it.
    Absent {
        /// The owner tag's value.
        owner: String,
    },
    /// The object is being deleted; the function stays, without an owner (`skipDestroy`).
    Released {
        /// The owner tag's value.
        owner: String,
    },
}

/// A function as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// What it should be.
    pub function: Function,
    /// The owner tag's value.
    pub owner: String,
    /// Where its code comes from.
    pub source: Source,
    /// Take over a function that has no owner.
    pub adopt: bool,
    /// Publish a version whenever `$LATEST` is held by none.
    pub publish: bool,
    /// The function was invocable once, or may have been: never to be made anew.
    pub worked: bool,
    /// An update that AWS took back may be sent again: the user has been told of it.
    pub retry_failed: bool,
}

/// Where code comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files in the object itself.
    Inline {
        /// Hash of the files, whatever the archive's format.
        digest: String,
        /// CodeSha256 of the package.
        sha256: String,
    },
    /// A package in S3.
    S3 {
        /// Its bucket.
        bucket: String,
        /// Its key.
        key: String,
        /// Its version, in a bucket with versioning.
        version: Option<String>,
    },
}

/// What the operator adds to every object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Tags that every function gets; an object's own win.
    pub tags: BTreeMap<String, String>,
}

impl Goal {
    /// The owner tag's value that makes a function ours.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::Present(desired) => &desired.owner,
            Self::Absent { owner } | Self::Released { owner } => owner,
        }
    }
}

impl Source {
    /// Equal identities: the same code, as far as anyone can tell without reading it.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Inline { digest, .. } => format!("inline:{digest}"),
            Self::S3 { bucket, key, version: None } => format!("s3://{bucket}/{key}"),
            Self::S3 { bucket, key, version: Some(version) } => format!("s3://{bucket}/{key}?versionId={version}"),
        }
    }
}

/// AWS allows 50 tags; one is the owner's.
const MOST_TAGS: usize = 49;

/// Bytes of all environment variables as compact JSON.
const MOST_ENVIRONMENT: usize = 4096;

/// The object's goal.
///
/// # Errors
/// Where the spec cannot be carried out, whatever AWS says. Deletion needs nothing of the spec, so it never fails.
pub fn goal(
    object: &LambdaFunction,
    name: &str,
    owner: String,
    defaults: &Defaults,
    memory: &Memory,
) -> Result<Goal, Blocked> {
    let spec = &object.spec;
    if object.metadata.deletion_timestamp.is_some() {
        let keep = spec.skip_destroy.unwrap_or_default();
        return Ok(if keep { Goal::Released { owner } } else { Goal::Absent { owner } });
    }
    let source = source(spec)?;
    let code = Code { content: content(&source, memory), architecture: architecture(spec) };
    let function = Function {
        package: PackageType::Zip,
        configuration: configuration(spec, name)?,
        code,
        code_signing: Knowable::Known(None),
        concurrency: spec.reserved_concurrent_executions.filter(|reserved| *reserved >= 0),
        tags: Knowable::Known(tags(spec, defaults)?),
    };
    Ok(Goal::Present(Box::new(Desired {
        function,
        owner,
        source,
        adopt: false,
        publish: spec.publish.unwrap_or_default(),
        worked: memory.worked,
        retry_failed: memory.stalled.is_some(),
    })))
}

/// The function's name in AWS.
#[must_use]
pub fn name(object: &LambdaFunction) -> String {
    let named = text(object.spec.function_name.as_ref());
    if named.is_empty() { object.metadata.name.clone().unwrap_or_default() } else { named }
}

/// How long a wait may last before a person is asked: the object's own limit for what it is doing, or ten minutes.
#[must_use]
pub fn timeout(object: &LambdaFunction, memory: &Memory) -> Duration {
    const DEFAULT: Duration = Duration::from_secs(600);
    let Some(timeouts) = &object.spec.timeouts else { return DEFAULT };
    let limit = if object.metadata.deletion_timestamp.is_some() {
        &timeouts.delete
    } else if memory.settled.is_none() {
        &timeouts.create
    } else {
        &timeouts.update
    };
    limit.as_deref().and_then(duration).unwrap_or(DEFAULT)
}

/// `90s`, `10m`, `1h30m`; `None` where nothing is said.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut digits = 0_u64;
    for character in text.chars() {
        let unit = match character {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => {
                digits = digits.checked_mul(10)?.checked_add(u64::from(character.to_digit(10)?))?;
                continue;
            }
        };
        seconds = seconds.checked_add(digits.checked_mul(unit)?)?;
        digits = 0;
    }
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn configuration(spec: &LambdaFunctionSpec, name: &str) -> Result<Configuration, Blocked> {
    Ok(Configuration {
        role: spec.role.clone(),
        runtime: text(spec.runtime.as_ref()),
        handler: text(spec.handler.as_ref()),
        description: text(spec.description.as_ref()),
        memory_size: spec.memory_size.unwrap_or(128),
        timeout: spec.timeout.unwrap_or(3),
        environment: Knowable::Known(environment(spec.environment.as_ref())?),
        layers: spec.layers.clone().unwrap_or_default(),
        vpc: spec.vpc_config.as_ref().and_then(vpc),
        dead_letter_target: String::new(),
        kms_key_arn: String::new(),
        tracing_mode: "PassThrough".into(),
        file_systems: Vec::new(),
        image: ImageConfig::default(),
        ephemeral_storage: 512,
        snap_start: "None".into(),
        logging: Logging {
            format: "Text".into(),
            application_level: String::new(),
            system_level: String::new(),
            group: format!("/aws/lambda/{name}"),
        },
        durable: None,
        capacity_provider: None,
    })
}

fn environment(environment: Option<&Environment>) -> Result<BTreeMap<String, Secret>, Blocked> {
    let variables = environment.and_then(|e| e.variables.clone()).unwrap_or_default();
    let bytes = serde_json::to_string(&variables).map(|json| json.len()).unwrap_or_default();
    if bytes > MOST_ENVIRONMENT {
        let names: Vec<_> = variables.keys().map(String::as_str).collect();
        return Err(Blocked::InvalidSpec(format!(
            "The environment takes {bytes} bytes and AWS allows {MOST_ENVIRONMENT}: shorten or move some of {}.",
            names.join(", ")
        )));
    }
    Ok(variables.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
}

fn vpc(config: &VpcConfig) -> Option<Vpc> {
    let set = |ids: &Option<Vec<String>>| ids.iter().flatten().cloned().collect::<BTreeSet<_>>();
    let vpc = Vpc { subnets: set(&config.subnet_ids), security_groups: set(&config.security_group_ids), ipv6: false };
    (!vpc.subnets.is_empty()).then_some(vpc)
}

fn tags(spec: &LambdaFunctionSpec, defaults: &Defaults) -> Result<BTreeMap<String, String>, Blocked> {
    let mut tags = defaults.tags.clone();
    tags.extend(spec.tags.clone().unwrap_or_default());
    if tags.len() > MOST_TAGS {
        return Err(Blocked::InvalidSpec(format!(
            "With the operator's default tags the function would have {} tags and AWS leaves room for {MOST_TAGS}: remove some of spec.tags.",
            tags.len()
        )));
    }
    Ok(tags)
}

fn architecture(spec: &LambdaFunctionSpec) -> Option<String> {
    spec.architectures.as_ref().and_then(|all| all.first()).map(|one| one.as_str().to_owned())
}

fn source(spec: &LambdaFunctionSpec) -> Result<Source, Blocked> {
    let bucket = text(spec.s3_bucket.as_ref());
    if !bucket.is_empty() {
        let version = Some(text(spec.s3_object_version.as_ref())).filter(|version| !version.is_empty());
        return Ok(Source::S3 { bucket, key: text(spec.s3_key.as_ref()), version });
    }
    let Some(files) = spec.code_from.as_ref().and_then(|from| from.inline.as_ref()) else {
        return Err(Blocked::InvalidSpec("The spec names no code: set codeFrom, or s3Bucket with s3Key.".into()));
    };
    let bytes = package::pack(files).map_err(|error| {
        Blocked::InvalidSpec(format!("The inline files cannot be packed ({error}): correct their names."))
    })?;
    Ok(Source::Inline { digest: package::digest(files), sha256: package::sha256(&bytes) })
}

/// What AWS should say the live code is: what it said when this source was deployed, else what can be computed.
fn content(source: &Source, memory: &Memory) -> Content {
    match (&memory.deployed, source) {
        (Some(deployed), source) if deployed.source == source.identity() => {
            Content::Sha256(deployed.code_sha256.clone())
        }
        (_, Source::Inline { sha256, .. }) => Content::Sha256(sha256.clone()),
        (_, Source::S3 { .. }) => Content::Undeployed,
    }
}

/// Empty is absent.
fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text| duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds(""), None);
        assert_eq!(seconds("0s"), None);
        assert_eq!(seconds("999999999999999999999h"), None);
    }

    #[test]
    fn an_environment_over_the_limit_is_refused_by_names_alone() {
        let variables = BTreeMap::from([("BIG".to_owned(), "s3cret".repeat(700))]);
        let refused = environment(Some(&Environment { variables: Some(variables) })).unwrap_err();
        let Blocked::InvalidSpec(sentence) = refused else { panic!("{refused:?}") };
        assert!(sentence.contains("BIG") && !sentence.contains("s3cret"), "{sentence}");
    }

    #[test]
    fn a_known_source_is_compared_by_what_aws_said_of_it() {
        let s3 = Source::S3 { bucket: "b".into(), key: "k".into(), version: None };
        assert_eq!(content(&s3, &Memory::default()), Content::Undeployed);
        let deployed = crate::api::Deployed { source: s3.identity(), code_sha256: "abc".into() };
        let memory = Memory { deployed: Some(deployed), ..Memory::default() };
        assert_eq!(content(&s3, &memory), Content::Sha256("abc".into()));
        let other = Source::S3 { bucket: "b".into(), key: "k".into(), version: Some("2".into()) };
        assert_eq!(content(&other, &memory), Content::Undeployed);
    }
}
