//! The published version that holds `$LATEST`.

use super::diff;
use crate::api::function::status::Published;
use crate::core::applied::hash;
use crate::kinds::function::applied;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::observed::Observed;

/// The prefix of the qualifier to which `publishTo: LATEST_PUBLISHED` publishes.
const NOT_A_NUMBER: char = '$';

/// Whether the recorded version holds `$LATEST` or the desired state, and is of the desired kind: a numbered version does not stand for
/// `$LATEST.PUBLISHED`, nor the reverse.
#[must_use]
pub fn is_held(published: Option<&Published>, desired: &Desired, observed: &Observed, to: Option<&String>) -> bool {
    published.is_some_and(|published| {
        is_of_kind(published, to) && (holds(published, observed) || holds_desired(published, desired, observed))
    })
}

/// Whether the recorded version is of the desired kind.
#[must_use]
pub fn is_of_kind(published: &Published, to: Option<&String>) -> bool {
    published.version.starts_with(NOT_A_NUMBER) == to.is_some()
}

/// Whether a version holds the desired state although `$LATEST` was modified since: corrected drift does not make a new version. If AWS withholds
/// a value, the answer is no.
#[must_use]
pub fn holds_desired(published: &Published, desired: &Desired, observed: &Observed) -> bool {
    let Published { version: _, last_modified: _, code_sha256, fingerprint } = published;
    fingerprint.is_some()
        && *fingerprint == self::fingerprint(desired, observed)
        && *code_sha256 == observed.attributes.code_sha256
}

/// Hash of the desired state of a version; `None` if AWS withholds a value, or if others manage one.
#[must_use]
pub fn fingerprint(desired: &Desired, observed: &Observed) -> Option<String> {
    let shown = diff::withheld(&observed.function.configuration).is_empty();
    shown.then(|| fingerprint_at_creation(desired)).flatten()
}

/// The hash for a version that CreateFunction publishes; `None` if others manage a part of it.
#[must_use]
pub fn fingerprint_at_creation(desired: &Desired) -> Option<String> {
    (!desired.ignored.has_fields()).then(|| hash(&format!("{:?}", applied::of_version(desired))))
}

/// Whether a version holds `$LATEST`: PublishVersion answered it, and `$LATEST` has not been modified since. Reading the version would not prove it,
/// because AWS withholds values and a version can have its own description.
#[must_use]
pub fn holds(published: &Published, observed: &Observed) -> bool {
    let Published { version: _, last_modified, code_sha256, fingerprint: _ } = published;
    let attributes = &observed.attributes;
    last_modified.is_some() && (last_modified, code_sha256) == (&attributes.last_modified, &attributes.code_sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::values::Knowable;
    use crate::kinds::function::plan::tests::{desired, same};

    fn observed(modified: &str) -> Observed {
        let mut observed = same(&desired());
        observed.attributes.last_modified = Some(modified.into());
        observed
    }

    /// The record of a version that was published from this state.
    fn from(observed: &Observed) -> Published {
        Published {
            version: "7".into(),
            last_modified: observed.attributes.last_modified.clone(),
            code_sha256: observed.attributes.code_sha256.clone(),
            fingerprint: fingerprint(&desired(), observed),
        }
    }

    #[test]
    fn what_publish_version_answered_is_believed_until_the_function_is_modified() {
        let published = from(&observed("then"));
        assert!(is_held(Some(&published), &desired(), &observed("then"), None));
        let mut edited = desired();
        edited.function.configuration.memory_size = 512;
        assert!(!is_held(Some(&published), &edited, &observed("later"), None));
        let latest = "LATEST_PUBLISHED".to_owned();
        assert!(!is_held(Some(&published), &desired(), &observed("then"), Some(&latest)));
    }

    #[test]
    fn corrected_drift_leaves_the_version_as_the_one_that_holds_the_function() {
        assert!(is_held(Some(&from(&observed("then"))), &desired(), &observed("later"), None));
    }

    #[test]
    fn withheld_values_prove_no_version() {
        let hidden = |modified: &str| {
            let mut hidden = observed(modified);
            hidden.function.configuration.environment = Knowable::Unknown;
            hidden
        };
        assert!(!is_held(Some(&from(&hidden("then"))), &desired(), &hidden("later"), None));
        assert!(!is_held(Some(&from(&observed("then"))), &desired(), &hidden("later"), None));
        assert!(is_held(Some(&from(&hidden("then"))), &desired(), &hidden("then"), None), "nobody wrote to it");
    }
}
