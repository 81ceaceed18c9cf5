//! Which published version holds `$LATEST`.

use crate::api::function::status::Published;
use crate::kinds::function::observed::Observed;

/// The qualifier that `publishTo: LATEST_PUBLISHED` publishes to begins so.
const NOT_A_NUMBER: char = '$';

/// Whether the version that PublishVersion answered holds `$LATEST`, and is of the kind that is wanted now: a number says nothing of
/// `$LATEST.PUBLISHED`, nor the other way round.
#[must_use]
pub fn holds_latest(published: Option<&Published>, observed: &Observed, to: Option<&String>) -> bool {
    published.is_some_and(|published| {
        published.version.starts_with(NOT_A_NUMBER) == to.is_some() && holds(published, observed)
    })
}

/// Whether a version holds `$LATEST`: PublishVersion said so, and `$LATEST` has not been modified since. What a version shows is no proof: AWS
/// withholds values, and a version may have a description of its own.
#[must_use]
pub fn holds(published: &Published, observed: &Observed) -> bool {
    let Published { version: _, last_modified, code_sha256 } = published;
    let attributes = &observed.attributes;
    last_modified.is_some() && (last_modified, code_sha256) == (&attributes.last_modified, &attributes.code_sha256)
}
