//! The source of the code, its identity, and the CodeSha256 that AWS should report for it.

use std::collections::BTreeMap;

use crate::api::function::code::{CodeFrom, CodePolicy, PackageRef};
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::shared::AdoptionPolicy;
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::package;
use crate::core::references::{Contents, Kind, Reference, References};
use crate::core::values::full;
use crate::kinds::function::model::{Code, Content};
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::status::history::History;

/// The source of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A package in Kubernetes or in the package folder.
    Package {
        /// The origin of the package.
        origin: Origin,
        /// Identity of its contents: a hash, or for a Secret its uid and resourceVersion. Status shows it.
        digest: String,
        /// CodeSha256 of the package.
        sha256: String,
    },
    /// A package in S3.
    S3 {
        /// Name of the bucket.
        bucket: String,
        /// Key of the object.
        key: String,
        /// Version id of the object, in a bucket with versioning.
        version: Option<String>,
    },
    /// A container image.
    Image {
        /// URI of the image, as in the spec.
        uri: String,
    },
}

/// The origin of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The object itself.
    Inline,
    /// A Secret or ConfigMap: one key, or all keys as files.
    Object(Reference, Option<String>),
    /// A file in the package folder.
    File(String),
}

/// The desired code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DesiredCode {
    /// The package type.
    pub(crate) package: PackageType,
    /// The source; `None` only with `codePolicy: Initial`.
    pub(crate) source: Option<Source>,
    /// Identity that is recorded after a deployment: the source and everything that triggers a redeployment.
    pub(crate) identity: String,
    /// The code that AWS should show.
    pub(crate) code: Code,
    /// Whether another pipeline deploys after the creation.
    pub(crate) initial: bool,
    /// The error of an unusable source, if it matters only while the function does not exist.
    pub(crate) unusable: Option<GoalError>,
}

/// The desired code. With `again`, a source that did not have the expected hash is tried again, because its key or tag may have new contents.
pub(crate) fn desired_code(
    spec: &LambdaFunctionSpec,
    ignored: bool,
    references: &References,
    history: &History,
    again: bool,
) -> Result<DesiredCode, GoalError> {
    let initial = ignored || spec.code_policy == Some(CodePolicy::Initial);
    // Once the function exists, another pipeline deploys its code.
    let exists = is_trusted(spec, history);
    let (source, unusable) = match source(spec, references) {
        Ok(source) => (source, None),
        Err(error) if initial && exists => (None, Some(error)),
        Err(error) => return Err(error),
    };
    if source.is_none() && !initial {
        return Err(invalid("The spec names no code: set filename, imageUri, s3Bucket with s3Key, or codeFrom."));
    }
    let said = full(spec.code_sha256.as_ref());
    let identity = source.as_ref().map(|source| identity(source, spec)).unwrap_or_default();
    let deployed = history.deployed.as_ref().filter(|deployed| deployed.source == identity);
    let own = match &source {
        Some(Source::Package { sha256, .. }) => Some(sha256),
        Some(Source::S3 { .. } | Source::Image { .. }) | None => None,
    };
    // The known hash of the source: as AWS answered when it was deployed, or as computed from the package.
    let is = deployed.map(|deployed| &deployed.code_sha256).or(own);
    let awaits = again && source.as_ref().is_some_and(may_change);
    if let (Some(said), Some(is)) = (&said, is)
        && said != is
        && !awaits
        && !(initial && history.created)
    {
        let may_change = source.as_ref().is_some_and(may_change);
        return Err(GoalError::Blocked(Blocked::CodeHashMismatch { said: said.clone(), is: is.clone(), may_change }));
    }
    let image =
        matches!(source, Some(Source::Image { .. })) || full(spec.package_type.as_ref()).as_deref() == Some("Image");
    let content = match (said.as_ref().or(is), &source) {
        (Some(sha256), _) => Content::Sha256(sha256.clone()),
        // The URI identifies an image well enough, unless another part of the source has changed.
        (None, Some(Source::Image { .. })) if history.deployed.is_none() => Content::Any,
        (None, None) => Content::Any,
        (None, Some(_)) => Content::Undeployed,
    };
    let code = Code {
        content,
        image_uri: match &source {
            Some(Source::Image { uri }) => Some(uri.clone()),
            Some(Source::Package { .. } | Source::S3 { .. }) | None => None,
        },
        kms_key_arn: (!image).then(|| full(spec.source_kms_key_arn.as_ref()).unwrap_or_default()),
        architecture: spec.architectures.as_ref().and_then(|all| all.first()).map(|one| one.as_str().to_owned()),
    };
    let package = if image { PackageType::Image } else { PackageType::Zip };
    Ok(DesiredCode { package, source, identity, code, initial, unusable })
}

/// Whether another pipeline may deploy the code of the existing function: only if this object created the function, adopted it, or is asked to adopt
/// it.
pub(super) fn is_trusted(spec: &LambdaFunctionSpec, history: &History) -> bool {
    let asked = spec.common.adoption_policy == Some(AdoptionPolicy::Adopt) || full(spec.adopt_from.as_ref()).is_some();
    history.deployed.is_some() || history.adopted || asked
}

/// Equal identities mean that the code is the same, as far as it is known without reading the code, and that nothing requests a redeployment.
fn identity(source: &Source, spec: &LambdaFunctionSpec) -> String {
    let mut identity = match source {
        Source::Package { origin: Origin::Inline, digest, .. } => format!("inline:{digest}"),
        Source::Package { origin: Origin::Object(reference, None), digest, .. } => format!("{reference}:{digest}"),
        Source::Package { origin: Origin::Object(reference, Some(key)), digest, .. } => {
            format!("{reference}/{key}:{digest}")
        }
        Source::Package { origin: Origin::File(path), digest, .. } => format!("file {path}:{digest}"),
        Source::S3 { bucket, key, version: None } => format!("s3://{bucket}/{key}"),
        Source::S3 { bucket, key, version: Some(version) } => format!("s3://{bucket}/{key}?versionId={version}"),
        Source::Image { uri } => format!("image {uri}"),
    };
    if let Some(hash) = full(spec.source_code_hash.as_ref()) {
        identity = format!("{identity} hash {hash}");
    }
    if let Some(key) = full(spec.source_kms_key_arn.as_ref()) {
        identity = format!("{identity} key {key}");
    }
    // A new codeSha256 makes a new identity, so that the source is deployed and checked again.
    if let Some(said) = full(spec.code_sha256.as_ref()).filter(|_| may_change(source)) {
        identity = format!("{identity} sha256 {said}");
    }
    identity
}

/// Whether the contents behind a key or tag can be replaced.
const fn may_change(source: &Source) -> bool {
    matches!(source, Source::S3 { version: None, .. } | Source::Image { .. })
}

fn source(spec: &LambdaFunctionSpec, references: &References) -> Result<Option<Source>, GoalError> {
    if let Some(bucket) = full(spec.s3_bucket.as_ref()) {
        let key = spec.s3_key.clone().unwrap_or_default();
        return Ok(Some(Source::S3 { bucket, key, version: full(spec.s3_object_version.as_ref()) }));
    }
    if let Some(uri) = full(spec.image_uri.as_ref()) {
        return Ok(Some(Source::Image { uri }));
    }
    if let Some(path) = full(spec.filename.as_ref()) {
        let Some(file) = &references.file else {
            return Err(GoalError::Missing(format!(
                "The package folder has no file {path}: add it (the chart mounts the folder by extraVolumes), or correct filename."
            )));
        };
        if let Some(fault) = &file.fault {
            return Err(invalid(&format!("The file {path} cannot be deployed: {fault}.")));
        }
        let sha256 = file.sha256.clone();
        return Ok(Some(Source::Package { origin: Origin::File(path), digest: sha256.clone(), sha256 }));
    }
    spec.code_from.as_ref().map_or(Ok(None), |from| code_from(from, references))
}

fn code_from(from: &CodeFrom, references: &References) -> Result<Option<Source>, GoalError> {
    let CodeFrom { inline, config_map_ref, secret_ref } = from;
    let (kind, package_ref) = match (inline, config_map_ref, secret_ref) {
        (Some(files), _, _) if !files.is_empty() => {
            let files = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
            return packed(Origin::Inline, package::digest(&files), &files).map(Some);
        }
        (_, Some(map), _) => (Kind::ConfigMap, map),
        (_, None, Some(secret)) => (Kind::Secret, secret),
        (_, None, None) => return Ok(None),
    };
    let PackageRef { name, key } = package_ref;
    let reference = Reference { kind, name: name.clone() };
    let Some(contents) = references.objects.get(&reference) else {
        return Err(GoalError::Missing(format!(
            "{reference}, which holds the code, does not exist in this namespace: create it, or correct the name."
        )));
    };
    let Contents { uid: _, version: _, values } = contents;
    let Some(key) = key else {
        if values.is_empty() {
            return Err(invalid(&format!("{reference} is empty: add the files of the package as its keys.")));
        }
        let files = values.iter().map(|(key, bytes)| (key.as_str(), bytes.as_slice())).collect();
        let digest = if kind == Kind::Secret { secret_identity(contents) } else { package::digest(&files) };
        return packed(Origin::Object(reference, None), digest, &files).map(Some);
    };
    let Some(bytes) = values.get(key) else {
        return Err(GoalError::Missing(format!(
            "{reference} has no key {key}, which codeFrom names as the zip file: add the key, or correct its name."
        )));
    };
    if let Some(fault) = package::fault(bytes) {
        return Err(invalid(&format!("Key {key} of {reference} cannot be deployed: {fault}.")));
    }
    let sha256 = package::sha256(bytes);
    let digest = if kind == Kind::Secret { secret_identity(contents) } else { sha256.clone() };
    Ok(Some(Source::Package { origin: Origin::Object(reference, Some(key.clone())), digest, sha256 }))
}

/// The identity of a Secret without a hash of its contents, because a reader of the status could guess a short value from a hash.
fn secret_identity(contents: &Contents) -> String {
    const LONGEST: usize = 256;
    let Contents { uid, version, values } = contents;
    let keys = values.keys().map(String::as_str).collect::<Vec<_>>().join(",");
    let keys: String = keys.chars().take(LONGEST).collect();
    format!("uid={uid},resourceVersion={version},keys={keys}")
}

fn packed(origin: Origin, digest: String, files: &BTreeMap<&str, &[u8]>) -> Result<Source, GoalError> {
    let bytes = package::pack(files)
        .map_err(|error| invalid(&format!("The files cannot be packed ({error}): correct their names.")))?;
    Ok(Source::Package { origin, digest, sha256: package::sha256(&bytes) })
}

fn invalid(sentence: &str) -> GoalError {
    GoalError::Blocked(Blocked::InvalidSpec(sentence.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function::status::Deployed;

    fn content(spec: &serde_json::Value, history: &History) -> Content {
        let mut spec = spec.clone();
        spec["role"] = "arn:r".into();
        desired_code(&serde_json::from_value(spec).unwrap(), false, &References::default(), history, false)
            .unwrap()
            .code
            .content
    }

    #[test]
    fn a_known_source_is_compared_by_its_recorded_hash() {
        let spec = serde_json::json!({"s3Bucket": "b", "s3Key": "k"});
        assert_eq!(content(&spec, &History::default()), Content::Undeployed);
        let deployed = Deployed { source: "s3://b/k".into(), code_sha256: "abc".into() };
        let history = History { deployed: Some(deployed), ..History::default() };
        assert_eq!(content(&spec, &history), Content::Sha256("abc".into()));
        for change in [("s3ObjectVersion", "2"), ("sourceCodeHash", "x"), ("sourceKmsKeyArn", "arn:k")] {
            let mut other = spec.clone();
            other[change.0] = change.1.into();
            assert_eq!(content(&other, &history), Content::Undeployed, "{change:?}");
        }
    }

    #[test]
    fn code_is_left_to_others_only_where_the_function_was_made_or_asked_for() {
        let trusts = |spec: serde_json::Value, history: &History| {
            let mut spec = spec;
            spec["role"] = "arn:r".into();
            is_trusted(&serde_json::from_value(spec).unwrap(), history)
        };
        let (plain, unknown) = (serde_json::json!({}), History { created: true, ..History::default() });
        assert!(!trusts(plain.clone(), &unknown), "that it is there, with our tag, tells nothing of its code");
        let deployed = Some(Deployed { source: "s".into(), code_sha256: "abc".into() });
        assert!(trusts(plain.clone(), &History { deployed, ..History::default() }), "made");
        assert!(trusts(plain, &History { adopted: true, ..History::default() }), "taken over");
        assert!(trusts(serde_json::json!({"adoptionPolicy": "Adopt"}), &unknown));
        assert!(trusts(serde_json::json!({"adoptFrom": "c/n/f"}), &unknown));
        assert!(!trusts(serde_json::json!({"adoptionPolicy": "Refuse", "adoptFrom": ""}), &unknown));
    }

    #[test]
    fn without_a_record_the_image_uri_or_hash_decides() {
        assert_eq!(content(&serde_json::json!({"imageUri": "r/app:1"}), &History::default()), Content::Any);
        let inline = serde_json::json!({"codeFrom": {"inline": {"main.py": "x"}}});
        assert!(matches!(content(&inline, &History::default()), Content::Sha256(_)));
    }

    /// The code of a spec whose Secret has these contents.
    fn from_secret(version: &str, text: &[u8], key: Option<&str>) -> DesiredCode {
        let spec = serde_json::json!({"role": "arn:r", "codeFrom": {"secretRef": {"name": "code", "key": key}}});
        let values = [("main.py".to_owned(), text.to_vec())].into();
        let contents = Contents { uid: "u".into(), version: version.into(), values };
        let reference = Reference { kind: Kind::Secret, name: "code".into() };
        let references = References { objects: [(reference, contents)].into(), ..References::default() };
        let spec = serde_json::from_value(spec).unwrap();
        desired_code(&spec, false, &references, &History::default(), false).unwrap()
    }

    #[test]
    fn what_identifies_code_from_a_secret_is_no_hash_of_it() {
        for key in [None, Some("main.py")] {
            let (one, other) = (from_secret("7", b"PK one", key), from_secret("7", b"PK two", key));
            assert_eq!(one.identity, other.identity, "the version tells them apart, and nothing of what they hold");
            assert!(one.identity.ends_with(":uid=u,resourceVersion=7,keys=main.py"), "{}", one.identity);
            assert_ne!(one.identity, from_secret("8", b"PK one", key).identity);
            assert_ne!(one.code.content, other.code.content, "what AWS should say is compared all the same");
        }
    }
}
