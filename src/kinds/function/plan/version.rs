//! Which published version holds `$LATEST`.

use super::diff;
use crate::api::function::status::Published;
use crate::core::applied::hash;
use crate::kinds::function::applied;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::observed::Observed;

/// The qualifier that `publishTo: LATEST_PUBLISHED` publishes to begins so.
const NOT_A_NUMBER: char = '$';

/// Whether the version that PublishVersion answered holds `$LATEST`, or what it shall be, and is of the kind that is wanted now: a number says nothing of
/// `$LATEST.PUBLISHED`, nor the other way round.
#[must_use]
pub fn is_held(published: Option<&Published>, desired: &Desired, observed: &Observed, to: Option<&String>) -> bool {
    published.is_some_and(|published| {
        published.version.starts_with(NOT_A_NUMBER) == to.is_some()
            && (holds(published, observed) || holds_desired(published, desired, observed))
    })
}

/// Whether a version holds what is desired, although `$LATEST` was modified since: drift that was corrected makes no version. Where AWS withholds
/// a value, nobody can tell.
#[must_use]
pub fn holds_desired(published: &Published, desired: &Desired, observed: &Observed) -> bool {
    let Published { version: _, last_modified: _, code_sha256, fingerprint } = published;
    fingerprint.is_some()
        && *fingerprint == self::fingerprint(desired, observed)
        && *code_sha256 == observed.attributes.code_sha256
}

/// A hash of what is desired of a version. `None` where AWS withholds a value, or where others may set one.
#[must_use]
pub fn fingerprint(desired: &Desired, observed: &Observed) -> Option<String> {
    let shown = diff::withheld(&observed.function.configuration).is_empty();
    shown.then(|| fingerprint_at_creation(desired)).flatten()
}

/// The same of a version that CreateFunction publishes. `None` too where others have a hand in what a version holds.
#[must_use]
pub fn fingerprint_at_creation(desired: &Desired) -> Option<String> {
    (!desired.ignored.has_fields()).then(|| hash(&format!("{:?}", applied::of_version(desired))))
}

/// Whether a version holds `$LATEST`: PublishVersion said so, and `$LATEST` has not been modified since. What a version shows is no proof: AWS
/// withholds values, and a version may have a description of its own.
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

    /// What is recorded of a version that was published from this.
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
