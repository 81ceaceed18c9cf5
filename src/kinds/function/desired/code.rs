//! The source of the code, its identity, and the CodeSha256 that AWS should report for it.

use crate::api::function::code::CodePolicy;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::shared::AdoptionPolicy;
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::references::References;
use crate::core::values::full;
use crate::core::zip_source::{Named, Zip};
use crate::kinds::function::model::{Code, Content};
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::status::history::History;

/// The source of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A zip package.
    Zip(Zip),
    /// A container image.
    Image {
        /// URI of the image, as in the spec.
        uri: String,
    },
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
        Some(Source::Zip(zip)) => zip.sha256(),
        Some(Source::Image { .. }) | None => None,
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
            Some(Source::Zip(_)) | None => None,
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
        Source::Zip(zip) => zip.identity(),
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
    match source {
        Source::Zip(zip) => zip.may_change(),
        Source::Image { .. } => true,
    }
}

fn source(spec: &LambdaFunctionSpec, references: &References) -> Result<Option<Source>, GoalError> {
    if let Some(uri) = full(spec.image_uri.as_ref()).filter(|_| full(spec.s3_bucket.as_ref()).is_none()) {
        return Ok(Some(Source::Image { uri }));
    }
    let named = Named {
        s3_bucket: spec.s3_bucket.as_ref(),
        s3_key: spec.s3_key.as_ref(),
        s3_object_version: spec.s3_object_version.as_ref(),
        filename: spec.filename.as_ref(),
        code_from: spec.code_from.as_ref(),
    };
    Ok(Zip::of(&named, references)?.map(Source::Zip))
}

fn invalid(sentence: &str) -> GoalError {
    GoalError::Blocked(Blocked::InvalidSpec(sentence.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function::status::Deployed;
    use crate::core::references::{Contents, Kind, Reference};

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
