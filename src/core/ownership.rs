//! Who owns a resource in AWS: the owner tag.

/// The tag that names a function's owner: `<cluster>/<namespace>/<name>`.
pub const OWNER_TAG: &str = "lambda-operator.io/owner";
