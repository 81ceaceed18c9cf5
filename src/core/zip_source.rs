//! The source of a zip package that a spec names: a file, inline text, a Secret or ConfigMap, or an object in S3. Its identity, and its hash where it is known before AWS has it. Pure.

use std::collections::BTreeMap;

use super::blocked::Blocked;
use super::error::GoalError;
use super::package;
use super::package::Package;
use super::references::{Contents, Kind, Reference, References};
use super::values::full;
use crate::api::function::code::{CodeFrom, PackageRef};

/// The fields of a spec that name a zip package.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "each is the field's name")]
pub struct Named<'a> {
    pub s3_bucket: Option<&'a String>,
    pub s3_key: Option<&'a String>,
    pub s3_object_version: Option<&'a String>,
    pub filename: Option<&'a String>,
    pub code_from: Option<&'a CodeFrom>,
}

/// The source of a zip package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zip {
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

impl Zip {
    /// The source that a spec names; `None` if it names none.
    ///
    /// # Errors
    /// If the source does not exist, or cannot be used.
    pub fn of(named: &Named<'_>, references: &References) -> Result<Option<Self>, GoalError> {
        let Named { s3_bucket, s3_key, s3_object_version, filename, code_from } = *named;
        if let Some(bucket) = full(s3_bucket) {
            let key = s3_key.cloned().unwrap_or_default();
            return Ok(Some(Self::S3 { bucket, key, version: full(s3_object_version) }));
        }
        match full(filename) {
            Some(path) => file(path, references).map(Some),
            None => code_from.map_or(Ok(None), |from| in_kubernetes(from, references)),
        }
    }

    /// Equal identities mean that the package is the same, as far as it is known without reading it.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Package { origin: Origin::Inline, digest, .. } => format!("inline:{digest}"),
            Self::Package { origin: Origin::Object(reference, None), digest, .. } => format!("{reference}:{digest}"),
            Self::Package { origin: Origin::Object(reference, Some(key)), digest, .. } => {
                format!("{reference}/{key}:{digest}")
            }
            Self::Package { origin: Origin::File(path), digest, .. } => format!("file {path}:{digest}"),
            Self::S3 { .. } => self.text(),
        }
    }

    /// The source in messages.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Package { origin: Origin::Inline, digest: _, sha256 } => format!("inline files ({sha256})"),
            Self::Package { origin: Origin::Object(reference, key), digest: _, sha256: _ } => {
                let key = key.as_ref().map(|key| format!(", key {key}")).unwrap_or_default();
                let hash = self.public_sha256().map(|sha256| format!(" ({sha256})")).unwrap_or_default();
                format!("{reference}{key}{hash}")
            }
            Self::Package { origin: Origin::File(path), digest: _, sha256 } => format!("file {path} ({sha256})"),
            Self::S3 { bucket, key, version: None } => format!("s3://{bucket}/{key}"),
            Self::S3 { bucket, key, version: Some(version) } => format!("s3://{bucket}/{key}?versionId={version}"),
        }
    }

    /// The CodeSha256 that AWS will compute, if it is known before AWS has the package.
    #[must_use]
    pub const fn sha256(&self) -> Option<&String> {
        match self {
            Self::Package { sha256, .. } => Some(sha256),
            Self::S3 { .. } => None,
        }
    }

    /// The same, unless the package is from a Secret: a reader of the status could guess a short value from a hash.
    #[must_use]
    pub fn public_sha256(&self) -> Option<&String> {
        match self {
            Self::Package { origin: Origin::Object(Reference { kind: Kind::Secret, .. }, _), .. } => None,
            Self::Package { .. } | Self::S3 { .. } => self.sha256(),
        }
    }

    /// Whether the package can be replaced under the same name without a trace in Kubernetes.
    #[must_use]
    pub const fn may_change(&self) -> bool {
        matches!(self, Self::S3 { version: None, .. })
    }

    /// The package that a step sends; AWS itself reads one in S3.
    #[must_use]
    pub fn package<'a>(&'a self, code_from: Option<&'a CodeFrom>) -> Option<Package<'a>> {
        match self {
            Self::Package { origin: Origin::Inline, .. } => Some(Package::Inline(code_from?.inline.as_ref()?)),
            Self::Package { origin: Origin::Object(reference, key), .. } => {
                Some(Package::Object(reference, key.as_deref()))
            }
            Self::Package { origin: Origin::File(path), .. } => Some(Package::File(path)),
            Self::S3 { .. } => None,
        }
    }
}

/// The Secret or ConfigMap that holds the code.
pub fn references(code_from: Option<&CodeFrom>) -> impl Iterator<Item = Reference> {
    let of = |kind, package: &PackageRef| Reference { kind, name: package.name.clone() };
    let secret = code_from.and_then(|from| from.secret_ref.as_ref()).map(|package| of(Kind::Secret, package));
    let map = code_from.and_then(|from| from.config_map_ref.as_ref()).map(|package| of(Kind::ConfigMap, package));
    secret.into_iter().chain(map)
}

fn file(path: String, references: &References) -> Result<Zip, GoalError> {
    let Some(file) = &references.file else {
        return Err(GoalError::Missing(format!(
            "The package folder has no file {path}: add it (the chart mounts the folder by extraVolumes), or correct filename."
        )));
    };
    if let Some(fault) = &file.fault {
        return Err(invalid(&format!("The file {path} cannot be deployed: {fault}.")));
    }
    let sha256 = file.sha256.clone();
    Ok(Zip::Package { origin: Origin::File(path), digest: sha256.clone(), sha256 })
}

fn in_kubernetes(from: &CodeFrom, references: &References) -> Result<Option<Zip>, GoalError> {
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
    Ok(Some(Zip::Package { origin: Origin::Object(reference, Some(key.clone())), digest, sha256 }))
}

/// The identity of a Secret without a hash of its contents, because a reader of the status could guess a short value from a hash.
fn secret_identity(contents: &Contents) -> String {
    const LONGEST: usize = 256;
    let Contents { uid, version, values } = contents;
    let keys = values.keys().map(String::as_str).collect::<Vec<_>>().join(",");
    let keys: String = keys.chars().take(LONGEST).collect();
    format!("uid={uid},resourceVersion={version},keys={keys}")
}

fn packed(origin: Origin, digest: String, files: &BTreeMap<&str, &[u8]>) -> Result<Zip, GoalError> {
    let bytes = package::pack(files)
        .map_err(|error| invalid(&format!("The files cannot be packed ({error}): correct their names.")))?;
    Ok(Zip::Package { origin, digest, sha256: package::sha256(&bytes) })
}

fn invalid(sentence: &str) -> GoalError {
    GoalError::Blocked(Blocked::InvalidSpec(sentence.to_owned()))
}
